"""What becomes of what was taken of a run: scrubbed, put in order, and only then moved to its folder."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zipfile import BadZipFile

from sniper import __version__
from sniper.core.slots import Slot
from sniper.recording.cleaning import Cleaner
from sniper.recording.recorder import Step, Taken
from sniper.recording.traces import Trace, har_of
from sniper.sites.profile import Profile

SCHEMA = 1
RECORDING, ACCOUNTS, INDEX = "recording.json", "accounts.json", "index.html"
TRACE, HAR, CONSOLE, FILM = "trace.zip", "network.har", "console.jsonl", "video.webm"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded of a run, and of whom.

    Attributes:
        profile: As it was used.
        presses: Whether it was to book.
        mode: Who pressed at the opening.
    """

    run: int
    profile: Profile
    mode: str
    presses: bool


def keep_scrubbed(
    about: Recorded, taken: Iterable[Taken], drafts: Path, folder: Path, not_names: Collection[str]
) -> list[str]:
    """Scrub what was taken, and keep it in the run's folder.

    Args:
        about: The run.
        taken: What was taken of each account.
        drafts: A folder for the scrubbed files, on the same disk as the run's.
        folder: The run's.
        not_names: Words of the site that are never taken for names of people.

    Returns:
        What could not be kept, and why.
    """
    with_something = [one for one in taken if one.folder.is_dir()]
    people = {one.account: one.folder.name for one in with_something}
    secrets = {secret for one in with_something for secret in one.secrets}
    cleaner = Cleaner(secrets, people, not_names)
    for one in with_something:
        cleaner.meet(one.names)
    # What one account's answers tell may stand in those of another.
    traces = {one.account: _read(one) for one in with_something}
    for trace in traces.values():
        trace.teach(cleaner)
    accounts = []
    drafts.mkdir(mode=0o700)
    for one in with_something:
        draft = drafts / one.folder.name
        draft.mkdir(mode=0o700)
        known = _local_storage(one.state, about.profile, cleaner)
        accounts.append(_account(one, traces.pop(one.account), draft, cleaner) | {"local_storage": known})
    document = {
        "schema": SCHEMA,
        "sniper": __version__,
        "run": about.run,
        "site": about.profile.name,
        "timezone": str(about.profile.timezone),
        "engine": about.mode,
        "presses": about.presses,
        "accounts": accounts,
        "profile": about.profile.model_dump(mode="json", by_alias=True, exclude_defaults=True),
    }
    _write(drafts / RECORDING, document)
    # Who is who stays on this machine: it is never exported.
    _write(drafts / ACCOUNTS, {pseudonym: account for account, pseudonym in people.items()})
    for file in drafts.rglob("*"):
        file.chmod(0o700 if file.is_dir() else 0o600)
    for draft in sorted(drafts.iterdir()):
        target = folder / draft.name
        if target.is_dir():
            shutil.rmtree(target)
        os.replace(draft, target)  # noqa: PTH105 - a folder, too
    return [f"{one.account}: {what}" for one in with_something for what in one.lost]


def who_is_who(folder: Path) -> Mapping[str, str]:
    """The accounts of a recorded run by what they are called in what was recorded; none, if nothing was."""
    path = folder / ACCOUNTS
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def recording_of(folder: Path) -> dict[str, Any] | None:
    """What stands in the recording of a run; None if it was not recorded."""
    path = folder / RECORDING
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    return found


def _read(taken: Taken) -> Trace:
    """All its traces as one."""
    contexts: list[list[Trace]] = []
    for stretches in taken.traces:
        contexts.append([])
        for path in stretches:
            try:
                contexts[-1].append(Trace.read(path))
            except (OSError, ValueError, KeyError, BadZipFile) as error:
                taken.lost.append(f"the trace: it cannot be read: {error}")
    return Trace.joined(contexts)


def _account(taken: Taken, trace: Trace, draft: Path, cleaner: Cleaner) -> dict[str, Any]:
    cleaned = trace.cleaned(cleaner)
    if cleaned.events:
        cleaned.write(draft / TRACE)
        _write(draft / HAR, har_of(cleaned))
        lines = [asdict(line) | {"text": cleaner.text(line.text)} for line in taken.console]
        _text(draft / CONSOLE, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    for step in taken.steps:
        for file in step.files:
            if file.endswith(".html"):
                page = (taken.folder / file).read_text(encoding="utf-8")
                _text(draft / file, cleaner.page(page))
            else:
                os.replace(taken.folder / file, draft / file)  # noqa: PTH105
    films = taken.films
    for film, name in zip(films, _in_order(FILM, len(films)), strict=True):
        os.replace(film, draft / name)  # noqa: PTH105
    return {
        "account": taken.folder.name,
        "steps": [_step(step, cleaner) for step in taken.steps],
        "trace": TRACE if cleaned.events else None,
        "har": HAR if cleaned.events else None,
        "console": CONSOLE if cleaned.events else None,
        "video": FILM if films else None,
        "lost": [cleaner.text(what) for what in taken.lost],
    }


def _local_storage(state: Any, profile: Profile, cleaner: Cleaner) -> dict[str, Any]:
    """What the site's own storage held when the account was signed in: some apps look there for who it is."""
    kept: dict[str, Any] = {}
    for origin in (state or {}).get("origins", ()):
        if urlsplit(origin["origin"])[:2] != urlsplit(profile.url)[:2]:
            continue
        for item in origin.get("localStorage", ()):
            try:
                value = json.loads(item["value"])
            except ValueError:
                value = item["value"]
            kept[item["name"]] = cleaner.json(value, item["name"])
    return kept


def _in_order(last: str, count: int) -> list[str]:
    """Names for so many files of a kind, of which the last one is asked for by its plain name."""
    name, _, ending = last.partition(".")
    return [*(f"{name}-before-{number}.{ending}" for number in range(1, count)), last][-count or count + 1 :]


def _step(step: Step, cleaner: Cleaner) -> dict[str, Any]:
    document: dict[str, Any] = {
        "at": step.at.isoformat(),
        "recorded_at": step.recorded_at.isoformat(),
        "step": step.name,
        "files": step.files,
    }
    if step.result:
        document |= {
            "presses": step.result.presses.total(),
            "chain": [_slot(slot) for slot in step.result.attempt.chain],
            "tries": [
                {
                    "slot": _slot(one.slot),
                    "outcome": one.outcome.value,
                    "at": one.started_at.isoformat(),
                    # As the page is answered when it is played again: one that is long looks like a token.
                    "reference": one.reference and cleaner.text(one.reference),
                    "message": cleaner.text(one.message),
                }
                for one in step.result.tries
            ],
        }
    return document


def _slot(slot: Slot) -> dict[str, Any]:
    return {
        "location": slot.location,
        "sub_location": slot.sub_location,
        "start": slot.start.isoformat(),
    }


def _write(path: Path, document: Any) -> None:
    _text(path, json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")
