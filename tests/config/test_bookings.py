""": what it may say, and one message for everything it may not."""

from __future__ import annotations

import json
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from sniper.config.bookings import Account, Bookings, FromEnvironment, InDays, read_bookings, reveal
from sniper.config.goal import check_against, load_site
from sniper.core.goals import Fallback
from sniper.errors import InputError
from sniper.sites.library import bundled_folder
from sniper.totp import OneTimeCodes
from tests.config.examples import GONE, GOOD, read, with_change, written

HERE = Path(__file__).parents[2]
DATE = "is no date; write 2026-11-24, or +3d for three days from today"
TIME = "is no time of day; write it with four digits, as 09:00 or 13:00"
NO_SEED = (
    "is no seed of a second factor: that is base 32, at least 16 of the letters A to Z and the "
    "digits 2 to 7; copy it anew (spaces, dashes and small letters do not matter)"
)
QUOTED = 'must be a text in quotes, or {"env": "NAME"} for an environment variable'


def complaints(folder: Path, root: dict[str, Any]) -> str:
    """What is printed when this is checked: `:<line>: <key>: …`, the file's name left out."""

    def check() -> None:
        bookings, document = read(folder, root)
        check_against(bookings, document, load_site(bookings, document))

    with pytest.raises(InputError) as refused:
        check()
    assert refused.value.exit_code == 2
    return refused.value.explain().replace(f"{folder}/bookings.json:", ":").replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        # keys
        ("sight", "x", ":43: sight: unknown key; did you mean 'site'?"),
        (
            "accounts.0.pasword",
            "x",
            ":8: accounts[0].pasword: unknown key; did you mean 'password'?",
        ),
        (
            "accounts.0.zzz",
            1,
            ":8: accounts[0].zzz: unknown key; possible here: netid, password, totp_secret, is_active",
        ),
        (
            "snipe_config.time_window.begin",
            "13:00",
            ":25: snipe_config.time_window.begin: unknown key; possible here: start, end",
        ),
        ("site", GONE, ": site: is missing"),
        ("accounts.1.netid", GONE, ":9: accounts[1].netid: is missing"),
        ("accounts.1.password", GONE, ":9: accounts[1].password: is missing"),
        ("snipe_config", GONE, ": snipe_config: is missing"),
        (
            "snipe_config.priorities.1.rank",
            GONE,
            ":36: snipe_config.priorities[1].rank: is missing",
        ),
        ("snipe_config.target_date", GONE, ":19: snipe_config.target_date: is missing"),
        # types
        ("site", 3, ":2: site: must be a valid string (is 3)"),
        ("site", "", ":2: site: must not be empty"),
        ("accounts", [], ":3: accounts: must not be empty"),
        ("accounts", {"netid": "ann"}, ":3: accounts: must be a list"),
        ("accounts.0", "ann", ":4: accounts[0]: must be an object with named keys"),
        ("snipe_config", [], ":19: snipe_config: must be an object with named keys"),
        (
            "accounts.1.is_active",
            "perhaps",
            ":12: accounts[1].is_active: must be a valid boolean, unable to interpret input",
        ),
        (
            "snipe_config.consecutive_hours",
            "three",
            ":21: snipe_config.consecutive_hours: must be a valid integer, unable to parse string "
            'as an integer (is "three")',
        ),
        (
            "snipe_config.consecutive_hours",
            0,
            ":21: snipe_config.consecutive_hours: must be greater than or equal to 1 (is 0)",
        ),
        (
            "snipe_config.consecutive_hours",
            25,
            ":21: snipe_config.consecutive_hours: must be less than or equal to 24 (is 25)",
        ),
        (
            "snipe_config.priorities.0.max_accounts",
            0,
            ":34: snipe_config.priorities[0].max_accounts: must be greater than or equal to 1 (is 0)",
        ),
        (
            "snipe_config.priorities.0.advance_hours",
            -1,
            ":35: snipe_config.priorities[0].advance_hours: must be greater than or equal to 0 (is -1)",
        ),
        ("snipe_config.priorities", [], ":26: snipe_config.priorities: must not be empty"),
        (
            "snipe_config.priorities.0.sub_locations",
            [],
            ":30: snipe_config.priorities[0].sub_locations: must not be empty",
        ),
        # secrets
        ("accounts.0.password", 12345678, f":6: accounts[0].password: {QUOTED}"),
        ("accounts.0.password", None, f":6: accounts[0].password: {QUOTED}"),
        ("accounts.0.password", "", ":6: accounts[0].password: must not be empty"),
        ("accounts.0.totp_secret", 123456, f":7: accounts[0].totp_secret: {QUOTED}"),
        (
            "accounts.0.password",
            {"environment": "X"},
            ":7: accounts[0].password.environment: unknown key; possible here: env",
        ),
        (
            "accounts.0.password",
            {"env": "SNIPER_TEST_NOT_SET"},
            ":7: accounts[0].password.env: the environment variable is not set; set it, then run again",
        ),
        (
            "accounts.0.totp_secret",
            {"env": "SNIPER_TEST_EMPTY"},
            ":8: accounts[0].totp_secret.env: the environment variable is not set; set it, then run again",
        ),
        ("accounts.0.totp_secret", "", ":7: accounts[0].totp_secret: must not be empty"),
        ("accounts.0.totp_secret", "JBSWY3DPEHPK3PX", f":7: accounts[0].totp_secret: {NO_SEED}"),
        ("accounts.0.totp_secret", "JBSWY3DPEHPK3PX1", f":7: accounts[0].totp_secret: {NO_SEED}"),
        ("accounts.0.totp_secret", "=JBSWY3DPEHPK3PXP", f":7: accounts[0].totp_secret: {NO_SEED}"),
        ("accounts.0.totp_secret", "JB\u017fWY3DPEHPK3PXP", f":7: accounts[0].totp_secret: {NO_SEED}"),
        (
            "accounts.0.totp_secret",
            "JBSWY3DPEHPK3PXPA",
            ":7: accounts[0].totp_secret: is no whole seed of a second factor: no base 32 has that many "
            "characters; copy it anew",
        ),
        (
            "accounts.0.totp_secret",
            {"env": "SNIPER_TEST_SHORT"},
            f":8: accounts[0].totp_secret.env: what the environment variable holds {NO_SEED}",
        ),
        # dates
        (
            "snipe_config.target_date",
            "2026-13-01",
            f":20: snipe_config.target_date: '2026-13-01' {DATE}",
        ),
        (
            "snipe_config.target_date",
            "2026-02-29",
            f":20: snipe_config.target_date: '2026-02-29' {DATE}",
        ),
        (
            "snipe_config.target_date",
            "tomorrow",
            f":20: snipe_config.target_date: 'tomorrow' {DATE}",
        ),
        ("snipe_config.target_date", "+x", f":20: snipe_config.target_date: '+x' {DATE}"),
        ("snipe_config.target_date", "+3", f":20: snipe_config.target_date: '+3' {DATE}"),
        ("snipe_config.target_date", "-3d", f":20: snipe_config.target_date: '-3d' {DATE}"),
        (
            "snipe_config.target_date",
            "24-11-2026",
            f":20: snipe_config.target_date: '24-11-2026' {DATE}",
        ),
        (
            "snipe_config.target_date",
            20261124,
            f":20: snipe_config.target_date: 20261124 {DATE}",
        ),
        # windows
        (
            "snipe_config.time_window.start",
            "9:00",
            f":23: snipe_config.time_window.start: '9:00' {TIME}",
        ),
        (
            "snipe_config.time_window.start",
            "24:00",
            f":23: snipe_config.time_window.start: '24:00' {TIME}",
        ),
        (
            "snipe_config.time_window.end",
            "25:00",
            f":24: snipe_config.time_window.end: '25:00' {TIME}",
        ),
        ("snipe_config.time_window.end", 18, f":24: snipe_config.time_window.end: 18 {TIME}"),
        (
            "snipe_config.time_window.end",
            "12:00",
            ":22: snipe_config.time_window: the window ends (12:00) before it starts (13:00)",
        ),
        (
            "snipe_config.time_window.end",
            "13:00",
            ":22: snipe_config.time_window: the window ends (13:00) before it starts (13:00)",
        ),
        (
            "snipe_config.time_window.end",
            "15:00",
            ":22: snipe_config.time_window: 13:00 to 15:00 has no room for 3 consecutive hours; "
            "widen it or ask for fewer",
        ),
        (
            "snipe_config.time_window",
            {"start": "13:30", "end": "16:30"},
            ":22: snipe_config.time_window: 13:30 to 16:30 has no room for 3 consecutive hours; "
            "widen it or ask for fewer",
        ),
        (
            "snipe_config.time_window",
            {"start": "22:00", "end": "24:00"},
            ":22: snipe_config.time_window: 22:00 to 24:00 has no room for 3 consecutive hours; "
            "widen it or ask for fewer",
        ),
        # the fallback
        (
            "snipe_config.fallback_strategy",
            "accept_4_consecutive_hours",
            ":41: snipe_config.fallback_strategy: accepts 4 hours, which is more than consecutive_hours "
            "asks for (3); lower it",
        ),
        (
            "snipe_config.fallback_strategy",
            "some",
            ":41: snipe_config.fallback_strategy: 'some' is no fallback strategy; use none, any_hours "
            "or accept_N_consecutive_hours (accept_2_consecutive_hours, say)",
        ),
        # twice
        (
            "accounts.1.netid",
            "ann",
            ":10: accounts[1].netid: 'ann' is already accounts[0]; keep one of them",
        ),
        (
            "accounts",
            [{"netid": "ann", "password": "x", "is_active": False}],
            ":3: accounts: no account is active; set is_active of one to true",
        ),
        (
            "snipe_config.priorities.1.rank",
            1,
            ":37: snipe_config.priorities[1].rank: two priorities have the rank 1; each needs its own",
        ),
        (
            "snipe_config.priorities.1.location",
            "X1",
            ":38: snipe_config.priorities[1].location: two priorities have the location 'X1'; each needs "
            "its own",
        ),
        (
            "snipe_config.priorities.0.sub_locations",
            ["X1 A", "X1 A"],
            ":32: snipe_config.priorities[0].sub_locations[1]: 'X1 A' is named twice; keep one of the two",
        ),
        # what the site knows
        (
            "site",
            "tudelft",
            ":2: site: there is no profile 'tudelft' in profiles nor among the bundled ones\n"
            "Did you mean 'tudelft-x'? `sniper profile list` shows them.",
        ),
        (
            "site",
            "zzz",
            ":2: site: there is no profile 'zzz' in profiles nor among the bundled ones\n"
            "There are: practice, practice-lenient, tudelft-x. `sniper profile list` shows them.",
        ),
        (
            "site",
            "my/site.yaml",
            ":2: site: my/site.yaml: there is no such profile\nCheck the path.",
        ),
        (
            "snipe_config.priorities.1.location",
            "Fittness",
            ":38: snipe_config.priorities[1].location: tudelft-x knows no 'Fittness'; did you mean "
            "'Fitness'?",
        ),
        (
            "snipe_config.priorities.1.location",
            "Pool",
            ":38: snipe_config.priorities[1].location: tudelft-x knows no 'Pool'; there are: Fitness, X1, X3",
        ),
        (
            "snipe_config.priorities.0.sub_locations",
            ["X1 A", "X1 C"],
            ":32: snipe_config.priorities[0].sub_locations[1]: X1 knows no 'X1 C'; did you mean 'X1 B'?",
        ),
        (
            "snipe_config.priorities.1.sub_locations",
            ["Hall"],
            ":40: snipe_config.priorities[1].sub_locations[0]: Fitness has no sub-locations; leave "
            "sub_locations out",
        ),
    ],
)
def test_a_wrong_bookings_file_is_told_with_file_line_key_and_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str, value: object, said: str
) -> None:
    monkeypatch.delenv("SNIPER_TEST_NOT_SET", raising=False)
    monkeypatch.setenv("SNIPER_TEST_EMPTY", "")
    monkeypatch.setenv("SNIPER_TEST_SHORT", "s3cret")
    printed = complaints(tmp_path, with_change(at, value))
    assert printed == said
    assert "s3cret" not in printed


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    root = with_change("snipe_config.target_date", "soon")
    root["accounts"][1]["password"] = 5
    root["snipe_config"]["priorities"][0]["rank"] = 0
    assert [line.split(": ")[1] for line in complaints(tmp_path, root).splitlines()] == [
        "accounts[1].password",
        "snipe_config.target_date",
        "snipe_config.priorities[0].rank",
    ]


def test_all_that_does_not_fit_the_site_is_told_at_once(tmp_path: Path) -> None:
    root = with_change("snipe_config.time_window.end", "14:00")
    root["snipe_config"]["priorities"][0]["sub_locations"] = ["Y"]
    root["snipe_config"]["priorities"][1]["location"] = "Y"
    assert [line.split(": ")[1] for line in complaints(tmp_path, root).splitlines()] == [
        "snipe_config.priorities[0].sub_locations[0]",
        "snipe_config.time_window",
        "snipe_config.priorities[1].location",
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {},
            "3 hours in a row at X1 take 3 accounts (one booking per account, location and day), and 1 is "
            "active; add accounts or ask for fewer hours",
        ),
        (
            {"consecutive_hours": 4, "fallback_strategy": "accept_2_consecutive_hours"},
            "4 hours in a row at X1 take 4 accounts (one booking per account, location and day), and 1 is "
            "active; add accounts or ask for fewer hours",
        ),
    ],
)
def test_hours_that_the_active_accounts_can_never_have_are_told(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    root = with_change("accounts.1.is_active", False)
    root["snipe_config"] |= {"fallback_strategy": "none", **change}
    assert complaints(tmp_path, root) == f":22: snipe_config.consecutive_hours: {said}"


def test_hours_for_which_there_are_accounts_enough_or_a_fallback_are_no_fault(tmp_path: Path) -> None:
    for active, hours, fallback in (
        (2, 2, "none"),
        (2, 3, "accept_2_consecutive_hours"),
        (1, 3, "any_hours"),
    ):
        root = with_change("accounts.1.is_active", active == 2)
        root["snipe_config"] |= {"consecutive_hours": hours, "fallback_strategy": fallback}
        bookings, document = read(tmp_path, root)
        check_against(bookings, document, load_site(bookings, document))


@pytest.mark.parametrize(
    ("limits", "hours", "said"),
    [
        ("", 5, None),
        ("{bookings: 1, per: [date, start]}", 5, None),
        ("{bookings: 2, per: [date]}", 2, None),
        (
            "{bookings: 2, per: [date]}",
            3,
            "3 hours in a row at X1 take 2 accounts (2 bookings per account and day)",
        ),
        ("{bookings: 1, per: []}", 2, "2 hours in a row at X1 take 2 accounts (one booking per account)"),
        # X1 has two sub-locations, Fitness none; one of a kind takes two hours.
        ("{bookings: 1, per: [date, sub_location]}", 2, None),
        (
            "{bookings: 1, per: [date, sub_location]}",
            5,
            "5 hours in a row at X1 take 3 accounts (one booking per account, sub-location and day)",
        ),
    ],
)
def test_how_many_accounts_it_takes_is_a_matter_of_the_sites_limits(
    tmp_path: Path, limits: str, hours: int, said: str | None
) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "mine.yaml").write_text(
        f"extends: tudelft-x\nname: mine\nlimits: {{per_account: [{limits}]}}\n"
    )
    root = {**with_change("accounts.1.is_active", False), "site": "mine"}
    root["snipe_config"] |= {"consecutive_hours": hours, "fallback_strategy": "none"}
    if said is None:
        bookings, document = read(tmp_path, root)
        check_against(bookings, document, load_site(bookings, document))
    else:
        assert f": {said}, and 1 is active;" in complaints(tmp_path, root)


# -- secrets


anything = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3).map(lambda text: f"hunter2{text}"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["netid", "password", "totp_secret", "is_active", "env", "x"]), inner, max_size=5
        )
    ),
    max_leaves=12,
)


@example(["user1:hunter2"])
@example("user1:hunter2")
@example([{"netid": "ann", "password": "x", "is_active": "hunter2"}])
@example([{"netid": "ann", "password": {"env": "hunter2"}}])
@example([{"netid": "ann", "password": "x", "totp_secret": "hunter2"}])
@given(accounts=anything)
def test_nothing_that_stands_below_accounts_is_in_a_complaint_but_a_netid_that_stands_there_twice(
    tmp_path_factory: pytest.TempPathFactory, accounts: Any
) -> None:
    try:
        read(tmp_path_factory.getbasetemp(), {**GOOD, "accounts": accounts})
    except InputError as error:
        behind: BaseException | None = error
        while behind:
            said = f"{behind} {behind!r}".replace("\\n", "\n").splitlines()
            assert not any("hunter2" in line for line in said if "is already accounts[" not in line)
            behind = behind.__cause__


@pytest.mark.parametrize(
    "spoil",
    [
        ("accounts.0.netid", GONE),
        ("accounts.0.passwort", "s3cret-typo"),
        ("accounts.0.netid", 5),
        ("snipe_config", GONE),
        ("accounts.0.password", ["s3cret"]),
        ("accounts.0.password", 5318008),
        ("accounts.1.netid", "ann"),
        ("site", "tudelft-y"),
    ],
)
def test_no_secret_is_in_any_message_or_in_what_is_behind_it(
    tmp_path: Path, spoil: tuple[str, object]
) -> None:

    def check() -> None:
        bookings, document = read(tmp_path, with_change(*spoil))
        load_site(bookings, document)

    with pytest.raises(InputError) as refused:
        check()
    error: BaseException | None = refused.value
    while error:
        assert "s3cret" not in f"{error} {error!r}"
        assert "JBSWY3DPEHPK3PXP" not in f"{error} {error!r}"
        assert "5318008" not in f"{error} {error!r}"
        error = error.__cause__


def test_a_broken_line_with_a_password_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "bookings.json"
    path.write_text('{"accounts": [\n {"netid": "ann", "password": "s3cret" "is_active": true}]}')
    with pytest.raises(InputError) as refused:
        read_bookings(path)
    assert str(refused.value) == f"{path}:2: not valid JSON: Expecting ',' delimiter (column 40)"
    assert "s3cret" not in refused.value.explain() + repr(refused.value.__cause__)


def test_no_secret_is_in_a_repr_or_a_dump(tmp_path: Path) -> None:
    bookings, document = read(tmp_path)
    for text in (repr(bookings), repr(document), bookings.model_dump_json(), str(bookings.model_dump())):
        assert "s3cret" not in text
        assert "JBSWY3DPEHPK3PXP" not in text


def test_a_secret_comes_out_of_the_file_or_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNIPER_TEST_PASSWORD", "from outside")
    assert reveal(SecretStr("inside")) == "inside"
    assert reveal(FromEnvironment(env="SNIPER_TEST_PASSWORD")) == "from outside"
    monkeypatch.delenv("SNIPER_TEST_PASSWORD")
    with pytest.raises(InputError, match="the environment variable is not set"):
        reveal(FromEnvironment(env="SNIPER_TEST_PASSWORD"))


@pytest.mark.parametrize(
    "given",
    [
        "JBSWY3DPEHPK3PXP",
        "jbsw y3dp ehpk 3pxp",
        "JBSW-Y3DP–EHPK\u00a03PXP\n",
        "JBSWY3DPEHPK3PXP========",
    ],
)
def test_a_seed_is_taken_as_sites_show_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("SNIPER_TEST_SEED", given)
    for way in (given, {"env": "SNIPER_TEST_SEED"}):
        bookings, _ = read(tmp_path, with_change("accounts.0.totp_secret", way))
        assert bookings.accounts[0].totp_secret is not None
        assert reveal(bookings.accounts[0].totp_secret) == "JBSWY3DPEHPK3PXP"


@given(st.text(max_size=40) | st.from_regex(r"[A-Za-z2-7 -]{14,40}=*", fullmatch=True))
def test_whatever_is_given_as_a_seed_it_makes_codes_or_is_refused_unseen(text: str) -> None:
    try:
        account = Account.model_validate({"netid": "ann", "password": "x", "totp_secret": text})
    except ValidationError as error:
        said = str(error).splitlines()
        assert len(text) < 6 or not any(text in line for line in said)
        return
    assert account.totp_secret is not None
    assert len(OneTimeCodes(reveal(account.totp_secret)).now()) == 6


def test_an_inactive_account_needs_no_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SNIPER_TEST_NOT_SET", raising=False)
    bookings, _ = read(tmp_path, with_change("accounts.2.password", {"env": "SNIPER_TEST_NOT_SET"}))
    assert bookings.accounts[2].password == FromEnvironment(env="SNIPER_TEST_NOT_SET")


# -- what it may say


def test_the_example_in_the_repository_is_good_and_fits_its_site() -> None:
    bookings, document = read_bookings(HERE / "bookings.example.json")
    profile = load_site(bookings, document)
    check_against(bookings, document, profile)
    assert profile.practice is not None


def test_a_file_as_small_as_can_be(tmp_path: Path) -> None:
    bookings, _ = read(
        tmp_path,
        {
            "site": "tudelft-x",
            "accounts": [{"netid": "ann", "password": "x"}],
            "snipe_config": {
                "target_date": "+3d",
                "time_window": {"start": "13:00", "end": "14:00"},
                "priorities": [{"rank": 1, "location": "X1"}],
            },
        },
    )
    config = bookings.snipe_config
    assert config.consecutive_hours == 1
    assert config.fallback_strategy == Fallback(None)
    assert config.target_date == InDays(days=3)
    assert bookings.accounts[0].is_active


def test_a_schema_may_be_named_for_the_editor(tmp_path: Path) -> None:
    bookings, _ = read(tmp_path, {"$schema": "docs/schemas/bookings.schema.json", **GOOD})
    assert bookings.schema_ == "docs/schemas/bookings.schema.json"


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ("2026-11-24", date(2026, 11, 24)),
        ("+0d", InDays(days=0)),
        ("+3d", InDays(days=3)),
        ("+365d", InDays(days=365)),
    ],
)
def test_a_target_date_is_a_day_or_so_many_days_from_today(
    tmp_path: Path, given: str, means: date | InDays
) -> None:
    bookings, _ = read(tmp_path, with_change("snipe_config.target_date", given))
    assert bookings.snipe_config.target_date == means


@pytest.mark.parametrize("end", ["24:00", "00:00"])
def test_a_window_may_end_at_midnight(tmp_path: Path, end: str) -> None:
    bookings, _ = read(tmp_path, with_change("snipe_config.time_window.end", end))
    assert bookings.snipe_config.time_window.end == time(0)
    assert bookings.snipe_config.time_window.length.total_seconds() == 11 * 3600


def test_what_was_asked_for_is_written_down_as_it_was_asked(tmp_path: Path) -> None:
    bookings, _ = read(tmp_path)
    dumped = bookings.snipe_config.model_dump(mode="json", exclude_none=True)
    assert dumped == GOOD["snipe_config"]
    assert json.loads(json.dumps(dumped)) == dumped


def test_what_was_read_can_be_written_and_read_again(tmp_path: Path) -> None:
    bookings, _ = read(tmp_path, with_change("snipe_config.target_date", "+3d"))
    again = Bookings.model_validate(bookings.model_dump())
    assert again.snipe_config == bookings.snipe_config


def test_the_profile_beside_the_file_wins_over_the_bundled_one(tmp_path: Path) -> None:
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "tudelft-x.yaml").write_text("extends: tudelft-x\nname: tudelft-x\ntitle: My own\n")
    bookings, document = read_bookings(written(tmp_path, GOOD))
    assert load_site(bookings, document).title == "My own"


def test_a_site_that_is_asked_for_instead_is_looked_for_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bookings, document = read_bookings(written(tmp_path, GOOD))
    assert load_site(bookings, document, "practice").name == "practice"
    assert load_site(bookings, document, str(bundled_folder() / "practice.yaml")).name == "practice"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(InputError) as refused:
        load_site(bookings, document, "practise")
    assert refused.value.explain() == (
        f"there is no profile 'practise' in {tmp_path}/elsewhere/profiles nor among the bundled ones\n"
        "Did you mean 'practice'? `sniper profile list` shows them."
    )
