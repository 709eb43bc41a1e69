"""Does the profile still fit the site's pages? Walks through all that books nothing, and looks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.async_api import Response

from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt
from sniper.core.sightings import Sighting
from sniper.documents import KeyPath
from sniper.engine.browser.account_page import AccountPage
from sniper.engine.browser.gaps import OF_A_SLOT, Gap, control_of, gap_of, names_on
from sniper.engine.browser.selectors import Values, has_values, locate, words_of
from sniper.engine.browser.steps import StepError, action_of, described
from sniper.engine.browser.stops import is_no_answer
from sniper.engine.protocol import Survey
from sniper.sites.details import DETAILS
from sniper.sites.drift import names_in, nearest
from sniper.sites.placeholders import used_in
from sniper.sites.steps import Click, EachLocationStep, GotoStep, Reload, Selector, Step, WaitFor
from sniper.sites.template import names

# What a step of a rehearsal opens may be drawn a moment after the step.
_DRAWN_WITHIN = 0.4
_LOOK_EVERY = 0.05
_LONGEST = 70
_OF_A_PERSON = "it needs what a person tells"
_NOT_REACHED = "a page that does not get through `arm` cannot show it"


async def surveyed(page: AccountPage, attempt: Attempt) -> Survey:
    """Look the page of an account over, at the slots of an attempt. Nothing that books is pressed.

    Raises:
        PlaywrightError: The page is gone.
    """
    walk = _Walk(page, attempt)
    awaited = frozenset(_awaited(page))
    failed: list[str] = []

    def answered(response: Response) -> None:
        path = urlsplit(response.url).path
        if is_no_answer(response.status) and any(path.endswith(one) for one in awaited):
            failed.append(f"{path} was answered {response.status}")

    page.page.on("response", answered)
    try:
        sightings = await walk.carry_out()
    finally:
        page.page.remove_listener("response", answered)
    is_missing = any(one.seen is False for one in sightings)
    picture = await page.evidence() if is_missing else None
    return Survey(tuple(sightings), picture, tuple(walk.rehearsed), walk.instead or "; ".join(failed[-1:]))


def _awaited(page: AccountPage) -> Iterator[str]:
    """The ends of the paths of what the steps make the page ask for."""
    profile = page.profile
    ahead = profile.fill_ahead.arm if profile.fill_ahead else ()
    rehearsed = (step for one in profile.rehearse for step in one.steps)
    for _, step, _ in _one_by_one((*profile.arm, *rehearsed, *ahead), (), {}, ({},), whole=True):
        if path := getattr(None if isinstance(step, GotoStep) else action_of(step), "expect", None):
            yield path


@dataclass
class _Wanted:
    """A control of `fire`.

    Attributes:
        any_of: The control, and what may be seen instead of it.
        acts: Something is done with it; what is only waited for may be there for a moment.
        at_once: It has to be there as soon as the page is parked.
        parked: Nothing has to be clicked for it.
        of_a_slot: It names the slot, which may not be shown before it opens.
        gap: What of it the parked page does not have.
    """

    at: KeyPath
    step: Step
    any_of: tuple[Selector, ...]
    acts: bool
    at_once: bool
    parked: bool
    of_a_slot: bool
    seen: bool = False
    gap: Gap | None = None


class _Walk:
    """Once through all that comes before the press.

    Attributes:
        rehearsed: What came of the steps that are rehearsed or filled in ahead, and of those that put the
            page back.
        instead: What the site said or showed instead of what the profile is about.
    """

    def __init__(self, page: AccountPage, attempt: Attempt) -> None:
        self._page = page
        self._profile = page.profile
        places = dict.fromkeys(slot.location for slot in attempt.chain)
        self._words = [words_of(page.profile, place) for place in places]
        self._of_each_slot = [page.values_of(slot) for slot in attempt.chain]
        self._values = values = self._of_each_slot[0]
        self._wanted = list(_wanted(page.profile.fire, values))
        self._instead = [other for one in self._wanted for other in one.any_of[1:]]
        self._names: frozenset[str] = frozenset()
        self._opened: list[Values] = []
        """What the placeholders stood for where something was clicked on the way."""
        self._went_all_the_way = True
        """No step was left out for want of what a person tells."""
        self.rehearsed: list[Sighting] = []
        self.instead = ""

    async def carry_out(self) -> list[Sighting]:
        """Park the page, look, go once through what is rehearsed, and look again."""
        sightings = await self._arm()
        if not all(one.seen for one in sightings):
            return [*sightings, *(_sighting(one.at, one.step, None, _NOT_REACHED) for one in self._wanted)]
        await self._look()
        for one in (one for one in self._wanted if one.parked):
            one.gap = await self._gap(one.step, self._values, of_any_slot=one.of_a_slot)
        worked = await self._walk()
        return [*sightings, *(self._judged(one, worked=worked) for one in self._wanted)]

    async def _arm(self) -> list[Sighting]:
        """Every step of `arm`, up to the first one that does not work."""
        sightings: dict[KeyPath, Sighting] = {}
        steps = list(_one_by_one(self._profile.arm, ("arm",), self._values, self._words))
        for index, (at, step, values) in enumerate(steps):
            if _needs_a_person(step, values):
                for one in _of_a_person(steps[index:]):
                    sightings.setdefault(one.at, one)
                break
            try:
                await self._page.run((step,), values)
            except StepError as error:
                if error.outcome is not Outcome.FAILED or isinstance(step, GotoStep):
                    self.instead = self._page.said(error)
                sightings[at] = await self._missed(at, step, values, error)
                break
            sightings[at] = _sighting(at, step, True)
        return list(sightings.values())

    async def _walk(self) -> bool:
        """Once through what is rehearsed or filled in ahead; whether all of it worked."""
        ahead = self._profile.fill_ahead
        walks: list[tuple[KeyPath, tuple[Step, ...]]] = [
            (("rehearse", index, "steps"), one.steps) for index, one in enumerate(self._profile.rehearse)
        ]
        if ahead:
            walks.append((("fill_ahead", "arm"), ahead.arm))
        worked = [await self._walked_anywhere(at, steps) for at, steps in walks]
        return all(worked)

    async def _walked_anywhere(self, at: KeyPath, steps: Sequence[Step]) -> bool:
        """Whether it worked at one of the places of the chain: at another nothing may be bookable yet."""
        furthest: list[Sighting] = []
        for values in self._of_each_slot:
            found = await self._walked(at, steps, values)
            await self._reset(found)
            worked = all(one.seen for one in found)
            if worked or len(found) > len(furthest):
                furthest = found
            # At another place a person's details are missing as well.
            if worked or found[-1].why == _OF_A_PERSON:
                break
        self.rehearsed += furthest
        return all(one.seen for one in furthest)

    async def _walked(self, at: KeyPath, steps: Sequence[Step], values: Values) -> list[Sighting]:
        """What came of each step, up to the first one that did not work."""
        found: list[Sighting] = []
        each = list(_one_by_one(steps, at, values, ()))
        for index, (place, step, filled_in) in enumerate(each):
            if _needs_a_person(step, filled_in):
                self._went_all_the_way = False
                return [*found, *_of_a_person(each[index:])]
            try:
                await self._page.run((step,), filled_in)
            except StepError as error:
                opened = any(one.seen for one in found if "click" in one.at)
                return [*found, await self._hindered(place, step, filled_in, error, opened=opened)]
            found.append(_sighting(place, step, True))
            if _is_click(step):
                self._opened.append(values)
            await self._look(_DRAWN_WITHIN)
        return found

    async def _hindered(
        self, at: KeyPath, step: Step, values: Values, error: StepError, *, opened: bool
    ) -> Sighting:
        """Of a step of a rehearsal that did not work: does the page have what it is about?

        Where nothing was opened yet, it may be that nothing can be booked.
        """
        gap = await self._gap(step, values, of_any_slot=True)
        if error.outcome is Outcome.FAILED and gap and (opened or gap.certain or gap.renamed):
            return await self._missed(at, step, values, error, gap)
        return _sighting(at, step, None, self._said(step, error))

    async def _reset(self, walked: Sequence[Sighting]) -> None:
        """Put the page back; where that does not work, whoever uses it next loads it anew."""
        opened = any(one.seen for one in walked if "click" in one.at)
        found: list[Sighting] = []
        steps = list(_one_by_one(self._profile.reset, ("reset",), self._values, ()))
        for index, (at, step, values) in enumerate(steps):
            if _needs_a_person(step, values):
                found += _of_a_person(steps[index:])
                break
            try:
                await self._page.run((step,), values)
            except StepError as error:
                found.append(await self._missed(at, step, values, error))
                break
            found.append(_sighting(at, step, True))
        if opened:
            known = {one.at for one in self.rehearsed}
            self.rehearsed += [one for one in found if one.at not in known]

    async def _look(self, within: float = 0.0) -> None:
        """Note which controls are there, for so many seconds or until all are; and all that has a name."""
        try:
            async with asyncio.timeout(within or None):
                while True:
                    for one in (one for one in self._wanted if not one.seen):
                        one.seen = await self._is_there(one)
                    if not within or all(one.seen for one in self._wanted):
                        break
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError:
            pass
        self._names |= await names_on(self._page.page, self._profile)

    async def _is_there(self, wanted: _Wanted) -> bool:
        for selector in wanted.any_of:
            for like in (selector, _of_any_slot(selector)):
                if _fits(like, self._values) and await locate(self._page.page, like, self._values).count():
                    return True
        return False

    async def _gap(self, step: Step, values: Values, *, of_any_slot: bool) -> Gap | None:
        """What of a step's control the page does not have, if nothing is there instead of it."""
        instead = [_of_any_slot(other) for other in self._instead]
        return await gap_of(
            self._page.page, self._profile, step, values, instead=instead, of_any_slot=of_any_slot
        )

    async def _missed(
        self, at: KeyPath, step: Step, values: Values, error: StepError, gap: Gap | None = None
    ) -> Sighting:
        """Of a step that did not work, with what of it the page does not have."""
        gap = gap or await gap_of(self._page.page, self._profile, step, values)
        return _sighting(at, step, False, self._said(step, error), gap)

    def _said(self, step: Step, error: StepError) -> str:
        return self._page.said(error).removeprefix(f"{described(step)}: ")

    def _judged(self, one: _Wanted, *, worked: bool) -> Sighting:
        gap = one.gap
        if one.seen and not (gap and gap.certain):
            return _sighting(one.at, one.step, True)
        if one.at_once:
            return _sighting(one.at, one.step, False, "it has to be there before the opening", gap)
        if gap and (gap.certain or gap.renamed):
            return _sighting(one.at, one.step, False, "the parked page does not have it", gap)
        belongs_there = self._went_all_the_way and any(
            not _is_left_out(one.step, values) for values in self._opened
        )
        if one.acts and not one.of_a_slot and belongs_there and (worked or self._dialog_was_there(one)):
            why = "it was not there when the rehearsal got that far"
            return _sighting(one.at, one.step, False, why, self._never_seen(one))
        return _sighting(one.at, one.step, None)

    def _never_seen(self, one: _Wanted) -> Gap | None:
        control = control_of(one.step)
        if control is None:
            return None
        at, selector = control
        near = nearest(selector.css, self._names, names_in(self._profile))
        return Gap(at, selector.css, tuple(near))

    def _dialog_was_there(self, one: _Wanted) -> bool:
        """Was another control found that, like this one, is there only when something has been opened?"""
        return any(
            other.seen and other.acts and not other.at_once and not other.of_a_slot
            for other in self._wanted
            if other is not one
        )


def _one_by_one(
    steps: Sequence[Step], at: KeyPath, values: Values, locations: Sequence[Values], *, whole: bool = False
) -> Iterator[tuple[KeyPath, Step, Values]]:
    """The steps with their keys and values, `each_location` taken apart; without those that are left out,
    unless the `whole` of them is asked for."""
    for index, step in enumerate(steps):
        place: KeyPath = (*at, index)
        if isinstance(step, EachLocationStep):
            for words in locations:
                inner = {**values, **words}
                yield from _one_by_one(step.each_location, (*place, "each_location"), inner, (), whole=whole)
        elif whole or isinstance(step, GotoStep) or not _is_left_out(step, values):
            yield (*place, next(iter(type(step).model_fields))), step, values


def _is_left_out(step: Step, values: Values) -> bool:
    needed = action_of(step).only_with
    return needed is not None and values.get(needed) is None


def _needs_a_person(step: Step, values: Values) -> bool:
    """Does it use a detail of a person that is not known here?"""
    return any(name.startswith(DETAILS) and values.get(name) is None for name in used_in(step))


def _of_a_person(steps: Sequence[tuple[KeyPath, Step, Values]]) -> Iterator[Sighting]:
    """From the first step on that cannot be done without somebody's details, none is looked at."""
    return (_sighting(at, step, None, _OF_A_PERSON) for at, step, _ in steps)


def _is_click(step: Step) -> bool:
    return not isinstance(step, GotoStep | EachLocationStep) and isinstance(action_of(step), Click)


def _wanted(steps: Sequence[Step], values: Values) -> Iterator[_Wanted]:
    """The controls of `fire`, those that are left out without a value not among them."""
    at_once = parked = True
    for at, step, _ in _one_by_one(steps, ("fire",), values, ()):
        if isinstance(step, GotoStep):
            continue
        action = action_of(step)
        acts = not isinstance(action, WaitFor)
        control = control_of(step)
        if control and not (isinstance(action, Click) and action.if_present):
            others = (*getattr(action, "or_outcome", {}).values(), getattr(action, "or_skip", None))
            any_of = (control[1], *filter(None, others))
            of_a_slot = any(OF_A_SLOT & set(_placeholders(one)) for one in any_of)
            yield _Wanted(
                at, step, any_of, acts, at_once and not of_a_slot, parked and (acts or at_once), of_a_slot
            )
        # What comes after an act may be there only because of it.
        at_once = at_once and not acts
        parked = parked and not isinstance(action, Click | Reload)


def _sighting(at: KeyPath, step: Step, seen: bool | None, why: str = "", gap: Gap | None = None) -> Sighting:
    """Of a step, by its key; where something of it is missing, by the key of that."""
    part, what = str(at[0]), _shortened(described(step))
    if gap is None:
        return Sighting(part, what, seen, why, at)
    return Sighting(part, what, seen, why, (*at[:-1], *gap.at), gap.what, gap.near)


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
    return any(OF_A_SLOT & set(names(text)) for text in texts)


def _fits(selector: Selector, values: Values) -> bool:
    """Has every placeholder a value? Without one there is nothing to look for."""
    texts = (selector.css, selector.find or "", *(inner.css for inner in selector.has), selector.text or "")
    return all(has_values(text, values) for text in texts)
