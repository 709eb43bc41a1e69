"""What answers mean and what follows from them."""

from __future__ import annotations

import pytest

from sniper.core.outcomes import Outcome


@pytest.mark.parametrize("outcome", Outcome, ids=lambda o: o.value)
def test_every_outcome_has_a_handling_and_a_meaning(outcome: Outcome) -> None:
    assert outcome.handling is not None
    assert outcome.meaning


def test_no_two_outcomes_are_told_in_the_same_words() -> None:
    assert len({outcome.meaning for outcome in Outcome}) == len(Outcome)


@pytest.mark.parametrize("outcome", [o for o in Outcome if o.handling.ours], ids=lambda o: o.value)
def test_what_may_have_been_booked_is_never_followed_by_another_try(outcome: Outcome) -> None:
    assert not outcome.handling.try_again
    assert not outcome.handling.next_target


@pytest.mark.parametrize("outcome", [o for o in Outcome if o.handling.stop_account], ids=lambda o: o.value)
def test_an_account_that_stops_tries_nothing_else_and_a_person_is_told(outcome: Outcome) -> None:
    assert not outcome.handling.try_again
    assert not outcome.handling.next_target
    assert outcome.handling.tell_person


def test_these_may_have_booked() -> None:
    ours = {outcome for outcome in Outcome if outcome.handling.ours}
    not_told = {Outcome.INTERRUPTED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.MAINTENANCE}
    assert ours == {Outcome.BOOKED} | not_told


def test_these_go_on_to_the_next_slot() -> None:
    going_on = {outcome for outcome in Outcome if outcome.handling.next_target}
    assert going_on == {
        Outcome.TAKEN,
        Outcome.WAITLISTED,
        Outcome.TOO_EARLY,
        Outcome.BUSY,
        Outcome.ACCOUNT_LIMIT,
        Outcome.OPTION_DISABLED,
        Outcome.NOT_OFFERED,
    }


def test_only_what_passes_by_itself_is_tried_again() -> None:
    again = {outcome for outcome in Outcome if outcome.handling.try_again}
    assert again == {Outcome.TOO_EARLY, Outcome.BUSY, Outcome.RATE_LIMITED}


def test_a_captcha_and_a_ban_stop_the_account() -> None:
    stopping = {outcome for outcome in Outcome if outcome.handling.stop_account}
    assert stopping == {Outcome.CAPTCHA, Outcome.BLOCKED}


def test_a_sign_out_leaves_the_slot_to_others_and_the_account_for_later() -> None:
    handling = Outcome.SIGNED_OUT.handling
    assert (handling.other_account, handling.stop_account, handling.ours) == (True, False, False)


def test_what_is_not_understood_fails_or_has_signed_out_is_trouble() -> None:
    assert {o for o in Outcome if o.handling.trouble} == {
        Outcome.SIGNED_OUT,
        Outcome.FAILED,
        Outcome.UNKNOWN,
        Outcome.MAINTENANCE,
    }


def test_a_place_on_a_waiting_list_is_told_to_a_person() -> None:
    assert Outcome.WAITLISTED.handling.tell_person
