"""The schema of a profile: what the bundled ones say, and what none may say."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from sniper.core.limits import Limit, Per
from sniper.core.openings import Counted, OpeningRule
from sniper.core.outcomes import Outcome
from sniper.documents import Document, validated
from sniper.errors import InputError
from sniper.sites.library import bundled_folder, load_profile, read_extended
from sniper.sites.profile import Profile
from sniper.sites.steps import ClickStep, Duration, Selector
from tests.sites.regenerate_schemas import FOLDER, MODELS, text_of

NOT_OF_A_SLOT = "has no meaning here (there are: date, location, start, sub_location, tag, tag_group)"
BUNDLED = sorted(path.stem for path in bundled_folder().glob("*.yaml"))


def bundled(name: str) -> Profile:
    """A bundled profile."""
    return load_profile(bundled_folder() / f"{name}.yaml")


def refusal(folder: Path, changes: str) -> str:
    """What is said of tudelft-x with these changes, which begin in line 3; the folder left out."""
    path = folder / "mine.yaml"
    path.write_text(f"extends: tudelft-x\nname: mine\n{changes}", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_profile(path)
    return str(refused.value).replace(f"{folder}/", "").replace(f"{bundled_folder()}/", "")


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_profile_is_valid_and_named_as_its_file(name: str) -> None:
    assert bundled(name).name == name


def test_the_practice_profile_is_the_real_one_at_another_address() -> None:
    practice, real = (bundled(name).model_dump() for name in ("practice", "tudelft-x"))
    assert {key for key in real if practice[key] != real[key]} == {"name", "title", "base_url", "practice"}


def test_tudelft_x_is_what_is_known_of_it() -> None:
    profile = bundled("tudelft-x")
    assert profile.timezone == ZoneInfo("Europe/Amsterdam")
    assert profile.url == "https://x.tudelft.nl"
    assert {name: place.opens.rule() for name, place in profile.locations.items()} == {
        "Fitness": OpeningRule(timedelta(hours=168)),
        "X1": OpeningRule(timedelta(hours=72)),
        "X3": OpeningRule(timedelta(hours=72)),
    }
    assert profile.limits_per_account() == (
        Limit(1, frozenset({Per.DATE, Per.START})),
        Limit(1, frozenset({Per.DATE, Per.LOCATION})),
    )
    assert profile.locations["X1"].sub_locations == ("X1 A", "X1 B")
    assert profile.locations["Fitness"].sub_locations == ()


@pytest.mark.parametrize("name", BUNDLED)
def test_the_last_step_of_fire_is_the_press_that_books(name: str) -> None:
    last = bundled(name).fire[-1]
    assert isinstance(last, ClickStep)
    assert "details-book-button" in last.click.on.css


@pytest.mark.parametrize("name", BUNDLED)
def test_the_real_and_the_practice_site_are_never_mistaken_for_each_other(name: str) -> None:
    profile = bundled(name)
    assert (profile.practice is not None) == profile.url.startswith("http://127.0.0.1")


def test_a_profile_can_count_openings_by_the_wall_clock(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("extends: tudelft-x\nname: mine\nlocations: {X1: {opens: {counted: wall_clock}}}\n")
    rule = load_profile(path).locations["X1"].opens.rule()
    assert rule == OpeningRule(timedelta(hours=72), Counted.WALL_CLOCK)


def test_a_selector_may_be_its_css_alone() -> None:
    profile = bundled("tudelft-x")
    assert profile.signed_in.seen == Selector(css="participations-table")


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
            "ng_select, select, wait_for, reload, each_location, each an entry of its own",
        ),
        (
            "reset:\n  - press: {key: Escape}\n    click: {on: x}\n",
            "mine.yaml:4: reset[0]: a step is one of goto, click, "
            "fill, date, check, press, ng_select, select, wait_for, reload, each_location, "
            "each an entry of its own",
        ),
        (
            "reset:\n  - Escape\n",
            "mine.yaml:4: reset[0]: a step is one of goto, click, fill, date, check, press, "
            "ng_select, select, wait_for, reload, each_location, each an entry of its own",
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
            "(there are: password, totp, username)",
        ),
        (
            "my_bookings: {steps: [goto: '/{date}']}\n",
            "mine.yaml:3: my_bookings.steps[0].goto: {date} has no meaning here (there are: none)",
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


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            "fire:\n  - press: {key: Escape}\n  - click: {on: {css: a, text: '{sub_location}'}}\n",
            "mine.yaml:5: fire[1].click.on.text: {sub_location} has no value at Fitness; "
            "`only_with: sub_location` leaves a step out there",
        ),
        (
            "arm:\n  - goto: '/{tag_group}'\n",
            "mine.yaml:4: arm[0].goto: {tag_group} has no value at Fitness; "
            "`only_with: tag_group` leaves a step out there",
        ),
        (
            "arm:\n  - each_location:\n      - check: {on: '#tag{tag_group}'}\n",
            "mine.yaml:5: arm[0].each_location[0].check.on.css: {tag_group} has no value at Fitness; "
            "`only_with: tag_group` leaves a step out there",
        ),
        (
            "reset:\n  - click: {on: {css: a, has: [{css: b, text: ['{sub_location}', '{tag_group}']}]}}\n",
            "mine.yaml:4: reset[0].click.on.has[0].text: none of {sub_location}, {tag_group} has a value "
            "at Fitness",
        ),
        (
            "fire:\n  - ng_select: {on: a, option: '{sub_location:%H}', only_with: sub_location}\n",
            "mine.yaml:4: fire[0].ng_select.option: {sub_location:%H} cannot be written at X1: "
            "Invalid format specifier '%H' for object of type 'str'",
        ),
        (
            "fire:\n  - click: {on: {css: a, has: [{css: b, text: ['{location:d}', '{sub_location}']}]}}\n",
            "mine.yaml:4: fire[0].click.on.has[0].text: {location:d} cannot be written at Fitness: "
            "Unknown format code 'd' for object of type 'str'",
        ),
        (
            "outcomes:\n  - {is: taken, page: {css: a, text: '{sub_location}'}}\n",
            "mine.yaml:4: outcomes[0].page.text: {sub_location} has no value at Fitness; "
            "`only_with: sub_location` leaves a step out there",
        ),
        (
            "sign_in:\n  - fill: {into: a, value: '{totp}'}\n",
            "mine.yaml:4: sign_in[0].fill.value: {totp} has no value for accounts without a second factor; "
            "`only_with: totp` leaves a step out there",
        ),
        (
            "sign_in:\n  - fill: {into: a, value: '{totp:d}', only_with: totp}\n",
            "mine.yaml:4: sign_in[0].fill.value: {totp:d} cannot be written here: "
            "Unknown format code 'd' for object of type 'str'",
        ),
        (
            "cancel: {done: {url: '/participations/{reference:d}'}}\n",
            "mine.yaml:3: cancel.done.url: {reference:d} cannot be written here: "
            "Unknown format code 'd' for object of type 'str'",
        ),
    ],
)
def test_a_placeholder_that_a_run_could_not_fill_in_is_told_beforehand(
    tmp_path: Path, changes: str, said: str
) -> None:
    assert refusal(tmp_path, changes) == said


@pytest.mark.parametrize(
    "changes",
    [
        "fire:\n  - click: {on: '[title={sub_location}]', only_with: sub_location}\n",
        "fire:\n  - click: {on: {css: a, has: [{css: b, text: ['{sub_location}', '{location}']}]}}\n",
        "arm:\n  - each_location:\n      - check: {on: '#tag{tag_group}', only_with: tag_group}\n",
        "arm:\n  - each_location:\n      - check: {on: '#tag{tag}'}\n",
        "arm:\n  - goto: '/{date:%d.%m.%Y}/{start:%H%M}/{location:.2}/{start:>5}'\n",
    ],
)
def test_a_placeholder_that_a_run_can_fill_in_is_no_fault(tmp_path: Path, changes: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: tudelft-x\nname: mine\n{changes}", encoding="utf-8")
    assert load_profile(path).name == "mine"


def test_a_new_location_without_a_word_the_steps_need_is_told(tmp_path: Path) -> None:
    said = refusal(tmp_path, "locations: {Hall: {opens: {before_start: 1h}}}\n")
    assert said.startswith("tudelft-x.yaml:")
    assert said.partition(": ")[2] == (
        "arm[3].each_location[1].check.on.css: {tag} has no value at Hall; "
        "`only_with: tag` leaves a step out there"
    )


def test_each_word_of_a_location_is_a_placeholder(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "extends: tudelft-x\nname: mine\nlocations: {X1: {words: {hall: '7'}}}\n"
        "reset:\n  - click: {on: '#hall{hall}', only_with: hall}\n"
    )
    assert load_profile(path).locations["X1"].words["hall"] == "7"


def test_every_key_of_a_profile_that_is_required_is_missed(tmp_path: Path) -> None:
    document = read_extended(bundled_folder() / "tudelft-x.yaml")
    required = [name for name, field in Profile.model_fields.items() if field.is_required()]
    for key in required:
        less = Document(tmp_path / "p.yaml", {k: v for k, v in document.root.items() if k != key})
        with pytest.raises(InputError, match=rf"p\.yaml: {key}: is missing"):
            validated(Profile, less)


# -- durations

durations: TypeAdapter[timedelta] = TypeAdapter(Duration)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("72h", timedelta(hours=72)),
        ("7d", timedelta(days=7)),
        ("1m30s", timedelta(seconds=90)),
        ("250ms", timedelta(milliseconds=250)),
        ("1.5h", timedelta(minutes=90)),
        ("0", timedelta(0)),
    ],
)
def test_a_duration_has_its_unit(text: str, means: timedelta) -> None:
    assert durations.validate_python(text) == means


@pytest.mark.parametrize(
    "value", ["", "72", "h", "72 hours", "1x", "soon", 72, 1.5, None, [], "99999999999999d"]
)
def test_what_is_no_duration_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError, match="is no duration; write 72h, 7d, 1m30s or 250ms"):
        durations.validate_python(value)


@given(st.integers(0, 10**10))
def test_a_duration_is_written_as_it_is_read(milliseconds: int) -> None:
    duration = timedelta(milliseconds=milliseconds)
    assert durations.validate_python(durations.dump_python(duration, mode="json")) == duration


@given(st.text(max_size=8) | st.from_regex(r"-?[0-9.]{1,6}[a-zµ]{1,2}", fullmatch=True))
def test_whatever_stands_for_a_duration_it_is_one_or_is_refused(text: str) -> None:
    try:
        duration = durations.validate_python(text)
    except ValidationError:
        return
    assert duration >= timedelta(0)


# -- the schemas for editors


@pytest.mark.parametrize("name", MODELS)
def test_the_schemas_in_the_documentation_are_up_to_date(name: str) -> None:
    path = FOLDER / name
    written = path.read_text(encoding="utf-8") if path.exists() else ""
    assert written == text_of(MODELS[name]), (
        f"docs/schemas/{name} is not what the code says; write it anew: "
        "python -m tests.sites.regenerate_schemas"
    )


def nodes(schema: Any) -> list[dict[str, Any]]:
    """Every mapping of a schema."""
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    return [*([schema] if isinstance(schema, dict) else []), *(node for one in inner for node in nodes(one))]


@pytest.mark.parametrize("name", MODELS)
def test_what_a_schema_offers_is_what_a_person_would_write(name: str) -> None:
    for node in nodes(_schema(name)):
        assert node.get("type") != "null"
        assert not str(node.get("default", "")).startswith("PT")


def test_the_schema_takes_a_css_alone_for_a_selector_and_knows_extends() -> None:
    schema = _schema("profile.schema.json")
    on = schema["$defs"]["Click"]["properties"]["on"]
    assert {"type": "string"} in on["anyOf"]
    assert "extends" in schema["properties"]
    assert "required" not in schema
    assert {"required": ["extends"]} in schema["anyOf"]
    assert set(schema["$defs"]["Outcome"]["enum"]) == {outcome.value for outcome in Outcome}


def test_the_schema_of_bookings_knows_schema_dates_times_and_secrets() -> None:
    schema = _schema("bookings.schema.json")
    assert "$schema" in schema["properties"]
    assert "+3d" in schema["$defs"]["SnipeConfig"]["properties"]["target_date"]["examples"]
    assert schema["$defs"]["SnipeConfig"]["properties"]["fallback_strategy"]["default"] == "none"
    kinds = schema["$defs"]["Account"]["properties"]["password"]["oneOf"]
    assert [kind.get("type", kind.get("$ref")) for kind in kinds] == ["string", "#/$defs/FromEnvironment"]
    for name, definition in schema["$defs"].items():
        for key, field in definition["properties"].items():
            assert "description" in field or "$ref" in field or name == "TimeWindow", key


def _schema(name: str) -> dict[str, Any]:
    loaded = json.loads(text_of(MODELS[name]))
    assert isinstance(loaded, dict)
    return loaded
