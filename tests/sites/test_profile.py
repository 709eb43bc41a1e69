"""What a profile may say, and what is told of one that is wrong."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from textwrap import indent

import pytest

from sniper.core.openings import Counted, DayOpeningRule, OpeningRule
from sniper.documents import Document, validated
from sniper.errors import InputError
from sniper.sites.library import bundled_folder, load_profile, read_extended
from sniper.sites.profile import Profile
from sniper.sites.steps import Selector
from tests.sites.examples import bundled, mine, refusal

NOT_OF_A_SLOT = "has no meaning here (there are: date, end, location, start, sub_location, tag, tag_group)"


def test_a_profile_can_count_openings_by_the_wall_clock(tmp_path: Path) -> None:
    path = mine(tmp_path, "locations: {X1: {opens: {counted: wall_clock}}}\n")
    rule = load_profile(path).locations["X1"].opening
    assert rule == OpeningRule(timedelta(hours=72), Counted.WALL_CLOCK)


@pytest.mark.parametrize("at", ["06:00", '"06:00"'])
def test_a_profile_can_open_whole_days_at_a_time_of_day(tmp_path: Path, at: str) -> None:
    path = mine(
        tmp_path, f"locations: {{X9: {{opens: {{days_before: 7, at: {at}}}, words: {{tag: '1'}}}}}}\n"
    )
    profile = load_profile(path)
    assert profile.locations["X9"].opening == DayOpeningRule(7, time(6))
    again = Profile.model_validate(profile.model_dump(mode="json", by_alias=True))
    assert again.locations["X9"] == profile.locations["X9"]


def test_a_selector_may_be_its_css_alone() -> None:
    how = bundled("tudelft-x").signed_in
    assert how is not None
    assert how.seen == Selector(css="participations-table")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ("titel: x\n", "mine.yaml:3: titel: unknown key; did you mean 'title'?"),
        (
            "timezone: Europe/Delft\n",
            "mine.yaml:3: timezone: 'Europe/Delft' is no time zone; write Europe/Amsterdam, say",
        ),
        (
            "timezone: ../../etc\n",
            "mine.yaml:3: timezone: '../../etc' is no time zone; write Europe/Amsterdam, say",
        ),
        (
            "base_url: x.tudelft.nl\n",
            'mine.yaml:3: base_url: must be a valid URL, relative URL without a base (is "x.tudelft.nl")',
        ),
        (
            "base_url: ftp://x\n",
            "mine.yaml:3: base_url: URL scheme should be 'http' or 'https' (is \"ftp://x\")",
        ),
        (
            "locations: {X1: {slot: 0s}}\n",
            "mine.yaml:3: locations.X1.slot: no time at all is too short; write 1h, say",
        ),
        (
            "signed_in: {check_every: 0s}\n",
            "mine.yaml:3: signed_in.check_every: no time at all is too short; write 1h, say",
        ),
        (
            "signed_in: {rests: true}\narm: [press: {key: Escape}]\n",
            "mine.yaml:4: arm: has to begin with goto: where signed_in.rests, the page is empty until then",
        ),
        (
            "cancel: {steps: [reload: {}], done: {url: /participations}}\n",
            "mine.yaml:3: cancel.steps: has to begin with goto: where signed_in.rests, the page is empty "
            "until then",
        ),
        (
            "signed_in: {expires: {cookie: sid}}\n",
            "mine.yaml:3: signed_in.expires: name either a cookie or a key of local_storage",
        ),
        (
            "signed_in: {expires: {at: $.exp}}\n",
            "mine.yaml:3: signed_in.expires: say where it stands: `at`, or both `since` and `seconds`",
        ),
        (
            "signed_in: {response: {url: '/members/{username}', method: GET}}\n",
            "mine.yaml:3: signed_in.response.url: {username} has no meaning here (there are: none)",
        ),
        ("locations: {X9: {slot: 1h}}\n", "mine.yaml:3: locations.X9.opens: is missing"),
        (
            "locations: {X1: {opens: 72h}}\n",
            "mine.yaml:3: locations.X1.opens: must be an object with named keys",
        ),
        (
            "locations: {X1: {opens: {before_start: 72}}}\n",
            "mine.yaml:3: locations.X1.opens.before_start: 72 is no duration; write 72h, 7d, 1m30s or 250ms",
        ),
        (
            "locations: {X1: {opens: {before_start: -72h}}}\n",
            "mine.yaml:3: locations.X1.opens.before_start: '-72h': a duration is never negative",
        ),
        (
            "limits: {per_account: [{bookings: 0, per: [date]}]}\n",
            "mine.yaml:3: limits.per_account[0].bookings: must be greater than or equal to 1 (is 0)",
        ),
        (
            "limits: {per_account: [{bookings: 1, per: [week]}]}\n",
            "mine.yaml:3: limits.per_account[0].per[0]: must be 'date', 'start', 'location' or "
            "'sub_location' (is \"week\")",
        ),
        ("outcomes: []\n", "mine.yaml:3: outcomes: must not be empty"),
        (
            "reset:\n  - jump: {}\n",
            "mine.yaml:4: reset[0]: a step is one of goto, click, fill, date, check, press, "
            "ng_select, select, wait_for, reload, ask, each_location, each an entry of its own",
        ),
        (
            "reset:\n  - click: {on: 'a:visible'}\n",
            "mine.yaml:4: reset[0].click.on: 'a:visible' is no selector that browsers know: "
            ":visible is not of CSS",
        ),
        (
            "reset:\n  - click: {on: text=Book}\n",
            "mine.yaml:4: reset[0].click.on: 'text=Book' is no selector that browsers know: "
            "text= is not of CSS",
        ),
        (
            "reset:\n  - press: {key: Escape}\n    click: {on: x}\n",
            "mine.yaml:4: reset[0]: a step is one of goto, click, "
            "fill, date, check, press, ng_select, select, wait_for, reload, ask, each_location, "
            "each an entry of its own",
        ),
        (
            "reset:\n  - Escape\n",
            "mine.yaml:4: reset[0]: a step is one of goto, click, fill, date, check, press, "
            "ng_select, select, wait_for, reload, ask, each_location, each an entry of its own",
        ),
        (
            "reset:\n  - wait_for: {seen: a, gone: b}\n",
            "mine.yaml:4: reset[0].wait_for: wait_for takes exactly one of seen, present, gone, "
            "local_storage",
        ),
        (
            "fire:\n  - click: {on: b}\nrehearse:\n  - steps:\n      - click: {on: b}\n",
            "mine.yaml:7: rehearse[0].steps[0]: this is the press that books; a rehearsal never makes it",
        ),
        ("reset:\n  - click: {}\n", "mine.yaml:4: reset[0].click.on: is missing"),
        (
            "reset:\n  - goto: /\n",
            "mine.yaml:4: reset[0].goto: reset runs inside the page; use reload instead",
        ),
        (
            "reset:\n  - wait_for: {gone: b}\n  - press: {key: Tab}\n",
            "mine.yaml:5: reset[1].press.key: reset runs inside the page, which can press Enter and Escape "
            "only; click, fill or check instead",
        ),
        (
            "fire:\n  - each_location: []\n",
            "mine.yaml:4: fire[0].each_location: fire is about one slot; use this in arm",
        ),
        (
            "fill_ahead:\n  arm: [press: {key: Tab}]\n  fire: [goto: /]\n",
            "mine.yaml:5: fill_ahead.fire[0].goto: fire runs inside the page; use reload instead",
        ),
        (
            "outcomes:\n  - {is: taken, response: {url: /x, text: 'full\\Z'}}\n",
            "mine.yaml:4: outcomes[0].response.text: 'full\\\\Z': the page's own expressions do not know \\Z",
        ),
        ("reset:\n  - goto: 5\n", "mine.yaml:4: reset[0].goto: must be a valid string (is 5)"),
        (
            "reset:\n  - fill: {into: x, value: 5}\n",
            "mine.yaml:4: reset[0].fill.value: must be a valid string (is 5)",
        ),
        (
            "clock: {path: api/time}\n",
            "mine.yaml:3: clock.path: 'api/time' would change the host it is put behind; "
            "begin with a slash: /api/time, say",
        ),
        (
            "signed_in: {page: '@evil.example/'}\n",
            "mine.yaml:3: signed_in.page: '@evil.example/' would change the host it is put behind; "
            "begin with a slash: /@evil.example/, say",
        ),
        (
            "arm:\n  - goto: products\n",
            "mine.yaml:4: arm[0].goto: 'products' would change the host it is put behind; "
            "begin with a slash: /products, say",
        ),
        (
            "clock: {source: json, path: /api/time}\n",
            "mine.yaml:3: clock.source: where the time stands in the JSON is not said; "
            "write time: $.now, say",
        ),
        ("clock: {time: $.now}\n", "mine.yaml:3: clock.time: is only for source: json"),
        (
            "clock: {source: json, time: now}\n",
            "mine.yaml:3: clock.time: 'now' is no path into JSON; "
            "write $.id, $.data[0].name or $ for all of it",
        ),
        ("reset:\n  - goto: /{\n", "mine.yaml:4: reset[0].goto: Single '{' encountered in format string"),
        (
            "my_bookings: {reference: id}\n",
            "mine.yaml:3: my_bookings.reference: 'id' is no path into JSON; write $.id, $.data[0].name or "
            "$ for all of it",
        ),
        # placeholders
        (
            "fire:\n  - click:\n      on: '{strat:%H}'\n",
            f"mine.yaml:5: fire[0].click.on.css: {{strat}} {NOT_OF_A_SLOT}",
        ),
        (
            "fire:\n  - click: {on: {css: a, has: [{css: b, text: ['{place}']}]}}\n",
            f"mine.yaml:4: fire[0].click.on.has[0].text[0]: {{place}} {NOT_OF_A_SLOT}",
        ),
        (
            "reset:\n  - click: {on: a, only_with: sublocation}\n",
            f"mine.yaml:4: reset[0].click.only_with: {{sublocation}} {NOT_OF_A_SLOT}",
        ),
        (
            "arm:\n  - each_location:\n      - check: {on: '#tag{tga}'}\n",
            f"mine.yaml:5: arm[0].each_location[0].check.on.css: {{tga}} {NOT_OF_A_SLOT}",
        ),
        (
            "sign_in:\n  - fill: {into: a, value: '{start}'}\n",
            "mine.yaml:4: sign_in[0].fill.value: {start} has no meaning here "
            "(there are: password, token, totp, username)",
        ),
        (
            "my_bookings: {steps: [goto: '/{date}']}\n",
            "mine.yaml:3: my_bookings.steps[0].goto: {date} has no meaning here "
            "(there are: first_day, last_day)",
        ),
        (
            "not_laid_out: 'li.{tag}'\n",
            "mine.yaml:3: not_laid_out: {tag} has no meaning here (there are: none)",
        ),
        (
            "fire:\n  - fill: {into: a, value: b}\n  - press: {key: Enter}\n",
            "mine.yaml:5: fire[1].press: a key goes to what has the focus, and what is not laid out cannot "
            "have it; click instead, or write not_laid_out: null",
        ),
        (
            "reset:\n  - press: {key: Escape}\n",
            "mine.yaml:4: reset[0].press: a key goes to what has the focus, and what is not laid out cannot "
            "have it; click instead, or write not_laid_out: null",
        ),
        (
            "cancel: {done: {url: '/participations/{ref}'}}\n",
            "mine.yaml:3: cancel.done.url: {ref} has no meaning here (there are: reference)",
        ),
        (
            "fire:\n  - click: {on: a, or_outcome: {taken: '{x}'}}\n",
            f"mine.yaml:4: fire[0].click.or_outcome.taken.css: {{x}} {NOT_OF_A_SLOT}",
        ),
    ],
)
def test_a_wrong_profile_is_told_with_file_line_and_key(tmp_path: Path, changes: str, said: str) -> None:
    assert refusal(tmp_path, changes) == said


def test_every_key_of_a_profile_that_is_required_is_missed(tmp_path: Path) -> None:
    document = read_extended(bundled_folder() / "tudelft-x.yaml")
    required = [name for name, field in Profile.model_fields.items() if field.is_required()]
    for key in required:
        less = Document(tmp_path / "p.yaml", {k: v for k, v in document.root.items() if k != key})
        with pytest.raises(InputError, match=rf"p\.yaml: {key}: is missing"):
            validated(Profile, less)


@pytest.mark.parametrize(
    ("changes", "milliseconds"),
    [
        ("clock: {early: {costs: nothing}}\n", 0),
        ("clock: {early: {costs: retry}}\nlate_opening: {retry_after: 300ms}\n", 300),
    ],
)
def test_being_early_costs_what_a_try_again_takes(tmp_path: Path, changes: str, milliseconds: int) -> None:
    assert load_profile(mine(tmp_path, changes)).early_cost == timedelta(milliseconds=milliseconds)


@pytest.mark.parametrize(
    "changes",
    [
        "clock: {early: {costs: throttle}}\n",
        "late_opening: {again: never}\n",
        "budget: {attempts_per_opening: 1}\n",
        "late_opening: {within: 100ms, retry_after: 250ms}\n",
    ],
)
def test_who_is_throttled_or_has_no_other_try_must_not_be_early(tmp_path: Path, changes: str) -> None:
    assert load_profile(mine(tmp_path, changes)).early_cost == timedelta.max


AHEAD = "fill_ahead:\n  arm:\n    - press: {key: Tab}\n  fire:\n    - click: {on: now}\n"


@pytest.mark.parametrize("press", ["b", "now"])
@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("arm:\n  - {}\n", "arm[0]: this is the press that books; nothing in arm books"),
        ("arm:\n  - each_location:\n      - {}\n", "arm[0].each_location[0]: this is the press that books"),
        ("reset:\n  - {}\n", "reset[0]: this is the press that books; reset books nothing"),
        ("rehearse:\n  - steps:\n      - {}\n", "a rehearsal never makes it"),
    ],
)
def test_the_press_that_books_is_made_nowhere_else_however_the_step_is_written(
    tmp_path: Path, where: str, said: str, press: str
) -> None:
    for step in (f"click: {{on: {press}, timeout: 1s}}", f"check: {{on: {press}}}"):
        changes = "fire:\n  - click: {on: b}\n" + AHEAD + where.replace("{}", step)
        assert said in refusal(tmp_path, changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            "fire:\n  - click: {on: b, if_present: true}\n  - click: {on: b}\n",
            "fire[0]: this is the press that books; it comes last in fire, and once",
        ),
        (
            "fire:\n  - click: {on: b}\nfill_ahead:\n  arm:\n    - click: {on: b, timeout: 1s}\n"
            "  fire:\n    - click: {on: b}\n",
            "fill_ahead.arm[0]: this is the press that books; nothing books before the opening",
        ),
        (
            "fire:\n  - click: {on: b}\nfill_ahead:\n  arm:\n    - press: {key: Tab}\n"
            "  fire:\n    - click: {on: b}\n    - click: {on: now}\n",
            "fill_ahead.fire[0]: this is the press that books; it comes last in fire, and once",
        ),
    ],
)
def test_the_press_that_books_comes_last(tmp_path: Path, changes: str, said: str) -> None:
    assert said in refusal(tmp_path, changes)


HOLDING = "click: {on: hold, holds: true}"


@pytest.mark.parametrize(
    ("where", "at"),
    [
        ("arm:\n  - {}\n", "arm[0].click.holds"),
        ("arm:\n  - each_location:\n      - {}\n", "arm[0].each_location[0].click.holds"),
        ("reset:\n  - {}\n", "reset[0].click.holds"),
        ("rehearse:\n  - steps:\n      - {}\n", "rehearse[0].steps[0].click.holds"),
        (
            "fill_ahead:\n  arm:\n    - {}\n  fire:\n    - click: {on: now}\n",
            "fill_ahead.arm[0].click.holds",
        ),
        ("sign_in:\n  - {}\n", "sign_in[0].click.holds"),
        ("my_bookings:\n  steps:\n    - {}\n", "my_bookings.steps[0].click.holds"),
        ("cancel:\n  steps:\n    - {}\n", "cancel.steps[0].click.holds"),
    ],
)
def test_a_slot_is_held_only_where_a_dry_run_ends_before_it(tmp_path: Path, where: str, at: str) -> None:
    said = f"{at}: only a step of fire or fill_ahead.fire may hold a slot: nowhere else does a dry run end"
    assert said in refusal(tmp_path, where.replace("{}", HOLDING))


def test_a_slot_may_be_held_from_the_opening_on(tmp_path: Path) -> None:
    fire = f"  - {HOLDING}\n  - click: {{on: b}}\n"
    ahead = f"fill_ahead:\n  arm:\n    - press: {{key: Tab}}\n  fire:\n{indent(fire, '  ')}"
    assert load_profile(mine(tmp_path, f"fire:\n{fire}{ahead}")).fill_ahead
