"""Why something did not work with a page: is it the profile that does not fit the site any more?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import cast

from playwright.async_api import Error as PlaywrightError

from sniper.core.outcomes import Outcome
from sniper.core.sightings import Sighting
from sniper.documents import KeyPath
from sniper.engine.browser.account_page import AccountPage
from sniper.engine.browser.gaps import gap_of
from sniper.engine.browser.held import NotToldError
from sniper.engine.browser.steps import StepError, described
from sniper.engine.browser.stops import is_no_answer, out_of_order, stop_shown
from sniper.engine.protocol import SiteError, Survey
from sniper.sites.answers import JsonPath, MisreadError, ResponseRule
from sniper.sites.drift import place_of
from sniper.sites.steps import GotoStep, Selector, Step

_LOOK_WITHIN = 30.0
"""Seconds: nobody waits for an opening."""


async def shown_instead(page: AccountPage) -> str:
    """What a page shows that no profile is about, a captcha or an error of the site; empty where nothing."""
    if page.lost:
        return page.lost
    if stop := await stop_shown(page.page, page.profile.outcomes, _LOOK_WITHIN):
        return stop.meaning
    try:
        return await out_of_order(page.page, _LOOK_WITHIN)
    except PlaywrightError as error:
        return page.said(error)
    except TimeoutError:
        return "the page hangs"


async def explained(survey: Survey, page: AccountPage, signed_out: Callable[[], Awaitable[bool]]) -> Survey:
    """The survey, and where something is missing, what the site says or the page shows instead."""
    if all(one.seen is not False for one in (*survey.sightings, *survey.rehearsed)):
        return replace(survey, instead="")
    instead = survey.instead or await shown_instead(page)
    with suppress(PlaywrightError, TimeoutError):
        if not instead and await signed_out():
            instead = "the page shows that it is signed out"
    return replace(survey, instead=instead)


async def drift_in(page: AccountPage, error: SiteError) -> Sighting | None:
    """What of the profile is not as the site is, if that is why something did not work.

    None where it is the network, the site, or what it thinks of the account.
    """
    cause = error if isinstance(error, NotToldError) else error.cause
    if not isinstance(cause, NotToldError | StepError | MisreadError) or cause.about is None:
        return None
    at = place_of(cause.about, page.profile)
    if not at:
        return None
    part, why, near = str(at[0]), page.said(cause), tuple(map(page.scrubbed, getattr(cause, "near", ())))
    match cause.about:
        case JsonPath():
            return Sighting(part, str(cause.about), False, why, at, near=near)
        case ResponseRule(method=method, url=url):
            if isinstance(cause, NotToldError) and is_no_answer(cause.status):
                return None
            return Sighting(part, f"{method} {url}", False, why, (*at, "url"), near=near)
        case GotoStep():
            return None
    if isinstance(cause, StepError) and cause.outcome is Outcome.FAILED:
        return await _of_a_control(page, cast("Step | Selector", cause.about), at, why)
    return None


async def _of_a_control(page: AccountPage, part: Step | Selector, at: KeyPath, why: str) -> Sighting:
    """Of a step or a selector that was not there in time, or did nothing."""
    what = part.css if isinstance(part, Selector) else described(part)
    why = why.removeprefix(f"{what}: ")
    gap = await gap_of(page.page, page.profile, part, {})
    if gap is None:
        return Sighting(str(at[0]), what, False, why, at)
    return Sighting(str(at[0]), what, False, why, (*at, *gap.at), gap.what, gap.near)
