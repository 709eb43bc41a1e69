"""Where the key is: the keyring where there is one, a file elsewhere; and never a new one by mistake."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from sniper.errors import EnvironmentProblem
from sniper.secrets import KEY_VARIABLE, Vault, system_keyring
from tests.secrets import file_keyring
from tests.secrets.conftest import TestKeyring


def test_a_new_key_goes_into_the_keyring_and_the_folder_says_so(usual: Path, keyring: TestKeyring) -> None:
    sealed = Vault.open().seal("text")
    ((entry, key),) = keyring.entries.items()
    assert entry == f"sniper {usual}"
    assert Fernet(key).decrypt(sealed) == b"text"
    assert (usual / "key").read_text() == "in the system keyring\n"
    assert stat.S_IMODE((usual / "key").stat().st_mode) == 0o600
    assert Vault.open().unseal(sealed) == "text"


@pytest.mark.usefixtures("keyring")
def test_a_state_folder_that_was_chosen_keeps_its_key_itself(state: Path) -> None:
    Vault.open()
    assert Fernet((state / "key").read_text().strip())


def test_without_a_keyring_the_key_is_a_file(usual: Path) -> None:
    Vault.open()
    assert Fernet((usual / "key").read_text().strip())


def test_a_key_file_that_is_there_goes_before_a_keyring_that_came_later(
    usual: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sealed = Vault.open().seal("text")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", file_keyring.NAME)
    monkeypatch.setenv(file_keyring.FILE, str(tmp_path / "keyring.json"))
    assert Vault.open().unseal(sealed) == "text"
    assert not (tmp_path / "keyring.json").exists()
    assert Fernet((usual / "key").read_text().strip())


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring", "cannot be used"),
        (file_keyring.LOCKED, "yes", "Failed to unlock"),
        (file_keyring.SLOW, "5", "does not answer"),
    ],
)
def test_a_keyring_that_cannot_be_reached_is_told_and_no_new_key_is_made(
    usual: Path, keyring: TestKeyring, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    sealed = Vault.open().seal("text")
    monkeypatch.setattr(system_keyring, "_ANSWERED_WITHIN", 0.5)
    with monkeypatch.context() as away:
        away.setenv(variable, value)
        with pytest.raises(EnvironmentProblem, match=said) as caught:
            Vault.open()
    assert "sniper secrets rotate --to file" in caught.value.explain()
    assert len(keyring.entries) == 1
    assert (usual / "key").read_text() == "in the system keyring\n"
    assert Vault.open().unseal(sealed) == "text"


def test_a_key_that_was_taken_out_of_the_keyring_is_told_with_where_it_belongs(
    usual: Path, keyring: TestKeyring
) -> None:
    Vault.open()
    keyring.file.write_text("{}")
    with pytest.raises(EnvironmentProblem, match="holds no key") as caught:
        Vault.open()
    assert f"service `sniper`, user `{usual}`" in caught.value.explain()


@pytest.mark.usefixtures("keyring")
def test_a_folder_that_has_lost_its_file_finds_its_key_in_the_keyring(usual: Path) -> None:
    sealed = Vault.open().seal("text")
    (usual / "key").unlink()
    assert Vault.open().unseal(sealed) == "text"
    assert (usual / "key").read_text() == "in the system keyring\n"


def test_the_environment_goes_before_the_keyring(
    usual: Path, keyring: TestKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, Fernet.generate_key().decode())
    Vault.open()
    assert not usual.exists()
    assert keyring.entries == {}


def test_to_look_makes_no_key(usual: Path, keyring: TestKeyring) -> None:
    assert Vault.as_it_is() is None
    assert not usual.exists()
    assert keyring.entries == {}
