"""`sniper watch`, end to end: a cancellation is seen and booked, by a real run in a real browser."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise

from sniper.practice.catalogue import CATALOGUE, Slot
from sniper.practice.models import Participation
from tests.e2e.conftest import Club

NewClub = Callable[..., Club]
USUALLY, FLOOR = timedelta(seconds=3), timedelta(seconds=2)
HOURS = (9, 10, 11)
SET_FORWARD = re.compile(r"set forward by (\d+) s")


def watching(club: NewClub, floor: timedelta = FLOOR) -> tuple[Club, dict[str, Participation]]:
    """A club that wants an hour at X1 on Tuesday morning, all of which is taken; and who has what."""
    here = club(rivals=0)
    here.write(accounts=1, consecutive_hours=1)
    path = here.folder / "bookings.json"
    wanted = json.loads(path.read_text())
    wanted["snipe_config"] |= {
        "time_window": {"start": "09:00", "end": "12:00"},
        "priorities": [{"rank": 1, "location": "X1"}],
    }
    path.write_text(json.dumps(wanted))
    with (here.folder / "profiles" / "here.yaml").open("a") as profile:
        usually, least = (f"{one // timedelta(milliseconds=1)}ms" for one in (USUALLY, floor))
        profile.write(f"availability: {{every: {{usually: {usually}, floor: {least}}}}}\n")
    people = (here.site.accounts.member(f"user{n}") for n in range(5, 21))
    taken = {
        f"{slot.label} {CATALOGUE.local(slot.start):%H}": here.site.venue.book(next(people), slot)
        for slot in morning()
    }
    return here, taken


def morning() -> list[Slot]:
    """X1 on Tuesday from nine to twelve."""
    return [
        slot
        for slot in CATALOGUE.slots_on(date(2026, 11, 24))
        if slot.location.name == "X1" and CATALOGUE.local(slot.start).hour in HOURS
    ]


def give_back(here: Club, booking: Participation) -> datetime:
    """Whoever has it cancels; when, on the site's clock."""
    person = next(
        one
        for one in (here.site.accounts.member(f"user{n}") for n in range(1, 21))
        if one.id == booking.account_id
    )
    here.site.venue.cancel(person, booking.id)
    return here.site.clock.now()


def test_a_cancellation_is_seen_within_one_period_and_booked_within_the_sites_budget(club: NewClub) -> None:
    here, taken = watching(club)
    here.signed_in(1)
    process = here.start("watch", "--book", "--json")
    assert process.stdout is not None
    events = []
    cancelled_at = None
    for line in process.stdout:
        event = json.loads(line)
        events.append(event)
        looks = sum(one["event"] == "looked" for one in events)
        if looks == 1 and event["event"] == "looked":
            # Hours later, as the site has it: the watch goes by its clock.
            here.site.clock.jump(timedelta(hours=2))
        if looks == 3 and cancelled_at is None:
            cancelled_at = give_back(here, taken["X1 B 10"])
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert cancelled_at is not None
    named = [event["event"] for event in events if event["event"] not in ("looked", "noted")]
    assert named == ["watching", "appeared", "booking", "booked", "ended"]
    (noted,) = (found for one in events if (found := SET_FORWARD.search(one.get("text", ""))))
    # By two answers in whole seconds, before and after.
    assert abs(int(noted[1]) - 7200) <= 1
    (appeared,) = (event for event in events if event["event"] == "appeared")
    assert appeared["slots"][0]["start"] == "2026-11-24T10:00:00+01:00"
    assert appeared["rehearsal"] is True
    seen_at = datetime.fromisoformat(appeared["at"])
    # The clock of a watch is known to about a second.
    assert seen_at - cancelled_at <= USUALLY * 1.2 + timedelta(seconds=1.5)
    (booked,) = (event for event in events if event["event"] == "booked")
    assert [one["proof"] for one in booked["run"]["bookings"]] == ["confirmed"]
    owners = {
        one.slot.label: one.owners
        for one in here.site.venue.owners_on(date(2026, 11, 24))
        if CATALOGUE.local(one.slot.start).hour == 10
    }
    assert owners["X1 B"] == ("user1",)
    # What the site saw of the watch; a run asks by the browser, as any page does.
    ours = [one for one in here.site.lookups.all if one.agent.startswith("sniper/")]
    apart = [later.machine_time - earlier.machine_time for earlier, later in pairwise(ours)]
    assert min(apart) >= FLOOR
    assert sum(one.status == 304 for one in ours) >= 1
    observed = here.asked("insights", "--json").data
    (insight,) = (one for one in observed[0]["insights"] if (one["location"], one["hour"]) == ("X1", None))
    assert observed[0]["rehearsal"] is True
    # Ours is no rival's doing: five of six count.
    assert insight["taken"] == 5


def test_looking_once_tells_by_the_exit_code_and_a_watch_that_is_stopped_ends_in_good_order(
    club: NewClub,
) -> None:
    # Sooner than that, each would go by what the one before has seen.
    here, taken = watching(club, floor=timedelta(milliseconds=1))
    nothing = here.asked("watch", "--once")
    assert (nothing.exit_code, nothing.stdout) == (1, ""), nothing.stderr
    assert "REHEARSAL" in nothing.stderr
    give_back(here, taken["X1 A 09"])
    found = here.asked("watch", "--once", "-v", "--on-appear", "touch told")
    assert found.exit_code == 0, found.stderr
    assert "X1 A Tue 24 Nov 09:00: can be had" in found.stdout
    assert (here.folder / "told").exists()
    process = here.start("watch", "-v")
    assert process.stderr is not None
    for line in process.stderr:
        if "looked" in line:
            break
    process.send_signal(signal.SIGTERM)
    out, rest = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "Traceback" not in rest
    # It was told before.
    assert out == ""


def test_what_a_run_of_the_daemon_lost_is_watched_and_booked_when_somebody_gives_it_back(
    club: NewClub,
) -> None:
    here, taken = watching(club)
    path = here.folder / "bookings.json"
    root = json.loads(path.read_text())
    del root["snipe_config"]["target_date"]
    schedule = {"name": "nine", "when": "2026-11-24 at 09:00"}
    path.write_text(json.dumps(root | {"schedules": [schedule], "watch": {"book": True}}))
    here.signed_in(1)
    process = here.start("serve", "--json")
    assert process.stdout is not None
    ended: list[str] = []
    watched: list[str] = []
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "watch":
            watched.append(event["watch"]["event"])
        if watched == ["watching", "looked"] and event["event"] == "watch":
            give_back(here, taken["X1 B 09"])
        if event["event"] == "ended":
            ended.append(event["state"])
        if "ended" in watched:
            break
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert ended == ["lost", "booked"]
    assert [one for one in watched if one not in ("looked", "noted")] == [
        "watching",
        "appeared",
        "booking",
        "booked",
        "ended",
    ]
    owners = {
        one.slot.label: one.owners
        for one in here.site.venue.owners_on(date(2026, 11, 24))
        if CATALOGUE.local(one.slot.start).hour == 9
    }
    assert owners["X1 B"] == ("user1",)
