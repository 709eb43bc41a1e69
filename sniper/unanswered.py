"""Why a request had no answer, in words."""

from __future__ import annotations

import httpx


def why_unanswered(error: Exception) -> str:
    """For the end of a sentence: many of the client's errors say nothing of their own."""
    if isinstance(error, httpx.TimeoutException):
        return "not in time"
    return str(error) or type(error).__name__
