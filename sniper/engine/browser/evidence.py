"""What is kept of a page that was not understood, for a person to look at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from sniper.errors import InputError
from sniper.files import write_whole
from sniper.sites.answers import Answer

_WITHIN = 5.0
# Scripts say nothing of what is shown; and they and the fields that nobody sees are where pages keep tokens.
_SHOWN = """() => {
    const copy = document.documentElement.cloneNode(true);
    for (const one of copy.querySelectorAll("script")) one.replaceChildren();
    for (const one of copy.querySelectorAll("input[type=password], input[type=hidden]"))
        one.removeAttribute("value");
    for (const one of copy.querySelectorAll("meta")) one.removeAttribute("content");
    return "<!doctype html>\\n" + copy.outerHTML;
}"""


def name_of(account: str) -> str:
    """What the files of an account's pages are called; a number and an ending follow."""
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in account)


async def keep(page: Page, stem: Path, answer: Answer | None, scrubbed: Callable[[str], str]) -> Path | None:
    """Keep what can be had: a picture (`.png`), the document (`.html`), what the site answered (`.txt`).

    Args:
        page: It may hang, or be gone.
        stem: The files' path without an ending.
        answer: One that no rule fits.
        scrubbed: Takes out of a text what nobody may read.

    Returns:
        The first of the files; None where there is nothing.
    """
    found: list[Path] = []
    with suppress(PlaywrightError, OSError):
        await page.screenshot(path=stem.with_suffix(".png"), full_page=True, timeout=_WITHIN * 1000)
        found.append(stem.with_suffix(".png"))
    texts: dict[str, str] = {}
    with suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(_WITHIN):
            texts[".html"] = await page.evaluate(_SHOWN)
    if answer:
        texts[".txt"] = f"{answer.method} {urlsplit(answer.url).path}\n{answer.status}\n\n{answer.body}\n"
    for ending, text in texts.items():
        with suppress(InputError):
            write_whole(stem.with_suffix(ending), scrubbed(text))
            found.append(stem.with_suffix(ending))
    return found[0] if found else None
