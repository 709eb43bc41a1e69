"""A draft: a profile's document, and what is not known of the site, each question at the key it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sniper.documents import KeyPath


@dataclass(slots=True)
class Draft:
    """Filled part by part, in the order in which the parts are to stand."""

    document: dict[str, Any] = field(default_factory=dict)
    _questions: list[tuple[KeyPath, str]] = field(default_factory=list)

    def put(self, key: str, value: Any) -> None:
        """Add a part."""
        self.document[key] = value

    def ask(self, key_path: KeyPath, *texts: str) -> None:
        """What a person has to answer before the profile is good."""
        self._questions += [(key_path, text) for text in texts if (key_path, text) not in self._questions]

    def __iter__(self) -> Iterator[tuple[KeyPath, str]]:
        """The questions, each with the key it is about."""
        return iter(self._questions)

    def __len__(self) -> int:
        return len(self._questions)
