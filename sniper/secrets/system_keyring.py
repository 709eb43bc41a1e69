"""The system's keyring: the Keychain of macOS, the credentials of Windows, a Secret Service on Linux."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sniper.errors import EnvironmentProblem

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "sniper"
"""The name our entries have there; the user is the path of the state folder."""

# A keyring that is locked asks the person in a window of its own.
_ANSWERED_WITHIN = 60.0

_MEND = (
    "Start sniper in your desktop session and unlock the keyring there. For a machine that nobody sits at,"
    " `sniper secrets rotate --to file` (where the keyring can be reached), or SNIPER_KEY."
)

Result = TypeVar("Result")


def find() -> str | None:
    """What the keyring of this machine is called, if it has one that deserves the name.

    Raises:
        EnvironmentProblem: It does not answer.
    """
    return _answered(lambda: str(_backend().name) if _is_one(_backend()) else None)


def read(of: str) -> str | None:
    """What is kept there of a state folder; None where nothing is.

    Raises:
        EnvironmentProblem: There is no keyring, or it does not answer.
    """
    return _answered(lambda: _backend().get_password(SERVICE, of))


def write(of: str, text: str) -> None:
    """Keep something there of a state folder.

    Raises:
        EnvironmentProblem: There is no keyring, or it does not take it.
    """
    _answered(lambda: _backend().set_password(SERVICE, of, text))
    if read(of) != text:
        raise EnvironmentProblem("the system keyring did not keep the key", mend=_MEND)


def remove(of: str) -> None:
    """Keep nothing there of a state folder.

    Raises:
        EnvironmentProblem: There is no keyring, or it does not answer.
    """
    _answered(lambda: _backend().delete_password(SERVICE, of))


def _backend() -> KeyringBackend:
    # Imported where it is used: it takes a tenth of a second, and looks for every keyring there may be.
    from keyring.core import get_keyring, init_backend, recommended

    # What the person has chosen by `PYTHON_KEYRING_BACKEND` or keyring's own file goes before what is found.
    init_backend(limit=recommended)
    return get_keyring()


def _is_one(backend: KeyringBackend) -> bool:
    from keyring.backends import fail, null

    return not isinstance(backend, fail.Keyring | null.Keyring)


def _answered(ask: Callable[[], Result]) -> Result:
    """What the keyring answers. One that waits for a person who is not there is not waited for."""
    answers: list[Result] = []
    failures: list[Exception] = []

    def asking() -> None:
        try:
            answers.append(ask())
        except Exception as error:  # noqa: BLE001 - each keyring fails in its own way
            failures.append(error)

    # A thread that hangs in there ends with the process.
    thread = threading.Thread(target=asking, name="keyring", daemon=True)
    thread.start()
    thread.join(_ANSWERED_WITHIN)
    if failures:
        # The words of a keyring are about itself; what was kept or asked for is not among them.
        said = " ".join(str(failures[0]).split()) or type(failures[0]).__name__
        raise EnvironmentProblem(f"the system keyring cannot be used: {said}", mend=_MEND)
    if not answers:
        raise EnvironmentProblem("the system keyring does not answer", mend=_MEND)
    return answers[0]
