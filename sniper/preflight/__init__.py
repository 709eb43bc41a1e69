"""Looks before an opening whether all is ready for it, while there is time to mend what is not."""

from sniper.preflight.checks import Check, examine

__all__ = ["Check", "examine"]
