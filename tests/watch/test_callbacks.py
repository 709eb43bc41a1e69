"""Who is called when a slot appears: a command, a web hook; and that nobody waits for them."""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sniper.clock.clock import SimulatedClock
from sniper.notify.channels import Wanted, channels_of
from sniper.notify.messages import Level, Scene
from sniper.notify.notifier import Notifier
from sniper.watch.callbacks import Calls, Command, Notification, WebHook
from sniper.watch.happenings import CallbackError, Happening, Kind
from tests.aio import run_async
from tests.core.worlds import slot
from tests.watch.conftest import Watched
from tests.watch.servers import Reply, serving

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
APPEARED = Happening(
    Kind.APPEARED, (slot("X1 A", 10), slot("Fitness", 11)), AT, "here", "Practice", rehearsal=True
)
HIDDEN = "T0000/B0000/not-to-be-seen"
WRITE = """\
import json, os, sys
told = {name: value for name, value in os.environ.items() if name.startswith(("SNIPER_", "MY_"))}
with open(sys.argv[1], "a") as file:
    file.write(json.dumps([json.load(sys.stdin), told]) + chr(10))
"""


def python(script: str, *more: str) -> list[str]:
    return [sys.executable, "-c", script, *more]


def test_a_command_is_run_for_each_slot_with_the_slot_in_its_environment_and_on_its_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SNIPER_KEY", "the vault's key")
    monkeypatch.setenv("MY_PASSWORD", "secret")
    monkeypatch.setenv("MY_TOPIC", "courts")
    path = tmp_path / "told"
    run_async(Command(python(WRITE, str(path)), frozenset({"MY_PASSWORD"})).call(APPEARED))
    first, second = (json.loads(line) for line in path.read_text().splitlines())
    assert first[0]["slot"] == {
        "location": "X1",
        "sub_location": "X1 A",
        "place": "X1 A",
        "start": "2026-11-24T10:00:00+01:00",
    }
    assert (first[0]["event"], first[0]["rehearsal"]) == ("appeared", True)
    assert first[1] == {
        "MY_TOPIC": "courts",
        "SNIPER_EVENT": "appeared",
        "SNIPER_SITE": "here",
        "SNIPER_LOCATION": "X1",
        "SNIPER_SUB_LOCATION": "X1 A",
        "SNIPER_PLACE": "X1 A",
        "SNIPER_START": "2026-11-24T10:00:00+01:00",
        "SNIPER_REHEARSAL": "1",
    }
    assert (second[1]["SNIPER_PLACE"], second[1]["SNIPER_SUB_LOCATION"]) == ("Fitness", "")


def test_a_command_is_not_run_when_slots_go(tmp_path: Path) -> None:
    went = Happening(Kind.WENT, APPEARED.slots, AT, "here", "Practice", rehearsal=True)
    run_async(Command(python(WRITE, str(tmp_path / "told"))).call(went))
    assert not (tmp_path / "told").exists()


def test_what_a_command_says_when_it_fails_is_told_once_though_it_failed_for_each_slot() -> None:
    failing = Command(python("import sys; print('no such topic'); sys.exit(3)"))
    with pytest.raises(CallbackError) as failed:
        run_async(failing.call(APPEARED))
    assert str(failed.value) == "it ended with 3: no such topic"


def test_a_command_that_takes_too_long_is_ended_with_all_that_it_has_started(tmp_path: Path) -> None:
    script = f"sleep 60 & echo $! > {shlex.quote(str(tmp_path / 'pid'))}; wait"
    one = Happening(Kind.APPEARED, APPEARED.slots[:1], AT, "here", "Practice", rehearsal=True)
    with pytest.raises(CallbackError, match="it took longer than 1 s and was ended"):
        run_async(Command(["sh", "-c", script], within=timedelta(seconds=1)).call(one))
    pid = int((tmp_path / "pid").read_text())
    # What was told to end takes until the system gets round to it.
    for _ in range(1000):
        if not _is_running(pid):
            break
        time.sleep(0.01)
    assert not _is_running(pid)


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_command_that_is_not_there_is_told() -> None:
    with pytest.raises(CallbackError, match="it cannot be started"):
        run_async(Command(["/no/such/command"]).call(APPEARED))


def test_no_shell_reads_a_command(tmp_path: Path) -> None:
    run_async(Command(["touch", str(tmp_path / "a; touch b")]).call(APPEARED))
    assert [path.name for path in tmp_path.iterdir()] == ["a; touch b"]


# -- web hooks


def posted(*replies: Reply) -> tuple[list[str], timedelta, CallbackError | None]:
    """The bodies that arrived, how long that took, and what became of it."""
    clock = SimulatedClock(AT)
    error = None
    with serving(*replies) as server:
        try:
            run_async(WebHook(f"{server.url}/{HIDDEN}", clock).call(APPEARED))
        except CallbackError as failed:
            error = failed
    assert all(one.method == "POST" for one in server.requests)
    return [one.body for one in server.requests], clock.now() - AT, error


def test_a_web_hook_is_posted_all_slots_as_json() -> None:
    bodies, took, error = posted(Reply(204))
    (body,) = (json.loads(one) for one in bodies)
    assert [one["place"] for one in body["slots"]] == ["X1 A", "Fitness"]
    assert (body["event"], took, error) == ("appeared", timedelta(0), None)


def test_a_web_hook_that_is_out_of_order_is_tried_again_after_pauses_that_grow() -> None:
    bodies, took, error = posted(Reply(503), Reply(500), Reply(200))
    assert (len(bodies), took, error) == (3, timedelta(seconds=6), None)


def test_a_web_hook_that_asks_for_a_pause_gets_it() -> None:
    _, took, error = posted(Reply(429, headers={"Retry-After": "40"}), Reply(200))
    assert (took, error) == (timedelta(seconds=40), None)


def test_a_web_hook_that_refuses_is_not_tried_again_and_one_that_stays_out_of_order_is_given_up() -> None:
    bodies, _, error = posted(Reply(404))
    assert (len(bodies), str(error)) == (1, "it answers 404")
    bodies, _, error = posted(Reply(500))
    assert (len(bodies), str(error)) == (4, "it answers 500")


def test_the_address_of_a_web_hook_is_never_told() -> None:
    with serving(Reply()) as server:
        pass
    hook = WebHook(f"{server.url}/{HIDDEN}", SimulatedClock(AT))
    with pytest.raises(CallbackError) as failed:
        run_async(hook.call(APPEARED))
    assert str(failed.value) == "it does not answer (ConnectError)"
    assert hook.name == "the web hook at 127.0.0.1"
    assert HIDDEN not in repr(hook)


# -- all of them


class Slow:
    """Takes its time."""

    name = "the slow one"

    async def call(self, _: Happening) -> None:
        await asyncio.sleep(60)


class Failing:
    """Does not work."""

    name = "the one that fails"

    async def call(self, _: Happening) -> None:
        raise CallbackError("the line is dead")


def test_who_cannot_be_called_is_told_and_harms_nobody(watched: Watched) -> None:
    told: list[str] = []

    async def go() -> None:
        calls = Calls((Failing(), watched.heard, Slow()), told.append)
        calls.about(APPEARED)
        await calls.done(timedelta(milliseconds=20))

    run_async(go())
    assert watched.heard.happenings == [APPEARED]
    assert told == [
        "the one that fails could not be called: the line is dead",
        "the slow one could not be called in time",
    ]


# -- the channels of bookings.json


def test_what_appears_goes_out_by_the_channels_of_the_file() -> None:
    scene = Scene("Practice", rehearsal=True, zone=slot("X1 A", 10).start.tzinfo or UTC)
    with serving(Reply(200)) as server:
        url = server.url.replace("http://", "json://")

        async def go() -> None:
            channels = channels_of([Wanted(url, Level.RESULTS)])
            async with Notifier(channels, scene, lambda event: pytest.fail(str(event))) as notifier:
                await Notification(notifier).call(APPEARED)

        run_async(go())
    (body,) = (json.loads(one.body) for one in server.requests)
    assert body["title"] == "REHEARSAL · sniper: X1 A 10:00, Fitness 11:00: can be had"
    assert "X1 A Tue 24 Nov 10:00" in body["message"]
