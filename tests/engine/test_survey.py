"""Whether a profile still fits its site is seen before the opening, and nothing is booked for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from sniper.core.plan import Attempt, Role
from sniper.core.sightings import Sighting
from sniper.core.slots import Slot
from sniper.engine.browser.account_page import AccountPage
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.session import AccountSession
from sniper.engine.protocol import ArmError, NothingKept, SignInError, Survey
from sniper.sites.details import Detail
from sniper.sites.profile import Profile, Rehearse
from sniper.sites.steps import Press, PressStep, Selector, Step, WaitFor, WaitForStep
from tests.engine.benches import CLOSED, Bench, credentials, page_of
from tests.engine.lasting import SignedInBench

pytestmark = pytest.mark.parametrize("mode", [Mode.ARMED])


def changed(profile: Profile, part: str, old: str, new: str) -> dict[str, Any]:
    """A part of the profile with another word in its selectors."""
    text = profile.model_dump_json(include={part}, exclude_none=True)
    assert old in text
    whole = profile.model_dump(mode="json", exclude_none=True)
    mended = Profile.model_validate(whole | json.loads(text.replace(old, new)))
    return {part: getattr(mended, part)}


def once(profile: Profile, within: timedelta | None = timedelta(seconds=30)) -> tuple[Rehearse, ...]:
    """Its rehearsal, each part once, with time enough for any machine; or with the profile's own (None)."""
    parts = (part.model_copy(update={"times": 1}) for part in profile.rehearse)
    if within is None:
        return tuple(parts)
    return tuple(
        part.model_copy(update={"steps": tuple(lasting(step, within) for step in part.steps)})
        for part in parts
    )


def lasting(step: Step, within: timedelta) -> Step:
    """A step with so much time, where it takes any."""
    (name,) = type(step).model_fields
    action = getattr(step, name)
    if not hasattr(action, "timeout"):
        return step
    return step.model_copy(update={name: action.model_copy(update={"timeout": within})})


def soon_over(steps: Sequence[Step], at: int) -> tuple[Step, ...]:
    """The same, where one of them is known not to work, and the others have time enough for any machine."""
    seconds = (1 if index == at else 30 for index in range(len(steps)))
    return tuple(lasting(step, timedelta(seconds=n)) for step, n in zip(steps, seconds, strict=True))


def test_a_profile_that_fits_is_seen_with_its_dialog_and_one_that_does_not_is_told(
    visit: Callable[..., SignedInBench],
) -> None:
    here = visit(start=CLOSED)
    attempt = Attempt("user1", (here.slot("X1 A", 13), here.slot("X1 B", 13)), Role.LEAD)

    async def surveyed(**changes: Any) -> tuple[tuple[Sighting, ...], str | None]:
        async with here.engine(**changes) as engine:
            survey = await engine.survey(attempt)
            # Whoever parks it next finds no dialog there.
            assert await page_of(engine, "user1").locator("modal-container").count() == 0
            return survey.sightings, survey.picture

    fits, no_picture = here.run(surveyed(rehearse=once(here.profile)))
    assert {one.seen for one in fits} == {True}
    assert {one.part for one in fits} == {"arm", "fire"}
    assert no_picture is None

    renamed = changed(here.profile, "fire", "details-book-button", "details-order-button")
    missing, picture = here.run(surveyed(**renamed, rehearse=once(here.profile)))
    assert [one.what for one in missing if one.seen is False] == [
        next(one.what for one in missing if "details-order-button" in one.what)
    ]
    assert picture is not None

    (button,) = (one for one in missing if one.seen is False)
    assert button.at == ("fire", 4, "click", "on")
    assert button.near == ("[data-test-id='details-book-button']",)

    # The cards are there, and none of those that are open has the button.
    renamed = changed(here.profile, "fire", "bookable-slot-book-button", "bookable-slot-order-button")
    (button,) = (one for one in here.run(surveyed(**renamed))[0] if one.seen is False)
    assert (button.at, button.lacks) == (
        ("fire", 2, "click", "on", "find"),
        "button[data-test-id='bookable-slot-order-button']",
    )
    assert button.near[0] == "[data-test-id='bookable-slot-book-button']"

    # There is something like it that the profile knows nothing of: it is no empty list.
    renamed = changed(here.profile, "fire", "'bookable-slot-list", "'bookable-slots-list")
    (card,) = (one for one in here.run(surveyed(**renamed))[0] if one.seen is False)
    assert card.at == ("fire", 2, "click", "on")
    assert card.near[0] == "[data-test-id='bookable-slot-list']"

    # Without a rehearsal nobody opens the dialog before the opening.
    unrehearsed, _ = here.run(surveyed())
    assert [one.seen for one in unrehearsed if "modal-container" in one.what] == [None, None]
    # Also where the page has something as well that is pressed later on.
    confirm = "modal-container button[data-test-id='details-book-button']"
    on_the_page = changed(here.profile, "fire", confirm, "input[type='date']")
    unrehearsed, _ = here.run(surveyed(**on_the_page))
    assert {one.seen for one in unrehearsed if "modal-container" in one.what} == {None}
    assert not any(one.owners for one in here.site.venue.owners_on(attempt.target.day))


def test_what_cannot_be_there_yet_has_not_drifted(visit: Callable[..., SignedInBench]) -> None:
    here = visit(start=CLOSED)

    async def surveyed(*chain: Slot) -> Survey:
        async with here.engine(rehearse=once(here.profile, within=None)) as engine:
            return await engine.survey(Attempt("user1", chain, Role.LEAD))

    # Nothing opens yet on that day.
    closed = here.run(surveyed(here.slot("X1 A", 13, date(2026, 12, 22))))
    assert [one for one in (*closed.sightings, *closed.rehearsed) if one.seen is False] == []
    assert [one.what for one in closed.sightings if one.seen is None and "modal-container" in one.what]
    assert [one.at[:4] for one in closed.rehearsed if one.seen is None] == [("rehearse", 1, "steps", 0)]

    # What is open there has no picker for places.
    day = date(2026, 11, 27)
    fitness = here.run(surveyed(here.slot("X1 A", 12, day), here.slot("Fitness", 12, day)))
    assert [one for one in (*fitness.sightings, *fitness.rehearsed) if one.seen is False] == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [("error=500,requests=list", "was answered 500"), ("captcha,requests=pages", "captcha")],
)
def test_a_site_that_has_no_answer_is_told_as_that_beside_what_is_missing(
    bench: Callable[..., Bench], fault: str, said: str
) -> None:
    here = bench(start=CLOSED)
    attempt = Attempt("user1", (here.slot("X1 A", 13),), Role.LEAD)
    # What waits for the page waits in vain for one that is a captcha.
    arm = soon_over(here.profile.arm, 1) if "captcha" in fault else here.profile.arm

    async def surveyed() -> Survey:
        async with here.engine(arm=arm) as engine:
            await engine.sign_in(credentials("user1"))
            here.suffer(fault)
            return await engine.survey(attempt)

    assert said in here.run(surveyed()).instead


def test_a_sign_in_that_has_drifted_is_told_with_what_is_there_instead(bench: Callable[..., Bench]) -> None:
    here = bench(start=CLOSED)
    steps = soon_over(changed(here.profile, "sign_in", "#password", "#passwort")["sign_in"], 4)

    async def drift() -> Sighting | None:
        async with here.engine(states=NothingKept(), sign_in=steps) as engine:
            with pytest.raises(SignInError) as caught:
                await engine.sign_in(credentials("user1"))
            return await engine.drift_in("user1", caught.value)

    found = here.run(drift())
    assert found is not None
    assert (found.at, found.lacks) == (("sign_in", 4, "fill", "into"), "#passwort")
    assert found.near[0] == "#password"


def test_a_step_of_parking_that_does_not_work_is_told_and_nothing_after_it_is_judged(
    bench: Callable[..., Bench],
) -> None:
    here = bench(start=CLOSED)
    attempt = Attempt("user1", (here.slot("X1 A", 13),), Role.LEAD)
    moved: dict[str, Any] = {
        "arm": soon_over(changed(here.profile, "arm", "#tag-filterinput", "#moved")["arm"], 2)
    }

    async def check() -> None:
        async with here.engine(**moved) as engine:
            with pytest.raises(ArmError, match="no page"):
                await engine.survey(attempt)
            await engine.sign_in(credentials("user1"))
            sightings = (await engine.survey(attempt)).sightings
        assert [one.seen for one in sightings if one.part == "arm"] == [True, True, False]
        assert (sightings[2].at, sightings[2].lacks) == (("arm", 2, "click", "on"), "#moved")
        assert {one.seen for one in sightings if one.part == "fire"} == {None}

    here.run(check())


def test_what_needs_the_details_of_a_person_is_looked_at_only_where_they_are_known(
    visit: Callable[..., SignedInBench],
) -> None:
    here = visit(start=CLOSED)
    of_ann = WaitForStep(wait_for=WaitFor(gone=Selector(css="#of-{details.given_name}")))
    escape = PressStep(press=Press(key="Escape"))
    opening, *_ = once(here.profile)[1].steps
    asking: dict[str, Any] = {"account_details": (Detail.GIVEN_NAME,)}
    attempt = Attempt("user1", (here.slot("X1 A", 13), here.slot("X1 B", 13)), Role.LEAD)

    async def surveyed(*details: tuple[str, str], **changes: Any) -> Survey:
        async with here.engine(**asking, **changes) as engine:
            who = replace(credentials("user1"), details=details)
            session = AccountSession(AccountPage(engine._site, who, here.page), who, here.firing)
            session.signed_in = True
            engine._sessions["user1"] = session
            return await engine.survey(attempt)

    def of(sightings: Sequence[Sighting], *parts: str) -> list[bool | None]:
        return [one.seen for one in sightings if one.part in parts]

    # What comes after it in a dialog may be there only because of it.
    fire = changed(here.profile, "fire", "details-book-button", "details-order-button")
    rehearsing = fire | {"rehearse": (Rehearse(times=1, steps=(opening, of_ann, escape)),)}
    untold = here.run(surveyed(**rehearsing))
    assert of(untold.rehearsed, "rehearse") == [True, None, None]
    assert {one.why for one in untold.rehearsed if one.seen is None} == {"it needs what a person tells"}
    assert False not in of(untold.sightings, "arm", "fire")

    goto, *_ = here.profile.arm
    arming = {"arm": (goto, of_ann, escape), "rehearse": (), "fire": (escape,)}
    assert of(here.run(surveyed(**arming)).sightings, "arm") == [True, None, None]
    told = here.run(surveyed(("given_name", "Ann"), **arming))
    assert of(told.sightings, "arm") == [True, True, True]
