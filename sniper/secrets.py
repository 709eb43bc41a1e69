"""What must not be read by others is encrypted before it is written: the vault, and where its key is.

The key comes from `SNIPER_KEY`, else from a file in the state folder that only its owner may read; it is made
on first use. Who has both the key and the database has the secrets: this protects the database where it goes
without the key, into a backup, onto a server, attached to a bug report.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from sniper.errors import EnvironmentProblem
from sniper.paths import STATE_DIR_VARIABLE, state_dir

KEY_VARIABLE = "SNIPER_KEY"
KEY_FILE = "key"

_NEW_KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
_OTHERS = 0o077


class UnsealError(Exception):
    """It was encrypted with another key, or is damaged."""


class Vault:
    """Encrypts and decrypts texts, and notices every change made to what it encrypted."""

    def __init__(self, keys: Sequence[Fernet]) -> None:
        """The first key encrypts, any of them decrypts."""
        self._fernet = MultiFernet(keys)

    @classmethod
    def open(cls) -> Self:
        """The vault with the key of `SNIPER_KEY`, else of the key file, which is made if there is none.

        Raises:
            EnvironmentProblem: There is no usable key, or others may read the key file.
        """
        given = os.environ.get(KEY_VARIABLE)
        if given:
            return cls([_key(given, KEY_VARIABLE, f"Set it to a key as this makes one: {_NEW_KEY}")])
        path = state_dir() / KEY_FILE
        return cls([_key(_read(path), str(path), _MEND_FILE)])

    def seal(self, text: str) -> str:
        """The text, encrypted; plain ASCII."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def unseal(self, sealed: str) -> str:
        """What was sealed.

        Raises:
            UnsealError: It was sealed with another key, or is damaged.
        """
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except (InvalidToken, ValueError):
            raise UnsealError("encrypted with another key, or damaged") from None


_MEND_FILE = (
    "Put the right file back. Without it, delete it: a new one is made, and what was encrypted is lost,"
    " so that every account signs in anew."
)


def _key(text: str, where: str, mend: str) -> Fernet:
    try:
        return Fernet(text.strip())
    except ValueError:
        # Without the error's own words: they are about the key.
        raise EnvironmentProblem(f"{where} holds no key", mend=mend) from None


def _read(path: Path) -> str:
    """The content of the key file."""
    try:
        if not path.exists():
            _make(path)
        # Of Windows, the mode tells nothing; the folder is the user's own there.
        if os.name == "posix" and path.stat().st_mode & _OTHERS:
            raise EnvironmentProblem(
                f"the key file {path} can be read by others than its owner",
                mend=f"chmod 600 {path} (and think of who may have read it)",
            )
        return path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise EnvironmentProblem(
            f"the key file {path} cannot be used: {error.strerror or error}",
            mend=f"Mend its permissions, name another folder by {STATE_DIR_VARIABLE}, or set {KEY_VARIABLE}.",
        ) from error


def _make(path: Path) -> None:
    """Make the file at one stroke: a run that starts at the same time finds it whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # `mkstemp` makes a file for its owner only.
    handle, name = tempfile.mkstemp(prefix=".key-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            # Unlike a rename, this leaves the file that another run has made meanwhile as it is.
            os.link(name, path)
        except FileExistsError:
            pass
        except OSError:
            # Some file systems have no links. Two first runs at once are rarer than those.
            Path(name).replace(path)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()
