"""The LibreBooking profile, in a real browser and both engine modes, at an imitation of the site."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from sniper.core.outcomes import Outcome
from sniper.core.slots import Slot
from sniper.engine.browser.firing import Mode
from sniper.engine.protocol import Credentials, SignedOutError, SignInRefusedError
from sniper.sites.profile import Again
from tests.librebooking.conftest import Club, fire, held, sign_in


def test_an_account_parks_fires_when_the_end_of_the_slot_comes_within_reach_and_gives_it_back(
    club: Club,
) -> None:
    slot = club.slot()

    async def go() -> None:
        async with club.engine() as engine:
            await sign_in(engine, "ann")
            at = club.opens_in(timedelta(seconds=4), slot)
            (tried,) = await fire(engine, "ann", slot, at=at)
            assert (tried.outcome, tried.slot) == (Outcome.BOOKED, slot)
            assert tried.message == "Your reservation was successfully created!"
            (booking,) = await held(engine, "ann")
            assert (booking.slot, booking.reference) == (slot, tried.reference)
            assert not await engine.is_doubled(booking)
            await engine.cancel(booking)
            assert await held(engine, "ann") == []

    club.run(go())


def test_every_refusal_is_understood_in_english_and_german(club: Club) -> None:
    venue, slot = club.site.venue, club.slot()

    async def outcomes(account: str) -> list[tuple[Outcome, str]]:
        async with club.engine(
            late_opening=club.profile.late_opening.model_copy(update={"again": Again.NEVER})
        ) as engine:
            await sign_in(engine, account)
            found = []

            async def note(slot: Slot) -> None:
                (tried,) = await fire(engine, account, slot)
                found.append((tried.outcome, tried.message))

            club.opens_in(timedelta(minutes=1), slot)
            await note(slot)
            venue.notice, venue.per_day = timedelta(days=14), 0
            await note(slot)
            venue.per_day = 5
            venue.reserve("bert", 1, slot.start, slot.start + timedelta(hours=1))
            await note(slot)
            venue.rows.clear()
            await note(Slot("Courts", "Court 1", slot.start - timedelta(days=7)))
            return found

    english, german = club.run(outcomes("ann")), club.run(outcomes("bert"))
    kinds = [Outcome.TOO_EARLY, Outcome.ACCOUNT_LIMIT, Outcome.TAKEN, Outcome.NOT_OFFERED]
    assert [outcome for outcome, _ in english] == [outcome for outcome, _ in german] == kinds
    early, limit, taken, past = (said for _, said in english)
    # The site's own clock, to the second.
    assert early.startswith(
        "This reservation cannot be made this far in the future. The latest date and time"
    )
    assert early.endswith("M.")
    assert limit == "You are limited to 0.00 reservations per day."
    assert taken == f"There are conflicting reservations on the following dates: {slot.start:%d/%m/%Y}"
    assert past == "The start date and time cannot be in the past."
    assert "Der späteste Zeitpunkt ist" in german[0][1]


def test_too_early_is_tried_again_with_the_form_loaded_anew(club: Club) -> None:
    slot = club.slot()

    async def go() -> None:
        async with club.engine() as engine:
            await sign_in(engine, "bert")
            (tried,) = await fire(
                engine, "bert", slot, before=lambda: club.opens_in(timedelta(seconds=1), slot)
            )
            assert tried.outcome is Outcome.BOOKED
            assert tried.message.startswith("Ihre Reservierung wurde erfolgreich angelegt! (tried ")

    club.run(go())
    assert len(club.site.venue.saves) > 1


def test_what_is_taken_is_followed_by_the_next_court_whose_form_is_opened(club: Club) -> None:
    first, second = club.slot(court=1), club.slot(court=2, hour=11)
    club.site.venue.reserve("bert", 1, first.start, first.start + timedelta(hours=1))

    async def go() -> None:
        async with club.engine() as engine:
            await sign_in(engine, "ann")
            tries = await fire(engine, "ann", first, second)
            assert [(one.slot, one.outcome) for one in tries] == [
                (first, Outcome.TAKEN),
                (second, Outcome.BOOKED),
            ]
            assert [one.slot for one in await held(engine, "ann")] == [second]

    club.run(go())


def test_hours_that_the_schedule_does_not_have_are_not_booked_as_others(club: Club) -> None:
    odd = Slot("Courts", "Court 1", club.slot().start + timedelta(minutes=30))

    async def go() -> None:
        changes = {"fire": (club.profile.fire[0], _quick(club))}
        async with club.engine(**changes) as engine:
            await sign_in(engine, "ann")
            (tried,) = await fire(engine, "ann", odd)
            assert tried.outcome is Outcome.NOT_OFFERED

    club.run(go())
    assert club.site.venue.saves == []


def test_a_slot_that_was_given_to_two_is_told_as_doubled_to_both(club: Club) -> None:
    slot = club.slot()
    club.site.venue.looks_for = 2.0

    async def go() -> None:
        async with club.engine() as engine:
            await asyncio.gather(sign_in(engine, "ann"), sign_in(engine, "bert"))
            (one,), (other,) = await asyncio.gather(fire(engine, "ann", slot), fire(engine, "bert", slot))
            assert one.outcome is other.outcome is Outcome.BOOKED
            bookings = [one for account in ("ann", "bert") for one in await held(engine, account)]
            assert [await engine.is_doubled(one) for one in bookings] == [True, True]
            # The site's list counts who came first.
            first = min(club.site.venue.rows, key=lambda row: row.id)
            assert [engine.was_first(one) for one in bookings] == [
                one.account == first.owner for one in bookings
            ]

    club.run(go())


def test_what_has_nothing_to_do_with_the_slot_is_understood_though_the_page_spins_for_ever(
    club: Club,
) -> None:
    meant = {503: Outcome.MAINTENANCE, 418: Outcome.UNKNOWN, 429: Outcome.RATE_LIMITED}

    async def go() -> None:
        async with club.engine() as engine:
            await sign_in(engine, "ann")
            for status, outcome in meant.items():
                club.site.answers.append(status)
                (tried,) = await fire(engine, "ann", club.slot())
                assert tried.outcome is outcome

    club.run(go())


def test_a_session_that_has_ended_and_a_token_that_is_not_good_any_more_are_told(club: Club) -> None:
    async def go() -> None:
        async with club.engine() as engine:
            await asyncio.gather(sign_in(engine, "ann"), sign_in(engine, "bert"))
            (tried,) = await fire(engine, "bert", club.slot(), before=club.site.change_tokens)
            assert tried.outcome is Outcome.SIGNED_OUT
            await engine.stay_signed_in("ann")
            (tried,) = await fire(engine, "ann", club.slot(), before=club.site.sign_out_everybody)
            assert tried.outcome is Outcome.SIGNED_OUT
            with pytest.raises(SignedOutError):
                await engine.stay_signed_in("ann")

    club.run(go())


@pytest.mark.parametrize("mode", [Mode.ARMED], indirect=True)  # Nothing is fired.
def test_a_wrong_password_is_refused_in_the_words_of_the_site(club: Club) -> None:
    async def go() -> None:
        async with club.engine() as engine:
            with pytest.raises(SignInRefusedError, match="Benutzername oder Passwort falsch"):
                await engine.sign_in(Credentials("ann", "wrong"))

    club.run(go())


def _quick(club: Club) -> object:
    """The press, which does not wait as long for what is not there."""
    click = club.profile.fire[-1].click  # type: ignore[union-attr]
    return club.profile.fire[-1].model_copy(
        update={"click": click.model_copy(update={"timeout": timedelta(milliseconds=300)})}
    )
