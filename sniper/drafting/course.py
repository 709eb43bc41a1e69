"""The course of a booking: where signing in ends, which press books, and what comes after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from sniper.drafting.doing import is_at, is_code, is_secret
from sniper.drafting.lists import mentions, references_in
from sniper.drafting.notes import Deed, Exchange, PageNote, Story, origin_of, place_of

_CHANGING = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True)
class Course:
    """A story in its parts.

    Attributes:
        sign_in: What was done to sign in; empty where nobody did.
        booking: What was done from then on, up to the press that books, and with it.
        answer: The site's answer to that press; None where there was none.
        after: What was done later.
        before: The page on which it all began, as it was then.
        others: Answers that might be the one to the booking as well.
    """

    story: Story
    sign_in: tuple[Deed, ...]
    booking: tuple[Deed, ...]
    answer: Exchange | None
    after: tuple[Deed, ...]
    before: PageNote | None
    others: tuple[Exchange, ...]

    def pages_from(self, at: int) -> Iterator[PageNote]:
        """What the site itself showed from then on."""
        ours = origin_of(self.story.url)
        return (one.page for one in self.story.pages if one.at > at and origin_of(one.page.url) == ours)

    @property
    def signed_in_at(self) -> int:
        """The place of the last deed of the sign-in in the order of all that is known."""
        return self.sign_in[-1].at if self.sign_in else -1

    @property
    def pages_signed_in(self) -> tuple[PageNote, ...]:
        """What the site showed when the account was signed in."""
        return tuple(page for page in self.pages_from(self.signed_in_at) if not page.asks)


def course_of(story: Story) -> Course:
    """Take a story apart."""
    story = _at_home(story)
    deeds = story.deeds
    ends = _end_of_sign_in(deeds, story.url)
    candidates = [
        one
        for one in story.exchanges
        if one.method in _CHANGING and one.status is not None and _made_by(one, deeds) >= ends
    ]
    answer = _likeliest(candidates, story.exchanges)
    pressed = _made_by(answer, deeds) if answer else len(deeds) - 1
    ours = origin_of(story.url)
    begins = deeds[0].at if deeds else 0
    first = [one.page for one in story.pages if origin_of(one.page.url) == ours and one.at < begins]
    return Course(
        story=story,
        sign_in=tuple(deeds[:ends]),
        booking=tuple(deeds[ends : pressed + 1]),
        answer=answer,
        after=tuple(deeds[pressed + 1 :]),
        before=first[-1] if first else None,
        others=tuple(one for one in candidates if one is not answer),
    )


def _at_home(story: Story) -> Story:
    """The story from where the site begins that was booked at: another one may have led there."""
    secrets = [index for index, deed in enumerate(story.deeds) if is_secret(deed)]
    later = [deed for deed in story.deeds[secrets[-1] + 1 if secrets else 0 :] if deed.note and deed.note.top]
    if not later or any(is_at(deed, story.url) for deed in later):
        return story
    home = next(origin_of(deed.note.url) for deed in reversed(later) if deed.note)
    begins = next(index for index, deed in enumerate(story.deeds) if is_at(deed, home))
    # Nothing of the sign-in is left out, wherever that is.
    return replace(
        story,
        url=f"{home}/",
        deeds=story.deeds[begins if begins <= min(secrets, default=len(story.deeds)) else 0 :],
    )


def _end_of_sign_in(deeds: Sequence[Deed], url: str) -> int:
    """The index of the first deed that is no part of signing in."""
    secrets = [index for index, deed in enumerate(deeds) if is_secret(deed)]
    if not secrets:
        return 0
    ends = secrets[-1] + 1
    while ends < len(deeds):
        here, before = deeds[ends], deeds[ends - 1]
        on_the_same_page = _page(here) == _page(before) and is_at(here, url)
        has_sent = before.name in ("click", "press") and not is_secret(before)
        if is_at(here, url) and (has_sent or not on_the_same_page) and not _goes_on(here, deeds[ends:]):
            break
        ends += 1
    return ends


def _goes_on(here: Deed, rest: Sequence[Deed]) -> bool:
    """Is a code asked for on the page after the password?"""
    code = next((deed for deed in rest if deed.name == "fill"), None)
    return code is not None and _page(code) == _page(here) and is_code(code) and rest.index(code) <= 1


def _page(deed: Deed) -> str | None:
    return place_of(deed.note.url).partition("?")[0] if deed.note and deed.note.top else None


def _made_by(exchange: Exchange, deeds: Sequence[Deed]) -> int:
    """The index of the deed after which something was asked; -1 for what was asked before all of them."""
    return max((index for index, deed in enumerate(deeds) if deed.at < exchange.at), default=-1)


def _likeliest(candidates: Sequence[Exchange], exchanges: Sequence[Exchange]) -> Exchange | None:
    """The one whose number the site lists later on as somebody's; else the last that went well."""
    for one in reversed(candidates):
        later = [other for other in exchanges if other.at > one.at and other.method == "GET"]
        if any(mentions(other.body, number) for _, number in references_in(one.body) for other in later):
            return one
    well = [one for one in candidates if one.status is not None and one.status < HTTPStatus.BAD_REQUEST]
    return well[-1] if well else candidates[-1] if candidates else None
