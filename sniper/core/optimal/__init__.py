"""The optimal strategy: backward induction over openings, what is secured, and free accounts.

The model and its formulas stand in docs/planning.md.
"""

from sniper.core.optimal.optimal import Optimal

__all__ = ["Optimal"]
