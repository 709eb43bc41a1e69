"""A run, opening by opening: prewarm → arm → fire → settle → plan again."""

from sniper.coordinator.coordinator import Coordinator
from sniper.coordinator.lease import Lease
from sniper.coordinator.task import RunResult, Task, TimeTravel

__all__ = ["Coordinator", "Lease", "RunResult", "Task", "TimeTravel"]
