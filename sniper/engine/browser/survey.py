"""Does the profile still fit the site's pages? Walks through all that books nothing, and looks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sniper.core.plan import Attempt
from sniper.core.sightings import Sighting
from sniper.engine.browser.account_page import AccountPage
from sniper.engine.browser.selectors import Values, has_values, locate, words_of
from sniper.engine.browser.steps import StepError, action_of, described
from sniper.engine.protocol import Survey
from sniper.sites.steps import (
    Check,
    Click,
    EachLocationStep,
    Fill,
    GotoStep,
    NgSelect,
    Press,
    Reload,
    SelectOption,
    Selector,
    SetDate,
    Step,
    WaitFor,
)
from sniper.sites.template import names

# What a step of a rehearsal opens may be drawn a moment after the step.
_DRAWN_WITHIN = 0.4
_LOOK_EVERY = 0.05
_LONGEST = 70
_NOT_REACHED = "a page that does not get through `arm` cannot show it"
_OF_A_SLOT = {"date", "start", "end", "location", "sub_location"}


async def surveyed(page: AccountPage, attempt: Attempt) -> Survey:
    """Look the page of an account over, at the slots of an attempt. Nothing that books is pressed.

    Raises:
        PlaywrightError: The page is gone.
    """
    sightings = await _Walk(page, attempt).carry_out()
    is_missing = any(one.seen is False for one in sightings)
    return Survey(tuple(sightings), await page.evidence() if is_missing else None)


@dataclass
class _Wanted:
    """A control of `fire`.

    Attributes:
        acts: Something is done with it; what is only waited for may be there for a moment.
        at_once: It has to be there as soon as the page is parked.
        of_a_slot: It names the slot, which may not be shown before it opens.
    """

    what: str
    any_of: tuple[Selector, ...]
    acts: bool
    at_once: bool
    of_a_slot: bool
    seen: bool = False


class _Walk:
    """Once through all that comes before the press."""

    def __init__(self, page: AccountPage, attempt: Attempt) -> None:
        self._page = page
        self._profile = page.profile
        places = dict.fromkeys(slot.location for slot in attempt.chain)
        self._words = [words_of(page.profile, place) for place in places]
        self._of_each_slot = [page.values_of(slot) for slot in attempt.chain]
        self._values = values = self._of_each_slot[0]
        self._wanted = list(_wanted(page.profile.fire, values))

    @property
    def _walks(self) -> list[Sequence[Step]]:
        """What may be done of the way to the press before the opening."""
        ahead = self._profile.fill_ahead
        return [*(one.steps for one in self._profile.rehearse), *((ahead.arm,) if ahead else ())]

    async def carry_out(self) -> list[Sighting]:
        """Park the page, look, go once through what is rehearsed, and look again."""
        sightings = await self._arm()
        if any(one.seen is False for one in sightings):
            return [*sightings, *(Sighting("fire", one.what, None, _NOT_REACHED) for one in self._wanted)]
        await self._look()
        walked = await self._walk()
        return [*sightings, *(self._sighting(one, walked=walked) for one in self._wanted)]

    async def _arm(self) -> list[Sighting]:
        """Every step of `arm`, up to the first one that does not work."""
        sightings: list[Sighting] = []
        for step in self._profile.arm:
            try:
                await self._page.run((step,), self._values, self._words)
            except StepError as error:
                said = self._page.said(error).removeprefix(f"{described(step)}: ")
                return [*sightings, Sighting("arm", _shortened(described(step)), False, said)]
            sightings.append(Sighting("arm", _shortened(described(step)), True))
        return sightings

    async def _walk(self) -> bool:
        """Once through what is rehearsed or filled in ahead; whether all of it worked."""
        worked = bool(self._walks)
        for steps in self._walks:
            worked = await self._walked_anywhere(steps) and worked
        return worked

    async def _walked_anywhere(self, steps: Sequence[Step]) -> bool:
        """Whether it worked at one of the places of the chain: at another nothing may be bookable yet."""
        for values in self._of_each_slot:
            worked = await self._walked(steps, values)
            await self._reset()
            if worked:
                return True
        return False

    async def _walked(self, steps: Sequence[Step], values: Values) -> bool:
        for step in steps:
            try:
                await self._page.run((step,), values, self._words)
            except StepError:
                return False
            await self._look(_DRAWN_WITHIN)
        return True

    async def _reset(self) -> None:
        """Put the page back; where that does not work, whoever uses it next loads it anew."""
        try:
            await self._page.run(self._profile.reset, self._values)
        except StepError:
            return

    async def _look(self, within: float = 0.0) -> None:
        """Note which controls are there, for so many seconds or until all are."""
        try:
            async with asyncio.timeout(within or None):
                while True:
                    for one in (one for one in self._wanted if not one.seen):
                        one.seen = await self._is_there(one)
                    if not within or all(one.seen for one in self._wanted):
                        return
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError:
            return

    async def _is_there(self, wanted: _Wanted) -> bool:
        for selector in wanted.any_of:
            for like in (selector, _of_any_slot(selector)):
                if _fits(like, self._values) and await locate(self._page.page, like, self._values).count():
                    return True
        return False

    def _sighting(self, one: _Wanted, *, walked: bool) -> Sighting:
        if one.seen:
            return Sighting("fire", one.what, True)
        if one.at_once:
            return Sighting("fire", one.what, False, "it has to be there before the opening")
        if one.acts and not one.of_a_slot and (walked or self._dialog_was_there(one)):
            return Sighting("fire", one.what, False, "it was not there when the rehearsal got that far")
        return Sighting("fire", one.what, None)

    def _dialog_was_there(self, one: _Wanted) -> bool:
        """Was another control found that, like this one, is there only when something has been opened?

        Where nothing may be done before the opening, nothing was.
        """
        return bool(self._walks) and any(
            other.seen and other.acts and not other.at_once and not other.of_a_slot
            for other in self._wanted
            if other is not one
        )


def _wanted(steps: Sequence[Step], values: Values) -> Iterator[_Wanted]:
    """The controls of `fire`, those that are left out without a value not among them."""
    at_once = True
    for step in steps:
        if isinstance(step, GotoStep | EachLocationStep):
            continue
        action = action_of(step)
        if action.only_with is not None and values.get(action.only_with) is None:
            continue
        acts = not isinstance(action, WaitFor)
        match action:
            case Click(on=on, or_outcome=others):
                if not action.if_present:
                    yield _of(step, (on, *others.values()), acts=True, at_once=at_once)
            case Check(on=on) | NgSelect(on=on) | SelectOption(on=on):
                yield _of(step, (on,), acts=True, at_once=at_once)
            case Fill(into=into) | SetDate(into=into):
                yield _of(step, (into,), acts=True, at_once=at_once)
            case WaitFor(seen=seen, present=present):
                if selector := seen or present:
                    yield _of(step, (selector,), acts=False, at_once=at_once)
            case Press() | Reload():
                pass
        # What comes after an act may be there only because of it.
        at_once = at_once and not acts


def _of(step: Step, any_of: tuple[Selector, ...], *, acts: bool, at_once: bool) -> _Wanted:
    of_a_slot = any(_OF_A_SLOT & set(_placeholders(one)) for one in any_of)
    return _Wanted(_shortened(described(step)), any_of, acts, at_once and not of_a_slot, of_a_slot)


def _shortened(what: str) -> str:
    """Long enough to be found in the profile."""
    return what if len(what) <= _LONGEST else f"{what[:_LONGEST]}…"


def _placeholders(selector: Selector) -> Iterator[str]:
    yield from names(selector.css)
    for inner in selector.has:
        yield from names(inner.css)
        for text in inner.text:
            yield from names(text)
    for whole in (selector.text, selector.find):
        yield from names(whole or "")


def _of_any_slot(selector: Selector) -> Selector:
    """The same control of whichever slot is shown: what is to stand in it is left out."""
    if not _names_a_slot(selector):
        return selector
    # One `:has` within another is no CSS.
    inner = "".join(f":has({one.css})" for one in selector.has if ":has(" not in one.css)
    return selector.model_copy(update={"css": f":is({selector.css}){inner}", "has": (), "text": None})


def _names_a_slot(selector: Selector) -> bool:
    texts = (*(text for inner in selector.has for text in inner.text), selector.text or "")
    return any(_OF_A_SLOT & set(names(text)) for text in texts)


def _fits(selector: Selector, values: Values) -> bool:
    """Has every placeholder a value? Without one there is nothing to look for."""
    texts = (selector.css, selector.find or "", *(inner.css for inner in selector.has), selector.text or "")
    return all(has_values(text, values) for text in texts)
