"""The schema of `case.yaml`: what a site showed and answered one day, and what has to come of it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Any, Self

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, model_validator

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


NOT_PLAYED = (Outcome.STOOD_DOWN, Outcome.INTERRUPTED)
"""What came of the course of the run, not of the site."""


class CaseSlot(StrictModel):
    """A slot of the chain."""

    location: str
    """By its name in the profile."""
    sub_location: str | None = None
    """By its name in the profile, where the location has any."""
    start: AwareDatetime
    """With its offset from UTC."""

    @property
    def place(self) -> str:
        """The sub-location, or the location where there is none."""
        return self.sub_location or self.location


class CaseAnswer(StrictModel):
    """What the site answers to what the page asks for. The first one that fits and is not used up answers."""

    url: Url
    """`/page` below the base URL, or whole. `*` stands for any text; of a query, what is named has to fit."""
    method: str = Field("GET", pattern=r"^[A-Z]+$")
    """What the page asks by."""
    holds: str | None = None
    """A text that the body of the request has to hold; in its URL it is looked for as well."""
    times: int | None = Field(None, ge=1)
    """How often; without it, as often as it is asked for."""
    status: int = Field(200, ge=100, le=599)
    """Of HTTP."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Beside those that tell what the body is."""
    json_: Any = Field(None, alias="json")
    """The body, as JSON."""
    body: str | None = None
    """The body, as it is: HTML, unless the headers say otherwise."""
    file: FilePath | None = None
    """The body, from a file; its ending says what it is."""

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        said = [name for name in ("json", "body", "file") if self._says(name)]
        if len(said) > 1:
            raise misplaced((said[1],), f"the answer has a body already: {said[0]}")
        return self

    def _says(self, name: str) -> bool:
        return ("json_" if name == "json" else name) in self.model_fields_set


class HarPart(StrictModel):
    """Which part of a recording is played: instants of its `startedDateTime`, by the clock of who made it."""

    begins: AwareDatetime | None = None
    """What was asked for before is given only where the page asks for it again: scripts, say."""
    pressed: AwareDatetime
    """What was asked for from then on is given from the press on, what was before it, before."""
    ends: AwareDatetime | None = None
    """What was asked for from then on is not given."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.begins and self.begins > self.pressed:
            raise misplaced(("begins",), "is after the press")
        if self.ends and self.ends < self.pressed:
            raise misplaced(("ends",), "is before the press")
        return self


class Expected(StrictModel):
    """What has to come of one slot of the chain. What is not said here does not matter.

    The last one may be `stood_down` (another account had won) or `interrupted`: that slot, and what comes
    after it in the chain, is not played.
    """

    place: str
    """The sub-location, or the location where there is none."""
    outcome: Outcome
    """What the answer means."""
    reference: str | None = None
    """The site's number for the booking."""
    message: str | None = None
    """The site's own words, or ours where the page failed."""


class Case(StrictModel):
    """What a site showed and answered one day, and what has to come of it."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": [name]} for name in ("pages", "answers", "har")]}
    )

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
    """What is answered otherwise. The first that fits and is not used up answers."""
    har: FilePath | None = None
    """A recording of what was asked for and answered; `answers` and `pages` come before it."""
    har_part: HarPart | None = None
    """Which part of it is played; without it all, and what was answered from the second of `now` on, by the
    `Date` of the answers, is given from the press on."""
    expect: tuple[Expected, ...] = Field(min_length=1)
    """What comes of each slot that is tried, in order."""

    @model_validator(mode="after")
    def _has_a_site(self) -> Self:
        if not (self.pages or self.answers or self.har):
            raise misplaced(("pages",), "without pages, answers and har there is nothing to play against")
        return self

    @model_validator(mode="after")
    def _has_a_har_to_take_part_of(self) -> Self:
        if self.har_part and not self.har:
            raise misplaced(("har_part",), "there is no har")
        return self

    @model_validator(mode="after")
    def _is_ended_last(self) -> Self:
        for index, one in enumerate(self.expect):
            if one.outcome in NOT_PLAYED and not 0 < index == len(self.expect) - 1:
                raise misplaced(
                    ("expect", index, "outcome"),
                    f"{one.outcome.value} comes last, after something that is played",
                )
        return self

    @model_validator(mode="after")
    def _expects_what_is_in_the_chain(self) -> Self:
        places = [slot.place for slot in self.chain]
        for index, one in enumerate(self.expect):
            if one.place not in places:
                raise misplaced(
                    ("expect", index, "place"), f"{one.place!r} is not in the chain: {', '.join(places)}"
                )
        return self

    @property
    def played(self) -> tuple[CaseSlot, ...]:
        """The slots of the chain that are fired at: all, or those before the one at which it was ended."""
        ended = self.expect[-1].outcome in NOT_PLAYED
        return self.chain[: len(self.expect) - 1] if ended else self.chain
