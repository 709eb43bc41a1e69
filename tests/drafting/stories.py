"""Stories of tests: what a person did on a site, as pages and the recorder tell it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from sniper.documents import read_yaml, validated
from sniper.drafting.drafting import draft_of
from sniper.drafting.notes import Deed, DeedNote, Exchange, PageNote, Shown, Story
from sniper.drafting.wanted import Wanted
from sniper.drafting.writing import text_of
from sniper.sites.profile import Profile

SITE = "https://club.test"


def way(by: str, css: str, text: str | None = None, count: int = 1) -> dict[str, Any]:
    return {"by": by, "css": css, "text": text, "count": count}


def note(kind: str = "click", tag: str = "button", **more: Any) -> DeedNote:
    """What a page tells of an element; a button that has an id, if nothing else is said."""
    told = {
        "note": "deed",
        "url": f"{SITE}/",
        "top": True,
        "kind": kind,
        "trusted": True,
        "by_key": False,
        "element": 1,
        "tag": tag,
        "type": "",
        "autocomplete": "",
        "secret": False,
        "disabled": False,
        "shadow": False,
        "text": "",
        "ways": [],
        "attributes": {},
        "around": [],
        "card": None,
        "picker": None,
        "asks": False,
    }
    return DeedNote.model_validate(told | more)


@dataclass
class Teller:
    """Tells a story, deed by deed."""

    url: str = f"{SITE}/"
    story: Story = field(default_factory=lambda: Story(f"{SITE}/"))
    _order: count[int] = field(default_factory=count)

    def goes_to(self, path: str, *marks: dict[str, Any], **more: Any) -> Teller:
        """Another page, which comes to rest."""
        self.url = path if path.startswith("https:") else f"{SITE}{path}"
        plain = {
            "by": "id",
            "tag": "div",
            "type": "",
            "text": "",
            "role": "",
            "dialog": False,
            "disabled": False,
        }
        page = {
            "note": "shown",
            "url": self.url,
            "marks": [plain | mark for mark in marks],
            "local_storage": [],
            "asks": False,
            "zone": "Europe/Berlin",
            "title": "Club",
            "site_name": "",
            "language": "de",
        }
        self.story.pages.append(Shown(next(self._order), PageNote.model_validate(page | more)))
        return self

    def does(self, name: str, *ways: dict[str, Any], text: str | None = None, **more: Any) -> Teller:
        """Something to an element of the page."""
        at = next(self._order)
        kind = {"uncheck": "check"}.get(name, name)
        told = note(kind, **{"url": self.url, "ways": ways, "element": at, "key": text, **more})
        hidden = None if told.secret else text
        self.story.deeds.append(Deed(at, name, "", hidden, told))
        return self

    def types(self, css: str, text: str, kind: str = "text", **more: Any) -> Teller:
        """Into a field."""
        more = {"tag": "input", "type": kind, "secret": kind == "password", **more}
        return self.does("fill", way("id", css), text=text, **more)

    def signs_in(self, username: str = "ann-4711") -> Teller:
        """By a form of the site's own."""
        self.goes_to("/login", {"css": "#password", "tag": "input"}, asks=True)
        self.types("#email", username, asks=True).types("#password", "hidden-8f3a", "password", asks=True)
        self.does("click", way("id", "#enter"), asks=True)
        return self.goes_to("/slots", {"css": "#account"}, {"css": "#list"})

    def is_answered(
        self, method: str, path: str, status: int = 200, body: Any = None, html: str = ""
    ) -> Teller:
        """A request, with its answer."""
        kind = "text/html" if html else "application/json"
        url = f"{SITE}{path}"
        self.story.exchanges.append(
            Exchange(next(self._order), method, url, "fetch", self.url, status, kind, body, html)
        )
        return self


def drafted(teller: Teller, wanted: Wanted, tmp_path: Path) -> tuple[Profile, str]:
    """The draft as a profile that has been read, and its text."""
    text = text_of(draft_of(teller.story, wanted, "club", frozenset({"hidden-8f3a"})), "A draft.")
    path = tmp_path / "club.yaml"
    path.write_text(text, encoding="utf-8")
    return validated(Profile, read_yaml(path)), text


def asked(text: str) -> str:
    """All that a draft asks, in one line."""
    lines = [line.strip().lstrip("#").strip() for line in text.splitlines() if line.strip().startswith("#")]
    return " ".join(lines)


def part(profile: Profile, name: str) -> Any:
    """A part of a profile as it stands in its file, without what goes without saying."""
    return profile.model_dump(mode="json", by_alias=True, exclude_defaults=True)[name]
