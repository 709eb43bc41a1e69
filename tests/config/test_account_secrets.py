"""Passwords and seeds: where they are read from, what is a seed, and that no message shows one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from sniper.config.accounts import Account, FromEnvironment, reveal
from sniper.config.bookings import read_bookings
from sniper.config.goal import load_site
from sniper.errors import InputError
from sniper.totp import OneTimeCodes
from tests.config.examples import GONE, GOOD, read, with_change


def test_a_secret_comes_out_of_the_file_or_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNIPER_TEST_PASSWORD", "from outside")
    assert reveal(SecretStr("inside")) == "inside"
    assert reveal(FromEnvironment(env="SNIPER_TEST_PASSWORD")) == "from outside"
    monkeypatch.delenv("SNIPER_TEST_PASSWORD")
    with pytest.raises(InputError, match="the environment variable is not set"):
        reveal(FromEnvironment(env="SNIPER_TEST_PASSWORD"))


def test_an_inactive_account_needs_no_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SNIPER_TEST_NOT_SET", raising=False)
    bookings, _ = read(tmp_path, with_change("accounts.2.password", {"env": "SNIPER_TEST_NOT_SET"}))
    assert bookings.accounts[2].password == FromEnvironment(env="SNIPER_TEST_NOT_SET")


def test_the_variables_that_secrets_stand_in_are_known_those_of_inactive_accounts_too(tmp_path: Path) -> None:
    bookings, _ = read(tmp_path, with_change("accounts.2.password", {"env": "CLUB_PASSWORD"}))
    assert "CLUB_PASSWORD" in bookings.secret_variables


@pytest.mark.parametrize(
    "given",
    [
        "JBSWY3DPEHPK3PXP",
        "jbsw y3dp ehpk 3pxp",
        "JBSW-Y3DP–EHPK\u00a03PXP\n",
        "JBSWY3DPEHPK3PXP========",
    ],
)
def test_a_seed_is_taken_as_sites_show_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("SNIPER_TEST_SEED", given)
    for way in (given, {"env": "SNIPER_TEST_SEED"}):
        bookings, _ = read(tmp_path, with_change("accounts.0.totp_secret", way))
        assert bookings.accounts[0].totp_secret is not None
        assert reveal(bookings.accounts[0].totp_secret) == "JBSWY3DPEHPK3PXP"


@given(st.text(max_size=40) | st.from_regex(r"[A-Za-z2-7 -]{14,40}=*", fullmatch=True))
def test_whatever_is_given_as_a_seed_it_makes_codes_or_is_refused_unseen(text: str) -> None:
    try:
        account = Account.model_validate({"netid": "ann", "password": "x", "totp_secret": text})
    except ValidationError as error:
        said = str(error).splitlines()
        assert len(text) < 6 or not any(text in line for line in said)
        return
    assert account.totp_secret is not None
    assert len(OneTimeCodes(reveal(account.totp_secret)).now()) == 6


anything = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3).map(lambda text: f"hunter2{text}"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["netid", "password", "totp_secret", "is_active", "env", "x"]), inner, max_size=5
        )
    ),
    max_leaves=12,
)


@example(["user1:hunter2"])
@example("user1:hunter2")
@example([{"netid": "ann", "password": "x", "is_active": "hunter2"}])
@example([{"netid": "ann", "password": {"env": "hunter2"}}])
@example([{"netid": "ann", "password": "x", "totp_secret": "hunter2"}])
@given(accounts=anything)
def test_nothing_that_stands_below_accounts_is_in_a_complaint_but_a_netid_that_stands_there_twice(
    tmp_path_factory: pytest.TempPathFactory, accounts: Any
) -> None:
    try:
        read(tmp_path_factory.getbasetemp(), {**GOOD, "accounts": accounts})
    except InputError as error:
        behind: BaseException | None = error
        while behind:
            said = f"{behind} {behind!r}".replace("\\n", "\n").splitlines()
            assert not any("hunter2" in line for line in said if "is already accounts[" not in line)
            behind = behind.__cause__


@pytest.mark.parametrize(
    "spoil",
    [
        ("accounts.0.netid", GONE),
        ("accounts.0.passwort", "s3cret-typo"),
        ("accounts.0.netid", 5),
        ("snipe_config", GONE),
        ("accounts.0.password", ["s3cret"]),
        ("accounts.0.password", 5318008),
        ("accounts.1.netid", "ann"),
        ("site", "tudelft-y"),
    ],
)
def test_no_secret_is_in_any_message_or_in_what_is_behind_it(
    tmp_path: Path, spoil: tuple[str, object]
) -> None:

    def check() -> None:
        bookings, document = read(tmp_path, with_change(*spoil))
        load_site(bookings, document)

    with pytest.raises(InputError) as refused:
        check()
    error: BaseException | None = refused.value
    while error:
        assert "s3cret" not in f"{error} {error!r}"
        assert "JBSWY3DPEHPK3PXP" not in f"{error} {error!r}"
        assert "5318008" not in f"{error} {error!r}"
        error = error.__cause__


def test_a_broken_line_with_a_password_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "bookings.json"
    path.write_text('{"accounts": [\n {"netid": "ann", "password": "s3cret" "is_active": true}]}')
    with pytest.raises(InputError) as refused:
        read_bookings(path)
    assert str(refused.value) == f"{path}:2: not valid JSON: Expecting ',' delimiter (column 40)"
    assert "s3cret" not in refused.value.explain() + repr(refused.value.__cause__)


def test_no_secret_is_in_a_repr_or_a_dump(tmp_path: Path) -> None:
    bookings, document = read(tmp_path)
    for text in (repr(bookings), repr(document), bookings.model_dump_json(), str(bookings.model_dump())):
        assert "s3cret" not in text
        assert "JBSWY3DPEHPK3PXP" not in text
