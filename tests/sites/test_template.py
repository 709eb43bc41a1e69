"""Placeholders in a profile's texts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.sites.template import Value, names, render


def test_placeholders_are_filled_in_with_their_format() -> None:
    values: dict[str, Value | None] = {
        "start": datetime(2026, 11, 24, 9, tzinfo=UTC),
        "date": date(2026, 11, 24),
        "location": "X1",
    }
    assert render("{location} on {date:%d.%m.} at {start:%H:%M}", values) == "X1 on 24.11. at 09:00"


def test_braces_can_be_doubled() -> None:
    assert render("{{x}} {n}", {"n": 3}) == "{x} 3"
    assert names("{{x}} {n}") == ("n",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "{} is no placeholder: use a name, and a format after a colon if need be"),
        ("{0}", "{0} is no placeholder"),
        ("{a.b}", "{a.b} is no placeholder"),
        ("{a[0]}", "{a[0]} is no placeholder"),
        ("{a!r}", "{a} is no placeholder"),
        ("{a b}", "{a b} is no placeholder"),
        ("{a", "expected '}' before end of string"),
        ("a}", "Single '}' encountered in format string"),
    ],
)
def test_what_is_no_placeholder_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(said)):
        names(text)


def test_a_placeholder_without_a_value_is_an_error_that_names_it() -> None:
    for values in ({}, {"sub_location": None}):
        with pytest.raises(KeyError, match="sub_location"):
            render("{sub_location}", values)


@given(values=st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), st.text(max_size=8), min_size=1))
def test_values_come_out_as_they_are_braces_included(values: dict[str, str]) -> None:
    text = "|".join(f"{{{name}}}" for name in values)
    assert names(text) == tuple(values)
    assert render(text, values) == "|".join(values.values())
