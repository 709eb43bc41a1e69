"""Where the vault's keys are: `SNIPER_KEY`, else the system's keyring, else a file in the state folder.

A place holds one key, or several while they are being changed: the first one seals, all of them unseal. The
file `key` is there in the latter two cases: it holds the keys, or says that the keyring has them. So nobody
ever makes a new key because the keyring is locked, or cannot be reached from where a run was started.

A new key goes into the keyring only for the usual state folder. One that was chosen by `SNIPER_STATE_DIR` may
be a container's, or thrown away tomorrow: its key stays in it, unless `sniper secrets rotate --to keyring`
moves it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.fernet import Fernet

from sniper.errors import EnvironmentProblem
from sniper.paths import STATE_DIR_VARIABLE, state_dir
from sniper.scrubbing import KNOWN
from sniper.secrets import system_keyring

KEY_VARIABLE = "SNIPER_KEY"
KEY_FILE = "key"
NEW_KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'

_IN_KEYRING = "in the system keyring"
_OTHERS = 0o077
_LOST = (
    "Without it, delete {}: a new key is made, and what was encrypted is lost, so that passwords have to be"
    " given anew and every account signs in anew."
)


class KeyPlace(Protocol):
    """Somewhere keys are kept."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def mend(self) -> str:
        """What to do where it holds no key."""
        ...

    def read(self) -> str:
        """The keys, separated by commas or white space.

        Raises:
            EnvironmentProblem: It cannot be read.
        """
        ...

    def stamp(self) -> object:
        """Changes when the keys do; None where that cannot be told."""
        ...


@dataclass(frozen=True, slots=True)
class InEnvironment:
    """The variable `SNIPER_KEY`: several keys are separated by commas."""

    name: str = KEY_VARIABLE
    mend: str = f"Set it to a key as this makes one: {NEW_KEY}"

    def read(self) -> str:
        """See `KeyPlace.read`."""
        return os.environ.get(KEY_VARIABLE, "")

    def stamp(self) -> object:
        """Never: it stays what it was when the process began."""
        return None


@dataclass(frozen=True, slots=True)
class InFile:
    """The file `key` in the state folder, a key a line, which only its owner may read."""

    path: Path

    @property
    def name(self) -> str:
        """Its path."""
        return f"the file {self.path}"

    @property
    def mend(self) -> str:
        """Put it back."""
        return f"Put the right file back. {_LOST.format('it')}"

    def read(self) -> str:
        """See `KeyPlace.read`."""
        return _read(self.path)

    def write(self, keys: Sequence[str]) -> None:
        """Have these keys there instead of those before, at one stroke.

        Raises:
            EnvironmentProblem: It cannot be written.
        """
        _replace(self.path, "\n".join(keys))

    def stamp(self) -> object:
        """By the file."""
        return _stamp(self.path)


@dataclass(frozen=True, slots=True)
class InKeyring:
    """The system's keyring, by the path of the state folder; `marker` is the file that says so."""

    marker: Path

    @property
    def name(self) -> str:
        """And which one."""
        found = system_keyring.find()
        return f"the system keyring ({found})" if found else "the system keyring"

    @property
    def mend(self) -> str:
        """It was taken out of there."""
        entry = f"service `{system_keyring.SERVICE}`, user `{self._of}`"
        return f"Put it back there ({entry}). {_LOST.format(self.marker)}"

    @property
    def _of(self) -> str:
        return str(self.marker.parent.resolve())

    def read(self) -> str:
        """See `KeyPlace.read`."""
        return system_keyring.read(self._of) or ""

    def write(self, keys: Sequence[str]) -> None:
        """See `InFile.write`. From then on the keyring is where they are."""
        system_keyring.write(self._of, " ".join(keys))
        _replace(self.marker, _IN_KEYRING)

    def stamp(self) -> object:
        """By the file that says where they are: it is written anew with every change."""
        return _stamp(self.marker)

    def clear(self) -> None:
        """Take them out of the keyring; the file has them now."""
        system_keyring.remove(self._of)


Place = InEnvironment | InKeyring | InFile


def find() -> Place | None:
    """Where the keys of this state folder are; None where there are none yet.

    Raises:
        EnvironmentProblem: The file cannot be read, or others than its owner may.
    """
    if os.environ.get(KEY_VARIABLE):
        return InEnvironment()
    path = state_dir() / KEY_FILE
    if not _exists(path):
        # The file may be lost, and the keyring have the key all the same.
        if _is_usual() and system_keyring.find() and system_keyring.read(str(path.parent.resolve())):
            _replace(path, _IN_KEYRING)
            return InKeyring(path)
        return None
    return InKeyring(path) if _read(path).strip() == _IN_KEYRING else InFile(path)


def make() -> InKeyring | InFile:
    """Make the first key, where it is best kept.

    Raises:
        EnvironmentProblem: It can be kept nowhere.
    """
    path = state_dir() / KEY_FILE
    key = new_key()
    if _is_usual() and system_keyring.find():
        InKeyring(path).write([key])
        return InKeyring(path)
    _make(path, key)
    return InFile(path)


def new_key() -> str:
    """A key as the vault takes it."""
    return Fernet.generate_key().decode("ascii")


def keys_in(place: KeyPlace) -> list[str]:
    """The keys of a place, the one that seals first.

    Raises:
        EnvironmentProblem: They cannot be read.
    """
    return place.read().replace(",", " ").split()


def fernets(place: KeyPlace) -> list[Fernet]:
    """The keys of a place, ready for use.

    Raises:
        EnvironmentProblem: There is none, one is no key, or they cannot be read.
    """
    found: list[Fernet] = []
    keys = keys_in(place)
    KNOWN.know(keys)
    for key in keys:
        # Without the error's own words: they are about the key.
        with suppress(ValueError):
            found.append(Fernet(key))
    if not found or len(found) < len(keys):
        what = "holds, beside a key, something that is none" if found else "holds no key"
        raise EnvironmentProblem(f"{place.name} {what}", mend=place.mend)
    return found


def _is_usual() -> bool:
    return not os.environ.get(STATE_DIR_VARIABLE)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise _unusable(path, error) from error


def _stamp(path: Path) -> object:
    with suppress(OSError):
        found = path.stat()
        return found.st_mtime_ns, found.st_ino, found.st_size
    return None


def _read(path: Path) -> str:
    try:
        # Of Windows, the mode tells nothing; the folder is the user's own there.
        if os.name == "posix" and path.stat().st_mode & _OTHERS:
            raise EnvironmentProblem(
                f"the key file {path} can be read by others than its owner",
                mend=f"chmod 600 {path} (and think of who may have read it: `sniper secrets rotate`)",
            )
        return path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise _unusable(path, error) from error


def _make(path: Path, content: str) -> None:
    """Make the file at one stroke: a run that starts at the same time finds it whole or not at all."""
    draft = _draft(path, content)
    try:
        try:
            # Unlike a rename, this leaves the file that another run has made meanwhile as it is.
            os.link(draft, path)
        except FileExistsError:
            pass
        except OSError:
            # Some file systems have no links. Two first runs at once are rarer than those.
            _rename(draft, path)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def _replace(path: Path, content: str) -> None:
    """Write the file anew at one stroke."""
    draft = _draft(path, content)
    try:
        _rename(draft, path)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def _draft(path: Path, content: str) -> Path:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # `mkstemp` makes a file for its owner only.
        handle, name = tempfile.mkstemp(prefix=".key-", dir=path.parent)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{content}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise _unusable(path, error) from error
    return Path(name)


def _rename(draft: Path, path: Path) -> None:
    try:
        draft.replace(path)
        if os.name == "posix":
            # Before anything is sealed with a new key, its file has to be there after a power cut, too.
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"the key file {path} cannot be used: {error.strerror or error}",
        mend=f"Mend its permissions, name another folder by {STATE_DIR_VARIABLE}, or set {KEY_VARIABLE}.",
    )
