"""Whether a profile still fits its site is seen before the opening, and nothing is booked for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sniper.core.plan import Attempt, Role
from sniper.core.sightings import Sighting
from sniper.engine.browser.firing import Mode
from sniper.engine.protocol import ArmError
from sniper.sites.profile import Profile, Rehearse
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


def once(profile: Profile) -> tuple[Rehearse, ...]:
    """Its rehearsal, each part once."""
    return tuple(part.model_copy(update={"times": 1}) for part in profile.rehearse)


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

    # Without a rehearsal nobody opens the dialog before the opening.
    unrehearsed, _ = here.run(surveyed())
    assert [one.seen for one in unrehearsed if "modal-container" in one.what] == [None, None]
    # Also where the page has something as well that is pressed later on.
    confirm = "modal-container button[data-test-id='details-book-button']"
    on_the_page = changed(here.profile, "fire", confirm, "input[type='date']")
    unrehearsed, _ = here.run(surveyed(**on_the_page))
    assert {one.seen for one in unrehearsed if "modal-container" in one.what} == {None}
    assert not any(one.owners for one in here.site.venue.owners_on(attempt.target.day))


def test_a_step_of_parking_that_does_not_work_is_told_and_nothing_after_it_is_judged(
    bench: Callable[..., Bench],
) -> None:
    here = bench(start=CLOSED)
    attempt = Attempt("user1", (here.slot("X1 A", 13),), Role.LEAD)
    arm = changed(here.profile, "arm", '"timeout":"10s"', '"timeout":"3s"')["arm"]
    moved = changed(here.profile.model_copy(update={"arm": arm}), "arm", "#tag-filterinput", "#moved")

    async def check() -> None:
        async with here.engine(**moved) as engine:
            with pytest.raises(ArmError, match="no page"):
                await engine.survey(attempt)
            await engine.sign_in(credentials("user1"))
            sightings = (await engine.survey(attempt)).sightings
        assert [one.seen for one in sightings if one.part == "arm"] == [True, True, False]
        assert {one.seen for one in sightings if one.part == "fire"} == {None}

    here.run(check())
