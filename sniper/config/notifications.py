"""Whom bookings.json wants to be told of a run, and where that is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, Tag

from sniper.config.accounts import TEXT_OR_VARIABLE, FromEnvironment, reveal
from sniper.documents import Document, StrictModel, complaint
from sniper.errors import InputError
from sniper.notify.addresses import service_of
from sniper.notify.channels import Channel, Wanted, channels_of
from sniper.notify.messages import Level


class UrlFromEnvironment(FromEnvironment):
    """The URL of a channel that stands in an environment variable."""

    def read(self) -> str:
        """The URL in it.

        Raises:
            InputError: It is not set, or holds something else.
        """
        url = super().read()
        try:
            service_of(url)
        except ValueError as error:
            raise InputError(f"what the environment variable holds {error}") from None
        return url


def _usable(url: SecretStr) -> SecretStr:
    service_of(url.get_secret_value())
    return url


Url = Annotated[
    Annotated[SecretStr, Field(min_length=1), AfterValidator(_usable), Tag("text")]
    | Annotated[UrlFromEnvironment, Tag("variable")],
    TEXT_OR_VARIABLE,
]


class NotificationConfig(StrictModel):
    """A channel by which people are told of a run."""

    url: Url
    """Where it goes, as Apprise writes it (`tgram://…`, `mailtos://…`, `ntfys://…`, `json://…`), or
    `{"env": "NAME"}`. It mostly holds a token: keep it as secret as a password."""
    level: Level = Level.RESULTS
    """`problems`: what somebody has to see to; `results`: also that a run starts, is about to fire, and what
    it won; `every attempt`: also each try."""
    name: str | None = Field(None, min_length=1)
    """What the channel is called where it is told of; the service's name when left out."""


def channels(configs: tuple[NotificationConfig, ...]) -> tuple[Channel, ...]:
    """The channels of a file that has been read."""
    return channels_of(Wanted(reveal(one.url), one.level, one.name) for one in configs)


def problems_of(configs: tuple[NotificationConfig, ...], document: Document) -> Iterator[str]:
    """What is wrong with environment variables that URLs should stand in."""
    for index, one in enumerate(configs):
        if isinstance(one.url, UrlFromEnvironment):
            try:
                one.url.read()
            except InputError as error:
                yield complaint(document, ("notifications", index, "url", "env"), str(error))
