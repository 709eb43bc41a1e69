"""Where a channel goes: the URLs of Apprise, checked and never shown. Most hold tokens or passwords."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sniper.scrubbing import KNOWN

if TYPE_CHECKING:
    from apprise import AppriseAsset, NotifyBase

_SCHEME = re.compile(r"\s*([a-z0-9+.-]+)://", re.IGNORECASE)
# Nothing but a server's name stands there, neither a token nor a topic that only friends know.
_PLAIN_HOST = re.compile(r"\{schema\}://(?:[^/]*@)?\{host\}(?:[:/{]|$)")
# Letters and digits mixed, or long: parts of URLs that are neither are words of every day.
_HARD_TO_GUESS = re.compile(r"(?=.*\d)(?=.*[A-Za-z]).{6,}|.{16,}")
_TRIES = 3
_BETWEEN_TRIES = 2.0


def service_of(url: str) -> NotifyBase:
    """The service that a URL names; from now on nothing of it is written to the log.

    Raises:
        ValueError: It names none, or not all that the service needs. What is said holds nothing of the URL
            but the name of the service.
    """
    from apprise import Apprise
    from apprise.common import OverflowMode

    KNOWN.know(_secrets_in(url))
    service = Apprise.instantiate(url, asset=_asset())
    if service is None:
        raise ValueError(_what_is_wrong(url))
    if "overflow=" not in url:
        # Else a message that is too long for the service would be lost.
        service.overflow_mode = OverflowMode.SPLIT
    return service


def shown(service: NotifyBase) -> str:
    """The address without what nobody may see: `json://example.org/…`, `tgram://…`."""
    host = f"{service.host}{f':{service.port}' if service.port else ''}/" if _has_plain_host(service) else ""
    return f"{service.schema}://{host}…"


def takes_pictures(service: NotifyBase) -> bool:
    """Whether files can go with a message."""
    return bool(service.attachment_support)


def longest(service: NotifyBase) -> timedelta:
    """How long all tries of one message may take, unless the service answers byte by byte, or splits it."""
    one_try = service.socket_connect_timeout + service.socket_read_timeout
    return timedelta(seconds=one_try * (service.retry + 1) + service.wait * service.retry)


@cache
def _asset() -> AppriseAsset:
    from apprise import AppriseAsset

    return AppriseAsset(
        app_id="sniper",
        app_desc="sniper",
        # In the thread that sends, which is ours and keeps no process from ending; it has no other limit.
        async_mode=False,
        service_timeout=0,
        default_service_retry=_TRIES - 1,
        default_service_wait=_BETWEEN_TRIES,
        secure_logging=True,
    )


def _what_is_wrong(url: str) -> str:
    """Why a URL names no service; nothing of its secrets."""
    from apprise.plugins import N_MGR

    services: Any = N_MGR
    found = _SCHEME.match(url)
    if found is None:
        return (
            "is no address of a notification service: it begins with the service's name, as tgram://… "
            "for Telegram or mailtos://… for e-mail (https://appriseit.com/services lists them)"
        )
    scheme = found[1].lower()
    if scheme in ("http", "https"):
        return (
            f"is no web address of a notification service that is known; to have messages posted to a web "
            f"server as JSON, write json{scheme[4:]}://… instead of {scheme}://…"
        )
    if scheme not in services:
        near = get_close_matches(scheme, list(services.schemas()), n=1)
        hint = f"did you mean {near[0]}://…?" if near else "https://appriseit.com/services lists them"
        return f"names no notification service that is known; {hint}"
    plugin = services[scheme]
    if not plugin.enabled:
        needed = plugin.requirements.get("packages_required") or plugin.requirements.get("details")
        packages = ", ".join(needed) if isinstance(needed, list) else str(needed)
        return f"is for {plugin.service_name}, which needs what is not installed here: {packages}"
    shape = str(plugin.templates[-1]).replace("{schema}", scheme)
    return f"is not what {plugin.service_name} needs; it is written as {shape} (see {plugin.setup_url})"


def _has_plain_host(service: NotifyBase) -> bool:
    host: dict[str, Any] = service.template_tokens.get("host", {})
    forms: tuple[str, ...] = service.templates
    plain = all(_PLAIN_HOST.match(form) for form in forms)
    return bool(host and not host.get("private") and forms and plain and service.host)


def _secrets_in(url: str) -> Iterator[str]:
    """The URL, and each part of it that may be a secret by itself: libraries complain of parts, too."""
    yield url.strip()
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return
    if parts.password:
        yield unquote(parts.password)
    values = (value for _, value in parse_qsl(parts.query))
    authority = parts.netloc.rpartition("@")[2]
    for one in (parts.username or "", authority, parts.path, *parts.path.split("/"), *values):
        if _HARD_TO_GUESS.fullmatch(one):
            yield unquote(one)
