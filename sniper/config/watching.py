"""The part of bookings.json that says how it is watched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from sniper.config.accounts import FromEnvironment, Secret
from sniper.documents import Document, StrictModel, complaint
from sniper.errors import InputError
from sniper.scrubbing import KNOWN
from sniper.sites.steps import Duration

_LONGEST = 2048


def address_problem(url: str) -> str | None:
    """Why a text is no address that can be posted to, without showing it: it may be a secret."""
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_one = False
    if is_one and len(url) <= _LONGEST and url.isprintable() and " " not in url:
        return None
    return "is no address to post to; write https://hooks.site.example/…, say"


def _checked(secret: Secret) -> Secret:
    if isinstance(secret, SecretStr) and (problem := address_problem(secret.get_secret_value())):
        raise ValueError(problem)
    return secret


class OnAppear(StrictModel):
    """Who is called when a slot appears that is worth having."""

    command: tuple[Annotated[str, Field(min_length=1)], ...] | None = Field(None, min_length=1)
    """A program and what it is given, each a text of its own; no shell reads it. It is run for each slot,
    which stands in its environment (`SNIPER_PLACE`, `SNIPER_START`) and as JSON on its input."""
    webhook: Annotated[Secret, AfterValidator(_checked)] | None = None
    """An address, or `{"env": "NAME"}`: what appears and what goes is posted there as JSON."""


class WatchConfig(StrictModel):
    """How `sniper watch` watches, and `sniper serve` what its runs did not win."""

    book: bool = False
    """Whether what appears is booked, by a run for the same goal; `sniper watch --book` does so, too."""
    every: Duration | None = None
    """From one look to the next, give or take a fifth; never below the profile's floor. As the profile says
    when left out."""
    on_appear: OnAppear = Field(default_factory=OnAppear)
    """Who is called when a slot appears."""

    @property
    def variables(self) -> Iterator[str]:
        """The environment variables that secrets stand in."""
        if isinstance(self.on_appear.webhook, FromEnvironment):
            yield self.on_appear.webhook.env


def webhook_of(watch: WatchConfig, document: Document) -> str | None:
    """The address to post to, out of the file or the environment. Keep it out of everything that is told.

    Raises:
        InputError: The environment variable is not set, or holds no address.
    """
    hook = watch.on_appear.webhook
    if hook is None:
        return None
    if not isinstance(hook, FromEnvironment):
        return _known(hook.get_secret_value())
    try:
        url = hook.read()
        problem = address_problem(url)
    except InputError as error:
        problem = str(error)
    if problem:
        raise InputError(complaint(document, ("watch", "on_appear", "webhook", "env"), problem))
    return _known(url)


def _known(url: str) -> str:
    """The same; from now on no log tells it."""
    parts = urlsplit(url)
    KNOWN.know([url, *(part for part in (parts.path.strip("/"), parts.query) if part)])
    return url
