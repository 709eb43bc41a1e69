"""The browser engine on real pages: signing in by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from sniper.core.plan import Held
from sniper.engine.browser.firing import Mode
from sniper.engine.protocol import NothingKept, SignInError
from tests.engine.benches import Bench, credentials

NewBench = Callable[..., Bench]

# Who presses at the opening has nothing to do with it.
pytestmark = pytest.mark.parametrize("mode", [Mode.ARMED], indirect=True)


def test_each_account_is_signed_in_in_a_context_of_its_own_with_its_second_factor_if_it_has_one(
    bench: NewBench,
) -> None:
    here = bench()
    here.book("user1", "X1 A", 13)
    seed = "PRACTICEPRACTICEPRACTICEPRACTICE"

    async def go() -> list[tuple[Held, ...]]:
        async with here.engine(states=NothingKept()) as engine:
            people = credentials("user1"), credentials("user20", totp=seed)
            await asyncio.gather(*(engine.sign_in(who) for who in people))
            return list(await asyncio.gather(*(engine.my_bookings(who.account) for who in people)))

    first, second = here.run(go())
    assert [h.slot for h in first] == [here.slot("X1 A", 13)]
    assert second == ()


def test_a_refused_sign_in_says_so_in_the_sites_words_and_without_the_password(bench: NewBench) -> None:
    here = bench()

    async def go() -> None:
        async with here.engine(states=NothingKept()) as engine:
            await engine.sign_in(credentials("user1", "open-sesame"))

    with pytest.raises(SignInError, match=r"user1: the site refused the sign-in: .*password") as caught:
        here.run(go())
    assert "open-sesame" not in caught.value.explain()


def test_a_page_that_is_not_as_the_profile_says_is_told_with_a_picture(bench: NewBench) -> None:
    here = bench()
    wrong = here.profile.model_dump(by_alias=True, mode="json")
    wrong["sign_in"][1]["click"] |= {"on": {"css": "#no-such-button"}, "timeout": "300ms"}
    here.profile = type(here.profile).model_validate(wrong)

    async def go() -> None:
        async with here.engine(states=NothingKept()) as engine:
            await engine.sign_in(credentials("user1"))

    with pytest.raises(SignInError, match="#no-such-button") as caught:
        here.run(go())
    picture = here.folder / "user1-1.png"
    assert picture.is_file()
    assert str(picture) in (caught.value.mend or "")
