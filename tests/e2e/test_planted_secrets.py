"""Secrets are planted, a club with stored accounts goes through a whole run, and they are searched for."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from sniper.practice.settings import DemoAccount
from sniper.secrets import KEY_VARIABLE, Vault
from sniper.store.records import SecretKind
from sniper.store.repository import Store
from tests.e2e.conftest import Club
from tests.e2e.test_run import watched
from tests.signed_in import kept_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

WRONG = "planted-wrong-password-5-8f3a"
SEED = "PLANTEDSEEDOFUSERTWOPLANTEDSEED2"
PEOPLE = tuple(
    DemoAccount(
        username=f"user{number}",
        password=f"planted-password-{number}-8f3a",
        totp_secret=SEED if number == 2 else None,
    )
    for number in range(1, 6)
)


def test_no_secret_gets_out_of_a_run_that_goes_wrong_in_several_ways(
    club: Callable[..., Club], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = Fernet.generate_key().decode()
    monkeypatch.setenv(KEY_VARIABLE, key)
    # Whoever presses first meets it: a page whose turn comes later may be stood down before it presses.
    here = club(accounts=PEOPLE, faults=("captcha,requests=booking,first=1",))
    tokens, _ = watched(here)
    # Two have passwords, one of them a second factor; of two only a sign-in is kept, which has ended for one;
    # one has a wrong password.
    kept = {name: kept_of(here.site, name) for name in ("user3", "user4")}
    ended = kept["user4"].replace(tokens[1], tokens[1][::-1])
    _store(kept | {"user4": ended})
    here.write(accounts=5, consecutive_hours=1, planning={"strategy": "spam"})
    path = here.folder / "bookings.json"
    path.write_text(
        json.dumps({**json.loads(path.read_text()), "accounts": [one.username for one in PEOPLE]}),
        encoding="utf-8",
    )

    run = here.start("run", "--json", "-v")
    ours, browsers = _watch(run)
    out, err = run.communicate(timeout=300)
    told = [out, err]
    assert run.returncode == 0, err
    assert {one["proof"] for one in json.loads(out)["bookings"]} == {"confirmed"}
    for question in (
        ("runs", "show", "1"),
        ("runs", "show", "1", "--json"),
        ("runs", "show", "1", "--html", "run.html"),
        ("bookings", "list", "--json"),
        ("accounts", "list", "--json"),
        ("accounts", "show", "user2", "--json"),
        ("secrets", "show"),
    ):
        answer = here.asked(*question)
        assert answer.exit_code == 0, answer.stderr
        told += [answer.stdout, answer.stderr]

    # It went as it was meant to: who could be signed in was, and what was not understood was kept.
    assert "user4: the kept sign-in is not good any more" in err
    assert "`sniper accounts sign-in user4 --site here`" in err
    assert "captcha" in err
    assert "user5: the site refused the sign-in" in err
    files = [one for one in here.folder.rglob("*") if one.is_file()]
    assert {".png", ".html", ".sqlite3"} <= {one.suffix for one in files}
    assert len(tokens) >= 4
    assert len(browsers) > 3
    assert any("PATH=" in one for one in browsers)

    secrets = {
        SEED,
        WRONG,
        key,
        *(one.password for one in PEOPLE[:2]),
        *tokens,
        *(one[::-1] for one in tokens),
    }
    for secret in secrets:
        assert not [text for text in told if secret in text]
        assert not [one for one in files if secret.encode() in one.read_bytes() or secret in one.name]
        assert not [one for one in ours | browsers if secret in one], (
            "in a command line, or a browser's variables"
        )


def _store(states: dict[str, str]) -> None:
    """What `sniper accounts` would have stored."""
    vault, now = Vault.open(), datetime.now(UTC)
    first, second, *_, last = PEOPLE
    with Store.open() as store:
        sealed = {
            first.username: {SecretKind.PASSWORD: vault.seal(first.password)},
            last.username: {SecretKind.PASSWORD: vault.seal(WRONG)},
            second.username: {
                SecretKind.PASSWORD: vault.seal(second.password),
                SecretKind.TOTP_SECRET: vault.seal(SEED),
            },
        }
        store.keep_secrets("here", sealed, now=now)
        for name, state in states.items():
            store.keep_sign_in_state("here", name, vault.seal(state), now=now)


def _watch(run: subprocess.Popen[str]) -> tuple[set[str], set[str]]:
    """Until it ends: the command lines of it and all its children, and of browsers their variables, too."""
    lines: set[str] = set()
    browsers: set[str] = set()
    while run.poll() is None:
        for process in _with_children(run.pid):
            line = _read(process / "cmdline")
            lines.add(line)
            if "--type=" in line or "--headless" in line:
                browsers.add(line + _read(process / "environ"))
        time.sleep(0.3)
    return lines, browsers


def _with_children(pid: int) -> Iterator[Path]:
    yield Path(f"/proc/{pid}")
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in _read(children).split():
            yield from _with_children(int(child))


def _read(path: Path) -> str:
    """What stands there, unless its process has ended."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
