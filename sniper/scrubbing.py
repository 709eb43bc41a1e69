"""Takes secrets out of texts that are written down or told to somebody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from threading import Lock
from urllib.parse import quote, unquote

HIDDEN = "***"
"""Stands where a secret stood. A page that is played again may send it in a header, which takes ASCII."""

# Long, without a space, with letters and digits mixed: what sites make up so that nobody can guess it.
_TOKEN = re.compile(r"(?<![\w+=.-])(?=[\w+=.-]*\d)(?=[\w+=.-]*[A-Za-z])[\w+=.-]{32,}")
_IN_URLS = (
    # Who signs in stands before the @ of a URL.
    (re.compile(r"(://)[^/\s@'\"]+@"), rf"\1{HIDDEN}@"),
    (
        re.compile(
            r"(?i)([?&][\w.-]*(?:token|secret|passw|pwd|key|code|sig|auth|session)[\w.-]*=)[^&\s'\"]+"
        ),
        rf"\1{HIDDEN}",
    ),
)
_SHAPES = (
    # Headers that let somebody in, up to the end of the line.
    (
        re.compile(r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie)(['\"]?\s*[:=]\s*)[^\r\n]+"),
        rf"\1\2{HIDDEN}",
    ),
    (re.compile(r"(?i)\b(bearer|basic)(\s+)[\w.~+/=-]{6,}"), rf"\1\2{HIDDEN}"),
    *_IN_URLS,
    (
        re.compile(r"(?i)\b(password|passwd|secret|token|seed)(['\"]?\s*[:=]\s*['\"]?)[^\s'\",;}]+"),
        rf"\1\2{HIDDEN}",
    ),
    (_TOKEN, HIDDEN),
)
_SHORT = 4
"""So short a secret is part of many words: it is looked for by itself only."""


class Scrubber:
    """Knows secrets, and takes them out of texts; and what looks like one that nobody has told it of."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lock = Lock()
        # The longest first: one secret may be part of another.
        self._known: tuple[str, ...] = ()
        self.know(secrets)

    def know(self, secrets: Iterable[str]) -> None:
        """These must never be written anywhere, as they are or as URLs, JSON and Python spell them."""
        new = {spelled for secret in secrets if secret.strip() for spelled in _spellings(secret)}
        with self._lock:
            if not new <= set(self._known):
                self._known = tuple(sorted(new.union(self._known), key=len, reverse=True))

    def __call__(self, text: str) -> str:
        """The text without them."""
        for secret in self._known:
            if secret in text:
                text = text.replace(secret, HIDDEN) if len(secret) >= _SHORT else _by_itself(secret, text)
        return text


def without_tokens(text: str) -> str:
    """The text without what looks like a token."""
    return _TOKEN.sub(HIDDEN, text)


def without_secrets_of_urls(text: str) -> str:
    """The text without what stands before the @ of a URL, or after `token=` in it."""
    for shape, instead in _IN_URLS:
        text = shape.sub(instead, text)
    return text


def without_what_looks_secret(text: str) -> str:
    """The text without what stands where secrets stand: in headers, before the @ of a URL, after `token=`."""
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text


KNOWN = Scrubber()
"""All that this process knows of secrets: a log cannot tell who writes to it, so it has to know all."""


def _spellings(secret: str) -> set[str]:
    in_json = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    return {secret, unquote(secret), quote(secret, safe=""), quote(secret), repr(secret)[1:-1], *in_json}


def _by_itself(secret: str, text: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", HIDDEN, text)
