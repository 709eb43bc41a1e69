"""What a profile's texts stand for at a slot, and its selectors as Playwright locators."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from playwright.async_api import Locator, Page

from sniper.core.slots import Slot
from sniper.engine.protocol import Credentials
from sniper.sites.profile import Profile
from sniper.sites.steps import Selector, Until
from sniper.sites.template import Value, names, render
from sniper.totp import OneTimeCodes

Values = Mapping[str, Value | Callable[[], str] | None]

# The same as in inpage/looking.js. Some pages only write it down in the class.
_OFF = ":disabled, .disabled, [aria-disabled='true'], [aria-disabled='true'] *, [inert], [inert] *"
_READ_ONLY = "[readonly], [aria-readonly='true']"


def values_of(profile: Profile, slot: Slot) -> Values:
    """What the placeholders stand for at a slot."""
    return {
        "date": slot.day,
        "start": slot.start,
        "end": profile.end_of(slot),
        "location": slot.location,
        "sub_location": slot.sub_location,
        **words_of(profile, slot.location, slot.sub_location),
    }


def values_to_sign_in(
    credentials: Credentials, made: Callable[[Iterable[str]], None] = lambda _codes: None
) -> Values:
    """What the placeholders stand for while an account signs in; `made` is told each one-time code."""
    seed = credentials.totp_secret
    codes = OneTimeCodes(seed) if seed else None

    def code() -> str:
        assert codes is not None
        now = codes.now()
        made((now,))
        return now

    return {
        "username": credentials.account,
        "password": credentials.password,
        "totp": code if codes else None,
        "token": credentials.token,
    }


def words_of(profile: Profile, location: str, sub_location: str | None = None) -> Values:
    """The words of a place; those only other locations have are there without a value."""
    every = {word: None for known in profile.locations.values() for word in known.words}
    return {**every, **profile.locations[location].words_at(sub_location)}


def filled(text: str, values: Values) -> str:
    """A profile's text with its placeholders filled in. A one-time code is made at this moment.

    Raises:
        KeyError: A placeholder has no value.
    """
    now = {name: value() if callable(value := values.get(name)) else value for name in names(text)}
    return render(text, now)


def has_values(text: str, values: Values) -> bool:
    """Has every placeholder of the text a value?"""
    return all(values.get(name) is not None for name in names(text))


def locate(page: Page, selector: Selector, values: Values) -> Locator:
    """The elements a selector means, the first ones first."""
    found = page.locator(filled(selector.css, values))
    for inner in selector.has:
        texts = [filled(text, values) for text in inner.text if has_values(text, values)]
        holder = page.locator(filled(inner.css, values)).filter(has_text=exactly(texts))
        found = found.filter(has=holder)
    if selector.text is not None:
        found = found.filter(has_text=exactly([filled(selector.text, values)]))
    if selector.find is not None:
        found = found.locator(filled(selector.find, values))
    return found


def shown(found: Locator) -> Locator:
    """Those of the elements that are shown."""
    return found.filter(visible=True)


def ready(page: Page, found: Locator, until: Until) -> Locator:
    """Those of the elements that are ready to be pressed."""
    if until is Until.PRESENT:
        return found
    return shown(found if until is Until.VISIBLE else found.and_(page.locator(f":not({_OFF})")))


def editable(page: Page, found: Locator) -> Locator:
    """Those of the elements that one can type in."""
    return ready(page, found.and_(page.locator(f":not({_READ_ONLY})")), Until.ENABLED)


def exactly(texts: list[str]) -> re.Pattern[str]:
    """Matches an element's whole text, white space folded. Python's `re.escape` would escape spaces, which
    JavaScript refuses."""
    escaped = (re.sub(r"([.*+?^${}()|\[\]\\/])", r"\\\1", text) for text in texts)
    folded = "|".join(r"\s+".join(text.split()) for text in escaped)
    return re.compile(rf"^\s*(?:{folded})\s*$")
