"""The steps of a profile: what a person would do on the page, one small action each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

import durationpy
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    Tag,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from sniper.core.outcomes import Outcome
from sniper.documents import KeyPath, StrictModel
from sniper.sites.template import names


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    try:
        duration = durationpy.from_str(value)
    except (durationpy.DurationError, TypeError):
        raise ValueError(f"{value!r} is no duration; write 72h, 7d, 1m30s or 250ms") from None
    if duration < timedelta(0):
        raise ValueError(f"{value!r}: a duration is never negative")
    return duration


def _text(value: Any) -> Any:
    if isinstance(value, str):
        names(value)
    return value


# What Playwright adds to CSS. The page, which presses by itself at the opening, knows none of it.
_NOT_CSS = re.compile(
    r">>|^\s*(?:[\w-]+=|//|\.\.)"
    r"|:(?:visible|light|has-text|text|text-is|text-matches|nth-match|near|above|below|left-of|right-of)(?![\w-])"
)


def _css(value: Any) -> Any:
    if isinstance(value, str) and (other := _NOT_CSS.search(value)):
        raise ValueError(f"{value!r} is no selector that browsers know: {other[0].strip()} is not of CSS")
    return _text(value)


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(durationpy.to_str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(0|(\d+(\.\d+)?(us|ms|s|m|h|d|w) ?)+)$",
            "examples": ["72h", "7d", "1m30s", "250ms"],
        }
    ),
]
Text = Annotated[str, BeforeValidator(_text)]
"""A text that may hold placeholders."""
Css = Annotated[str, BeforeValidator(_css)]
"""A selector as browsers know it, which may hold placeholders."""


def lasting(duration: timedelta) -> timedelta:
    """Refuse a duration of nothing."""
    if not duration:
        raise ValueError("no time at all is too short; write 1h, say")
    return duration


def _below_the_base_url(path: str) -> str:
    if not path.startswith("/"):
        raise ValueError(f"{path!r} would change the host it is put behind; begin with a slash: /{path}, say")
    return path


SitePath = Annotated[
    Text,
    AfterValidator(_below_the_base_url),
    WithJsonSchema({"type": "string", "pattern": "^/", "examples": ["/", "/api/time"]}),
]
"""A path below the base URL, which is put together with it as it stands."""


class HasText(StrictModel):
    """An element inside another, and the exact text (white space folded) it shows."""

    css: Css
    text: tuple[Text, ...] = Field(min_length=1)
    """Any one of these; one whose placeholder has no value is passed over."""


class Selector(StrictModel):
    """Elements of a page: those matching `css` that have all of `has`, and inside each of them `find`.

    It is kept this plain, and apart from any tool's own selector language, so that a script inside the page
    understands it as well as Playwright does. A string alone stands for `css`.
    """

    css: Css
    has: tuple[HasText, ...] = ()
    text: Text | None = None
    """The exact text the element itself shows."""
    find: Css | None = None


class _OrCss:
    """In the schema, too, a text stands for `css`."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler(schema)]}


Select = Annotated[
    Selector,
    BeforeValidator(lambda value: {"css": value} if isinstance(value, str) else value),
    _OrCss(),
]


class Until(StrEnum):
    """When a control counts as ready. What may lie over it never holds the press back."""

    PRESENT = "present"
    """In the document, shown or not."""
    VISIBLE = "visible"
    ENABLED = "enabled"
    """Shown, and disabled neither by an attribute nor by the class `disabled`."""


class _Action(StrictModel):
    only_with: str | None = None
    """Leave the step out when this placeholder has no value (`sub_location` where there are none)."""
    timeout: Duration = timedelta(seconds=10)


class Click(_Action):
    """Press a control when it is ready; of several, the first that is."""

    on: Select
    until: Until = Until.ENABLED
    or_outcome: dict[Outcome, Select] = Field(default_factory=dict)
    """What may be seen instead of the control or beside it, and means that the try ends with that."""
    or_skip: Select | None = None
    """Where this is seen, there is nothing to press."""
    if_present: bool = False
    """Do not wait for it: when it is not in the document now, there is nothing to press."""
    absent: Outcome = Outcome.FAILED
    """What it means when it does not get ready in time."""
    expect: str | None = None
    """Wait for the answer to a request whose path ends like this."""
    holds: bool = False
    """It takes the slot away from others for a while, without booking it: a dry run ends before. Only in
    `fire` and `fill_ahead.fire`."""


class Fill(_Action):
    """Replace the content of the first of the text fields that one can type in."""

    into: Select
    value: Text
    or_skip: Select | None = None
    """Where this is seen, there is nothing to fill in."""
    expect: str | None = None
    """As of a click."""


class SetDate(_Action):
    """Set a date field and tell the page by `input` and `change`, the same date included."""

    into: Select
    value: Text = "{date:%Y-%m-%d}"
    expect: str | None = None


class Check(_Action):
    """Tick a checkbox that is not ticked yet; `on` may be its label."""

    on: Select
    expect: str | None = None


PAGE_KEYS = ("Enter", "Escape")
"""The keys a page can press by itself, at the opening: what the browser does for them is done as well."""


class Press(_Action):
    """Press a key on the keyboard. Where the page does it by itself, from `fire` on: Enter or Escape."""

    key: str


class NgSelect(_Action):
    """Choose an option of an ng-select by its exact text."""

    on: Select
    option: Text


class SelectOption(_Action):
    """Choose an option of a native `<select>` by its exact text."""

    on: Select
    option: Text


class Reload(_Action):
    """Load the page anew; what follows goes on with the new one."""

    to: SitePath | None = None
    """Or another page of the site, by its path below the base URL: the form of another slot, say."""


class Ask(_Action):
    """Ask the site for something, as a script of the page would: with its cookies, and what stands in it."""

    url: SitePath
    method: str = Field("POST", pattern=r"^[A-Z]+$")
    form: dict[str, Text] = Field(default_factory=dict)
    """The fields that are sent, as a form sends them; with GET, behind the question mark."""
    from_page: dict[str, Css] = Field(default_factory=dict)
    """Fields whose values stand in the page, each in the first element that fits: its `value` or, without
    one, its `content`. A token, say."""


class WaitFor(_Action):
    """Wait until something is so. Exactly one of the four."""

    seen: Select | None = None
    present: Select | None = None
    """In the document, shown or not: quicker to find out than `seen`, for which the page is laid out."""
    gone: Select | None = None
    local_storage: str | None = None

    def model_post_init(self, _: Any) -> None:
        """One thing is waited for at a time."""
        if sum(x is not None for x in (self.seen, self.present, self.gone, self.local_storage)) != 1:
            raise ValueError("wait_for takes exactly one of seen, present, gone, local_storage")


class ClickStep(StrictModel):
    click: Click


class FillStep(StrictModel):
    fill: Fill


class DateStep(StrictModel):
    date: SetDate


class CheckStep(StrictModel):
    check: Check


class PressStep(StrictModel):
    press: Press


class NgSelectStep(StrictModel):
    ng_select: NgSelect


class SelectStep(StrictModel):
    select: SelectOption


class ReloadStep(StrictModel):
    reload: Reload


class WaitForStep(StrictModel):
    wait_for: WaitFor


class GotoStep(StrictModel):
    goto: SitePath
    """A path below the base URL."""


class AskStep(StrictModel):
    ask: Ask


class EachLocationStep(StrictModel):
    each_location: tuple[Step, ...]
    """These steps once for every location of the attempt's chain."""


def every_step(path: KeyPath, steps: Sequence[Step]) -> Iterator[tuple[KeyPath, Step]]:
    """The steps with their places, those inside others too."""
    for index, step in enumerate(steps):
        yield (*path, index), step
        if isinstance(step, EachLocationStep):
            yield from every_step((*path, index, "each_location"), step.each_location)


def before_the_press(steps: Sequence[Step]) -> Sequence[Step]:
    """What a dry run does of the steps that fire: all before the first that holds the slot, or books it."""
    holding = (at for at, step in enumerate(steps) if isinstance(step, ClickStep) and step.click.holds)
    return steps[: next(holding, len(steps) - 1)]


_KINDS = (
    "goto",
    "click",
    "fill",
    "date",
    "check",
    "press",
    "ng_select",
    "select",
    "wait_for",
    "reload",
    "ask",
    "each_location",
)


def _kind(value: Any) -> str | None:
    keys = list(value) if isinstance(value, dict) else [k for k in _KINDS if hasattr(value, k)]
    return str(keys[0]) if len(keys) == 1 and keys[0] in _KINDS else None


Step = Annotated[
    Annotated[GotoStep, Tag("goto")]
    | Annotated[ClickStep, Tag("click")]
    | Annotated[FillStep, Tag("fill")]
    | Annotated[DateStep, Tag("date")]
    | Annotated[CheckStep, Tag("check")]
    | Annotated[PressStep, Tag("press")]
    | Annotated[NgSelectStep, Tag("ng_select")]
    | Annotated[SelectStep, Tag("select")]
    | Annotated[WaitForStep, Tag("wait_for")]
    | Annotated[ReloadStep, Tag("reload")]
    | Annotated[AskStep, Tag("ask")]
    | Annotated[EachLocationStep, Tag("each_location")],
    Discriminator(
        _kind,
        custom_error_type="step_kind",
        custom_error_message=f"a step is one of {', '.join(_KINDS)}, each an entry of its own",
    ),
]
EachLocationStep.model_rebuild()
