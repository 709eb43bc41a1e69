"""Are a profile's placeholders such that a run can always fill them in? Found out before there is a run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sniper.documents import KeyPath, StrictModel, misplaced
from sniper.sites.answers import ResponseRule
from sniper.sites.availability import of_a_day
from sniper.sites.details import as_placeholders
from sniper.sites.steps import EachLocationStep, HasText, Step
from sniper.sites.template import Value, names, placeholders

if TYPE_CHECKING:
    from sniper.sites.profile import Profile

_SIGN_IN = {"username": "ann", "password": "secret", "totp": "123456", "token": "secret"}
_BOOKING = {"reference": "1"}
_START = datetime(2026, 11, 24, 13)  # noqa: DTZ001 (of any zone)
_OF_ONE_START = {"date", "start", "end", "sub_location"}
_OF_A_SLOT = ("arm", "fire", "reset", "fill_ahead", "rehearse", "outcomes")


@dataclass(frozen=True, slots=True)
class _Sample:
    """Values as a run has them.

    Attributes:
        where: When it has them, for a complaint: "at X1".
        each: The same at every location, for `each_location`.
    """

    where: str
    values: Mapping[str, Value | None]
    each: tuple[_Sample, ...] = ()


def check_placeholders(profile: Profile) -> None:
    """Fill in every text of every part, at every location.

    Raises:
        PydanticCustomError: A placeholder is unknown, has no value somewhere, or has an impossible format.
    """
    for part, samples in _samples(profile).items():
        content = getattr(profile, part)
        _check_known((part,), content, {name for sample in samples for name in sample.values})
        for sample in samples:
            for at, text in _unfilled((part,), content, sample):
                raise misplaced(at, text)


def missing_to_sign_in(profile: Profile, have: Collection[str]) -> frozenset[str]:
    """The placeholders that signing in with only these cannot do without."""
    return frozenset().union(*(missing_in(step, have) for step in profile.sign_in))


def missing_in(step: Step, have: Collection[str]) -> frozenset[str]:
    """The placeholders that one step of a sign-in cannot do without."""
    values = {name: value if name in have else None for name, value in _SIGN_IN.items()}
    return frozenset(_missing(step, values))


def used_to_sign_in(profile: Profile) -> frozenset[str]:
    """The placeholders that signing in has a use for."""
    return frozenset(name for _, text in _texts((), profile.sign_in) for name in names(text))


def used_in(step: Step) -> frozenset[str]:
    """The placeholders of one step."""
    return frozenset(name for _, text in _texts((), step) for name in names(text))


def _missing(node: Any, values: Mapping[str, Value | None]) -> Iterator[str]:
    """The placeholders below that have no value. A step that would be left out is left out."""
    needed = getattr(node, "only_with", None)
    if needed is not None and values[needed] is None:
        return
    if isinstance(node, str):
        yield from (name for name in names(node) if values[name] is None)
    for _, inner in _below(node):
        yield from _missing(inner, values)


def _samples(profile: Profile) -> dict[str, tuple[_Sample, ...]]:
    """The parts of a profile that hold placeholders, each with all it may be filled in with."""
    nothing = (_Sample("here", {}),)
    sign_in = (
        _Sample("here", _SIGN_IN),
        _Sample("for accounts without a second factor", {**_SIGN_IN, "totp": None}),
    )
    of_a_slot = tuple(_at_locations(profile))
    return {
        "sign_in": sign_in,
        "sign_in_refused": sign_in,
        "signed_in": nothing,
        "not_laid_out": nothing,
        **dict.fromkeys(_OF_A_SLOT, of_a_slot),
        "slot_owners": tuple(_with_day_after(sample) for sample in of_a_slot),
        "my_bookings": tuple(_of_bookings(profile)),
        "cancel": (_Sample("here", _BOOKING),),
        "availability": tuple(_on_a_day(profile)),
    }


def _with_day_after(sample: _Sample) -> _Sample:
    return _Sample(sample.where, {**sample.values, "day_after": _START.date()}, sample.each)


def _of_bookings(profile: Profile) -> Iterator[_Sample]:
    """What is asked of an account, once or at each location."""
    days: dict[str, Value | None] = {"first_day": _START.date(), "last_day": _START.date()}
    if profile.my_bookings is None:
        return
    if not profile.my_bookings.per_location:
        yield _Sample("here", days)
        return
    for name, location in profile.locations.items():
        yield _Sample(f"at {name}", {**days, "location": name, **location.words_at(None)})


def _on_a_day(profile: Profile) -> Iterator[_Sample]:
    """What is asked about a day, of the whole site or of each location."""
    how = profile.availability
    values = {**of_a_day(_START.date(), profile.timezone), "page": 1}
    if how is None or not how.request.per_location:
        yield _Sample("here", values)
        return
    for sample in _at_locations(profile):
        of_location = {name: sample.values[name] for name in sample.values.keys() - _OF_ONE_START}
        yield _Sample(sample.where, {**of_location, **values})


def _at_locations(profile: Profile) -> Iterator[_Sample]:
    start = _START.replace(tzinfo=profile.timezone)
    nowhere: dict[str, Value | None] = {
        word: None for location in profile.locations.values() for word in location.words
    }
    # What the forms can do without, not everybody has told.
    details = as_placeholders(profile.account_details, dict.fromkeys(profile.account_details, "x"))
    words = {name: {**nowhere, **place.words_at(None)} for name, place in profile.locations.items()}
    for name, location in profile.locations.items():
        sub = next(iter(location.sub_locations), None)
        values: dict[str, Value | None] = {
            "date": start.date(),
            "start": start,
            "end": start + location.slot,
            "location": name,
            "sub_location": sub,
            **details,
            **nowhere,
            **location.words_at(sub),
        }
        yield _Sample(
            f"at {name}",
            values,
            tuple(_Sample(f"at {other}", {**values, **words[other]}) for other in profile.locations),
        )


def _check_known(key_path: KeyPath, within: Any, known: set[str]) -> None:
    for at, text in _texts(key_path, within):
        used = (text,) if at[-1] == "only_with" else names(text)
        for name in used:
            if name not in known:
                have = ", ".join(sorted(known)) or "none"
                raise misplaced(at, f"{{{name}}} has no meaning here (there are: {have})")


def _unfilled(key_path: KeyPath, node: Any, sample: _Sample) -> Iterator[tuple[KeyPath, str]]:
    """Every text below that could not be filled in, and why. A step that would be left out is left out."""
    needed = getattr(node, "only_with", None)
    match node:
        case StrictModel() if needed is not None and sample.values[needed] is None:
            return
        case EachLocationStep():
            for inner in sample.each:
                yield from _unfilled((*key_path, "each_location"), node.each_location, inner)
        case HasText():
            texts = [text for text in node.text if all(sample.values[n] is not None for n in names(text))]
            if not texts:
                used = ", ".join(f"{{{name}}}" for text in node.text for name in names(text))
                yield (*key_path, "text"), f"none of {used} has a value {sample.where}"
            for text in (node.css, *texts):
                key = "css" if text is node.css else "text"
                yield from _unfilled((*key_path, key), text, sample)
        case str():
            yield from ((key_path, problem) for problem in _problems(node, sample))
        case _:
            for at, inner_node in _below(node):
                yield from _unfilled((*key_path, *at), inner_node, sample)


def _problems(text: str, sample: _Sample) -> Iterator[str]:
    for name, spec in placeholders(text):
        value = sample.values[name]
        if value is None:
            yield f"{{{name}}} has no value {sample.where}; `only_with: {name}` leaves a step out there"
            continue
        try:
            format(value, spec)
        except ValueError as error:
            yield f"{{{name}:{spec}}} cannot be written {sample.where}: {error}"


def _texts(key_path: KeyPath, node: Any) -> Iterator[tuple[KeyPath, str]]:
    """Every text that may hold placeholders, and the key it stands at."""
    if isinstance(node, str):
        yield key_path, node
    for at, inner in _below(node):
        yield from _texts((*key_path, *at), inner)


def _below(node: Any) -> Iterator[tuple[KeyPath, Any]]:
    """What stands in a part of a profile, with its key; of a rule on responses only the URL is a text."""
    match node:
        case ResponseRule():
            yield ("url",), node.url
        case StrictModel():
            for name, field in type(node).model_fields.items():
                yield (field.alias or name,), getattr(node, name)
        case list() | tuple():
            yield from (((index,), one) for index, one in enumerate(node))
        case dict():
            yield from (((str(getattr(key, "value", key)),), one) for key, one in node.items())
