"""A fault as people write it: what is understood, and what is said where it is not."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from pydantic import ValidationError

from sniper.practice.faults.spec import Answers, Gone, Kind, Requests, parse
from sniper.practice.settings import PracticeSettings


def test_a_fault_says_what_whom_and_how_often() -> None:
    fault = parse(
        "rate-limited=90s, as=date, accounts=user1+user2, first=3, chance=0.5, seed=7, at=opening, for=2m"
    )
    assert (fault.kind, fault.duration, fault.answers) == (
        Kind.RATE_LIMITED,
        timedelta(seconds=90),
        Answers.DATE,
    )
    assert fault.accounts == {"user1", "user2"}
    assert (fault.first, fault.chance, fault.seed) == (3, 0.5, 7)
    assert (fault.at_opening, fault.lasts, fault.requests) == (True, timedelta(minutes=2), Requests.BOOKING)


@pytest.mark.parametrize(
    ("text", "requests"),
    [
        ("error=503", Requests.BOOKING),
        ("slow=2s", Requests.API),
        ("ban,accounts=user1", Requests.API),
        ("captcha", Requests.ALL),
        ("captcha,accounts=user1", Requests.API),
        ("reset,requests=own", Requests.OWN),
    ],
)
def test_a_fault_is_about_the_requests_one_would_think_of_unless_told(text: str, requests: Requests) -> None:
    assert parse(text).requests is requests


def test_the_network_is_gone_in_one_of_two_ways() -> None:
    assert [parse(f"network={way}").gone for way in ("reset", "silent")] == [Gone.RESET, Gone.SILENT]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no fault ''; there are: latency, slow, queue"),
        ("rate_limited=3s", "there is no fault 'rate_limited'; did you mean 'rate-limited'?"),
        ("slow", "slow needs a value: slow=30s or 250ms"),
        ("slow=", "slow needs a value"),
        ("slow=soon", "slow=soon: is no duration"),
        ("slow=-1s", "slow=-1s: must be more than nothing"),
        ("slow=48h", "at most a day"),
        ("queue=3", "queue takes no value"),
        ("error=404", "error=404: is no whole number from 500 to 599"),
        ("network=off", "network=off: is none of reset, silent"),
        ("late=2s,first=1", "late takes no 'first'; it takes none"),
        ("reset,acounts=user1", "reset takes no 'acounts'; did you mean 'accounts'?"),
        ("reset,after=yes", "reset: write after for 'after=yes'"),
        ("reset,first", "reset: write first=… for 'first'"),
        ("reset,first=0", "reset: first=0: is no whole number from 1"),
        ("reset,first=1,first=2", "reset has 'first' twice"),
        ("reset,chance=0", "reset: chance=0: is no chance"),
        ("reset,chance=nan", "is no chance"),
        ("reset,seed=3", "reset: seed goes with chance"),
        ("reset,accounts=user1+", "names nobody"),
        ("captcha,accounts=user1,requests=pages", "nobody knows who asks"),
        ("slow=1s,accounts=user1,requests=list", "nobody knows who asks"),
        ("signed-out,for=3s", "signed-out takes no 'for'; there are: accounts"),
    ],
)
def test_what_is_no_fault_is_refused_with_the_mend(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        parse(text)


def test_a_fault_for_somebody_who_may_not_sign_in_is_refused() -> None:
    with pytest.raises(ValidationError, match="there is no account 'user21'"):
        PracticeSettings.model_validate({"faults": ["ban,accounts=user21"]})
