"""Options that several benchmarks take."""

from __future__ import annotations

import click


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
