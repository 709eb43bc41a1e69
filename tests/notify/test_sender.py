"""Messages get out, however badly the services behave, and nobody waits for them."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sniper.notify.messages import Kind, Letter, Level, Message, Scene
from sniper.notify.sender import Sender, send_at_once
from tests.notify.service import TOKEN, Service
from tests.store.examples import AMSTERDAM

SCENE = Scene("TU Delft X", rehearsal=False, zone=AMSTERDAM, run_id=12)
SOON = (timedelta(milliseconds=20),)


def message(what: str, level: Level = Level.RESULTS, picture: Path | None = None) -> Message:
    now = datetime(2026, 11, 21, 11, 50, tzinfo=UTC)
    return Message(level, Kind.INFO, what, "", now, SCENE, picture)


@contextmanager
def started(sender: Sender) -> Iterator[Sender]:
    sender.start()
    try:
        yield sender
    finally:
        sender.stop()


def test_a_message_goes_to_the_channels_that_want_to_hear_it(service: Service) -> None:
    talkative, quiet = service.channel(name="talkative"), service.channel(Level.PROBLEMS, name="quiet")
    with started(Sender([talkative, quiet])) as sender:
        sender.post(message("a try", Level.EVERY_ATTEMPT))
        sender.post(message("a ban", Level.PROBLEMS))
        service.until(lambda: not sender.waiting)
    titles = " ".join(service.titles)
    assert titles.count("a ban") >= 1
    assert sum("a try" in one["message"] + one["title"] for one in service.posted) == 1
    assert sum("a ban" in one["message"] + one["title"] for one in service.posted) == 2


def test_posting_waits_for_nothing_when_a_service_hangs_and_nothing_is_lost_by_it(service: Service) -> None:
    service.drips = True
    slow = service.channel(name="slow")
    with started(Sender([slow], pauses=SOON)) as sender:
        sender.post(message("first"))
        service.until(lambda: service.asked == 1)
        for _ in range(100):
            sender.post(message("more"))
        assert (service.asked, sender.waiting) == (1, {"slow": 101})
        service.drips = False
        service.until(lambda: not sender.waiting)
    assert service.titles[-1] == "sniper: first (and 100 more)"


def test_a_channel_that_hangs_holds_up_no_other(service: Service) -> None:
    service.hangs.set()
    hanging = service.channel(name="hanging", rto=60)
    with started(Sender([hanging])) as stuck:
        stuck.post(message("one"))
        service.until(lambda: service.asked == 1)
        service.hangs.clear()
        with started(Sender([service.channel(name="other")])) as other:
            other.post(message("two"))
            service.until(lambda: not other.waiting)


def test_what_a_service_refuses_is_sent_again_with_what_has_come_meanwhile(service: Service) -> None:
    service.refuses = 2
    failures: list[str] = []
    with started(Sender([service.channel()], fails=failures.append, pauses=SOON)) as sender:
        sender.post(message("one"))
        service.until(lambda: service.asked == 1)
        sender.post(message("two"))
        service.until(lambda: not sender.waiting)
    assert service.titles == ["sniper: one (and 1 more)"]
    assert len(failures) == 1, "a failure is told once"
    assert "401" in failures[0]
    assert TOKEN not in failures[0]


def test_a_failure_is_told_once_for_each_channel(service: Service) -> None:
    service.refuses = 1000
    failures: list[str] = []
    channels = [service.channel(name=name) for name in ("one", "two")]
    with started(Sender(channels, fails=failures.append, pauses=SOON)) as sender:
        sender.post(message("x"))
        service.until(lambda: service.asked >= 8)
    assert sorted(told.split(" fail")[0] for told in failures) == [
        "notifications by one",
        "notifications by two",
    ]


def test_nothing_is_sent_while_it_is_quiet_and_all_of_it_afterwards(service: Service) -> None:
    quiet = threading.Event()
    quiet.set()
    with started(Sender([service.channel()], lambda _: quiet.is_set())) as sender:
        for number in range(5):
            sender.post(message(f"message {number}"))
        time.sleep(0.6)  # More than twice as long as it takes to look whether the time has come.
        assert service.asked == 0
        quiet.clear()
        service.until(lambda: not sender.waiting)
    assert service.titles == ["sniper: message 0 (and 4 more)"]


def test_what_had_failed_is_not_tried_again_while_it_is_quiet(service: Service) -> None:
    quiet = threading.Event()
    service.refuses = 1000
    with started(Sender([service.channel()], lambda _: quiet.is_set(), pauses=SOON)) as sender:
        sender.post(message("x"))
        service.until(lambda: service.asked >= 2)
        quiet.set()
        time.sleep(0.3)
        asked = service.asked
        time.sleep(0.5)
        assert service.asked == asked


def test_in_a_hurry_nothing_holds_messages_back(service: Service) -> None:
    service.refuses = 1
    long = (timedelta(hours=1),)
    with started(Sender([service.channel()], lambda _: True, pauses=long)) as sender:
        sender.post(message("the run broke off"))
        sender.hurry()
        service.until(lambda: not sender.waiting)
    assert service.titles == ["sniper: the run broke off"]


def test_a_picture_goes_along_and_is_left_out_when_the_service_does_not_take_it(
    service: Service, tmp_path: Path
) -> None:
    picture = tmp_path / "timeline.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\nof a run")
    with started(Sender([service.channel()], pauses=SOON)) as sender:
        sender.post(message("result", picture=picture))
        service.until(lambda: not sender.waiting)
        assert service.pictures() == [picture.read_bytes()]
        service.refuses = 2
        sender.post(message("again", picture=picture))
        service.until(lambda: not sender.waiting)
    assert service.posted[-1]["attachments"] == []


def test_a_picture_that_has_gone_does_not_keep_the_result_back(service: Service, tmp_path: Path) -> None:
    with started(Sender([service.channel()], pauses=SOON)) as sender:
        sender.post(message("result", picture=tmp_path / "gone.png"))
        service.until(lambda: not sender.waiting)
    assert service.titles == ["sniper: result"]


def test_a_service_that_raises_is_a_failure_like_any_other(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[str] = []
    channel = service.channel()
    from apprise import Apprise

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"a defect that shows {TOKEN}")

    with (
        monkeypatch.context() as patch,
        started(Sender([channel], fails=failures.append, pauses=SOON)) as sender,
    ):
        patch.setattr(Apprise, "notify", fail)
        sender.post(message("one"))
        service.until(lambda: bool(failures))
        assert "RuntimeError" in failures[0]
        assert TOKEN not in failures[0]
        patch.undo()
        service.until(lambda: not sender.waiting)


def test_a_hanging_service_does_not_keep_the_process_from_ending(service: Service) -> None:
    service.drips = True
    code = f"""
from datetime import timedelta
from sniper.notify.channels import Wanted, channels_of
from sniper.notify.messages import Kind, Letter, Level
from sniper.notify.sender import send_at_once
channels = channels_of([Wanted({service.url()!r}, Level.RESULTS)])
print(send_at_once(channels, Letter(Kind.INFO, "t", "b"), timedelta(seconds=1)))
"""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True
    )
    assert "came to no end within 1 s" in done.stdout
    assert service.asked == 1


def test_each_channel_tells_how_sending_at_once_went(service: Service) -> None:
    channels = [service.channel(), service.channel(name="other")]
    assert send_at_once(channels, Letter(Kind.INFO, "t", "b")) == [None, None]
    service.refuses = 1
    (why,) = send_at_once(channels[:1], Letter(Kind.INFO, "t", "b"))
    assert why is not None
    assert "401" in why
    assert TOKEN not in why
