"""The parts of a profile about being signed in, from a person's way through it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sniper.drafting.course import Course
from sniper.drafting.doing import is_at, tail_of, to_sign_in
from sniper.drafting.lists import Listed
from sniper.drafting.notes import Deed, Exchange, Mark, PageNote, place_of
from sniper.drafting.questions import Draft
from sniper.drafting.selecting import found
from sniper.drafting.wanted import Wanted

_REFUSED = "[role='alert'], .alert-danger, .error"
_NOTHING = "body"
_NUMBERS = re.compile(r"\d{2,}")


@dataclass(frozen=True, slots=True)
class Own:
    """Where one's own bookings are seen.

    Attributes:
        listed: What the page asks for.
        page: What it shows, when it has come to rest.
    """

    listed: Listed
    page: PageNote | None

    @property
    def at(self) -> str:
        """Its path."""
        return place_of(self.page.url if self.page else self.listed.exchange.page)


def own_of(course: Course, listed: Listed | None) -> Own | None:
    """The page that has asked for a list."""
    if listed is None:
        return None
    return Own(listed, page_of(course, listed.exchange))


def page_of(course: Course, exchange: Exchange) -> PageNote | None:
    """The page on which something was asked for: as it had come to rest next."""
    return next(course.pages_from(exchange.at), None)


def add_sign_in(draft: Draft, course: Course, own: Own | None) -> None:
    """`sign_in`, `sign_in_refused` and `signed_in`."""
    out = _out(course)
    landed = next(iter(course.pages_signed_in), None)
    page = own.page if own and own.page else landed
    seen = _only_signed_in(course, page)
    at = own.at if own else place_of(page.url) if page else "/"
    steps: list[dict[str, Any]] = [{"goto": place_of(course.before.url) if course.before else "/"}]
    for index, one in enumerate(to_sign_in(course.sign_in)):
        steps.append(one.step)
        draft.ask(("sign_in", index + 1), *one.doubts)
    if keys := _kept(course):
        steps.append({"wait_for": {"local_storage": keys[0], "timeout": "30s"}})
        if len(keys) > 1 or _NUMBERS.search(keys[0]):
            draft.ask(
                ("sign_in", len(steps) - 1),
                f"which of these keeps everybody's sign-in, under the same key? {', '.join(keys)}",
            )
    else:
        there = _only_signed_in(course, landed)
        what = {"gone": out} if there == _NOTHING else {"seen": there}
        steps.append({"wait_for": {**what, "timeout": "30s"}})
    draft.put("sign_in", steps)
    if not course.sign_in:
        draft.ask(("sign_in",), "nobody typed a password: how does an account sign in?")
    draft.put("sign_in_refused", _REFUSED)
    draft.ask(("sign_in_refused",), "what does the site show when it does not take a password?")
    signed_in: dict[str, Any] = {"page": at, "seen": seen, "unless": out}
    if own:
        exchange = own.listed.exchange
        signed_in["response"] = {"url": tail_of(exchange.path), "method": exchange.method, "status": 200}
    draft.put("signed_in", signed_in)
    if _NUMBERS.search(at):
        draft.ask(("signed_in", "page"), "is this page at the same address for everybody?")
    if seen == _NOTHING:
        draft.ask(
            ("signed_in", "seen"), "what does only a page show whose reader is signed in? Nothing was found"
        )
    elif not own:
        draft.ask(
            ("signed_in",), "does this page show `seen` to nobody who is signed out, and `unless` then?"
        )
    if not course.sign_in:
        draft.ask(("signed_in", "unless"), "what does the page show to those who are not signed in?")


def _out(course: Course) -> Any:
    """What only those see who are not signed in: what the sign-in began with, or where the password goes."""
    ours = [deed for deed in course.sign_in if deed.note and is_at(deed, course.story.url)]
    first: Deed | None = next(iter(ours), None)
    if first and first.note:
        return found(first.note, Wanted()).select
    return "input[type='password']"


def _kept(course: Course) -> list[str]:
    """What the browser has kept since somebody has signed in; keys only."""
    before = set(course.before.local_storage) if course.before else set()
    pages = course.pages_signed_in if course.sign_in else ()
    return [key for key in (pages[-1].local_storage if pages else ()) if key not in before]


def _only_signed_in(course: Course, page: PageNote | None) -> Any:
    """What a page shows to nobody who is signed out: if it can be, what other pages show as well."""
    if page is None:
        return _NOTHING
    ends = course.signed_in_at
    pages = course.pages_signed_in
    outside = [one.page for one in course.story.pages if one.at <= ends or one.page.asks]
    out = {(mark.css, mark.text) for one in outside for mark in one.marks}
    names_out = {css for css, _ in out}

    def rank(mark: Mark) -> tuple[int, bool, bool]:
        shown_on = sum(any(other.css == mark.css for other in one.marks) for one in pages)
        return (shown_on, mark.by == "test_id", mark.tag in ("a", "button"))

    marks = [
        mark
        for mark in page.marks
        if mark.by != "type" and mark.css not in names_out and not mark.dialog
        and not _NUMBERS.search(mark.css)
    ]  # fmt: skip
    if marks:
        return max(marks, key=rank).css

    def is_on_several(mark: Mark) -> bool:
        return (
            sum((mark.css, mark.text) in {(one.css, one.text) for one in other.marks} for other in pages) > 1
        )

    texts = [
        mark
        for mark in page.marks
        if mark.tag in ("a", "button") and mark.text and (mark.css, mark.text) not in out
        and is_on_several(mark)
    ]  # fmt: skip
    return {"css": texts[-1].tag, "text": texts[-1].text} if texts else _NOTHING
