"""How long a site asks to be left alone: the header `Retry-After`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def pause_asked(header: str | None, now: datetime) -> timedelta | None:
    """The pause the header asks for, which is seconds or an HTTP date. None where it says nothing we know.

    Args:
        header: Its value, if there is one.
        now: On the site's clock.
    """
    text = (header or "").strip()
    if text.isdecimal() and len(text) <= len("86400"):
        return timedelta(seconds=int(text))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max((until if until.tzinfo else until.replace(tzinfo=UTC)) - now, timedelta(0))
