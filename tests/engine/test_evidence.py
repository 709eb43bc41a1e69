"""What is kept of a page that was not understood."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.async_api import Route

from sniper.core.outcomes import Outcome
from sniper.core.tries import Try
from sniper.engine.browser.evidence import picture_of
from tests.engine.benches import SharedBrowser, fire
from tests.engine.lasting import ParkedBench

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"  # noqa: S105 - nobody's


def test_an_answer_nobody_understands_is_kept_with_a_picture_and_the_page(
    parked: ParkedBench,
) -> None:
    async def teapot(route: Route) -> None:
        await route.fulfill(status=418, body=f'{{"message": "I am a teapot", "access_token": "{TOKEN}"}}')

    async def go() -> tuple[Try, ...]:
        async with parked.engine() as engine:
            await parked.page.evaluate(f"console.warn('a warning to user1 with {TOKEN}')")
            return await fire(engine, "user1", parked.slot("X1 A", 13), meanwhile=teapot)

    (only,) = parked.run(go())
    assert only.outcome is Outcome.UNKNOWN
    assert only.evidence is not None
    picture = Path(only.evidence)
    page, answer = picture.with_suffix(".html"), picture.with_suffix(".txt")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "product-select-input" in page.read_text()
    asked, status, _, body = answer.read_text().splitlines()
    assert (asked, status) == ("POST /api/participations", "418")
    assert "I am a teapot" in body
    written = [json.loads(line) for line in picture.with_suffix(".jsonl").read_text().splitlines()]
    assert ("warning", "a warning to user1 with ***") in [(one["kind"], one["text"]) for one in written]
    # A token that nobody knew before is kept nowhere.
    assert not any(TOKEN in text for text in (only.message, body, page.read_text()))
    assert {path.stat().st_mode & 0o077 for path in (page, answer)} == {0}


def test_a_picture_shows_nothing_of_what_a_person_has_filled_in(
    shared_browser: SharedBrowser, tmp_path: Path
) -> None:
    async def taken() -> list[bytes]:
        context = await shared_browser.pool.context(timezone="Europe/Berlin", locale="de-DE")
        page = await context.new_page()
        found = []
        for name in ("Mustermann", "Musterfrau"):
            await page.set_content(f"<p>{name}</p><x-form></x-form>")
            await page.evaluate(
                """name => {
                    const root = document.querySelector("x-form").attachShadow({mode: "open"});
                    root.innerHTML = "<input style='caret-color: transparent'>";
                    root.firstChild.value = name;
                }""",
                name,
            )
            for hidden in (False, True):
                path = tmp_path / f"{name}-{hidden}.png"
                await picture_of(page, path, [name] if hidden else [], hides_fields=hidden)
                found.append(path.read_bytes())
        await context.close()
        return found

    shown, hidden, other_shown, other_hidden = shared_browser.loop.run(taken())
    assert shown != other_shown
    assert hidden == other_hidden
