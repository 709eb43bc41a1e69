"""The schema of a profile: all that is known of one site."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from sniper.core.limits import Limit, Per
from sniper.core.openings import AnyOpeningRule
from sniper.core.outcomes import Outcome
from sniper.core.slots import Slot
from sniper.documents import KeyPath, StrictModel, misplaced
from sniper.sites.answers import OutcomeRule, ResponseRule
from sniper.sites.availability import Availability
from sniper.sites.details import Detail
from sniper.sites.entries import MyBookings, SlotOwners, check_provable
from sniper.sites.holding import check_holding
from sniper.sites.opens import Opens
from sniper.sites.placeholders import check_placeholders
from sniper.sites.signed_in import SignedIn, check_found_from_nowhere, check_signing_in
from sniper.sites.site_clock import EarlyCosts, SiteClockSource
from sniper.sites.steps import (
    PAGE_KEYS,
    AskStep,
    CheckStep,
    ClickStep,
    Css,
    Duration,
    EachLocationStep,
    GotoStep,
    PressStep,
    ReloadStep,
    Select,
    Step,
    every_step,
    lasting,
)


def _zone(value: Any) -> Any:
    try:
        return ZoneInfo(value) if isinstance(value, str) else value
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{value!r} is no time zone; write Europe/Amsterdam, say") from None


Zone = Annotated[
    ZoneInfo,
    BeforeValidator(_zone),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "examples": ["Europe/Amsterdam"]}),
]


class Location(StrictModel):
    opens: Opens
    sub_locations: tuple[str, ...] = ()
    slot: Annotated[Duration, AfterValidator(lasting)] = timedelta(hours=1)
    """How long a slot lasts."""
    capacity: int = Field(1, ge=1)
    """How many accounts can have the same slot."""
    words: dict[str, str | dict[str, str]] = Field(default_factory=dict)
    """What steps may say of this location, each as a placeholder of its name: a text, or one for each
    sub-location."""

    @property
    def opening(self) -> AnyOpeningRule:
        """When its slots open, for the core."""
        return self.opens.rule(self.slot)

    def words_at(self, sub_location: str | None) -> dict[str, str | None]:
        """What its words are at a sub-location; without one, those it has for each have no value."""
        return {
            name: word if isinstance(word, str) else word.get(sub_location or "")
            for name, word in self.words.items()
        }

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.opens.before_end is not None and self.opens.before_end < self.slot:
            raise misplaced(("opens", "before_end"), "is shorter than a slot lasts")
        for name, word in self.words.items():
            if isinstance(word, dict) and set(word) != set(self.sub_locations):
                raise misplaced(("words", name), "needs a text for each sub-location, and for nothing else")
        return self


_PLACES = {Per.LOCATION, Per.SUB_LOCATION}


class AccountLimit(StrictModel):
    bookings: int = Field(ge=1)
    per: list[Per]

    def limit(self) -> Limit:
        """The same for the core."""
        return Limit(self.bookings, frozenset(self.per))


class Limits(StrictModel):
    per_account: tuple[AccountLimit, ...] = ()


class Budget(StrictModel):
    """What one account may ask of the site."""

    requests_per_second: float = Field(4, gt=0)
    """Tries in a row are paced to this."""
    attempts_per_opening: int = Field(12, ge=1)
    """Presses at one opening, the chain and all tries again together."""


class Again(StrEnum):
    """How a slot that was too early is tried again."""

    AT_ONCE = "at_once"
    ANEW = "anew"
    AFTER_RELOAD = "after_reload"
    NEVER = "never"


class LateOpening(StrictModel):
    """Slots may open later than announced: how long `too_early` is worth another try."""

    within: Duration = timedelta(seconds=5)
    retry_after: Duration = timedelta(milliseconds=250)
    again: Again = Again.AT_ONCE
    """`at_once` on the page as it is, after `reset`, or by another press where a dialog was filled in ahead;
    `anew` by `reset` and `fire`, also where one was; `after_reload` on the page loaded anew, where `fire` is
    able to begin; or `never`."""


class FillAhead(StrictModel):
    """The dialog of the first slot filled in before the opening, where the site lets one."""

    arm: tuple[Step, ...] = Field(min_length=1)
    """After the profile's `arm`. Where this does not work, the page fires by `fire` like any other."""
    fire: tuple[Step, ...] = Field(min_length=1)
    """What is left at the opening, the press that books last. Later slots go by `reset` and `fire`."""


class Rehearse(StrictModel):
    """Steps of a parked page that book nothing, done again and again: the first time a page does something
    takes it ten times as long as the fifth."""

    times: int = Field(8, ge=1, le=50)
    last: Duration | None = None
    """Once more so long before the opening, unless a dialog is filled in by then: what has gone cold, the
    connection first of all, is warm again."""
    steps: tuple[Step, ...] = Field(min_length=1)
    """The first one that does not work ends it, and `reset` is done. Those that ask the site for something
    count against the budget and are paced to it."""


class Cancel(StrictModel):
    """How to give a booking back."""

    steps: tuple[Step, ...]
    done: ResponseRule


class Practice(StrictModel):
    """The site is the bundled practice site, and this is how `sniper run` starts it when nothing answers."""

    options: tuple[str, ...] = ()
    """Of `sniper practice`."""
    jump_to_before_opening: Duration = timedelta(seconds=5)
    """What is left of the waiting when everybody is parked: the practice site's clock jumps over the rest."""


def _pressed(step: Step) -> object:
    """What a step presses: two that press the same may differ in all else. Others stand for themselves."""
    match step:
        case ClickStep():
            return step.click.on
        case CheckStep():
            return step.check.on
        case PressStep():
            return step.press.key
    return step


def _extending(schema: dict[str, Any]) -> None:
    """`extends` and `example` are gone before the model sees them, and have what is required."""
    schema["properties"] = {
        "example": {
            "type": "object",
            "description": "What those that extend this profile have to say, as an example; "
            "alone, it goes by that.",
        },
        "extends": {"type": "string", "description": "The name or the path of a profile this one changes."},
        **schema["properties"],
    }
    required = schema.pop("required")
    schema["anyOf"] = [{"required": ["extends"]}, {"required": ["example"]}, {"required": required}]


class Profile(StrictModel):
    """All that is known of one site."""

    model_config = ConfigDict(json_schema_extra=_extending)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    title: str
    base_url: AnyHttpUrl
    timezone: Zone
    locale: str = "en-GB"
    clock: SiteClockSource = SiteClockSource()
    practice: Practice | None = None
    locations: dict[str, Location] = Field(min_length=1)
    limits: Limits = Limits()
    budget: Budget = Budget()
    account_details: tuple[Detail, ...] = ()
    """What its forms ask of a person and cannot do without: steps then have `{details.email}` and so on, of
    the accounts in bookings.json."""
    sign_in: tuple[Step, ...]
    """Empty where nobody signs in: an account is then just a person, and the next two keys are left out."""
    sign_in_refused: Select | None = None
    """Seen when the site does not take the password or the code."""
    signed_in: SignedIn | None = None
    arm: tuple[Step, ...]
    """All that can be done before the opening; nothing here books."""
    fire: tuple[Step, ...]
    """From the opening on, once for each slot of the chain; the last one is the press that books."""
    reset: tuple[Step, ...] = ()
    """Back from a refusal to where `fire` begins."""
    fill_ahead: FillAhead | None = None
    rehearse: tuple[Rehearse, ...] = ()
    """After `arm`, where the page itself fires; one after the other."""
    not_laid_out: Css | None = None
    """What the page need not lay out while it fires, up to the press that books: `body`, mostly. Nobody sees
    it then, and it is found and pressed all the same. Only where the `rehearse` has worked like this."""
    answer_within: Duration = timedelta(seconds=15)
    """How long the answer to the press is waited for."""
    outcomes: tuple[OutcomeRule, ...] = Field(min_length=1)
    """The first rule that fits decides; rules on responses are asked before rules on the page."""
    late_opening: LateOpening = LateOpening()
    my_bookings: MyBookings | None
    """Null where the site shows nobody theirs: what it calls booked then counts, and stays unverified."""
    slot_owners: SlotOwners | None = None
    cancel: Cancel | None = None
    left_to_do: str | None = Field(None, min_length=1)
    """What is left for the person to do about each booking, and by when: told with it."""
    availability: Availability | None = None

    @property
    def url(self) -> str:
        """The base URL without a slash at the end."""
        return str(self.base_url).rstrip("/")

    @property
    def early_cost(self) -> timedelta:
        """How much time a request loses that arrives before the opening; `timedelta.max` if it must not."""
        return {
            EarlyCosts.NOTHING: timedelta(0),
            EarlyCosts.RETRY: self.late_opening.retry_after if self._tries_again else timedelta.max,
            EarlyCosts.THROTTLE: timedelta.max,
        }[self.clock.early.costs]

    @property
    def _tries_again(self) -> bool:
        """Is there another press for a slot that was too early?"""
        late = self.late_opening
        return (
            late.again is not Again.NEVER
            and late.within >= late.retry_after
            and self.budget.attempts_per_opening > 1
        )

    def end_of(self, slot: Slot) -> datetime:
        """When a slot ends, in the site's time zone."""
        return (slot.instant + self.locations[slot.location].slot).astimezone(self.timezone)

    def place_known_by(self, word: str, value: str) -> tuple[str, str | None]:
        """The location and sub-location for which a word has this value; the value where there is none."""
        for name, location in self.locations.items():
            for sub in location.sub_locations or (None,):
                if location.words_at(sub).get(word) == value:
                    return name, sub
        return value, None

    def falls_through(self, outcome: Outcome) -> bool:
        """Does an account go on with the next place of its chain after this?

        Not at a limit of its own that counts bookings wherever they are: that is for others.
        """
        if outcome is Outcome.ACCOUNT_LIMIT and (limits := self.limits.per_account):
            return any(not _PLACES.isdisjoint(limit.per) for limit in limits)
        return outcome.handling.next_target

    def limits_per_account(self) -> tuple[Limit, ...]:
        """The limits for the core."""
        return tuple(limit.limit() for limit in self.limits.per_account)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        check_signing_in(self)
        check_provable(self)
        check_holding(self)
        return self

    @model_validator(mode="after")
    def _fires_inside_the_page(self) -> Self:
        ahead = self.fill_ahead.fire if self.fill_ahead else ()
        parts: tuple[tuple[KeyPath, tuple[Step, ...]], ...] = (
            (("fire",), self.fire),
            (("reset",), self.reset),
            (("fill_ahead", "fire"), ahead),
            *((("rehearse", index, "steps"), one.steps) for index, one in enumerate(self.rehearse)),
        )
        for path, steps in parts:
            for index, step in enumerate(steps):
                if isinstance(step, GotoStep):
                    raise misplaced(
                        (*path, index, "goto"), f"{path[-1]} runs inside the page; use reload instead"
                    )
                if isinstance(step, EachLocationStep):
                    raise misplaced(
                        (*path, index, "each_location"), f"{path[-1]} is about one slot; use this in arm"
                    )
                if isinstance(step, AskStep):
                    raise misplaced(
                        (*path, index, "ask"), "at the opening the page's own controls are pressed"
                    )
                if isinstance(step, PressStep) and step.press.key not in PAGE_KEYS:
                    raise misplaced(
                        (*path, index, "press", "key"),
                        f"{path[-1]} runs inside the page, which can press {' and '.join(PAGE_KEYS)} only; "
                        "click, fill or check instead",
                    )
                if path[0] in ("fire", "reset") and isinstance(step, PressStep) and self.not_laid_out:
                    raise misplaced(
                        (*path, index, "press"),
                        "a key goes to what has the focus, and what is not laid out cannot have it; click "
                        "instead, or write not_laid_out: null",
                    )
                if path[0] == "rehearse" and isinstance(step, ReloadStep):
                    raise misplaced(
                        (*path, index, "reload"),
                        "a rehearsal stays on its page; a reload would let go what it warms",
                    )
        return self

    @model_validator(mode="after")
    def _books_at_the_end_only(self) -> Self:
        """What the last steps press that book is pressed nowhere else, however the step is written."""
        ahead = self.fill_ahead
        booking = [_pressed(step) for step in (*self.fire[-1:], *(ahead.fire[-1:] if ahead else ()))]
        parts: tuple[tuple[KeyPath, tuple[Step, ...], str], ...] = (
            (("arm",), self.arm, "nothing in arm books"),
            (("fire",), self.fire[:-1], "it comes last in fire, and once"),
            (("reset",), self.reset, "reset books nothing"),
            (("fill_ahead", "arm"), ahead.arm if ahead else (), "nothing books before the opening"),
            (("fill_ahead", "fire"), ahead.fire[:-1] if ahead else (), "it comes last in fire, and once"),
            *(
                (("rehearse", index, "steps"), one.steps, "a rehearsal never makes it")
                for index, one in enumerate(self.rehearse)
            ),
        )
        for path, steps, why in parts:
            for place, step in every_step(path, steps):
                if isinstance(step, AskStep):
                    raise misplaced(
                        (*place, "ask"), "what it asks for may book; it is for reading and giving back"
                    )
                if _pressed(step) in booking:
                    raise misplaced(place, f"this is the press that books; {why}")
        return self

    @model_validator(mode="after")
    def _can_be_filled_in(self) -> Self:
        check_placeholders(self)
        return self

    @model_validator(mode="after")
    def _is_found_from_nowhere(self) -> Self:
        check_found_from_nowhere(self)
        return self
