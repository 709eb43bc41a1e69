"""What keeps accounts signed in between runs: kept sealed, dropped when it cannot be read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from sniper.kept_sign_ins import KeptSignIns
from sniper.resealing import rotate
from sniper.secrets import Vault
from sniper.store.repository import Store

TOKEN = "planted-token-5f2c9a71"  # noqa: S105 - of nobody


@pytest.fixture
def store(tmp_path: Path, template: Path) -> Iterator[Store]:
    shutil.copy(template, tmp_path / "sniper.sqlite3")
    with Store.open(f"sqlite:///{tmp_path / 'sniper.sqlite3'}") as opened:
        yield opened


@pytest.fixture
def vault() -> Vault:
    return Vault([Fernet(Fernet.generate_key())])


def kept(store: Store, vault: Vault, told: list[str], *, site: str = "x", fresh: bool = False) -> KeptSignIns:
    return KeptSignIns(store, vault, site, told.append, fresh=fresh)


def test_what_one_run_has_kept_the_next_one_finds(store: Store, vault: Vault) -> None:
    kept(store, vault, []).save("ann", TOKEN)
    assert kept(store, vault, []).load("ann") == TOKEN


def test_it_belongs_to_one_account_of_one_site(store: Store, vault: Vault) -> None:
    kept(store, vault, []).save("ann", TOKEN)
    assert kept(store, vault, []).load("bob") is None
    assert kept(store, vault, [], site="y").load("ann") is None


def test_the_latest_is_kept_and_what_is_forgotten_is_gone(store: Store, vault: Vault) -> None:
    states = kept(store, vault, [])
    states.save("ann", "first")
    states.save("ann", TOKEN)
    states.save("bob", "other")
    assert states.load("ann") == TOKEN
    states.forget("ann")
    states.forget("nobody")
    assert (states.load("ann"), states.load("bob")) == (None, "other")


def test_nothing_of_it_stands_in_the_database_in_clear(store: Store, vault: Vault, tmp_path: Path) -> None:
    kept(store, vault, []).save("ann", TOKEN)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not any(TOKEN.encode() in path.read_bytes() for path in files)


def test_what_another_key_has_sealed_is_told_once_and_stays_until_there_is_something_new(
    store: Store, vault: Vault
) -> None:
    old = kept(store, Vault([Fernet(Fernet.generate_key())]), [])
    old.save("ann", TOKEN)
    old.save("bob", TOKEN)
    told: list[str] = []
    states = kept(store, vault, told)
    assert (states.load("ann"), states.load("bob")) == (None, None)
    assert len(told) == 1
    assert "sign in anew" in told[0]
    assert old.load("ann") == TOKEN
    states.save("ann", "new")
    assert states.load("ann") == "new"


def test_what_an_owner_has_kept_by_hand_meanwhile_is_neither_replaced_nor_forgotten(
    store: Store, vault: Vault
) -> None:
    waiting = kept(store, vault, [])
    waiting.save("ann", "of the run")
    kept(store, vault, []).save("ann", "by hand")
    waiting.save("ann", "of the run, renewed")
    waiting.forget("ann")
    assert waiting.load("ann") == "by hand"
    waiting.save("ann", "by hand, renewed")
    assert kept(store, vault, []).load("ann") == "by hand, renewed"
    waiting.forget("ann")
    assert waiting.load("ann") is None


def test_a_key_that_is_changed_meanwhile_makes_nobody_a_stranger(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path))
    waiting = kept(store, Vault.open(), [])
    waiting.save("ann", "first")
    rotate(store)
    waiting.save("ann", "second")
    assert kept(store, Vault.open(), []).load("ann") == "second"


def test_a_fresh_start_keeps_what_only_an_owner_could_do_anew(store: Store, vault: Vault) -> None:
    kept(store, vault, []).save("ann", TOKEN)
    kept(store, vault, []).save("bob", TOKEN)
    states = KeptSignIns(store, vault, "x", pytest.fail, fresh=True, by_hand=["ann"])
    assert (states.load("ann"), states.load("bob")) == (TOKEN, None)


def test_a_fresh_start_passes_over_what_earlier_runs_have_kept_only(store: Store, vault: Vault) -> None:
    kept(store, vault, []).save("ann", "earlier")
    states = kept(store, vault, [], fresh=True)
    assert states.load("ann") is None
    states.save("ann", TOKEN)
    assert states.load("ann") == TOKEN


def test_a_database_that_fails_is_told_once_and_costs_a_sign_in_only(
    store: Store, vault: Vault, tmp_path: Path
) -> None:
    told: list[str] = []
    states = kept(store, vault, told)
    store.close()
    for path in tmp_path.glob("sniper.sqlite3*"):
        path.unlink()
    (tmp_path / "sniper.sqlite3").write_text("no database")
    states.save("ann", TOKEN)
    states.save("bob", TOKEN)
    assert states.load("ann") is None
    assert len(told) == 2
    assert not any(TOKEN in text for text in told)
