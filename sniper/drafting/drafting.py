"""A profile's draft from a person's way through a site."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import durationpy

from sniper.core.outcomes import Outcome
from sniper.drafting.accounts import Own, add_sign_in, own_of
from sniper.drafting.booking import add_booking
from sniper.drafting.course import Course, course_of
from sniper.drafting.doing import is_secret, steps_of, tail_of
from sniper.drafting.guessing import completed
from sniper.drafting.lists import Listed, how_it_went, listed_in, references_in
from sniper.drafting.notes import Story, origin_of, place_of
from sniper.drafting.private import leave_out, private_in, without
from sniper.drafting.questions import Draft
from sniper.drafting.selecting import by_attribute
from sniper.drafting.wanted import Wanted

_HOUR = timedelta(hours=1)
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[A-Z]{2})?")
_REFUSALS = (
    ("taken", 409),
    ("signed_out", 401),
    ("rate_limited", 429),
    ("maintenance", "5xx"),
)
_CHANGE_ME = "/answer-this"


def wanted_of(story: Story, told: Wanted) -> Wanted:
    """What was booked: as the person says, and for the rest as it looks."""
    return completed(told, course_of(story).booking)


def draft_of(story: Story, wanted: Wanted, name: str, secrets: Collection[str] = ()) -> Draft:
    """A draft, with its questions.

    Args:
        story: What was done.
        wanted: What was booked.
        name: The profile's.
        secrets: What was typed into fields for passwords: looked for, and left out.
    """
    usernames = [
        deed.text
        for deed in course_of(story).sign_in
        if deed.name == "fill" and deed.text and not is_secret(deed)
    ]
    private = private_in(story, secrets, usernames)
    course = course_of(without(story, private))
    zone = _zone(course)
    number, listed = _listed(course, wanted, zone)
    own = own_of(course, listed)
    draft = Draft()
    _add_site(draft, course, name, zone, listed)
    _add_rules(draft, wanted)
    add_sign_in(draft, course, own)
    add_booking(draft, course, wanted)
    _add_outcomes(draft, course, number)
    _add_my_bookings(draft, own, wanted)
    _add_cancel(draft, course, own, number)
    leave_out(draft, private)
    return draft


def name_of(url: str) -> str:
    """A name for a profile of this address."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-") or "site"


def _zone(course: Course) -> str:
    return next((one.page.zone for one in reversed(course.story.pages) if one.page.zone), "UTC")


def _listed(course: Course, wanted: Wanted, zone: str) -> tuple[str | None, Listed | None]:
    """The number of the booking, and the list in which it is found later."""
    answer = course.answer
    if answer is None:
        return None, None
    later = [one for one in course.story.exchanges if one.at > answer.at]
    went = how_it_went(answer.body)
    numbers: list[str | None] = [number for _, number in references_in(answer.body)]
    found = [
        (number, listed)
        for number in (*numbers, None)
        if (listed := listed_in(later, wanted, ZoneInfo(zone), number, went))
    ]
    if found:
        return max(found, key=lambda one: one[1].known)
    return next(iter(numbers), None), None


def _add_site(draft: Draft, course: Course, name: str, zone: str, listed: Listed | None) -> None:
    before = course.before
    draft.put("name", name)
    draft.put("title", (before and before.site_name) or urlsplit(course.story.url).hostname or name)
    draft.put("base_url", origin_of(course.story.url))
    draft.put("timezone", zone)
    if listed is None or listed.start is None:
        draft.ask(("timezone",), "is the site's own time zone this one, which the browser has?")
    if before and _LANGUAGE.fullmatch(before.language):
        draft.put("locale", before.language)


def _add_rules(draft: Draft, wanted: Wanted) -> None:
    """What no page tells by being used once. The defaults are careful ones."""
    name = wanted.location or "Location"
    length = wanted.length or _HOUR
    location: dict[str, Any] = {"opens": {"before_start": "72h"}}
    at = ("locations", name)
    draft.ask(
        (*at, "opens"),
        "from when on can a slot be booked: so long before its start, its end, or its day?",
    )
    if length != _HOUR or not wanted.length:
        location["slot"] = durationpy.to_str(length)
    if not wanted.length:
        draft.ask((*at, "slot"), "how long does a slot last?")
    if wanted.sub_location:
        location["sub_locations"] = [wanted.sub_location]
        draft.ask((*at, "sub_locations"), "which others are there?")
    draft.put("locations", {name: location})
    draft.ask(("locations",), "which other places can be booked here, with the same steps?")
    if not wanted.location:
        draft.ask(at, "what is this place called on the site's pages?")
    if wanted.start is None:
        draft.ask(("locations",), "when the slot starts is not known, so no step could be made to go by it")
    draft.put("limits", {"per_account": [{"bookings": 1, "per": ["date", "start"]}]})
    draft.ask(("limits",), "how many bookings may an account have: at one time, at one place on one day?")
    draft.put("budget", {"requests_per_second": 2, "attempts_per_opening": 6})
    draft.ask(("budget",), "how often may an account ask? More than the site bears gets it shut out")


def _add_outcomes(draft: Draft, course: Course, number: str | None) -> None:
    answer = course.answer
    rules: list[dict[str, Any]] = []
    if answer is None:
        rules.append({"is": "booked", "response": {"url": _CHANGE_ME, "status": 201}})
        draft.ask(("outcomes", 0), "what is answered to the press that books?")
        draft.put("outcomes", rules)
        return
    response: dict[str, Any] = {"url": tail_of(answer.path)}
    if answer.method != "POST":
        response["method"] = answer.method
    booked = {**response, "status": answer.status}
    went = how_it_went(answer.body)
    if went:
        booked["json"] = went
    rule: dict[str, Any] = {"is": "booked", "response": booked}
    path = next((path for path, value in references_in(answer.body) if value == number), None)
    if path:
        rule["reference"] = str(path)
    if "json" not in answer.content_type:
        booked["text"] = _seen_after(draft, course)
    rules.append(rule)
    draft.ask(("outcomes", 0), "are refusals, and places on a waiting list, answered otherwise than this?")
    rules += [{"is": what, "response": {**response, "status": status}} for what, status in _REFUSALS]
    signed_in = draft.document["signed_in"]
    rules.append({"is": Outcome.SIGNED_OUT.value, "page": signed_in["unless"]})
    draft.ask(
        ("outcomes", 1),
        "these are guesses: what is answered to what is taken, too early, one too many (account_limit)?",
    )
    draft.put("outcomes", rules)


def _seen_after(draft: Draft, course: Course) -> str:
    """What an answer in HTML says of success, as an expression: what is in it, and shown since then."""
    answer = course.answer
    assert answer is not None
    known = {
        (mark.css, mark.text)
        for shown in course.story.pages
        if shown.at < answer.at
        for mark in shown.page.marks
    }
    page = next(course.pages_from(answer.at), None)
    new = [mark for mark in (page.marks if page else ()) if (mark.css, mark.text) not in known]
    named = [mark.css[1:] for mark in new if mark.by == "id" and not any(map(str.isdigit, mark.css))]
    draft.ask(
        ("outcomes", 0),
        "by what in the answer can it be told that it is booked, and by what its number (reference_text)?",
    )
    for name in named:
        found = f"id=[\"']?{name}\\b"
        if re.search(found, answer.html):
            return found
    return "the words that say that it is booked"


def _add_my_bookings(draft: Draft, own: Own | None, wanted: Wanted) -> None:
    if own is None:
        draft.put(
            "my_bookings",
            {
                "steps": [{"goto": draft.document["signed_in"]["page"]}],
                "response": {"url": _CHANGE_ME, "method": "GET", "status": 200},
                "items": "$",
                "reference": "$.id",
                "start": "$.start",
                "location": "$.location",
            },
        )
        draft.ask(
            ("my_bookings",),
            "no list of one's own bookings was seen after the booking: where is it, and what does it tell? "
            "Until then nothing counts as booked",
        )
        return
    listed = own.listed
    part: dict[str, Any] = {
        "steps": [{"goto": own.at}],
        "response": {"url": tail_of(listed.exchange.path), "method": "GET", "status": 200},
        "items": str(listed.items),
    }
    if listed.keep:
        part["keep"] = listed.keep
    for key, path in (
        ("reference", listed.reference),
        ("start", listed.start),
        ("location", listed.location),
    ):
        part[key] = str(path) if path else f"$.{key}"
        if path is None:
            draft.ask(("my_bookings", key), f"where does the {key} stand in an entry? It was not found")
    if listed.sub_location:
        part["sub_location"] = str(listed.sub_location)
    elif wanted.sub_location:
        draft.ask(("my_bookings",), "where does the sub_location stand in an entry? It was not found")
    draft.put("my_bookings", part)
    if not listed.keep:
        draft.ask(
            ("my_bookings", "items"),
            "are cancelled bookings, or a waiting list, in it? `keep` leaves them out",
        )


def _add_cancel(draft: Draft, course: Course, own: Own | None, number: str | None) -> None:
    """How the booking was given back, if it was."""
    given_back = [
        one
        for one in course.story.exchanges
        if course.answer and one.at > course.answer.at and one.method in ("DELETE", "POST", "PUT", "PATCH")
        and number is not None and number in one.path.split("/") and one.status is not None
    ]  # fmt: skip
    if not given_back or own is None or number is None:
        return
    last = given_back[-1]
    after = [deed for deed in course.after if deed.at < last.at]
    deeds = [deed for deed in after if deed.note and place_of(deed.note.url) == own.at]
    steps: list[dict[str, Any]] = [{"goto": own.at}]

    def referring(text: str) -> str:
        return text.replace("{", "{{").replace("}", "}}").replace(number, "{reference}")

    for one in steps_of(deeds, (), Wanted()):
        note = one.deed.note
        row = note and by_attribute(note, referring, _tells_the_reference)
        steps.append({"click": {"on": row.select}} if row and "click" in one.step else one.step)
    url = (
        tail_of(last.path.replace(f"/{number}", "")) + "/{reference}" if last.path.endswith(number) else None
    )
    if not any("{reference}" in str(step) for step in steps) or url is None:
        draft.ask(
            ("my_bookings",),
            "a booking was given back, but its number was in nothing that was pressed: how is `cancel` done?",
        )
        return
    done: dict[str, Any] = {"url": url, "method": last.method, "status": last.status}
    draft.put("cancel", {"steps": steps, "done": done})


def _tells_the_reference(text: str) -> bool:
    return text == "{reference}" or bool(re.fullmatch(r"[\w-]*\W?\{reference\}", text))
