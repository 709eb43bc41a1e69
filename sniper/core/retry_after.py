"""How long a site asks to be left alone: 429 Too Many Requests, and the header `Retry-After`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

TOO_MANY_REQUESTS = 429
UNSAID = timedelta(minutes=1)
"""Where a site that is asked too often does not say for how long it wants to be left alone."""
AT_MOST = timedelta(minutes=15)
"""An account that is to wait for longer is left alone for the rest of the run."""
# 31 years: no instant that is counted from now runs out of what a datetime can hold.
_LONGEST = 10**9 - 1
_REFUSED = 400


def pause_asked(header: str | None, now: datetime) -> timedelta | None:
    """The pause the header asks for, which is seconds or an HTTP date. None where it says nothing we know.

    Args:
        header: Its value, if there is one.
        now: On the site's clock.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=min(int(text[:400]), _LONGEST))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max((until if until.tzinfo else until.replace(tzinfo=UTC)) - now, timedelta(0))


def pause_after(status: int, header: str | None, now: datetime) -> timedelta | None:
    """How long an answer asks to be left alone; None where it does not.

    Args:
        status: Too many requests ask for a pause also without a header.
        header: Its `Retry-After`; of an answer that is no refusal it means something else.
        now: On the site's clock.
    """
    if status == TOO_MANY_REQUESTS:
        asked = pause_asked(header, now)
        return UNSAID if asked is None else asked
    return pause_asked(header, now) if status >= _REFUSED else None
