"""A site's answers: which response or page means what, and how values are taken out of JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from html import unescape
from typing import Annotated, Any, Self
from urllib.parse import parse_qsl, urlsplit

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from sniper.core.outcomes import Outcome
from sniper.documents import StrictModel, misplaced
from sniper.sites.steps import Select, Text
from sniper.sites.template import names

_PATH = re.compile(r"\$((?:\.[A-Za-z_][\w-]*|\[\d+\])*)")
_KEY = re.compile(r"\.([A-Za-z_][\w-]*)|\[(\d+)\]")


class MisreadError(ValueError):
    """An answer is not what the profile says.

    Attributes:
        about: The part of the profile that it does not fit.
        near: What it has that is most like that.
    """

    def __init__(self, message: str, about: object | None = None, near: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.about = about
        self.near = near


@dataclass(frozen=True, slots=True)
class JsonPath:
    """The way to one value in a JSON body: `$.data[0].id`. Names and indexes only."""

    keys: tuple[str | int, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `$`, `$.name` and `$[0]` in any depth.

        Raises:
            ValueError: It is something else.
        """
        match = _PATH.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r} is no path into JSON; write $.id, $.data[0].name or $ for all of it")
        return cls(tuple(int(i) if i else name for name, i in _KEY.findall(match[1])))

    def __str__(self) -> str:
        return "$" + "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in self.keys)

    def of(self, body: Any) -> Any:
        """The value, or None where the way ends early."""
        for key in self.keys:
            if isinstance(body, dict):
                body = body.get(key)
            elif isinstance(body, list) and isinstance(key, int) and key < len(body):
                body = body[key]
            else:
                return None
        return body


@dataclass(frozen=True, slots=True)
class ListPath:
    """The way to the entries of a list, or through lists to those of several: `$.days[*].offices`."""

    steps: tuple[JsonPath, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read paths with `[*]` between them.

        Raises:
            ValueError: It is something else.
        """
        first, *others = text.split("[*]")
        return cls((JsonPath.parse(first), *(JsonPath.parse(f"${one}") for one in others)))

    def __str__(self) -> str:
        first, *others = map(str, self.steps)
        return "[*]".join((first, *(one.removeprefix("$") for one in others)))

    def of(self, body: Any) -> list[Any] | None:
        """The entries; None where something else than a list stands there. An inner list may be missing."""
        nodes = [body]
        for number, step in enumerate(self.steps):
            lists = [step.of(node) for node in nodes]
            found = [one for one in lists if one is not None or not number]
            if not all(isinstance(one, list) for one in found):
                return None
            nodes = [entry for one in found for entry in one]
        return nodes


def _list_path(value: Any) -> Any:
    return value if isinstance(value, ListPath) else ListPath.parse(str(value))


Entries = Annotated[
    ListPath,
    BeforeValidator(_list_path),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "examples": ["$.data", "$.days[*].offices"]}),
]


def _json_path(value: Any) -> Any:
    return value if isinstance(value, JsonPath) else JsonPath.parse(str(value))


Path = Annotated[
    JsonPath,
    BeforeValidator(_json_path),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "examples": ["$.id"]}),
]


_TAG = re.compile(r"<[^>]*>")
_LEADING_FLAGS = re.compile(r"\(\?([a-z]+)\)")
# The page understands answers by itself, in JavaScript, whose expressions know less than Python's.
_ONLY_PYTHON = re.compile(r"\\[AZ]|\(\?(P|>|#|\()|[*+?}]\+")


def javascript(pattern: re.Pattern[str]) -> tuple[str, str]:
    """Source and flags of the same expression in JavaScript.

    Raises:
        ValueError: It uses what only Python knows.
    """
    leading = _LEADING_FLAGS.match(pattern.pattern)
    source = pattern.pattern[leading.end() :] if leading else pattern.pattern
    flags = leading[1] if leading else ""
    if (other := _ONLY_PYTHON.search(source)) or set(flags) - set("ims"):
        what = other[0] if other else leading and leading[0]
        raise ValueError(f"{pattern.pattern!r}: the page's own expressions do not know {what}")
    return source, flags


def _regex(value: Any) -> Any:
    try:
        pattern = re.compile(value) if isinstance(value, str) else value
    except re.error as error:
        raise ValueError(f"{value!r} is no regular expression: {error}") from error
    if isinstance(pattern, re.Pattern):
        javascript(pattern)
    return pattern


Regex = Annotated[
    re.Pattern[str],
    BeforeValidator(_regex),
    PlainSerializer(lambda p: p.pattern),
    WithJsonSchema({"type": "string", "format": "regex"}),
]


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response the page got."""

    method: str
    url: str
    status: int
    body: str
    retry_after: str | None = None
    """How long the site asks to be left alone, in its own words."""

    @property
    def json(self) -> Any:
        """The body as JSON, or None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def _same(one: Any, other: Any) -> bool:
    """Are they the same in JSON, where true is not 1?"""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


class ResponseRule(StrictModel):
    """Which response is meant. All that is given must fit."""

    url: Text
    """The path of the request ends like this."""
    query: dict[str, str] = Field(default_factory=dict)
    """Values that the request's query has, where one path answers to several questions."""
    method: str = "POST"
    status: int | Annotated[str, Field(pattern=r"^[1-5]xx$")] | None = None
    """A status, or a class of them: `5xx`."""
    json_: dict[str, Any] = Field(default_factory=dict, alias="json")
    """Values at the top of the JSON body."""
    text: Regex | None = None
    """Found somewhere in the body."""

    def is_about(self, method: str, url: str) -> bool:
        """Is it the kind of request this rule speaks of?"""
        parts = urlsplit(url)
        has = dict(reversed(parse_qsl(parts.query, keep_blank_values=True)))
        return (
            method == self.method
            and parts.path.rstrip("/").endswith(self.url)
            and all(has.get(name) == value for name, value in self.query.items())
        )

    def fits(self, answer: Answer) -> bool:
        """Does the response fit the rule?"""
        if not self.is_about(answer.method, answer.url) or not self._fits_status(answer.status):
            return False
        if self.text and not self.text.search(answer.body):
            return False
        body = answer.json if self.json_ else {}
        return isinstance(body, dict) and all(
            _same(body.get(key), value) for key, value in self.json_.items()
        )

    def _fits_status(self, status: int) -> bool:
        if isinstance(self.status, str):
            return status // 100 == int(self.status[0])
        return self.status is None or status == self.status


class OutcomeRule(StrictModel):
    """What a response, or something seen on the page, means."""

    is_: Outcome = Field(alias="is")
    response: ResponseRule | None = None
    page: Select | None = None
    reference: Path | None = None
    """Where the booking's number stands in the response."""
    reference_text: Regex | None = None
    """Or, where the body is no JSON: its one group finds the number in it."""
    message: Path | None = None
    """Where the site's own words stand in the response."""
    message_text: Regex | None = None
    """Or, where the body is no JSON: its one group finds them in it. HTML is told as the words it shows."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.response is None) == (self.page is None):
            raise ValueError("an outcome rule has either a response or a page")
        if self.response and names(self.response.url):
            raise ValueError("the url of an outcome's response takes no placeholders")
        for key in ("reference", "message"):
            path, text = getattr(self, key), getattr(self, f"{key}_text")
            if self.response is None and (path or text):
                raise ValueError("reference and message are taken from a response")
            if path and text:
                raise misplaced((f"{key}_text",), f"is said by {key} already")
            if text and text.groups != 1:
                raise misplaced(
                    (f"{key}_text",), f"has {text.groups} groups; put what is meant into one: (…)"
                )
        return self

    def reference_in(self, answer: Answer) -> str | None:
        """The booking's number, if the answer tells one."""
        return _told(self.reference, self.reference_text, answer)

    def message_in(self, answer: Answer) -> str:
        """The site's own words, empty without any."""
        return _told(self.message, self.message_text, answer) or ""


def _told(path: JsonPath | None, text: re.Pattern[str] | None, answer: Answer) -> str | None:
    if text and (found := text.search(answer.body)):
        return as_words(found[1] or "")
    value = path.of(answer.json) if path else None
    return None if value is None else " ".join(str(value).split())


def as_words(html: str) -> str:
    """The words that a piece of HTML shows."""
    return " ".join(unescape(_TAG.sub(" ", html)).split())


def read_items(body: Any, items: JsonPath | ListPath, keep: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The entries of a list in a JSON body whose values are those of `keep`.

    Raises:
        MisreadError: There is no list. Who took that for an empty one would believe that nothing is booked.
    """
    found = items.of(body)
    if not isinstance(found, list):
        lists = tuple(way for way, value in _ways(body) if isinstance(value, list))
        raise MisreadError(f"there is no list at {items}", items, lists)
    for item in found:
        if isinstance(item, dict) and all(_same(item.get(key), value) for key, value in keep.items()):
            yield item


def misread(what: str, path: JsonPath, entry: Any) -> MisreadError:
    """An error about something that is not in an entry, with what is most like the way to it there."""
    others = [way for way, _ in _ways(entry) if way != str(path)]
    near = get_close_matches(str(path), others, n=3)
    return MisreadError(f"{what} {path}", path, tuple(near))


def _ways(body: Any, at: str = "$", depth: int = 2) -> Iterator[tuple[str, Any]]:
    """What is in a JSON body with the way to it, what lies in lists or deep left out."""
    yield at, body
    if isinstance(body, dict) and depth:
        for key, value in body.items():
            if _PATH.fullmatch(way := f"{at}.{key}"):
                yield from _ways(value, way, depth - 1)
