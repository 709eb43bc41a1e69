"""What forms ask of a person, and what steps call it: `{details.email}`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

DETAILS = "details."
"""What the names of their placeholders begin with."""


class Detail(StrEnum):
    """Something of a person's own. The value is the key in bookings.json."""

    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    EMAIL = "email"
    TELEPHONE = "telephone"


def as_placeholders(asked: Collection[Detail], known: Mapping[Detail, str]) -> dict[str, str | None]:
    """What the placeholders stand for; there are none where a site asks for nothing.

    Args:
        asked: What its forms cannot do without.
        known: What is known of the person.
    """
    return {f"{DETAILS}{one}": known.get(one) for one in Detail} if asked else {}
