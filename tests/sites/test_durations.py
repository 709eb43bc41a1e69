"""Durations as they are written in profiles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from sniper.sites.steps import Duration

durations: TypeAdapter[timedelta] = TypeAdapter(Duration)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("72h", timedelta(hours=72)),
        ("7d", timedelta(days=7)),
        ("1m30s", timedelta(seconds=90)),
        ("250ms", timedelta(milliseconds=250)),
        ("1.5h", timedelta(minutes=90)),
        ("0", timedelta(0)),
    ],
)
def test_a_duration_has_its_unit(text: str, means: timedelta) -> None:
    assert durations.validate_python(text) == means


@pytest.mark.parametrize(
    "value", ["", "72", "h", "72 hours", "1x", "soon", 72, 1.5, None, [], "99999999999999d"]
)
def test_what_is_no_duration_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError, match="is no duration; write 72h, 7d, 1m30s or 250ms"):
        durations.validate_python(value)


@given(st.integers(0, 10**10))
def test_a_duration_is_written_as_it_is_read(milliseconds: int) -> None:
    duration = timedelta(milliseconds=milliseconds)
    assert durations.validate_python(durations.dump_python(duration, mode="json")) == duration


@given(st.text(max_size=8) | st.from_regex(r"-?[0-9.]{1,6}[a-zµ]{1,2}", fullmatch=True))
def test_whatever_stands_for_a_duration_it_is_one_or_is_refused(text: str) -> None:
    try:
        duration = durations.validate_python(text)
    except ValidationError:
        return
    assert duration >= timedelta(0)
