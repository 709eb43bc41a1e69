"""A draft as the text of a file: YAML, with its questions as comments above what they are about."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from sniper.documents import KeyPath
from sniper.drafting.questions import Draft

MARK = "# ? "
"""What a question begins with."""
_WIDTH = 116
_BLOCKS = 2
"""So deep every key has a line of its own, however little it says; not in lists."""


def text_of(draft: Draft, head: str) -> str:
    """The file.

    Args:
        draft: What stands in it.
        head: What is said at its top, a line or several.
    """
    told = "".join(f"# {line}".rstrip() + "\n" for line in head.splitlines())
    return told + "\n".join(_Writer(draft).lines()) + "\n"


class _Writer:
    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._left = list(draft)

    def lines(self) -> Iterator[str]:
        """All of it."""
        for key, value in self._draft.document.items():
            yield from self._entry((key,), f"{_flow(key)}:", value, "")
        # What is asked of a part that is not there stands at the end.
        for _, question in self._left:
            yield from _question(question, "")

    def _entry(self, at: KeyPath, lead: str, value: Any, indent: str) -> Iterator[str]:
        """A key with its value, or a dash with it."""
        is_line = self._is_line(at, value, indent)
        yield from self._questions(at, indent, below=is_line)
        if is_line:
            yield f"{indent}{lead} {_flow(value)}"
        elif lead == "-" and isinstance(value, dict):
            yield from self._item(at, value, indent)
        else:
            yield f"{indent}{lead}"
            yield from self._inner(at, value, indent + "  ")

    def _inner(self, at: KeyPath, value: Any, indent: str) -> Iterator[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from self._entry((*at, key), f"{_flow(key)}:", inner, indent)
        else:
            for index, inner in enumerate(value):
                yield from self._entry((*at, index), "-", inner, indent)

    def _item(self, at: KeyPath, value: dict[str, Any], indent: str) -> Iterator[str]:
        """An entry of a list: its first key stands beside the dash, with what is asked of that above it."""
        first = next(iter(value))
        yield from self._questions((*at, first), indent, below=True)
        lines = list(self._inner(at, value, indent + "  "))
        yield f"{indent}- {lines[0].lstrip()}"
        yield from lines[1:]

    def _is_line(self, at: KeyPath, value: Any, indent: str) -> bool:
        if not isinstance(value, dict | list) or not value:
            return True
        is_list_of_parts = isinstance(value, list) and any(isinstance(one, dict) for one in value)
        in_a_list = any(isinstance(key, int) for key in at)
        if is_list_of_parts and not in_a_list:
            return False
        if isinstance(value, dict) and len(at) <= _BLOCKS and not in_a_list and self._is_asked_below(at):
            return False
        if isinstance(value, dict) and len(at) == 1 and any(map(_has_parts, value.values())):
            return False
        return len(indent) + len(str(at[-1])) + len(_flow(value)) <= _WIDTH

    def _is_asked_below(self, at: KeyPath) -> bool:
        return any(key_path[: len(at)] == at and key_path != at for key_path, _ in self._left)

    def _questions(self, at: KeyPath, indent: str, *, below: bool) -> Iterator[str]:
        """What is asked of this; with `below`, of all within it, too."""
        asked = [
            one
            for one in self._left
            if one[0] == at or (below and len(one[0]) > len(at) and one[0][: len(at)] == at)
        ]
        for one in asked:
            self._left.remove(one)
            yield from _question(one[1], indent)


def _has_parts(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_has_parts, value)))


def _question(text: str, indent: str) -> Iterator[str]:
    lines = textwrap.wrap(text, _WIDTH - len(indent) - len(MARK), break_on_hyphens=False)
    for index, line in enumerate(lines):
        yield f"{indent}{'#   ' if index else MARK}{line}"


def _flow(value: Any) -> str:
    """On one line."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = True
    yaml.width = 1_000_000
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    out = StringIO()
    yaml.dump(value, out)
    return out.getvalue().removesuffix("\n").removesuffix("\n...").strip()
