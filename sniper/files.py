"""Files that people ask for."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from sniper.errors import InputError


def write_whole(path: Path, text: str, mode: int | None = None) -> bool:
    """Write a file as a whole or not at all, for its owner only: who booked what is private.

    Args:
        path: Where.
        text: What; ends of lines are written as they are.
        mode: Who else may do what with it, as `chmod` takes it, if anybody.

    Returns:
        Whether there was one, which is replaced.

    Raises:
        InputError: It cannot be written there.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder.", mend="Name a file in it.")
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent}.", mend="Make it first, or name another one.")
    replaced = path.exists()
    try:
        with NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as draft:
            try:
                draft.write(text)
                draft.close()
                if mode is not None:
                    Path(draft.name).chmod(mode)
                os.replace(draft.name, path)  # noqa: PTH105 - the draft is known by its name
            except BaseException:
                draft.close()
                with suppress(FileNotFoundError):
                    Path(draft.name).unlink()
                raise
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror or error}.", mend="Name a place you may write to."
        ) from error
    return replaced
