"""What is watched, and how, by the file and the command line; and what is said of it when it is wrong."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sniper.core.watching import Pace
from sniper.errors import InputError
from sniper.watch.callbacks import Command, WebHook
from sniper.watch.session import PreparedWatch, WatchRequest, prepare_watch
from sniper.watch.task import key_of
from tests.config.examples import GOOD
from tests.store.examples import DAY

HOOK = "https://hooks.example/T0/not-to-be-seen"


def prepared(folder: Path, watch: dict[str, Any] | None = None, **request: Any) -> PreparedWatch:
    """The good file with this for `watch`."""
    path = folder / "bookings.json"
    path.write_text(json.dumps(GOOD | ({} if watch is None else {"watch": watch}), indent=1))
    return prepare_watch(WatchRequest(path, **request))


def refusal(folder: Path, watch: dict[str, Any] | None = None, **request: Any) -> str:
    with pytest.raises(InputError) as refused:
        prepared(folder, watch, **request)
    return refused.value.explain().replace(f"{folder}/", "")


def test_without_a_word_about_it_the_profile_says_how_often_and_nothing_is_booked(tmp_path: Path) -> None:
    found = prepared(tmp_path)
    assert found.pace == Pace(timedelta(seconds=45), timedelta(seconds=30))
    assert (found.books, found.callbacks) == (False, ())


def test_the_command_line_goes_before_the_file(tmp_path: Path) -> None:
    watch = {"book": False, "every": "5m", "on_appear": {"command": ["true"], "webhook": HOOK}}
    found = prepared(tmp_path, watch)
    assert found.pace.usually == timedelta(minutes=5)
    command, hook = found.callbacks
    assert isinstance(command, Command)
    assert isinstance(hook, WebHook)
    assert (command.argv, hook.url) == (("true",), HOOK)
    found = prepared(tmp_path, watch, every=timedelta(minutes=1), command="echo 'a slot'")
    assert found.pace.usually == timedelta(minutes=1)
    command = found.callbacks[0]
    assert isinstance(command, Command)
    assert command.argv == ("echo", "a slot")


def test_the_address_of_a_web_hook_may_stand_in_the_environment_which_browsers_do_not_see(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLUB_HOOK", HOOK)
    found = prepared(tmp_path, {"on_appear": {"webhook": {"env": "CLUB_HOOK"}}})
    (hook,) = found.callbacks
    assert isinstance(hook, WebHook)
    assert hook.url == HOOK
    assert "CLUB_HOOK" in found.run.bookings.secret_variables
    assert "not-to-be-seen" not in repr(found)


@pytest.mark.parametrize(
    ("watch", "said"),
    [
        ({"bok": True}, "watch.bok: unknown key; did you mean 'book'?"),
        ({"every": "10s"}, "watch.every: the site is not asked more often than every 30 s"),
        ({"every": 10}, "watch.every: 10 is no duration; write 72h, 7d, 1m30s or 250ms"),
        ({"on_appear": {"command": []}}, "watch.on_appear.command: must not be empty"),
        ({"on_appear": {"command": "notify"}}, "watch.on_appear.command: must be a list"),
        ({"on_appear": {"command": ["no-such"]}}, "watch.on_appear.command: there is no command 'no-such'"),
        (
            {"on_appear": {"webhook": {"env": "NOT_SET"}}},
            "watch.on_appear.webhook.env: the environment variable is not set",
        ),
        ({"on_appear": {"webhook": 7}}, "watch.on_appear.webhook: must be a text in quotes"),
        *(
            ({"on_appear": {"webhook": url}}, "watch.on_appear.webhook: is no address to post to")
            for url in ("ftp://not-to-be-seen", "not-to-be-seen", "https://", "http://a b/not-to-be-seen")
        ),
    ],
)
def test_what_is_wrong_is_told_by_file_line_and_key(tmp_path: Path, watch: dict[str, Any], said: str) -> None:
    told = refusal(tmp_path, watch)
    assert told.startswith("bookings.json:")
    assert said in told
    assert "not-to-be-seen" not in told


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"every": timedelta(seconds=29)}, "--every: the site is not asked more often than every 30 s"),
        ({"command": "no-such 'a b'"}, "--on-appear: there is no command 'no-such'"),
        ({"command": "echo 'a"}, '--on-appear: "echo \'a" cannot be read: No closing quotation'),
        ({"command": " "}, "--on-appear: there is no command"),
    ],
)
def test_what_is_wrong_on_the_command_line_is_told_by_its_option(
    tmp_path: Path, request_: dict[str, Any], said: str
) -> None:
    assert refusal(tmp_path, **request_).startswith(said)


def test_a_profile_that_does_not_say_how_its_site_shows_what_is_free_is_told(tmp_path: Path) -> None:
    (tmp_path / "none.yaml").write_text("name: none\nextends: tudelft-x\navailability: null\n")
    told = refusal(tmp_path, site=str(tmp_path / "none.yaml"))
    assert told.startswith("the profile none does not say how its site shows what is free\n")
    assert "docs/watching.md" in told


def test_the_same_file_for_the_same_day_is_the_same_watch() -> None:
    goal = {"consecutive_hours": 2, "target_date": "+3d"}
    key = key_of(DAY, goal, ["ann", "bob"])
    assert key == key_of(DAY, {**goal, "target_date": "2026-11-24"}, ["ann", "bob"])
    others = (
        key_of(DAY + timedelta(days=1), goal, ["ann", "bob"]),
        key_of(DAY, {**goal, "consecutive_hours": 3}, ["ann", "bob"]),
        key_of(DAY, goal, ["ann"]),
    )
    assert key not in others
    assert len(set(others)) == 3
