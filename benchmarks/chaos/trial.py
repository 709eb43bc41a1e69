"""One trial: a run as its user starts it, killed, started again, and looked at."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from benchmarks.chaos.faults import DIFFICULTIES, Difficulty
from benchmarks.chaos.verdict import Booking, Ending
from sniper.dress_rehearsal.folder import RunFolder
from sniper.kept_sign_ins import KeptSignIns
from sniper.practice.server import RunningSite, running_practice_site
from sniper.practice.settings import PracticeSettings
from sniper.secrets import Vault
from sniper.store import Store

_SITE = "chaos"
_ACCOUNTS = 3
_DAY = date(2026, 11, 24)
_START = datetime(2026, 11, 21, 11, 58, tzinfo=UTC)
_OPENINGS = tuple(datetime(2026, 11, 21, hour, tzinfo=UTC) for hour in (12, 13))
_ENDS_WITHIN = 400.0
_LAST_ANSWERS = 0.5
"""So long, in seconds, a request of a browser that was killed may take to be booked."""

_PROFILE = {
    "name": _SITE,
    "title": "Practice site of a trial",
    "extends": "practice",
    # Exact at once, and pages that do not practise: trials are about what happens, not about milliseconds.
    "clock": {"source": "json", "path": "/api/config", "time": "$.now", "probes": 2},
    "practice": {"options": [], "jump_to_before_opening": "3s"},
    "rehearse": [],
}
_BOOKINGS = {
    "site": _SITE,
    "accounts": [
        {"netid": f"user{number}", "password": f"pass{number}"} for number in range(1, _ACCOUNTS + 1)
    ],
    "snipe_config": {
        "target_date": "+3d",
        "consecutive_hours": 2,
        "time_window": {"start": "13:00", "end": "17:00"},
        "priorities": [{"rank": 1, "location": "X1"}, {"rank": 2, "location": "X3"}],
        "fallback_strategy": "none",
    },
}


@dataclass(frozen=True, slots=True)
class Kill:
    """When a run is killed: so long after that opening, or before it, by the site's clock."""

    wave: int
    after: timedelta

    @property
    def at(self) -> datetime:
        """The instant, on the site's clock."""
        return _OPENINGS[self.wave - 1] + self.after


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is random in a trial, by its seed.

    Attributes:
        kills: One for each start but the last.
        resume: Is it started again with --resume?
    """

    seed: int
    difficulty: Difficulty
    kills: tuple[Kill, ...]
    resume: bool

    @classmethod
    def of(cls, seed: int, difficulties: tuple[Difficulty, ...] = DIFFICULTIES) -> Plan:
        """Most kills come around the press and while *my bookings* is read, where most can go wrong."""
        random = Random(seed)  # noqa: S311 - a simulation
        difficulty = difficulties[seed % len(difficulties)]

        def kill() -> Kill:
            first, last = random.choice(((-3.0, 0.0), (-0.1, 0.4), (0.0, 1.0), (0.4, 4.0)))
            return Kill(random.choice((1, 2)), timedelta(seconds=random.uniform(first, last)))

        kills = tuple(sorted((kill() for _ in range(random.choice((1, 1, 1, 2)))), key=lambda one: one.at))
        return cls(seed, difficulty, kills, resume=random.random() < 0.5)


@dataclass(slots=True)
class Trial:
    """What came of one."""

    seed: int
    fault: str
    killed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    orphaned: list[str] = field(default_factory=list)
    standing: str | None = None
    seconds: float = 0.0
    said: str = ""

    @property
    def failed(self) -> bool:
        """Is anything wrong?"""
        return bool(self.lost or self.doubled or self.orphaned)

    def as_json(self) -> dict[str, Any]:
        """For machines; what the runs said only where something is wrong."""
        document = asdict(self)
        if not self.failed:
            del document["said"]
        return document


def carry_out(plan: Plan) -> Trial:
    """Carry a trial out: a site, a state folder and runs of its own."""
    trial = Trial(plan.seed, plan.difficulty.name)
    begun = time.monotonic()
    with (
        TemporaryDirectory(prefix="sniper-chaos-") as folder,
        running_practice_site(PracticeSettings(start=_START, **plan.difficulty.settings)) as site,
    ):
        _Rig(Path(folder), site).carry_out(plan, trial)
    trial.seconds = round(time.monotonic() - begun, 1)
    return trial


class _Rig:
    def __init__(self, folder: Path, site: RunningSite) -> None:
        self._folder = RunFolder(folder)
        self._folder.write({**_PROFILE, "base_url": site.url}, _BOOKINGS)
        self._site = site
        self._said = folder / "said"
        # The vault and the store of this process are there as well.
        os.environ |= self._folder.environment()

    def carry_out(self, plan: Plan, trial: Trial) -> None:
        """Start, kill, start again, and look."""
        self._sign_in()
        before: list[Booking] = []
        for kill in plan.kills:
            killed, before = self._start_and_kill(kill, resume=plan.resume and bool(trial.killed))
            if not killed:
                break
            seconds = kill.after.total_seconds()
            trial.killed.append(f"wave {kill.wave} {seconds:+.3f} s, holding {len(before)}")
        process = self._start("--json", resume=plan.resume and bool(trial.killed))
        try:
            printed, _ = process.communicate(timeout=_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            printed, _ = process.communicate()
        result = json.loads(printed) if printed else None
        with Store.open() as store:
            left = sum(len(store.open_attempts_of(run.id)) for run in store.runs())
        ending = Ending(result, process.returncode, before, self._ours(), left, plan.difficulty.takes)
        trial.lost, trial.doubled = list(ending.lost()), list(ending.doubled())
        trial.orphaned = list(ending.orphaned())
        trial.standing = result["standing"] if result else None
        trial.said = self._said.read_text(encoding="utf-8")

    def _sign_in(self) -> None:
        """As an earlier run would have kept it: how one signs in has tests of its own."""
        with (
            httpx.Client(base_url=self._site.url, trust_env=False, timeout=30) as client,
            Store.open() as store,
        ):
            kept = KeptSignIns(store, Vault.open(), _SITE, lambda _: None)
            for person in self._site.accounts.people[:_ACCOUNTS]:
                code = {"code": self._site.accounts.issue_code(person)}
                grant = client.post("/api/auth/token", json=code)
                if grant.is_success:  # Else a difficulty of this site; the run will sign in.
                    held = {**grant.json(), "isOidc": True, "isLoggedIn": True}
                    storage = [{"name": "delcom_auth", "value": json.dumps(held)}]
                    origins = [{"origin": self._site.url, "localStorage": storage}]
                    kept.save(person.username, json.dumps({"cookies": [], "origins": origins}))

    def _start_and_kill(self, kill: Kill, *, resume: bool) -> tuple[bool, list[Booking]]:
        """Whether it came to that, and what was ours when it was over."""
        process = self._start("-v", resume=resume)
        until = time.monotonic() + _ENDS_WITHIN
        while process.poll() is None and self._site.clock.now() < kill.at and time.monotonic() < until:
            time.sleep(0.002)
        killed = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        time.sleep(_LAST_ANSWERS)
        return killed, self._ours()

    def _start(self, *options: str, resume: bool) -> subprocess.Popen[str]:
        again = ["--resume"] if resume else []
        with self._said.open("a", encoding="utf-8") as said:
            print(f"--- {datetime.now(UTC):%H:%M:%S.%f} sniper run {' '.join([*options, *again])}", file=said)
            said.flush()
            return subprocess.Popen(  # noqa: S603 - our own command
                self._folder.command(*options, *again),
                env={**self._folder.environment(), "COLUMNS": "160"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )

    def _ours(self) -> list[Booking]:
        return [
            Booking(who, one.slot.location.name, one.slot.label, one.slot.start)
            for one in self._site.venue.owners_on(_DAY)
            for who in one.owners
            if who.startswith("user")
        ]
