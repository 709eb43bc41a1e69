"""A profile's steps from what a person did, one from each deed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sniper.drafting.notes import Deed, DeedNote, Exchange, origin_of
from sniper.drafting.selecting import Found, found, found_by, of_the_recorder
from sniper.drafting.wanted import Wanted
from sniper.sites.steps import PAGE_KEYS

Step = dict[str, Any]
_USERNAME, _PASSWORD, _CODE_OF_NOW = "username", "password", "totp"
_NOTHING = Wanted()
_CODE = re.compile(r"\d{6,8}")
_PICKED = ("date", "time", "datetime-local", "month", "week", "number", "range")
_TYPED_IN = ("text", "search", "email", "tel", "url", "password", "")


@dataclass(frozen=True, slots=True)
class Done:
    """A deed as a step.

    Attributes:
        step: As it stands in a profile.
        deed: What it was made of.
        doubts: What a person has to look at, in words.
        asks_for: The end of the path that the page asked for then; empty where it asked for nothing.
    """

    step: Step
    deed: Deed
    doubts: tuple[str, ...] = ()
    asks_for: str = ""

    def expecting(self) -> Done:
        """The same, waiting for the answer to what it makes the page ask for."""
        ((kind, how),) = self.step.items()
        return replace(self, step={kind: {**how, "expect": self.asks_for}})

    def tells_the_slot(self, wanted: Wanted) -> bool:
        """Is it another one for another slot of the same day?"""
        return wanted.tells_the_slot(str(self.step))


def steps_of(deeds: Sequence[Deed], exchanges: Sequence[Exchange], wanted: Wanted) -> list[Done]:
    """The steps of a booking."""
    done: list[Done] = []
    for index, deed in enumerate(deeds):
        following = deeds[index + 1].note if index + 1 < len(deeds) else None
        if deed.note and _is_only_on_the_way(deed.note, following):
            continue
        one = _step(deed, wanted)
        if one is None or (done and done[-1].step == one.step):
            continue
        done.append(_expecting(one, deed, deeds[index + 1 :], exchanges))
    return done


def to_sign_in(deeds: Sequence[Deed]) -> list[Done]:
    """The steps of a sign-in. Nothing that was typed is in them."""
    done: list[Done] = []
    filled_in: dict[str, str] = {}
    for index, deed in enumerate(deeds):
        following = deeds[index + 1].note if index + 1 < len(deeds) else None
        if deed.note and _is_only_on_the_way(deed.note, following):
            continue
        if deed.name == "fill":
            at = _where(deed, _NOTHING)
            what = filled_in.setdefault(str(at.select), _what_is_typed(deed, filled_in.values()))
            one: Done | None = _typed(deed, at, what)
            if what == _USERNAME and list(filled_in.values()).count(what) > 1:
                one = _typed(deed, at, what, "is this typed by everybody? What was typed is not written down")
        else:
            one = _step(deed, _NOTHING)
            if one and _CODE_OF_NOW in filled_in.values():
                steps = {kind: {**how, "only_with": _CODE_OF_NOW} for kind, how in one.step.items()}
                one = Done(steps, deed, one.doubts)
        if one:
            # What was done again, after a wrong password say, counts as done the last time only.
            done = [other for other in done if other.step != one.step]
            done.append(one)
    return done


def _what_is_typed(deed: Deed, before: Collection[str]) -> str:
    """The placeholder for what was typed into a field of a sign-in."""
    if _PASSWORD in before and (is_one_time(deed) or is_code(deed)):
        return _CODE_OF_NOW
    return _PASSWORD if deed.text is None else _USERNAME


def is_one_time(deed: Deed) -> bool:
    """Does its field say that it is for a one-time code?"""
    return deed.note is not None and deed.note.autocomplete == "one-time-code"


def is_code(deed: Deed) -> bool:
    """Does what was typed look like a one-time code?"""
    return deed.text is not None and bool(_CODE.fullmatch(deed.text.replace(" ", "")))


def is_secret(deed: Deed) -> bool:
    """Was something typed that nobody else may know?"""
    return deed.name == "fill" and deed.note is not None and deed.note.secret


def _typed(deed: Deed, at: Found, placeholder: str, *doubts: str) -> Done:
    body: dict[str, Any] = {"into": at.select, "value": f"{{{placeholder}}}"}
    if placeholder == _CODE_OF_NOW:
        body["only_with"] = placeholder
    return Done({"fill": body}, deed, (*_doubts(at), *doubts))


def _is_only_on_the_way(note: DeedNote, following: DeedNote | None) -> bool:
    """A label whose box was ticked by it, or a field that was only gone to."""
    if note.kind == "label" or note.disabled:
        return True
    if note.kind == "press" and note.key not in PAGE_KEYS:
        return True
    is_field = note.tag == "textarea" or (note.tag == "input" and note.type in _TYPED_IN)
    return bool(
        note.kind == "click"
        and is_field
        and following
        and following.kind in ("fill", "press")
        and (following.element, following.url) == (note.element, note.url)
    )


def _where(deed: Deed, wanted: Wanted) -> Found:
    if deed.note:
        return found(deed.note, wanted)
    return of_the_recorder(deed.selector, wanted) or Found(
        "body", f"Playwright calls it {deed.selector!r}; the page told nothing of it"
    )


def _step(deed: Deed, wanted: Wanted) -> Done | None:
    """The step; None where there is nothing to be done again."""
    note = deed.note
    if note and note.picker:
        return _picked(deed, note, wanted)
    at = _where(deed, wanted)
    match deed.name:
        case "fill":
            return _filled(deed, at, wanted)
        case "check":
            return Done({"check": {"on": at.select}}, deed, _doubts(at))
        case "press":
            return Done({"press": {"key": deed.text}}, deed) if deed.text in PAGE_KEYS else None
        case "click" | "uncheck":
            body: dict[str, Any] = {"on": at.select}
            if note and not note.top:
                body["if_present"] = True
            return Done({"click": body}, deed, _doubts(at))
    return None


def _picked(deed: Deed, note: DeedNote, wanted: Wanted) -> Done | None:
    """Opening a picker and searching in it is the step's own work."""
    picker = note.picker
    if picker is None or picker.option is None or (picker.kind == "select" and deed.name != "select"):
        return None
    if picker.kind == "ng_select" and deed.name != "click":
        return None
    at = found_by(picker.ways, wanted)
    option = wanted.generalised(picker.option)
    body: dict[str, Any] = {"on": at.select, "option": option}
    if "{sub_location}" in option:
        body["only_with"] = "sub_location"
    doubts = _doubts(at)
    if "{" not in option:
        doubts += ("the same option is chosen for every slot",)
    return Done({picker.kind: body}, deed, doubts)


def _filled(deed: Deed, at: Found, wanted: Wanted) -> Done:
    note = deed.note
    doubts = _doubts(at)
    if note and note.type == "date":
        if wanted.day and deed.text != wanted.day.isoformat():
            doubts += ("another day than the one that was booked was entered",)
        return Done({"date": {"into": at.select}}, deed, doubts)
    value = wanted.generalised(deed.text or "")
    if "{" not in value and not (note and note.type in _PICKED):
        # It may be a name, an address, a number of a card.
        value = "…"
        doubts += ("what is to be typed here? What was typed is not written down",)
    return Done({"fill": {"into": at.select, "value": value}}, deed, doubts)


def _doubts(at: Found) -> tuple[str, ...]:
    return (at.doubt,) if at.doubt else ()


def _expecting(done: Done, deed: Deed, later: Iterable[Deed], exchanges: Sequence[Exchange]) -> Done:
    """With what the page asked the site for then. After a date was set or a box ticked it is waited for."""
    kind = next(iter(done.step))
    until = next((one.at for one in later), None)
    asked = [
        one
        for one in exchanges
        if one.at > deed.at
        and (until is None or one.at < until)
        and one.kind in ("xhr", "fetch")
        and one.method == "GET"
        and "json" in one.content_type
    ]
    if not asked or kind not in ("date", "check", "click"):
        return done
    done = replace(done, asks_for=tail_of(asked[0].path))
    return done if kind == "click" else done.expecting()


def tail_of(path: str) -> str:
    """The end of a path, behind the last number or token in it, which are of somebody or something."""
    parts = [part for part in path.split("/") if part]
    last = next((i for i in reversed(range(len(parts))) if re.search(r"\d{2,}", parts[i])), -1)
    kept = parts[last + 1 :] if last < len(parts) - 1 else parts[-1:]
    return "/" + "/".join(kept[-2:])


def is_at(deed: Deed, url: str) -> bool:
    """Was it done on a page of the site itself?"""
    return deed.note is None or origin_of(deed.note.url) == origin_of(url)
