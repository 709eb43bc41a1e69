"""What schedules in words mean, which words are refused, and that they read back as they are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.core.phrase_grammar import EXAMPLES
from sniper.core.phrases import read
from sniper.core.recurrence import Recurrence
from sniper.core.wording import in_words
from tests.core.schedules import SPOKEN_RULES, recurrences

MEANINGS = {
    # the same day every week
    "every Friday at 10:00": "every Friday at 10:00",
    "each friday, 10.00": "every Friday at 10:00",
    "Fridays at 10": "every Friday at 10:00",
    "on Fridays at 10am": "every Friday at 10:00",
    "weekly on fri at 10h": "every Friday at 10:00",
    "10:00 every Friday": "every Friday at 10:00",
    "every Friday": "every Friday",
    "Mondays and Wednesdays at 7pm": "every Monday and Wednesday at 19:00",
    "every Tuesday, Thursday and Saturday at 06:30": "every Tuesday, Thursday and Saturday at 06:30",
    "weekdays at 8am until 2027-06-30": "every weekday at 08:00 until 2027-06-30",
    "every weekday at noon": "every weekday at 12:00",
    "every weekend at 11:00": "every Saturday and Sunday at 11:00",
    # at seven is not at seven in the evening
    "every day at 7:00": "every day at 07:00",
    "daily at 7pm": "every day at 19:00",
    "every day at 12am": "every day at 00:00",
    # not every week
    "every other Friday at 10:00 starting 2027-01-08": (
        "every other week on Friday at 10:00 starting 2027-01-08"
    ),
    # from a Sunday: the first Friday counts, and not the week that the Sunday ends
    "every other Friday at 10:00 starting 2025-08-03": (
        "every other week on Friday at 10:00 starting 2025-08-08"
    ),
    "every 3 weeks on Thursday at 9:00 starting 2027-02-04": (
        "every 3 weeks on Thursday at 09:00 starting 2027-02-04"
    ),
    "fortnightly on Monday from 8 January 2027": "every other week on Monday starting 2027-01-11",
    "every other day at 6:30 beginning on 2027-01-08": "every other day at 06:30 starting 2027-01-08",
    # of the month
    "every first Monday of the month at 9": "every first Monday of the month at 09:00",
    "every first Monday at 9": "every first Monday of the month at 09:00",
    "the last Friday of every month at 17:00": "every last Friday of the month at 17:00",
    "every 2nd and 4th Tuesday of the month": "every second and fourth Tuesday of the month",
    "the 15th of every month at 12:00": "every month on the 15th at 12:00",
    "every last day of the month": "every month on the last",
    # ends and exceptions
    "every Friday at 10:00 from 2027-01-08 to 2027-03-26": (
        "every Friday at 10:00 starting 2027-01-08 until 2027-03-26"
    ),
    "every Friday at 10:00, 10 times, starting March 5, 2027": (
        "every Friday at 10:00 starting 2027-03-05 10 times"
    ),
    "every Friday at 10:00 except on 15.01.2027 and 2027-01-22": (
        "every Friday at 10:00 except 2027-01-15 and 2027-01-22"
    ),
    # once
    "2027-01-08 10:00": "2027-01-08 at 10:00",
    "on 8 January 2027 at 10:00": "2027-01-08 at 10:00",
    "8th jan 2027": "2027-01-08",
    # German
    "jeden Freitag um 10 Uhr ab 08.01.2027 bis 30.06.2027 außer am 15.01.2027": (
        "every Friday at 10:00 starting 2027-01-08 until 2027-06-30 except 2027-01-15"
    ),
    "alle 2 Wochen am Freitag um 10:00 ab 8. Januar 2027": (
        "every other week on Friday at 10:00 starting 2027-01-08"
    ),
    "montags und mittwochs um 18:30": "every Monday and Wednesday at 18:30",
    "jeden ersten Montag im Monat um 9:00": "every first Monday of the month at 09:00",
    "am 08.01.2027 um 10:00": "2027-01-08 at 10:00",
    "täglich um 7 Uhr": "every day at 07:00",
}
REFUSALS = {
    # in two ways
    "every second Tuesday at 20:00": (
        "of the weeks, or of the month? Write 'every other Tuesday', or add 'of the month'"
    ),
    "every third Friday": (
        "of the weeks, or of the month? Write 'every 3 weeks on Friday', or add 'of the month'"
    ),
    "biweekly on Friday at 10:00": (
        "twice a week, or every other one? Write 'every other week on Friday', say"
    ),
    "Friday 10:00": "one Friday, or every one? Write 'every Friday', or the date: 2027-01-08",
    "01/08/2027 at 10:00": "01/08/2027: is the day or the month first? Write 2027-01-08",
    "next Friday at 10:00": "'next Friday' depends on when it is read; write the date: 2027-01-08",
    "tomorrow at 10:00": "'tomorrow' depends on when it is read; write the date: 2027-01-08",
    "every other Friday at 10:00": (
        "every other one depends on the day it starts from, and none is given; add 'starting 2027-01-08', say"
    ),
    "every Friday, 10 times": (
        "a number of times depends on the day it starts from, and none is given; "
        "add 'starting 2027-01-08', say"
    ),
    "every 15th at 9:00": "the 15th of what? Write 'every month on the 15th', say",
    # what does not exist
    "2027-02-30 at 10:00": "there is no day 2027-02-30",
    "every Friday at 25:00": "25:00 is no time of day; write it as 10:00, or 10am",
    "every Friday at 13pm": "13pm is no time of day; write it as 10:00, or 10am",
    "the 32nd of every month": "no month has a day 32",
    "every 5th Monday of the month": (
        "not every month has a fifth of each weekday; write first to fourth, or last"
    ),
    "every 0 days starting 2027-01-08": "none at all is too few",
    # too much, too little
    "every Friday at 10:00 at 11:00": "the hour is said twice, by 'at 10:00' and by 'at 11:00'",
    "every Friday daily": "the day is said twice, by 'every Friday' and by 'daily'",
    "at 10:00": "it names no day; write 'every Friday at 10:00', say",
    "2027-01-08 starting 2027-01-08": "a start is for what comes again, and this is one day",
    "2027-01-08 until 2027-06-30": (
        "an end or an exception is for what comes again, and this is 2027-01-08 only"
    ),
    "every Friday from 2027-01-08 to 2027-01-01": "it ends (2027-01-01) before it starts (2027-01-08)",
}
UNREADABLE = {
    "every fryday at 10:00": "from 'fryday at 10:00' on (did you mean 'Friday'?)",
    "every Friday at 10:00 for 6 weeks": "from 'weeks' on",
    "every Friday 10:00-11:00": "from '-11:00' on",
    "every Friday at 10:00 and every Monday at 9:00": "from 'and every Monday at 9:00' on",
    "Fridays at 10:00 unless it rains": "from 'unless it rains' on",
    "every quarter on the first Monday": "from 'quarter on the first Monday' on",
    "every Friday at": "it ends too early",
    "whenever": "at all",
    "": "it ends too early",
}


@pytest.mark.parametrize("text", MEANINGS)
def test_a_phrase_means_what_it_is_shown_as(text: str) -> None:
    assert in_words(read(text)) == MEANINGS[text]


@pytest.mark.parametrize("text", REFUSALS)
def test_what_can_be_understood_in_two_ways_or_in_none_is_refused(text: str) -> None:
    assert refusal(text) == f"{text!r}: {REFUSALS[text]}"


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_cannot_be_read_is_told_from_where_on_with_phrases_that_can(text: str) -> None:
    can = ", ".join(map(repr, EXAMPLES[:3]))
    assert refusal(text) == f"{text!r} cannot be read, {UNREADABLE[text]}; what can be: {can}"


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_phrases_that_are_given_as_examples_can_be_read(text: str) -> None:
    read(text)


@given(recurrences(SPOKEN_RULES, on_its_day=True))
def test_what_a_schedule_is_shown_as_reads_back_as_the_same_schedule(recurrence: Recurrence) -> None:
    assert read(in_words(recurrence)) == recurrence


@given(st.lists(st.sampled_from(" ".join([*MEANINGS, *REFUSALS]).split()), max_size=8).map(" ".join))
def test_any_words_are_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        shown = in_words(read(text))
    except ValueError as error:
        shown = str(error)
        assert shown.startswith(repr(text))
    else:
        assert in_words(read(shown)) == shown


def refusal(text: str) -> str:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (the message is what is looked at)
        read(text)
    return str(refused.value)
