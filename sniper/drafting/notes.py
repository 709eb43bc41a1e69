"""What is known of a person's way through a site: deeds, pages and answers, in the order they came.

All of it stays in memory. A page tells its notes itself (`noting.js`), so each is checked like any input.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from sniper.scrubbing import without_secrets_of_urls, without_tokens

MOST_DEEDS = 2000


class _Note(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Way(_Note):
    """One way to find an element again."""

    by: Literal["test_id", "id", "name", "label", "role", "href", "type", "place"]
    css: str
    text: str | None = None
    """The exact text it shows."""
    count: int
    """How many shown elements this fitted."""


class Leaf(_Note):
    """A text within a card, and where in it."""

    css: str
    text: str


class Card(_Note):
    """One of several elements of a kind, each with a control like the one that was pressed."""

    css: str
    find: str
    """The control, within the card."""
    leaves: tuple[Leaf, ...]
    others: tuple[tuple[Leaf, ...], ...]
    """The same of the other cards."""


class Picker(_Note):
    """The picker an element belongs to."""

    kind: Literal["ng_select", "select"]
    ways: tuple[Way, ...]
    option: str | None
    """What is chosen by this; None where the picker is only opened, or searched."""


class Around(_Note):
    """An element around another."""

    tag: str
    attributes: dict[str, str]


class DeedNote(_Note):
    """What a page tells of an element right when something is done to it."""

    note: Literal["deed"]
    url: str
    top: bool
    kind: Literal["click", "check", "label", "fill", "select", "press"]
    trusted: bool
    by_key: bool
    """Is it the click that a browser makes of Enter or Space?"""
    element: int
    """The same number for the same element, as long as its page is there."""
    tag: str
    type: str
    autocomplete: str
    secret: bool
    disabled: bool
    shadow: bool
    text: str
    ways: tuple[Way, ...]
    attributes: dict[str, str]
    around: tuple[Around, ...]
    """The nearest first."""
    card: Card | None
    picker: Picker | None
    asks: bool
    """Does the page have a field for a password?"""
    key: str | None = None


class Mark(_Note):
    """Something a page shows."""

    css: str
    by: Literal["test_id", "id", "type"]
    tag: str
    type: str
    text: str
    role: str
    dialog: bool
    disabled: bool


class PageNote(_Note):
    """What a page shows when it has come to rest."""

    note: Literal["shown"]
    url: str
    marks: tuple[Mark, ...]
    local_storage: tuple[str, ...]
    """The keys of what is long enough to be what keeps somebody signed in."""
    asks: bool
    zone: str
    """The browser's time zone."""
    title: str
    site_name: str
    language: str


NOTE: TypeAdapter[DeedNote | PageNote] = TypeAdapter(
    Annotated[DeedNote | PageNote, Field(discriminator="note")]
)


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done.

    Attributes:
        at: Its place in the order of all that is known.
        name: What Playwright's recorder calls it: click, check, fill, select, press.
        selector: The recorder's own, in Playwright's language.
        text: What was typed; never where that is a secret.
        note: What the page told of the element, where it told anything.
    """

    at: int
    name: str
    selector: str
    text: str | None
    note: DeedNote | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A page that has come to rest."""

    at: int
    page: PageNote


@dataclass(slots=True)
class Exchange:
    """A request and its answer.

    Attributes:
        at: Its place in the order of all that is known, as it was sent.
        kind: As the browser has it: document, xhr, fetch.
        page: The address of the page that asked.
        body: The answer as JSON; None where it is none, and while somebody signs in.
        html: The answer to what changes something, where it is a page or a part of one; empty likewise.
    """

    at: int
    method: str
    url: str
    kind: str
    page: str = ""
    status: int | None = None
    content_type: str = ""
    body: Any = None
    html: str = ""

    @property
    def path(self) -> str:
        """The path alone."""
        return urlsplit(self.url).path


@dataclass(slots=True)
class Story:
    """All that is known of a person's way through a site."""

    url: str
    deeds: list[Deed] = field(default_factory=list)
    pages: list[Shown] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)


def place_of(url: str) -> str:
    """Path, query and route of a page, without what looks secret in them."""
    parts = urlsplit(url)
    # A fragment that is no route may hold the token of a sign-in.
    route = f"#{parts.fragment}" if parts.fragment.startswith(("/", "!/")) else ""
    query = f"?{parts.query}" if parts.query else ""
    return without_tokens(without_secrets_of_urls(f"{parts.path or '/'}{query}{route}"))


def origin_of(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
