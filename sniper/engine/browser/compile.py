"""What a profile says of firing, as JSON for what is inside the page: placeholders filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sniper.core.outcomes import Outcome
from sniper.core.slots import Slot
from sniper.engine.browser.selectors import Values, filled, has_values, values_of
from sniper.engine.browser.steps import action_of, described, milliseconds
from sniper.sites.answers import OutcomeRule, ResponseRule, javascript
from sniper.sites.profile import Profile
from sniper.sites.steps import (
    Check,
    Click,
    Fill,
    NgSelect,
    Press,
    Reload,
    SelectOption,
    Selector,
    SetDate,
    Step,
    WaitFor,
    before_the_press,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
Json = dict[str, Any]
_NONE: Values = {}


def compile_attempt(
    profile: Profile,
    chain: Sequence[Slot],
    *,
    press: bool,
    filled: bool,
    presses: int | None = None,
    details: Values = _NONE,
) -> Json:
    """The plan of an attempt, but for its number, its instants in the page's clock and what was won already.

    Args:
        profile: The site.
        chain: The slots, the wanted ones first.
        press: False leaves out the press that books, and all from the one on that holds the slot.
        filled: The first slot's dialog is filled in already.
        presses: How often it may press; as the profile's budget says, unless told.
        details: What the placeholders of the person stand for.
    """
    late = profile.late_opening
    ahead = profile.fill_ahead.fire if profile.fill_ahead and filled else None
    targets = [
        _target(profile, slot, ahead if not index else None, press, details)
        for index, slot in enumerate(chain)
    ]
    return {
        "press": press,
        "rehearsals": [] if filled else compile_last_rehearsals(profile, chain[0], details),
        "base": profile.url,
        "small": urlsplit(profile.url).path + profile.clock.path,
        "presses": profile.budget.attempts_per_opening if presses is None else presses,
        "between_presses": 1000 / profile.budget.requests_per_second,
        "answer_within": milliseconds(profile.answer_within),
        "late": {
            "within": milliseconds(late.within),
            "retry_after": milliseconds(late.retry_after),
            "again": late.again.value,
        },
        "next_target": [outcome.value for outcome in Outcome if profile.falls_through(outcome)],
        "try_again": [outcome.value for outcome in Outcome if outcome.handling.try_again],
        "targets": targets,
        "unwanted": [],
    }


def compile_last_rehearsals(profile: Profile, slot: Slot, details: Values = _NONE) -> list[Json]:
    """What it practises once more while it waits, the earlier first."""
    values = {**values_of(profile, slot), **details}
    last = [(part.last, part.steps) for part in profile.rehearse if part.last is not None]
    return [
        {"before": milliseconds(before), "steps": _steps(steps, values)}
        for before, steps in sorted(last, key=lambda one: one[0], reverse=True)
    ]


def compile_rehearsal(profile: Profile, slot: Slot, details: Values = _NONE) -> Json:
    """What a parked page practises before the opening."""
    values = {**values_of(profile, slot), **details}
    return {
        "between": 1000 / profile.budget.requests_per_second,
        "reset": _steps(profile.reset, values),
        "parts": [
            {
                "times": part.times,
                "steps": _steps(part.steps, values),
            }
            for part in profile.rehearse
        ],
    }


def compile_guided(step: Step, values: Values) -> Json:
    """A step that armed.js carries out with somebody outside, who types, and hears the answer."""
    action = action_of(step)
    done_outside = {"value": "", "expect": None} if isinstance(action, Fill) else {"expect": None}
    kind = next(iter(type(step).model_fields))
    known = {name: value for name, value in done_outside.items() if name in type(action).model_fields}
    return _step(step.model_copy(update={kind: action.model_copy(update=known)}), values)


def epoch_milliseconds(moment: datetime) -> float:
    """An instant as a page counts it."""
    return (moment - _EPOCH) / _MILLISECOND


def _target(profile: Profile, slot: Slot, ahead: Sequence[Step] | None, press: bool, details: Values) -> Json:
    values = {**values_of(profile, slot), **details}
    return {
        "first": None if ahead is None else _firing(ahead, values, press),
        "steps": _firing(profile.fire, values, press),
        "reset": _steps(profile.reset, values),
        "rules": [_rule(rule, values) for rule in profile.outcomes],
    }


def _firing(steps: Sequence[Step], values: Values, press: bool) -> list[Json]:
    if not press:
        return _steps(before_the_press(steps), values)
    books = [{**step, "books": True} for step in _steps(steps[-1:], values)]
    return [*_steps(steps[:-1], values), *books]


def _steps(steps: Iterable[Step], values: Values) -> list[Json]:
    return [_step(step, values) for step in steps if _is_meant(step, values)]


def _is_meant(step: Step, values: Values) -> bool:
    needed = action_of(step).only_with
    return needed is None or values.get(needed) is not None


def _step(step: Step, values: Values) -> Json:
    action = action_of(step)
    compiled: Json = {
        "do": next(iter(type(step).model_fields)),
        "name": described(step),
        "timeout": milliseconds(action.timeout),
        "books": False,
    }
    match action:
        case Click():
            compiled |= {
                "on": compile_selector(action.on, values),
                "until": action.until.value,
                "or_outcome": [
                    [outcome.value, compile_selector(selector, values)]
                    for outcome, selector in action.or_outcome.items()
                ],
                "or_skip": _maybe(action.or_skip, values),
                "if_present": action.if_present,
                "absent": action.absent.value,
                "expect": action.expect,
            }
        case Fill():
            compiled |= {
                "into": compile_selector(action.into, values),
                "value": filled(action.value, values),
                "or_skip": _maybe(action.or_skip, values),
                "expect": action.expect,
            }
        case SetDate():
            compiled |= {
                "into": compile_selector(action.into, values),
                "value": filled(action.value, values),
                "expect": action.expect,
            }
        case Check():
            compiled |= {"on": compile_selector(action.on, values), "expect": action.expect}
        case Press():
            compiled |= {"key": action.key}
        case Reload():
            compiled |= {"to": None if action.to is None else filled(action.to, values)}
        case NgSelect() | SelectOption():
            compiled |= {"on": compile_selector(action.on, values), "option": filled(action.option, values)}
        case WaitFor():
            compiled |= {
                "seen": _maybe(action.seen, values),
                "present": _maybe(action.present, values),
                "gone": _maybe(action.gone, values),
                "local_storage": action.local_storage,
            }
    return compiled


def _maybe(selector: Selector | None, values: Values) -> Json | None:
    return None if selector is None else compile_selector(selector, values)


def compile_selector(selector: Selector, values: Values) -> Json:
    """A selector, for what looks in the page."""
    return {
        "css": filled(selector.css, values),
        "has": [
            {
                "css": filled(inner.css, values),
                "text": [_folded(filled(text, values)) for text in inner.text if has_values(text, values)],
            }
            for inner in selector.has
        ],
        "text": None if selector.text is None else _folded(filled(selector.text, values)),
        "find": None if selector.find is None else filled(selector.find, values),
    }


def _rule(rule: OutcomeRule, values: Values) -> Json:
    return {
        "is": rule.is_.value,
        "response": None if rule.response is None else _response(rule.response),
        "page": _maybe(rule.page, values),
        "reference": None if rule.reference is None else list(rule.reference.keys),
        "reference_text": _pattern(rule.reference_text),
        "message": None if rule.message is None else list(rule.message.keys),
        "message_text": _pattern(rule.message_text),
    }


def _response(rule: ResponseRule) -> Json:
    return {
        "url": rule.url,
        "query": rule.query,
        "method": rule.method,
        "status": rule.status,
        "json": rule.json_,
        "text": _pattern(rule.text),
    }


def _pattern(pattern: re.Pattern[str] | None) -> Json | None:
    if pattern is None:
        return None
    source, flags = javascript(pattern)
    return {"source": source, "flags": flags}


def _folded(text: str) -> str:
    return " ".join(text.split())
