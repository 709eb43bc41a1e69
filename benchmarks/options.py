"""Options that several benchmarks take."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from sniper.engine.browser.pool import CONTEXTS_PER_BROWSER

contexts_per_browser = click.option(
    "--contexts-per-browser",
    type=click.IntRange(1),
    default=CONTEXTS_PER_BROWSER,
    show_default=True,
    help="Accounts that share a browser of sniper.",
)


class NewFile(click.Path):
    """A file to write, in a folder that is there: measuring takes too long to find out afterwards."""

    name = "file"

    def __init__(self) -> None:
        super().__init__(dir_okay=False, writable=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """As click asks for it."""
        path = super().convert(value, param, ctx)
        assert isinstance(path, Path)
        if not path.parent.is_dir():
            self.fail(f"there is no folder {path.parent}; make it first", param, ctx)
        return path


class Numbers(click.ParamType[list[int]]):
    """Numbers from 1, separated by commas."""

    name = "numbers"

    def convert(
        self, value: str | list[int], param: click.Parameter | None, ctx: click.Context | None
    ) -> list[int]:
        """As click asks for it."""
        if isinstance(value, list):
            return value
        try:
            numbers = [int(part) for part in value.split(",")]
        except ValueError:
            self.fail("numbers, separated by commas", param, ctx)
        if min(numbers) < 1:
            self.fail("at least 1", param, ctx)
        return numbers


class Names(click.ParamType[list[str]]):
    """Some of the names that there are, separated by commas."""

    name = "names"

    def __init__(self, known: Iterable[str]) -> None:
        self._known = tuple(known)

    def convert(
        self, value: str | list[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> list[str]:
        """As click asks for it."""
        if isinstance(value, list):
            return value
        names = [part.strip() for part in value.split(",")]
        if unknown := [one for one in names if one not in self._known]:
            self.fail(f"{unknown[0]!r} is none of {', '.join(self._known)}", param, ctx)
        return names
