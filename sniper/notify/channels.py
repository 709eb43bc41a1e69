"""One way to reach people: an address, how much it is told, and what it is called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sniper.notify import addresses
from sniper.notify.messages import Letter, Level
from sniper.scrubbing import KNOWN, without_what_looks_secret

if TYPE_CHECKING:
    from apprise import NotifyBase


class Wanted(NamedTuple):
    """A channel that somebody asks for: the URL as it stands in a file or a variable."""

    url: str
    level: Level
    name: str | None = None


@dataclass(frozen=True)
class Channel:
    """Sends letters through one service."""

    name: str
    level: Level
    _service: NotifyBase = field(repr=False)

    @property
    def service(self) -> str:
        """What the service is called."""
        return str(self._service.service_name)

    @property
    def address(self) -> str:
        """Where it goes, without what nobody may see."""
        return addresses.shown(self._service)

    @property
    def takes_pictures(self) -> bool:
        """Whether files can go with a message."""
        return addresses.takes_pictures(self._service)

    @property
    def longest(self) -> timedelta:
        """How long sending may take."""
        return addresses.longest(self._service)

    def send(self, letter: Letter, *, picture: bool = True) -> str | None:
        """Send a letter, in up to three tries, which take up to `longest`, or as long as the service wants.

        Args:
            letter: What to send.
            picture: False leaves its picture out.

        Returns:
            Why it did not work, without secrets; None where it did.
        """
        from apprise import Apprise

        apprise = Apprise()
        apprise.add(self._service)
        goes_along = letter.picture if picture and self.takes_pictures else None
        result = apprise.notify(
            body=_clean(letter.body),
            title=_clean(letter.title),
            notify_type=letter.kind.value,
            body_format="text",
            attach=str(goes_along) if goes_along else None,
        )
        if result:
            return None
        said = [entry.message for one in result.results for entry in one.logs()]
        return _clean(said[-1].strip()) if said else "the service did not take it, and did not say why"


def channels_of(wanted: Iterable[Wanted]) -> tuple[Channel, ...]:
    """The channels, each with a name of its own.

    Raises:
        ValueError: A URL is none that can be used.
    """
    seen = Counter[str]()
    made = []
    for one in wanted:
        service = addresses.service_of(one.url)
        name = one.name or str(service.service_name)
        seen[name] += 1
        made.append(Channel(f"{name} {seen[name]}" if seen[name] > 1 else name, one.level, service))
    return tuple(made)


def _clean(text: str) -> str:
    return without_what_looks_secret(KNOWN(text))
