"""`sniper run` as its user starts it, against a practice site of the test's own."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from sniper.cli import main
from sniper.kept_sign_ins import KeptSignIns
from sniper.practice.server import RunningSite, running_practice_site
from sniper.practice.settings import PracticeSettings
from sniper.secrets import Vault
from sniper.store.repository import Store
from tests.aio import no_loop
from tests.signed_in import kept_of

TUESDAY = "2026-11-24"
SATURDAY_BEFORE_ONE = "2026-11-21T12:58:00+01:00"

PROFILE = """\
name: here
title: Practice site of a test
extends: practice
base_url: {url}
# Two probes know the clock to half a second, which is enough here and quick. Nobody is early by it: a rival
# who acts at the opening is then faster than Playwright's hand, and firing comes some hundred milliseconds
# after the opening, which is enough to get ready for it.
clock: {{source: date-header, path: /, probes: 2, early: {{costs: throttle}}}}
practice: {{options: [], jump_to_before_opening: {jump}}}
# These runs are not about being quick.
rehearse: []
"""


@dataclass
class Outcome:
    """What a finished command left."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def data(self) -> Any:
        """What it printed as JSON."""
        return json.loads(self.stdout)

    @property
    def booked(self) -> dict[str, str]:
        """Who has what: `{"X1 A 13:00": "user1"}`."""
        return {
            f"{b['sub_location'] or b['location']} {b['start'][11:16]}": b["account"]
            for b in self.data["bookings"]
            if b["proof"] == "confirmed"
        }


@dataclass
class Club:
    """A folder with a bookings.json, a profile and a state folder of its own."""

    folder: Path
    site: RunningSite

    def write(self, accounts: int = 3, passwords: dict[str, str] | None = None, **config: Any) -> None:
        """Write bookings.json."""
        wanted = {
            "target_date": TUESDAY,
            "consecutive_hours": 3,
            "time_window": {"start": "13:00", "end": "18:00"},
            "priorities": [
                {"rank": 1, "location": "X1", "max_accounts": 3},
                {"rank": 2, "location": "X3", "max_accounts": 2},
            ],
            "fallback_strategy": "none"
            if config.get("consecutive_hours") == 1
            else "accept_2_consecutive_hours",
            # One account an hour, so that these tests are about one thing each, and quick.
            "planning": {"strategy": "sparing"},
        }
        people = [
            {"netid": f"user{n}", "password": (passwords or {}).get(f"user{n}", f"pass{n}")}
            for n in range(1, accounts + 1)
        ]
        path = self.folder / "bookings.json"
        path.write_text(json.dumps({"site": "here", "accounts": people, "snipe_config": wanted | config}))

    def signed_in(self, accounts: int = 3) -> None:
        """Let these have signed in before, for what is not about signing in."""
        with Store.open() as store:
            kept = KeptSignIns(store, Vault.open(), "here", pytest.fail)
            for account in (f"user{n}" for n in range(1, accounts + 1)):
                store.ensure_account("here", account, now=datetime.now(UTC))
                kept.save(account, kept_of(self.site, account))

    def environment(self) -> dict[str, str]:
        """The command's environment."""
        return {**os.environ, "COLUMNS": "120"}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `sniper` and let it run."""
        return subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "sniper", *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def sniper(self, *arguments: str) -> Outcome:
        """Run `sniper` to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=300)
        return Outcome(process.returncode, out, err)

    def asked(self, *arguments: str) -> Outcome:
        """Run `sniper` to its end in this process: another takes a second of processor time to load it.

        The browsers of a run are processes of their own all the same.
        """
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, chdir(self.folder), _a_thread_of_ones_own():
            patch.setattr(sys, "argv", ["sniper", *arguments])
            patch.setenv("COLUMNS", "120")
            with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
                main()
        assert isinstance(ended.value.code, int)
        return Outcome(ended.value.code, out.getvalue(), err.getvalue())


@contextmanager
def _a_thread_of_ones_own() -> Iterator[None]:
    """As a command finds its thread; a command that hangs fails, as another process would."""

    def too_long(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError("the command did not end within five minutes")

    handler = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(300)
    try:
        with no_loop():
            yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, handler)


@pytest.fixture
def club(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Club]]:
    """Makes a club with a practice site set up as the test wants it.

    `jump`: how long before an opening the site's clock arrives, at the most a second more.
    """
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "state"))
    with ExitStack() as stack:

        def make(*, start: str = SATURDAY_BEFORE_ONE, jump: str = "0s", **settings: Any) -> Club:
            site = stack.enter_context(
                running_practice_site(PracticeSettings(start=datetime.fromisoformat(start), **settings))
            )
            (tmp_path / "profiles").mkdir()
            (tmp_path / "profiles" / "here.yaml").write_text(PROFILE.format(url=site.url, jump=jump))
            return Club(tmp_path, site)

        yield make
