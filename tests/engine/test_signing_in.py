"""The browser engine on real pages: signing in by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from playwright.async_api import Route

from sniper.core.plan import Held
from sniper.engine.browser import session
from sniper.engine.browser.account_page import AccountPage
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.members_page import asked_as_member, came_by_itself, see_members_page
from sniper.engine.protocol import NothingKept, SignIn, SignInError
from sniper.sites.signed_in import SignedIn
from sniper.sites.steps import WaitFor, WaitForStep
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


@pytest.mark.parametrize(("members_page", "loads"), [("/dashboard", 0), ("/dashboard?as=member", 1)])
def test_a_members_page_that_a_sign_in_ends_on_is_not_loaded_once_more(
    bench: NewBench, monkeypatch: pytest.MonkeyPatch, members_page: str, loads: int
) -> None:
    here = bench()
    assert here.profile.signed_in is not None
    how = here.profile.signed_in.model_copy(update={"page": members_page})
    to_the_end = (*here.profile.sign_in, WaitForStep(wait_for=WaitFor(seen=how.seen)))
    seen: list[SignedIn] = []

    async def see(page: AccountPage, how: SignedIn) -> None:
        seen.append(how)
        await see_members_page(page, how)

    async def go() -> SignIn:
        async with here.engine(states=NothingKept(), signed_in=how, sign_in=to_the_end) as engine:
            return await engine.sign_in(credentials("user1"))

    monkeypatch.setattr(session, "see_members_page", see)
    assert here.run(go()) is SignIn.ANEW
    assert len(seen) == loads


@pytest.mark.parametrize(
    ("status", "came"), [(200, True), (304, False), (401, False), (500, False), (None, False)]
)
def test_a_members_page_has_come_by_itself_only_if_it_was_answered_as_members_are(
    bench: NewBench, status: int | None, came: bool
) -> None:
    here = bench()
    how = here.profile.signed_in
    assert how is not None

    async def answer(route: Route) -> None:
        if status == 200:
            await route.continue_()
        elif status is None:
            await route.abort()
        else:
            await route.fulfill(status=status, json={"message": "no"})

    async def go() -> bool:
        async with here.engine() as engine:
            await engine.sign_in(credentials("user1"))
            page = engine._sessions["user1"].page
            await page.page.route("**/participations?*", answer)
            with asked_as_member(page, how) as asked:
                async with page.page.expect_request("**/participations?*"):
                    await page.page.reload()
            return await came_by_itself(page, how, asked)

    assert here.run(go()) is came


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
