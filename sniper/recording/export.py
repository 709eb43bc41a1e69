"""A run as an archive that can be attached to a report of a bug: nobody's name and no secret is in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from zipfile import ZIP_DEFLATED, ZipFile

from sniper.engine.browser.evidence import name_of
from sniper.errors import InputError
from sniper.recording.cleaning import Cleaner
from sniper.recording.index import write_index
from sniper.recording.keeping import ACCOUNTS, INDEX, who_is_who
from sniper.scrubbing import HIDDEN
from sniper.store.records import RunDetail

Part = TypeVar("Part")

_PICTURES, _FILMS = ".png", ".webm"
_ON_ITS_OWN = "run.json"


def export(detail: RunDetail, folder: Path, file: Path, document: Callable[[RunDetail], Any]) -> list[str]:
    """Write the archive.

    Args:
        detail: The run.
        folder: Where what was kept of it lies, if anything was.
        file: Where the archive goes.
        document: Makes JSON of a run's record.

    Returns:
        What was left out, being nothing that can be scrubbed.

    Raises:
        InputError: It cannot be written there.
    """
    called = {account: pseudonym for pseudonym, account in who_is_who(folder).items()}
    took_part = {one.account for one in detail.attempts} | {one.account for one in detail.bookings}
    for account in sorted(took_part | {one.account for one in detail.log}):
        called.setdefault(account, f"account-{len(called) + 1}")
    cleaner = Cleaner((), called)
    clean = _without_people(_of_nowhere(detail), cleaner)
    left_out = []
    try:
        with TemporaryDirectory(prefix="sniper-export-") as draft:
            for path, name in _kept(folder, called):
                if path.suffix == _FILMS:
                    left_out.append(str(path.relative_to(folder)))
                else:
                    target = Path(draft) / name
                    target.parent.mkdir(exist_ok=True)
                    target.write_bytes(_clean(path, cleaner))
            write_index(clean, Path(draft))
            (Path(draft) / _ON_ITS_OWN).write_text(
                json.dumps(document(clean), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
            )
            with ZipFile(file, "w", ZIP_DEFLATED) as archive:
                file.chmod(0o600)
                for path in sorted(Path(draft).rglob("*")):
                    if path.is_file():
                        archive.write(path, f"run-{detail.run.id}/{path.relative_to(draft)}")
    except OSError as error:
        raise InputError(
            f"{file} cannot be written: {error.strerror or error}.", mend="Name a place you may write to."
        ) from error
    return left_out


def _of_nowhere(detail: RunDetail) -> RunDetail:
    """The run without the machine it was on, and without where its files were."""
    attempts = tuple(replace(one, evidence=None) for one in detail.attempts)
    return replace(detail, run=replace(detail.run, host=HIDDEN, pid=0), attempts=attempts)


def _kept(folder: Path, called: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """Every file, and what it is called in the archive."""
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        name = str(path.relative_to(folder))
        if not path.is_file() or name in (ACCOUNTS, INDEX):
            continue
        for account, pseudonym in called.items():
            stem, _, number = path.stem.rpartition("-")
            if path.parent == folder and stem == name_of(account):
                name = f"{pseudonym}-{number}{path.suffix}"
        yield path, name


def _clean(path: Path, cleaner: Cleaner) -> bytes:
    """What was kept of a page that was not understood has the account's name in it; the rest is as it is."""
    body = path.read_bytes()
    if path.parent.name.isdecimal() and path.suffix in (".html", ".txt", ".jsonl"):
        return cleaner.page(body.decode("utf-8", "replace")).encode()
    return body


def _without_people(part: Part, cleaner: Cleaner) -> Part:
    """The same, with other names for the accounts, in whatever it consists of."""
    clean: Any = part
    match part:
        case str() if type(part) is str:
            clean = cleaner.text(part)
        case Mapping():
            clean = {
                _without_people(key, cleaner): _without_people(value, cleaner) for key, value in part.items()
            }
        case tuple():
            clean = tuple(_without_people(one, cleaner) for one in part)
        case list():
            clean = [_without_people(one, cleaner) for one in part]
        case _ if is_dataclass(part) and not isinstance(part, type):
            given = [one.name for one in fields(part) if one.init]
            values = {name: _without_people(getattr(part, name), cleaner) for name in given}
            clean = replace(part, **values)
    result: Part = clean
    return result
