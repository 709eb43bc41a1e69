"""The vault, and where its key is."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from sniper.errors import EnvironmentProblem
from sniper.secrets import KEY_VARIABLE, UnsealError, Vault

posix = pytest.mark.skipif(os.name != "posix", reason="modes of files tell nothing there")


def test_what_was_sealed_is_read_again_by_a_later_vault() -> None:
    assert Vault.open().unseal(Vault.open().seal("Sesam, öffne dich")) == "Sesam, öffne dich"


def test_what_is_sealed_shows_nothing_of_the_text() -> None:
    vault = Vault.open()
    assert "open-sesame" not in vault.seal("open-sesame")
    assert vault.seal("open-sesame") != vault.seal("open-sesame")


@posix
def test_the_key_file_is_its_owners_only_and_nothing_else_is_left_in_the_folder(state: Path) -> None:
    Vault.open()
    assert [path.name for path in state.iterdir()] == ["key"]
    assert stat.S_IMODE((state / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_file_that_others_may_read_is_refused(state: Path, mode: int) -> None:
    Vault.open()
    (state / "key").chmod(mode)
    with pytest.raises(EnvironmentProblem, match="can be read by others") as caught:
        Vault.open()
    assert str(state / "key") in str(caught.value)
    assert "chmod 600" in (caught.value.mend or "")


def test_a_key_of_the_environment_goes_before_the_file(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, Fernet.generate_key().decode())
    sealed = Vault.open().seal("text")
    assert not state.exists()
    monkeypatch.delenv(KEY_VARIABLE)
    with pytest.raises(UnsealError):
        Vault.open().unseal(sealed)


def test_of_several_keys_of_the_environment_the_first_seals_and_all_unseal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    monkeypatch.setenv(KEY_VARIABLE, old)
    before = Vault.open().seal("before")
    monkeypatch.setenv(KEY_VARIABLE, f"{new}, {old}")
    after = Vault.open().seal("after")
    assert Vault.open().unseal(before) == "before"
    monkeypatch.setenv(KEY_VARIABLE, new)
    assert Vault.open().unseal(after) == "after"
    with pytest.raises(UnsealError):
        Vault.open().unseal(before)


def test_one_of_several_keys_that_is_none_is_told_without_showing_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = Fernet.generate_key().decode()
    monkeypatch.setenv(KEY_VARIABLE, f"{good},not-a-key")
    with pytest.raises(EnvironmentProblem, match="holds, beside a key, something that is none") as caught:
        Vault.open()
    assert "not-a-key" not in caught.value.explain()
    assert good not in caught.value.explain()


@pytest.mark.parametrize("key", ["not-a-key", "ö" * 44, "a" * 44])
def test_a_key_that_is_none_is_told_without_showing_it(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, key)
    with pytest.raises(EnvironmentProblem, match="SNIPER_KEY holds no key") as caught:
        Vault.open()
    assert key not in caught.value.explain()


def test_a_damaged_key_file_is_told_with_its_path(state: Path) -> None:
    Vault.open()
    (state / "key").write_text("half of a ke")
    with pytest.raises(EnvironmentProblem, match="holds no key") as caught:
        Vault.open()
    assert str(state / "key") in caught.value.explain()


@pytest.mark.parametrize(
    "damage", [lambda s: s[:-4], lambda s: s[:30] + "A" + s[31:], lambda _: "", lambda _: "ä"]
)
def test_what_was_damaged_or_changed_is_noticed(damage: object) -> None:
    vault = Vault.open()
    sealed = vault.seal("open-sesame")
    changed = damage(sealed)  # type: ignore[operator]
    if changed == sealed:
        pytest.skip("that character was there already")
    with pytest.raises(UnsealError) as caught:
        vault.unseal(changed)
    assert "open-sesame" not in str(caught.value)


def test_the_first_key_seals_and_any_of_them_unseals() -> None:
    old, new = Fernet(Fernet.generate_key()), Fernet(Fernet.generate_key())
    sealed = Vault([old]).seal("text")
    assert Vault([new, old]).unseal(sealed) == "text"
    with pytest.raises(UnsealError):
        Vault([old]).unseal(Vault([new, old]).seal("text"))


def test_runs_that_start_at_the_same_time_agree_on_the_key() -> None:
    code = "from sniper.secrets import Vault; v = Vault.open(); print(v.seal('text'))"
    starting = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)  # noqa: S603
        for _ in range(4)
    ]
    sealed = [process.communicate(timeout=300)[0].strip() for process in starting]
    assert {Vault.open().unseal(one) for one in sealed} == {"text"}
