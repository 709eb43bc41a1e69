"""What is kept of a page that was not understood, for a person to look at."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
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


_TYPED_TO_SIGN_IN = (
    "input[type=password], input[autocomplete=one-time-code]"
    ", form:has(input[type=password]) :is(input[type=text], input[type=email], input:not([type]))"
)

_TYPED = "input:is([type=text], [type=email], [type=tel], :not([type])), textarea"


@dataclass(frozen=True, slots=True)
class ConsoleLine:
    """What a page wrote to its console, or an error that nobody caught in it.

    Attributes:
        at: On the site's clock, in ISO 8601.
        kind: `log`, `error` and so on, or `page error`.
    """

    at: str
    kind: str
    text: str


def name_of(account: str) -> str:
    """What the files of an account's pages are called; a number and an ending follow."""
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in account)


async def picture_of(page: Page, path: Path, names: Iterable[str], *, hides_fields: bool = False) -> None:
    """Make a picture of the page, with boxes over what is typed to sign in, and over these names.

    Args:
        page: Which.
        path: Where to.
        names: What is not to be seen in it.
        hides_fields: Something of a person's own is filled in: no field shows what was typed.

    Raises:
        PlaywrightError: It cannot be had.
        TimeoutError: It cannot be had in time.
    """
    hidden = f"{_TYPED_TO_SIGN_IN}, {_TYPED}" if hides_fields else _TYPED_TO_SIGN_IN
    masks = [page.locator(hidden), *(page.get_by_text(name) for name in names)]
    await page.screenshot(path=path, full_page=True, timeout=_WITHIN * 1000, mask=masks)


async def document_of(page: Page) -> str:
    """The document as it is now, without its scripts and what nobody sees of its forms.

    Raises:
        PlaywrightError: It cannot be had.
    """
    return str(await page.evaluate(_SHOWN))


async def keep(
    page: Page,
    stem: Path,
    answer: Answer | None,
    scrubbed: Callable[[str], str],
    *,
    names: Iterable[str] = (),
    hides_fields: bool = False,
    console: Iterable[ConsoleLine] = (),
) -> Path | None:
    """Keep what can be had of a page.

    A picture (`.png`), the document (`.html`), what the site answered (`.txt`), and what the page wrote to
    its console (`.jsonl`).

    Args:
        page: It may hang, or be gone.
        stem: The files' path without an ending.
        answer: One that no rule fits.
        names: What is not to be seen in the picture.
        hides_fields: Nor what was typed into any field.
        console: What the page has written.
        scrubbed: Takes out of a text what nobody may read.

    Returns:
        The first of the files; None where there is nothing.
    """
    found: list[Path] = []
    with suppress(PlaywrightError, OSError):
        await picture_of(page, stem.with_suffix(".png"), names, hides_fields=hides_fields)
        found.append(stem.with_suffix(".png"))
    texts: dict[str, str] = {}
    with suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(_WITHIN):
            texts[".html"] = await document_of(page)
    if answer:
        texts[".txt"] = f"{answer.method} {urlsplit(answer.url).path}\n{answer.status}\n\n{answer.body}\n"
    if lines := [json.dumps(asdict(line), ensure_ascii=False) for line in console]:
        texts[".jsonl"] = "\n".join(lines) + "\n"
    for ending, text in texts.items():
        with suppress(InputError):
            write_whole(stem.with_suffix(ending), scrubbed(text))
            found.append(stem.with_suffix(ending))
    return found[0] if found else None
