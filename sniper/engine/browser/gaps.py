"""What of a step of the profile is not on a page: a selector or a text, and what there is most like it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from playwright.async_api import Locator, Page

from sniper.documents import KeyPath
from sniper.engine.browser.inpage import source
from sniper.engine.browser.selectors import Values, exactly, filled, has_values
from sniper.scrubbing import KNOWN, without_tokens
from sniper.sites.drift import attributes_in, in_any_state, names_in, nearest
from sniper.sites.profile import Profile
from sniper.sites.steps import (
    CheckStep,
    ClickStep,
    DateStep,
    FillStep,
    NgSelectStep,
    Selector,
    SelectStep,
    Step,
    WaitForStep,
)
from sniper.sites.template import names

_NAMING = f"attributes => ({source('naming')})()(attributes)"
OF_A_SLOT = frozenset({"date", "start", "end", "location", "sub_location"})
"""The placeholders of one slot, which a page may show or not."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing.

    Attributes:
        at: Its key within the step.
        what: The selector or the text, filled in.
        near: What the page has that is most like it.
        certain: That around which it should be is there.
        renamed: Something like it is there that the profile knows nothing of.
    """

    at: KeyPath
    what: str
    near: tuple[str, ...] = ()
    certain: bool = False
    renamed: bool = False


def control_of(step: Step) -> tuple[KeyPath, Selector] | None:
    """The control a step does something with, or waits for, and its key within the step."""
    match step:
        case ClickStep(click=action) | CheckStep(check=action) | NgSelectStep(ng_select=action):
            found = ("on", action.on)
        case SelectStep(select=chosen):
            found = ("on", chosen.on)
        case FillStep(fill=typed) | DateStep(date=typed):
            found = ("into", typed.into)
        case WaitForStep(wait_for=waited) if waited.seen or waited.present:
            selector = waited.seen or waited.present
            assert selector is not None
            found = ("seen" if waited.seen else "present", selector)
        case _:
            return None
    return (next(iter(type(step).model_fields)), found[0]), found[1]


async def names_on(page: Page, profile: Profile) -> frozenset[str]:
    """What the elements of a page can be known by, as far as profiles do: see `drift.nearest`."""
    return frozenset(await page.evaluate(_NAMING, list(attributes_in(profile))))


async def gap_of(
    page: Page,
    profile: Profile,
    part: Step | Selector,
    values: Values,
    *,
    instead: Sequence[Selector] = (),
    of_any_slot: bool = False,
) -> Gap | None:
    """The first thing of a step's control, or of a selector, that a page does not have, if there is one.

    Args:
        page: As it is now.
        profile: Whose part it is.
        part: What did not work, or was not found.
        values: What the placeholders stand for.
        instead: What may be seen instead of the control: with it there, nothing is missing.
        of_any_slot: What names the slot does not matter.
    """
    control = ((), part) if isinstance(part, Selector) else control_of(part)
    if control is None:
        return None
    at, selector = control
    missing = await _missing(page, selector, values, instead, of_any_slot=of_any_slot)
    if missing is None:
        return None
    known = names_in(profile)
    near = missing.near
    if near is None:
        near = nearest(missing.what, await names_on(page, profile), known)
    renamed = missing.near is None and any(one not in known for one in near)
    shown = tuple(without_tokens(KNOWN(one)) for one in near)
    return Gap((*at, *missing.at), missing.what, shown, missing.certain, renamed)


@dataclass(frozen=True, slots=True)
class _Missing:
    """What is missing, by its key within the selector.

    Attributes:
        near: Of a text, those that are there and most like it.
    """

    at: KeyPath
    what: str
    certain: bool = False
    near: list[str] | None = None


async def _missing(
    page: Page, selector: Selector, values: Values, instead: Sequence[Selector], *, of_any_slot: bool
) -> _Missing | None:
    """The first thing of a selector that the page does not have."""
    if not has_values(selector.css, values):
        return None
    css = in_any_state(filled(selector.css, values))
    found = page.locator(css)
    if not await found.count():
        return None if await _any_of(page, instead, values) else _Missing((), css)
    for index, inner in enumerate(selector.has):
        if not has_values(inner.css, values):
            continue
        holder = page.locator(filled(inner.css, values))
        if not await found.filter(has=holder).count():
            return _Missing(("has", index), filled(inner.css, values), certain=True)
        if texts := _texts(inner.text, values, of_any_slot=of_any_slot):
            shows = holder.filter(has_text=exactly(texts))
            if not await found.filter(has=shows).count():
                return await _missing_text(("has", index, "text"), texts, holder)
            holder = shows
        found = found.filter(has=holder)
    if selector.text is not None and (texts := _texts((selector.text,), values, of_any_slot=of_any_slot)):
        shows = found.filter(has_text=exactly(texts))
        if not await shows.count():
            return await _missing_text(("text",), texts, found)
        found = shows
    if selector.find is None or not has_values(selector.find, values):
        return None
    find = in_any_state(filled(selector.find, values))
    if await found.locator(find).count():
        return None
    others = found
    for other in (one for one in instead if has_values(one.css + (one.find or ""), values)):
        others = (
            others.filter(has_not=page.locator(filled(other.find, values)))
            if other.find
            else others.and_(page.locator(f":not({filled(other.css, values)})"))
        )
    return _Missing(("find",), find, certain=True) if await others.count() else None


async def _missing_text(at: KeyPath, texts: Sequence[str], there: Locator) -> _Missing:
    shown = {" ".join(text.split()) for text in await there.all_inner_texts()}
    near = [repr(one) for text in texts for one in get_close_matches(text, shown)]
    return _Missing(at, " or ".join(map(repr, texts)), near=list(dict.fromkeys(near)))


async def _any_of(page: Page, selectors: Sequence[Selector], values: Values) -> bool:
    """Is one of these there, of whichever slot?"""
    for selector in selectors:
        if has_values(selector.css + (selector.find or ""), values):
            found: Locator = page.locator(filled(selector.css, values))
            if selector.find:
                found = found.locator(filled(selector.find, values))
            if await found.count():
                return True
    return False


def _texts(texts: Collection[str], values: Values, *, of_any_slot: bool) -> list[str]:
    """Those that have to be there, filled in; none where one names the slot and that does not matter."""
    if of_any_slot and any(OF_A_SLOT & set(names(text)) for text in texts):
        return []
    return [filled(text, values) for text in texts if has_values(text, values)]
