"""Sees to it that messages get out, and that nobody has to wait for them.

Each channel has a thread of its own, so that one that hangs holds up no other. What could not be sent waits,
and goes out together with what has come meanwhile. Around an opening nothing is sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextvars import copy_context
from datetime import timedelta
from threading import Condition, Thread

from sniper.logs import about, logger
from sniper.notify.channels import Channel
from sniper.notify.messages import Letter, Message, letter_of

_LOG = logger("notify")
_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 600))
"""After a message could not be sent; then the last of them, again and again."""
_IN_A_HURRY = timedelta(seconds=2)
_LOOKED_AT_EVERY = 0.25
"""Seconds: so often it is seen whether the time has come."""
_HANGS_AFTER = timedelta(seconds=60)
_SECOND = timedelta(seconds=1)
_KEPT = 500
"""More messages than this do not wait for one channel."""
_WITH_PICTURE = 2
"""A picture may be the reason why a message is not taken: after so many times it goes without."""


class Sender:
    """Takes messages at any time, from any thread; returns at once."""

    def __init__(
        self,
        channels: Iterable[Channel],
        is_quiet: Callable[[timedelta], bool] = lambda _: False,
        fails: Callable[[str], None] = lambda _: None,
        pauses: tuple[timedelta, ...] = _PAUSES,
    ) -> None:
        """Nothing is sent yet.

        Args:
            channels: Where messages go.
            is_quiet: Whether what takes so long may not set out just now; asked from the threads.
            fails: Called from a thread, once for each channel, when something could not be sent.
            pauses: How long is waited after the first failure, the second, and so on.
        """
        self._lines = tuple(_Line(channel, is_quiet, fails, pauses) for channel in channels)

    def __bool__(self) -> bool:
        """Are there channels?"""
        return bool(self._lines)

    @property
    def wants_pictures(self) -> bool:
        """Could any channel send one?"""
        return any(line.channel.takes_pictures for line in self._lines)

    def start(self) -> None:
        """From now on messages go out."""
        for line in self._lines:
            line.start()

    def post(self, message: Message) -> None:
        """Have a message sent to all channels that are told so much."""
        for line in self._lines:
            if line.channel.level.hears(message.level):
                line.post(message)

    def hurry(self) -> None:
        """The end is near: what has failed is tried again at once, and nothing holds messages back."""
        for line in self._lines:
            line.hurry()

    @property
    def waiting(self) -> dict[str, int]:
        """How many messages have not gone out yet, by the names of their channels."""
        return {line.channel.name: line.waiting for line in self._lines if line.waiting}

    def stop(self) -> None:
        """Nothing more is sent. A thread that hangs is left; it does not keep the process from ending."""
        for line in self._lines:
            line.stop()


def send_at_once(
    channels: Sequence[Channel], letter: Letter, within: timedelta = _HANGS_AFTER
) -> list[str | None]:
    """Send a letter through all channels at the same time; for each, why it did not work, or None."""
    reasons: list[str | None] = [f"the service came to no end within {within.seconds} s"] * len(channels)

    def send(index: int, channel: Channel) -> None:
        reasons[index] = _sent(channel, letter)

    threads = [Thread(target=send, args=each, daemon=True) for each in enumerate(channels)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + within / _SECOND
    for thread in threads:
        thread.join(max(end - time.monotonic(), 0))
    return list(reasons)


def _sent(channel: Channel, letter: Letter, *, picture: bool = True) -> str | None:
    """See `Channel.send`; whatever is wrong with a service is a reason, too."""
    try:
        return channel.send(letter, picture=picture)
    except Exception as error:  # noqa: BLE001 - of a hundred services, one may be badly made
        _LOG.exception("a message could not be sent", channel=channel.name)
        return f"the service failed ({type(error).__name__}); the log has the details"


class _Line:
    """A channel, and the messages that wait for it."""

    def __init__(
        self,
        channel: Channel,
        is_quiet: Callable[[timedelta], bool],
        fails: Callable[[str], None],
        pauses: tuple[timedelta, ...],
    ) -> None:
        self.channel = channel
        self._is_quiet = is_quiet
        self._fails = fails
        self._pauses = pauses
        self._changed = Condition()
        self._messages: list[Message] = []
        self._going_out: list[Message] = []
        self._since: float | None = None
        """When the sending began that goes on."""
        self._failures = 0
        self._not_before = 0.0
        self._hurries = False
        self._stopped = False
        self._told = False

    @property
    def waiting(self) -> int:
        with self._changed:
            return len(self._going_out) + len(self._messages)

    def start(self) -> None:
        context = copy_context()
        name = f"notify {self.channel.name}"
        # A daemon: a service that hangs must not keep the process from ending.
        Thread(target=context.run, args=(self._work,), name=name, daemon=True).start()

    def post(self, message: Message) -> None:
        with self._changed:
            self._messages = [*self._messages, message][-_KEPT:]
            self._changed.notify()
        self._tell_if_it_hangs()

    def hurry(self) -> None:
        with self._changed:
            self._hurries, self._not_before = True, 0.0
            self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def _work(self) -> None:
        with about(channel=self.channel.name):
            while messages := self._next():
                with_picture = self._failures < _WITH_PICTURE
                self._note(_sent(self.channel, letter_of(messages), picture=with_picture))

    def _next(self) -> list[Message]:
        """What is to be sent now, as soon as the time has come; nothing when all is over."""
        with self._changed:
            while not self._stopped:
                if self._messages and self._may_send():
                    self._since = time.monotonic()
                    self._going_out, self._messages = self._messages, []
                    return self._going_out
                self._changed.wait(_LOOKED_AT_EVERY if self._messages else None)
            return []

    def _may_send(self) -> bool:
        return time.monotonic() >= self._not_before and (
            self._hurries or not self._is_quiet(self.channel.longest)
        )

    def _note(self, why: str | None) -> None:
        """What went out has been sent, or was not, and waits with the others."""
        with self._changed:
            number = len(self._going_out)
            if why is None:
                self._failures = 0
            else:
                self._messages = [*self._going_out, *self._messages][-_KEPT:]
                pause = self._pauses[min(self._failures, len(self._pauses) - 1)]
                self._failures += 1
                pause = min(pause, _IN_A_HURRY) if self._hurries else pause
                self._not_before = time.monotonic() + pause / _SECOND
            self._going_out, self._since = [], None
        if why is None:
            _LOG.info("told", messages=number)
        else:
            _LOG.warning("could not be told", messages=number, why=why)
            self._tell(f"{why.rstrip('.')}. It is tried again")

    def _tell_if_it_hangs(self) -> None:
        since = self._since
        if since is not None and time.monotonic() - since > _HANGS_AFTER / _SECOND:
            self._tell("the service does not come to an end with a message")

    def _tell(self, why: str) -> None:
        if not self._told:
            self._told = True
            self._fails(f"notifications by {self.channel.name} fail: {why}")
