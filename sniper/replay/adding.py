"""Makes a fixture of what was recorded: as small as it can be, and only if the same comes of it again."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml import YAML

from sniper.engine.browser.firing import Mode
from sniper.engine.browser.pool import BrowserPool
from sniper.errors import InputError
from sniper.files import write_whole
from sniper.replay.asked import CUT_OFF, Reply
from sniper.replay.comparing import is_same
from sniper.replay.library import CASE, Fixture
from sniper.replay.playing import Replayed
from sniper.replay.recorded import Entry
from sniper.replay.together import play_all
from sniper.sites.profile import Profile

HAR = "network.har"


async def add(fixture: Fixture, profile: Profile, target: Path, pool: BrowserPool) -> list[Replayed]:
    """Play what was recorded in both modes; where the same comes of it, keep what was needed for that.

    Args:
        fixture: Of a recording.
        profile: What it is played by.
        target: The new fixture's folder.
        pool: Has been entered.

    Returns:
        What came of it, in each mode. There is a new fixture if it is the same each time, without one if not.

    Raises:
        InputError: The folder is there already, or cannot be written.
        EnvironmentProblem: The browser went away.
    """
    _check_free(target)
    played = await _in_both_modes(fixture, profile, pool)
    if not all(is_same(one) for one in played):
        return played
    with TemporaryDirectory() as place:
        draft = Path(place) / fixture.case.profile / target.name
        draft.mkdir(parents=True)
        _write(draft, fixture, [entry for one in played for entry in one.given])
        # What was left out may have been needed all the same.
        small = replace(fixture, folder=draft, case=fixture.case.model_copy(update={"har": HAR}))
        played = await _in_both_modes(small, profile, pool)
        if all(is_same(one) for one in played):
            try:
                shutil.copytree(draft, target)
            except OSError as error:
                raise InputError(f"{target}: cannot be written: {error.strerror}") from error
    return played


def _check_free(target: Path) -> None:
    if target.exists():
        raise InputError(f"{target}: is there already", mend="Take another name, or delete the folder.")


async def _in_both_modes(fixture: Fixture, profile: Profile, pool: BrowserPool) -> list[Replayed]:
    return [one for mode in Mode for one in await play_all([(fixture, profile)], mode, pool)]


def _write(folder: Path, fixture: Fixture, given: Iterable[Entry]) -> None:
    sources = {entry.number: _smaller(entry) for entry in given}
    entries = [entry for _, entry in sorted(sources.items())]
    har = {"log": {"version": "1.2", "creator": {"name": "sniper", "version": "1"}, "entries": entries}}
    write_whole(folder / HAR, json.dumps(har, indent=1, ensure_ascii=False) + "\n")
    document = fixture.case.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    out = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 110
    yaml.dump({**document, "har": HAR}, out)
    write_whole(folder / CASE, out.getvalue())


def _smaller(entry: Entry) -> dict[str, Any]:
    """What is needed of an entry to play it again, with what the browser had of it already."""
    source, reply = entry.source, entry.reply
    asked = {
        name: source["request"][name] for name in ("method", "url", "postData") if name in source["request"]
    }
    answered = {
        "status": reply.status,
        "headers": [{"name": name, "value": value} for name, value in reply.headers.items()],
        "content": _content(reply),
    }
    if reply.status == CUT_OFF:
        answered = {name: source["response"][name] for name in ("status", "_failureText")}
    return {"startedDateTime": source["startedDateTime"], "request": asked, "response": answered}


def _content(reply: Reply) -> dict[str, Any]:
    content = {"mimeType": reply.headers.get("content-type", "")}
    try:
        return {**content, "text": reply.body.decode()}
    except UnicodeDecodeError:
        return {**content, "text": base64.b64encode(reply.body).decode(), "encoding": "base64"}
