"""A key that is changed: everything is sealed anew, nothing is ever lost, and runs that wait keep up."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from sniper import resealing
from sniper.errors import EnvironmentProblem, InputError
from sniper.resealing import Where, rotate, standing
from sniper.secrets import KEY_VARIABLE, UnsealError, Vault
from sniper.secrets.places import InFile, InKeyring
from sniper.store.records import SecretKind
from sniper.store.repository import Store
from tests.secrets.conftest import TestKeyring

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path, template: Path) -> Iterator[Store]:
    """Empty."""
    shutil.copy(template, tmp_path / "sniper.sqlite3")
    with Store.open(f"sqlite:///{tmp_path / 'sniper.sqlite3'}") as opened:
        yield opened


def fill(store: Store, vault: Vault) -> None:
    """Ann has a password and a seed, bob a kept sign-in."""
    sealed = {
        SecretKind.PASSWORD: vault.seal("of ann"),
        SecretKind.TOTP_SECRET: vault.seal("JBSWY3DPEHPK3PXP"),
    }
    store.keep_secrets("x", {"ann": sealed}, now=NOW)
    store.keep_sign_in_state("x", "bob", vault.seal("of bob"), now=NOW)


def texts(store: Store, vault: Vault) -> list[str]:
    """All that is sealed, unsealed."""
    return sorted(vault.unseal(one.sealed) for one in store.sealed())


ALL = ["JBSWY3DPEHPK3PXP", "of ann", "of bob"]


def test_everything_is_sealed_with_a_new_key_and_the_old_one_is_gone(store: Store, state: Path) -> None:
    fill(store, Vault.open())
    old = Vault([Fernet((state / "key").read_text().strip())])
    before = {one.sealed for one in store.sealed()}
    found = rotate(store)
    assert (found.keys, found.unreadable) == (1, ())
    assert found.counts == {"password": 1, "totp_secret": 1, "sign_in": 1}
    assert texts(store, Vault.open()) == ALL
    assert not before & {one.sealed for one in store.sealed()}
    with pytest.raises(UnsealError):
        texts(store, old)


def test_a_run_that_waits_meanwhile_reads_and_seals_with_the_new_key(store: Store) -> None:
    waiting = Vault.open()
    fill(store, waiting)
    rotate(store)
    assert texts(store, waiting) == ALL
    store.keep_sign_in_state("x", "bob", waiting.seal("of bob"), now=NOW)
    assert texts(store, Vault.open()) == ALL


class KilledError(Exception):
    """Stands for a kill."""


def killed_before(call: str, number: int) -> Callable[[pytest.MonkeyPatch], None]:
    """Patches a method so that its n-th call is never made."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        kind = {"write": InFile, "reseal": Store}[call]
        original, calls = getattr(kind, call), iter(range(1, 9))

        def dies(self: object, *given: object) -> None:
            if next(calls) == number:
                raise KilledError
            original(self, *given)

        monkeypatch.setattr(kind, call, dies)

    return patch


@pytest.mark.parametrize(
    "kill", [killed_before("write", 1), killed_before("reseal", 1), killed_before("write", 2)]
)
def test_killed_at_any_point_everything_can_be_read_and_it_can_be_done_again(
    store: Store, monkeypatch: pytest.MonkeyPatch, kill: Callable[[pytest.MonkeyPatch], None]
) -> None:
    fill(store, Vault.open())
    with monkeypatch.context() as dying:
        kill(dying)
        with pytest.raises(KilledError):
            rotate(store)
    assert texts(store, Vault.open()) == ALL
    assert standing(store).unreadable == ()
    assert rotate(store).keys == 1
    assert texts(store, Vault.open()) == ALL


def test_killed_in_the_middle_of_sealing_nothing_is_sealed_anew(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, Vault.open())
    before = [one.sealed for one in store.sealed()]
    unsealed = iter(range(9))
    original = resealing._unsealed

    def dies(*given: object) -> str | None:
        if next(unsealed) == 2:
            raise KilledError
        return original(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(resealing, "_unsealed", dies)
    with pytest.raises(KilledError):
        rotate(store)
    assert [one.sealed for one in store.sealed()] == before


def test_a_key_goes_into_the_keyring_and_back_with_nothing_left_behind(
    store: Store, state: Path, keyring: TestKeyring
) -> None:
    fill(store, Vault.open())
    assert "keyring" in str(rotate(store, Where.KEYRING).place)
    assert (state / "key").read_text() == "in the system keyring\n"
    assert len(keyring.entries) == 1
    assert texts(store, Vault.open()) == ALL
    rotate(store, Where.FILE)
    assert keyring.entries == {}
    assert texts(store, Vault.open()) == ALL


@pytest.mark.parametrize("number", [1, 2])
def test_killed_on_its_way_into_the_keyring_it_is_found_where_it_is(
    store: Store, keyring: TestKeyring, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    fill(store, Vault.open())
    calls = iter(range(1, 9))
    original = InKeyring.write

    def dies(self: InKeyring, keys: list[str]) -> None:
        if next(calls) == number:
            raise KilledError
        original(self, keys)

    with monkeypatch.context() as dying:
        dying.setattr(InKeyring, "write", dies)
        with pytest.raises(KilledError):
            rotate(store, Where.KEYRING)
    assert texts(store, Vault.open()) == ALL
    rotate(store, Where.KEYRING)
    assert texts(store, Vault.open()) == ALL
    assert len(keyring.entries) == 1


def test_where_there_is_no_keyring_the_key_stays_where_it_is(store: Store) -> None:
    fill(store, Vault.open())
    with pytest.raises(EnvironmentProblem, match="no system keyring"):
        rotate(store, Where.KEYRING)
    assert texts(store, Vault.open()) == ALL


def test_a_key_of_the_environment_is_its_owners_to_change_and_it_is_told_how(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    monkeypatch.setenv(KEY_VARIABLE, old)
    fill(store, Vault.open())
    with pytest.raises(InputError, match="only you can change it") as told:
        rotate(store)
    assert "a comma" in told.value.explain()
    assert old not in told.value.explain()
    monkeypatch.setenv(KEY_VARIABLE, f"{new},{old}")
    assert rotate(store).keys == 2
    monkeypatch.setenv(KEY_VARIABLE, new)
    assert texts(store, Vault.open()) == ALL
    with pytest.raises(InputError, match="goes before"):
        rotate(store, Where.FILE)


def test_what_cannot_be_unsealed_stays_as_it_is_and_is_told(store: Store) -> None:
    fill(store, Vault.open())
    lost = Vault([Fernet(Fernet.generate_key())]).seal("of eve")
    store.keep_secrets("x", {"eve": {SecretKind.PASSWORD: lost}}, now=NOW)
    found = rotate(store)
    assert [(one.account, one.kind) for one in found.unreadable] == [("eve", SecretKind.PASSWORD)]
    assert store.secrets_of("x", "eve") == {SecretKind.PASSWORD: lost}
    assert standing(store).unreadable == found.unreadable


def test_two_changes_at_once_lose_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store, Vault.open())
    original = resealing._seal_anew

    def meanwhile(opened: Store, vault: Vault) -> None:
        monkeypatch.setattr(resealing, "_seal_anew", original)
        rotate(opened)  # somebody else's, from beginning to end
        original(opened, vault)

    monkeypatch.setattr(resealing, "_seal_anew", meanwhile)
    with pytest.raises(EnvironmentProblem, match="by somebody else at the same time"):
        rotate(store)
    assert texts(store, Vault.open()) == ALL
