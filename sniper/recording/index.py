"""The page of a run's folder: how it went, and what was kept of its pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sniper.engine.browser.evidence import name_of
from sniper.files import write_whole
from sniper.recording.keeping import INDEX, recording_of, who_is_who
from sniper.store.records import RunDetail
from sniper.waterfall import Figure, Shown, page_of, waves_of

_KINDS = {".html": "page", ".txt": "answer", ".jsonl": "console"}


def write_index(detail: RunDetail, folder: Path) -> Path:
    """Draw a run beside what was kept of it; where the page is.

    Raises:
        InputError: It cannot be written.
    """
    path = folder / INDEX
    write_whole(
        path,
        page_of(detail, waves_of(detail), (*_recorded(folder, who_is_who(folder)), *_seen(detail, folder))),
    )
    return path


def _recorded(folder: Path, people: Mapping[str, str]) -> Iterator[Shown]:
    document = recording_of(folder)
    if document is None:
        return
    zone = ZoneInfo(document["timezone"])
    for account in document["accounts"]:
        own = account["account"]
        links = [(kind, f"{own}/{account[key]}") for key, kind in _WHOLE if account[key]]
        figures = []
        for step in account["steps"]:
            named = {Path(file).suffix: f"{own}/{file}" for file in step["files"]}
            picture = named.pop(".png", None)
            at = datetime.fromisoformat(step["at"]).astimezone(zone)
            caption = f"{at:%H:%M:%S} {step['step'].replace('-', ' ').replace('_', ' ')}"
            figures.append(
                Figure(caption, picture, tuple((_KINDS[end], path) for end, path in named.items()))
            )
        yield Shown(people.get(own, own), tuple(figures), tuple(links), tuple(account["lost"]))


_WHOLE = (("trace", "trace"), ("har", "requests (HAR)"), ("console", "console"), ("video", "video"))


def _seen(detail: RunDetail, folder: Path) -> Iterator[Shown]:
    """What was kept of pages that were not understood, recorded or not."""
    for account in dict.fromkeys(attempt.account for attempt in detail.attempts):
        stems: dict[str, dict[str, str]] = {}
        for path in sorted(folder.glob(f"{name_of(account)}-*.*")):
            if path.stem.rpartition("-")[0] == name_of(account):
                stems.setdefault(path.stem, {})[path.suffix] = path.name
        figures = tuple(
            Figure(
                f"not understood: {stem}",
                files.pop(".png", None),
                tuple((_KINDS.get(end, end), name) for end, name in files.items()),
            )
            for stem, files in stems.items()
        )
        if figures:
            yield Shown(account, figures)
