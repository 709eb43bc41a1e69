"""`sniper accounts` and `sniper secrets`, as people give them."""

from __future__ import annotations

import io
import json
import os
import pty
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from sniper.cli import main
from sniper.core.outcomes import Outcome
from sniper.core.tries import Mark, Moment
from sniper.secrets import KEY_VARIABLE, Vault
from sniper.store import RunState, Store
from tests.config.examples import GOOD, written
from tests.store.examples import X1A, begin, book, tried

SITE = "tudelft-x"
SEED = "JBSWY3DPEHPK3PXP"
posix = pytest.mark.skipif(os.name != "posix", reason="there are no pseudo-terminals")


class Said:
    """What a command left."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def data(self) -> Any:
        return json.loads(self.out)


Sniper = Callable[..., Said]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "state").mkdir(mode=0o700)
    shutil.copy(template, tmp_path / "state" / "sniper.sqlite3")
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "state"))
    for variable in (KEY_VARIABLE, "SNIPER_DATABASE_URL", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path / "state"


@pytest.fixture
def sniper(monkeypatch: pytest.MonkeyPatch) -> Sniper:
    """`sniper(...)` in this process, with something on stdin."""

    def call(*arguments: str, stdin: str = "") -> Said:
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setattr(sys, "argv", ["sniper", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        assert "Traceback" not in err.getvalue()
        return Said(ended.value.code, out.getvalue(), err.getvalue())

    return call


def test_secrets_come_from_stdin_are_stored_sealed_and_shown_nowhere(sniper: Sniper, state: Path) -> None:
    added = sniper(
        "accounts", "add", "ann", "--site", SITE, "--password-stdin", "--totp-stdin",
        stdin="open-sesame\njbsw y3dp ehpk 3pxp\n",
    )  # fmt: skip
    assert (added.code, added.out) == (0, "")
    assert "ann at tudelft-x: password, seed stored." in added.err
    listed, as_json = sniper("accounts", "list"), sniper("accounts", "list", "--json")
    assert "password, seed" in listed.out
    assert as_json.data[0]["secrets"] == ["password", "totp_secret"]
    with Store.open() as store:
        sealed = store.secrets_of(SITE, "ann")
    assert sorted(map(Vault.open().unseal, sealed.values())) == [SEED, "open-sesame"]
    told = "".join(one.out + one.err for one in (added, listed, as_json))
    kept = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())
    for secret in ("open-sesame", SEED):
        assert secret not in told
        assert secret.encode() not in kept


def test_where_the_key_is_a_file_it_is_said_once_and_only_when_something_is_stored(
    sniper: Sniper, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = ("accounts", "add", "ann", "--site", SITE, "--password-stdin")
    assert sniper(*add, stdin="x\n").err.count("warning: the key is the file") == 1
    assert "warning" not in sniper("accounts", "list").err + sniper("secrets", "show").err
    monkeypatch.setenv(KEY_VARIABLE, Fernet.generate_key().decode())
    assert "warning" not in sniper(*add, stdin="x\n").err


@posix
def test_a_password_that_is_typed_is_not_shown(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "sniper", "accounts", "add", "ann", "--site", SITE],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        shown = b""
        while b"Password of ann at tudelft-x" not in shown:
            shown += os.read(ours, 1000)
        os.write(ours, b"open-sesame\n")
        while b"stored." not in shown:
            shown += os.read(ours, 1000)
        assert process.wait(30) == 0
    os.close(ours)
    assert b"open-sesame" not in shown
    with Store.open() as store:
        (sealed,) = store.secrets_of(SITE, "ann").values()
    assert Vault.open().unseal(sealed) == "open-sesame"
    assert not (tmp_path / "open-sesame").exists()


@pytest.mark.parametrize(
    ("given", "stdin", "said"),
    [
        (("ann", "--site", SITE), "", "there is no terminal to ask for the password on"),
        (("ann", "--site", SITE, "--password-stdin"), "\n", "no password came on stdin"),
        (("ann", "--site", SITE, "--totp-stdin"), "hunter2\n", "what was given is no seed"),
        (("ann", "--site", SITE, "--token-stdin"), "t\n", "the sign-in of tudelft-x has no use for a token"),
        (("ann", "--site", "munich", "--password-stdin"), "x\n", "nobody signs in at munich"),
        (("ann", "--site", "tudelft-y", "--password-stdin"), "x\n", "Did you mean 'tudelft-x'?"),
        (("ann",), "", "Missing option '--site'"),
    ],
)
def test_what_cannot_be_stored_is_told_and_nothing_is(
    sniper: Sniper, given: tuple[str, ...], stdin: str, said: str
) -> None:
    added = sniper("accounts", "add", *given, stdin=stdin)
    assert (added.code, added.out) == (2, "")
    assert said in added.err
    assert "hunter2" not in added.err
    assert sniper("accounts", "list", "--json").data == []


def test_a_name_that_several_sites_know_needs_the_site(sniper: Sniper) -> None:
    for site in (SITE, "practice"):
        sniper("accounts", "add", "ann", "--site", site, "--password-stdin", stdin="x\n")
    asked = sniper("accounts", "disable", "ann")
    assert (asked.code, "--site practice or --site tudelft-x" in asked.err) == (2, True)
    assert sniper("accounts", "disable", "ann", "--site", SITE).code == 0
    active = {one["site"]: one["active"] for one in sniper("accounts", "list", "--json").data}
    assert active == {"practice": True, SITE: False}
    assert "disabled" in sniper("accounts", "list", "--site", SITE).out
    assert sniper("accounts", "enable", "ann", "--site", SITE).code == 0


@pytest.mark.parametrize("command", ["show", "disable", "enable", "remove", "sign-in"])
def test_a_name_that_is_not_known_is_told_with_the_one_that_may_be_meant(
    sniper: Sniper, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":99")
    sniper("accounts", "add", "anna", "--site", SITE, "--password-stdin", stdin="x\n")
    asked = sniper("accounts", command, "ana")
    assert asked.code == 2
    assert "no account 'ana' is known" in asked.err
    assert "Did you mean 'anna'?" in asked.err


def test_without_a_display_nobody_signs_in_by_hand(sniper: Sniper) -> None:
    if sys.platform != "linux":
        pytest.skip("there is always a display")
    asked = sniper("accounts", "sign-in", "ann", "--site", SITE)
    assert (asked.code, "no display" in asked.err) == (3, True)
    assert sniper("accounts", "list", "--json").data == []


def test_a_file_is_imported_and_stripped_as_it_is_laid_out(sniper: Sniper, tmp_path: Path) -> None:
    path = written(tmp_path, {**GOOD, "accounts": [*GOOD["accounts"], "dora"]})
    path.chmod(0o640)
    before = path.read_text()
    sniper("accounts", "add", "dora", "--site", SITE, "--password-stdin", stdin="x\n")
    kept = sniper("accounts", "import", str(path))
    assert (kept.code, path.read_text()) == (0, before)
    assert "--strip takes them out" in kept.err
    stripped = sniper("accounts", "import", str(path), "--strip")
    assert stripped.code == 0
    lines = [line for line in before.splitlines() if "s3cret" not in line and SEED not in line]
    assert [line.rstrip(",") for line in path.read_text().splitlines()] == [
        line.rstrip(",") for line in lines
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    with Store.open() as store:
        vault = Vault.open()
        ann = {kind.value: vault.unseal(one) for kind, one in store.secrets_of(SITE, "ann").items()}
    assert ann == {"password": "s3cret-ann", "totp_secret": SEED}
    assert "s3cret" not in kept.out + kept.err + stripped.out + stripped.err
    assert sniper("plan", str(path), "--json").code == 0
    assert "holds no secrets" in sniper("accounts", "import", str(path), "--strip").err


def test_what_cannot_be_written_anew_stays_as_it_is(
    sniper: Sniper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, GOOD)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sniper.files.os.replace", full)
    stripped = sniper("accounts", "import", str(path), "--strip")
    assert (stripped.code, "No space left" in stripped.err) == (2, True)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["bookings.json", "state"]


def with_history() -> None:
    """Ann won at X1 yesterday, 80 ms after the opening."""
    now = datetime.now(UTC)
    with Store.open() as store:
        begun = begin(store)
        opened = X1A.instant - timedelta(hours=72)
        course = [
            Moment(opened, Mark.FIRED, X1A),
            Moment(opened + timedelta(milliseconds=80), Mark.ANSWERED, X1A),
        ]
        store.close_attempt(begun.ids["ann"], [tried(X1A, Outcome.BOOKED)], course, now=now)
        book(store, begun.run_id, "ann", X1A)
        store.finish_run(begun.run_id, RunState.FINISHED, None, 1, now=now)


def test_an_account_shows_what_became_of_it_and_what_it_can_still_book(sniper: Sniper) -> None:
    with_history()
    shown = sniper("accounts", "show", "ann", "--on", "2026-11-24")
    assert shown.code == 0
    assert "80 ms" in shown.out
    assert "100.0 %" in shown.out
    assert "not at 13:00" in shown.out
    assert "one booking per account, location and day" in shown.out
    data = sniper("accounts", "show", "ann", "--on", "2026-11-24", "--json").data
    every = data["statistics"][-1]
    assert (every["bookings"], every["attempts"], every["won"], every["median_answer_ms"]) == (1, 1, 1, 80)
    assert {one["location"]: one["bookings"] for one in data["room"]} == {"Fitness": 1, "X1": 0, "X3": 1}
    assert sniper("accounts", "show", "ann", "--on", "tomorrow").code == 2


def test_when_a_sign_in_ends_is_shown_and_so_is_that_it_has(sniper: Sniper) -> None:
    now = datetime.now(UTC)
    with Store.open() as store:
        for name, ends in (
            ("ann", now + timedelta(hours=2)),
            ("bob", now - timedelta(hours=2)),
            ("cleo", None),
        ):
            store.keep_sign_in_state(SITE, name, "sealed", ends, now=now)
    ann, bob, cleo = sniper("accounts", "list").out.splitlines()[3:6]
    assert f"until {now + timedelta(hours=2):%a %d %b}"[:9] in ann
    assert "ended" in bob
    assert "until when is not known" in cleo


def test_removing_asks_first_and_keeps_the_record_unless_told_to_forget(sniper: Sniper, state: Path) -> None:
    with_history()
    sniper("accounts", "add", "ann", "--site", SITE, "--password-stdin", stdin="x\n")
    asked = sniper("accounts", "remove", "ann")
    assert (asked.code, "--yes" in asked.err) == (2, True)
    removed = sniper("accounts", "remove", "ann", "--yes")
    assert "its record stays" in removed.err
    assert sniper("accounts", "list", "--site", SITE, "--json").data[0]["secrets"] == []
    pictures = state / "runs" / "1"
    pictures.mkdir(parents=True)
    for name in ("ann-1.png", "ann-1.html", "anna-1.png", "ann-b-2.png", "run.log"):
        (pictures / name).touch()
    forgotten = sniper("accounts", "remove", "ann", "--forget", "--yes")
    assert "with 1 attempts, 1 bookings and 2 files with pictures" in forgotten.err
    assert {path.name for path in pictures.iterdir()} == {"anna-1.png", "ann-b-2.png", "run.log"}
    assert "ann" not in {one["account"] for one in sniper("accounts", "list", "--json").data}
    assert "ann" not in json.dumps(sniper("runs", "show", "1", "--json").data["attempts"])


def test_the_key_is_shown_changed_and_what_it_does_not_unseal_is_told(
    sniper: Sniper, monkeypatch: pytest.MonkeyPatch, state: Path
) -> None:
    sniper("accounts", "add", "ann", "--site", SITE, "--password-stdin", stdin="x\n")
    before = (state / "key").read_text()
    shown = sniper("secrets", "show", "--json")
    assert shown.data == {
        "key": f"the file {state / 'key'}",
        "keys": 1,
        "sealed": {"password": 1},
        "unreadable": [],
    }
    assert sniper("secrets", "rotate").code == 0
    assert (state / "key").read_text() != before
    assert sniper("secrets", "show").code == 0
    monkeypatch.setenv(KEY_VARIABLE, Fernet.generate_key().decode())
    lost = sniper("secrets", "show")
    assert lost.code == 1
    assert "cannot be unsealed: ann at tudelft-x: password" in lost.out
    told = sniper("secrets", "rotate")
    assert (told.code, "a comma" in told.err) == (2, True)
    assert before.strip() not in shown.out + lost.out + told.err
