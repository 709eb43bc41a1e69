"""From what bookings.json and the profile say to what a strategy goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from sniper.config.snipe_config import PlanningConfig
from sniper.core.goals import Goal
from sniper.core.odds import FirstLooks, Odds, Record
from sniper.core.policy import StrategyName
from sniper.core.strategy import Terms
from sniper.sites.profile import Profile


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says instead of the file; None leaves it to the file."""

    strategy: StrategyName | None = None
    win: float | None = None
    decay: float | None = None
    account_failure: float | None = None

    def on(self, planning: PlanningConfig | None) -> PlanningConfig:
        """The file's part with these in their places."""
        planning = planning or PlanningConfig()
        given = {name: getattr(self, name) for name in ("strategy", "win", "decay", "account_failure")}
        return planning.model_copy(update={name: value for name, value in given.items() if value is not None})


def terms_of(
    goal: Goal,
    profile: Profile,
    planning: PlanningConfig,
    history: Mapping[tuple[str, time], Record],
    watched: Mapping[str, FirstLooks] | None = None,
) -> Terms:
    """What a strategy goes by.

    Args:
        history: What became of slots in earlier runs, by location and time of day on the site.
        watched: What was seen of slots that others fought for, by location.
    """
    return Terms(
        goal,
        profile.limits_per_account(),
        profile.budget.attempts_per_opening,
        Odds(planning.win, planning.decay, planning.account_failure, history, watched or {}),
        can_give_back=profile.cancel is not None,
        insurance=planning.insurance,
    )
