"""The schema of `case.yaml`: what a site showed and answered one day, and what has to come of it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Any, Self

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from sniper.core.outcomes import Outcome
from sniper.documents import StrictModel, misplaced


def _pattern(value: str) -> str:
    if not value.startswith(("/", "http://", "https://")):
        raise ValueError(f"{value!r} is no address; write /page for one below the base URL, or https://…")
    return value


def _beside(value: str) -> str:
    if PurePosixPath(value).is_absolute() or "\\" in value or not value:
        raise ValueError(f"{value!r} is no path of a file beside the case; write page.html, say")
    return value


Url = Annotated[str, AfterValidator(_pattern)]
"""`/page` below the profile's base URL, or a whole address. `*` stands for any text. Of a query, what is
named has to be there with that value; what else there is does not matter."""
FilePath = Annotated[str, AfterValidator(_beside)]
"""Relative to the case's folder, and within the folder of its profile."""


class CaseSlot(StrictModel):
    location: str
    sub_location: str | None = None
    start: AwareDatetime
    """With its offset from UTC."""


class CaseAnswer(StrictModel):
    """What the site answers to what the page asks for. The first one that fits and is not used up answers."""

    url: Url
    method: str = Field("GET", pattern=r"^[A-Z]+$")
    holds: str | None = None
    """A text that the body of the request has to hold; in its URL it is looked for as well."""
    times: int | None = Field(None, ge=1)
    """How often; without it, as often as it is asked for."""
    status: int = Field(200, ge=100, le=599)
    headers: dict[str, str] = Field(default_factory=dict)
    json_: Any = Field(None, alias="json")
    body: str | None = None
    file: FilePath | None = None

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        said = [name for name in ("json", "body", "file") if self._says(name)]
        if len(said) > 1:
            raise misplaced((said[1],), f"the answer has a body already: {said[0]}")
        return self

    def _says(self, name: str) -> bool:
        return ("json_" if name == "json" else name) in self.model_fields_set


class Expected(StrictModel):
    """What has to come of one slot of the chain. What is not said here does not matter."""

    place: str
    """The sub-location, or the location where there is none."""
    outcome: Outcome
    reference: str | None = None
    message: str | None = None


class Case(StrictModel):
    profile: str
    """The name of the profile it is a case of; the folder around the case's has the same name."""
    shows: str = Field(min_length=1)
    """What it shows, in one sentence."""
    made: str = Field(min_length=1)
    """Where it comes from: by hand from facts, from a run, from the practice site."""
    now: AwareDatetime
    """The site's instant at the press, which the page's own clock tells as well."""
    chain: tuple[CaseSlot, ...] = Field(min_length=1)
    """The slots, the wanted one first."""
    presses: int | None = Field(None, ge=1)
    """How often it may press, all tries together; without it, as often as the profile's budget lets it."""
    local_storage: dict[str, Any] = Field(default_factory=dict)
    """What the browser keeps at the profile's base URL when the page is opened; what is no text, as JSON."""
    pages: dict[Url, FilePath] = Field(default_factory=dict)
    """Files that are answered to GET: hand-written pages, and their scripts."""
    answers: tuple[CaseAnswer, ...] = ()
    har: FilePath | None = None
    """A recording of what was asked for and answered; `answers` and `pages` come before it."""
    expect: tuple[Expected, ...] = Field(min_length=1)
    """What comes of each slot that is tried, in order."""

    @model_validator(mode="after")
    def _has_a_site(self) -> Self:
        if not (self.pages or self.answers or self.har):
            raise misplaced(("pages",), "without pages, answers and har there is nothing to play against")
        return self

    @model_validator(mode="after")
    def _expects_what_is_in_the_chain(self) -> Self:
        places = [slot.sub_location or slot.location for slot in self.chain]
        for index, one in enumerate(self.expect):
            if one.place not in places:
                raise misplaced(
                    ("expect", index, "place"), f"{one.place!r} is not in the chain: {', '.join(places)}"
                )
        return self
