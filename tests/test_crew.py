"""Who takes part: what the file says, what is stored, and what is told where something is missing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from sniper.config.accounts import reveal
from sniper.config.planning import Overrides
from sniper.crew import by_hand, credentials_of, with_stored
from sniper.engine.protocol import Credentials
from sniper.errors import EnvironmentProblem, InputError
from sniper.execution import read_files
from sniper.plans import outset
from sniper.run_request import RunRequest
from sniper.secrets import KEY_VARIABLE, Vault
from sniper.sites.library import find_profile, load_profile
from sniper.sites.profile import Profile
from sniper.store.records import SecretKind
from sniper.store.repository import Store
from tests.config.examples import read, with_change, written

SITE = "tudelft-x"
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
SEED = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    monkeypatch.delenv("SNIPER_DATABASE_URL", raising=False)
    return tmp_path / "state"


@pytest.fixture
def store(state: Path, template: Path) -> Iterator[Store]:
    state.mkdir()
    shutil.copy(template, state / "sniper.sqlite3")
    with Store.open() as opened:
        yield opened


@pytest.fixture
def profile() -> Profile:
    return load_profile(find_profile(SITE, Path.cwd()))


def keep(store: Store, name: str, secrets: dict[str, str]) -> None:
    vault = Vault.open()
    sealed = {SecretKind(kind): vault.seal(secret) for kind, secret in secrets.items()}
    store.keep_secrets(SITE, {name: sealed}, now=NOW)


def filled(folder: Path, profile: Profile, root: dict[str, Any]) -> dict[str, Credentials]:
    """What each active account of a file signs in with."""
    bookings, _ = with_stored(*read(folder, root), profile)
    return {one.netid: credentials_of(one) for one in bookings.accounts if one.is_active}


def test_a_bare_name_or_a_netid_alone_stands_for_what_is_stored(
    tmp_path: Path, profile: Profile, store: Store
) -> None:
    keep(store, "ann", {"password": "stored-ann", "totp_secret": SEED})
    keep(store, "bob", {"password": "stored-bob"})
    root = with_change("accounts", ["ann", {"netid": "bob"}])
    assert filled(tmp_path, profile, root) == {
        "ann": Credentials("ann", "stored-ann", SEED),
        "bob": Credentials("bob", "stored-bob"),
    }


def test_what_the_file_says_goes_before_what_is_stored_and_the_rest_is_filled_in(
    tmp_path: Path, profile: Profile, store: Store
) -> None:
    keep(store, "ann", {"password": "stored", "totp_secret": SEED})
    root = with_change("accounts", [{"netid": "ann", "password": "of-the-file"}])
    assert filled(tmp_path, profile, root) == {"ann": Credentials("ann", "of-the-file", SEED)}


def test_a_file_that_says_everything_needs_no_store_and_makes_none(
    tmp_path: Path, profile: Profile, state: Path
) -> None:
    bookings, document = read(tmp_path)
    assert with_stored(bookings, document, profile) == (bookings, ())
    assert not state.exists()


def test_a_store_that_fails_is_told_here_only_if_something_of_it_is_needed(
    tmp_path: Path, profile: Profile, state: Path
) -> None:
    state.mkdir()
    (state / "sniper.sqlite3").write_text("no database at all, but a text of some length" * 30)
    bookings, document = read(tmp_path)
    assert with_stored(bookings, document, profile) == (bookings, ())
    with pytest.raises(EnvironmentProblem, match="cannot be used"):
        filled(tmp_path, profile, with_change("accounts", ["ann"]))


def test_an_account_nothing_is_known_of_is_one_line_with_where_and_how_to_mend(
    tmp_path: Path, profile: Profile
) -> None:
    with pytest.raises(InputError) as refused:
        filled(tmp_path, profile, with_change("accounts", ["ann", {"netid": "bob", "totp_secret": SEED}]))
    first, second = str(refused.value).splitlines()
    assert first == (
        f"{tmp_path}/bookings.json:4: accounts[0]: the file has no password of 'ann', and nothing is stored "
        "of it at tudelft-x; store one by `sniper accounts add ann --site tudelft-x`, or sign in by hand: "
        "`sniper accounts sign-in ann --site tudelft-x`"
    )
    assert ":5: accounts[1]: the file has no password of 'bob'" in second


def test_an_inactive_account_needs_nothing(tmp_path: Path, profile: Profile) -> None:
    root = with_change("accounts", [{"netid": "ann", "password": "x"}, {"netid": "bob", "is_active": False}])
    assert list(filled(tmp_path, profile, root)) == ["ann"]


def test_a_kept_sign_in_is_enough_and_only_its_owner_can_do_it_anew(
    tmp_path: Path, profile: Profile, store: Store
) -> None:
    store.keep_sign_in_state(SITE, "ann", Vault.open().seal("{}"), now=NOW)
    crew = filled(tmp_path, profile, with_change("accounts", ["ann", {"netid": "bob", "password": "x"}]))
    assert crew["ann"] == Credentials("ann")
    assert by_hand(crew.values(), profile) == {"ann"}


def test_a_disabled_account_is_left_out_told_and_does_not_count(
    tmp_path: Path, profile: Profile, store: Store
) -> None:
    store.ensure_account(SITE, "bob", now=NOW)
    store.set_active(SITE, "bob", active=False, now=NOW)
    bookings, told = with_stored(*read(tmp_path), profile)
    assert [one.netid for one in bookings.accounts if one.is_active] == ["ann"]
    assert told == ("left out, being disabled (`sniper accounts enable`): bob",)
    with pytest.raises(InputError, match="take 3 accounts"):
        read_files(RunRequest(written(tmp_path, with_change("snipe_config.fallback_strategy", "none"))))


def test_a_plan_leaves_disabled_accounts_out_as_well_and_needs_no_password(
    tmp_path: Path, store: Store
) -> None:
    store.ensure_account(SITE, "bob", now=NOW)
    store.set_active(SITE, "bob", active=False, now=NOW)
    root = with_change("accounts", ["ann", "bob", "cleo"])
    begin = outset(written(tmp_path, root), None, Overrides(), NOW)
    assert begin.situation.accounts == ("ann", "cleo")
    assert begin.told == ("left out, being disabled (`sniper accounts enable`): bob",)


def test_where_everybody_is_disabled_it_is_said_how_to_mend(
    tmp_path: Path, profile: Profile, store: Store
) -> None:
    for name in ("ann", "bob"):
        store.ensure_account(SITE, name, now=NOW)
        store.set_active(SITE, name, active=False, now=NOW)
    with pytest.raises(InputError, match=r":3: accounts: every account is disabled") as refused:
        with_stored(*read(tmp_path), profile)
    assert "`sniper accounts enable ann --site tudelft-x`" in refused.value.explain()


def test_what_another_key_has_sealed_is_told_with_the_account_and_the_mend(
    tmp_path: Path, profile: Profile, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store, "ann", {"password": "stored"})
    monkeypatch.setenv(KEY_VARIABLE, Fernet.generate_key().decode())
    with pytest.raises(EnvironmentProblem, match="of ann at tudelft-x cannot be read") as caught:
        filled(tmp_path, profile, with_change("accounts", ["ann"]))
    assert "`sniper secrets show`" in caught.value.explain()


def test_a_lost_key_is_told_and_none_is_made(
    tmp_path: Path, profile: Profile, store: Store, state: Path
) -> None:
    keep(store, "ann", {"password": "stored"})
    (state / "key").unlink()
    with pytest.raises(EnvironmentProblem, match="there is no key"):
        filled(tmp_path, profile, with_change("accounts", ["ann"]))
    assert not (state / "key").exists()


def test_what_is_stored_is_in_no_repr_and_no_dump(tmp_path: Path, profile: Profile, store: Store) -> None:
    keep(store, "ann", {"password": "stored-ann", "totp_secret": SEED, "token": "token-of-ann"})
    bookings, _ = with_stored(*read(tmp_path, with_change("accounts", ["ann"])), profile)
    (ann,) = bookings.accounts
    assert {key: reveal(secret) for key, secret in ann.secrets.items()} == {
        "password": "stored-ann",
        "totp_secret": SEED,
        "token": "token-of-ann",
    }
    told = f"{bookings!r} {bookings.model_dump_json()} {credentials_of(ann)!r}"
    assert not any(secret in told for secret in ("stored-ann", SEED, "token-of-ann"))
