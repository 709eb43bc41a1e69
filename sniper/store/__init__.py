"""What sniper remembers between runs: accounts, runs, attempts, bookings, what was seen on the way.

`Store` is the way in; it takes and returns values of `sniper.core` and `sniper.store.records`, never rows.
"""

from sniper.store.leases import Job, LeaseLostError, LeaseTakenError
from sniper.store.looks import Fresh, MayAsk, NotYet, Seen, Sightings, WatchMemory
from sniper.store.records import (
    AttemptRecord,
    AttemptState,
    BookingRecord,
    BookingStatus,
    JobRecord,
    JobStatus,
    LogAction,
    LogRecord,
    RunDetail,
    RunRecord,
    RunState,
    WaveRecord,
)
from sniper.store.repository import Store

__all__ = [
    "AttemptRecord",
    "AttemptState",
    "BookingRecord",
    "BookingStatus",
    "Fresh",
    "Job",
    "JobRecord",
    "JobStatus",
    "LeaseLostError",
    "LeaseTakenError",
    "LogAction",
    "LogRecord",
    "MayAsk",
    "NotYet",
    "RunDetail",
    "RunRecord",
    "RunState",
    "Seen",
    "Sightings",
    "Store",
    "WatchMemory",
    "WaveRecord",
]
