"""Whatever is wrong with bookings.json is told at once, with its file, line, key and how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.examples import GONE, complaints, with_change
from tests.sites.examples import BUNDLED

DATE = "is no date; write 2026-11-24, or +3d for three days from today"
TIME = "is no time of day; write it with four digits, as 09:00 or 13:00"
NO_SEED = (
    "is no seed of a second factor: that is base 32, at least 16 of the letters A to Z and the "
    "digits 2 to 7; copy it anew (spaces, dashes and small letters do not matter)"
)
QUOTED = 'must be a text in quotes, or {"env": "NAME"} for an environment variable'


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        # keys
        ("sight", "x", ":44: sight: unknown key; did you mean 'site'?"),
        (
            "accounts.0.pasword",
            "x",
            ":8: accounts[0].pasword: unknown key; did you mean 'password'?",
        ),
        (
            "accounts.0.zzz",
            1,
            ":8: accounts[0].zzz: unknown key; possible here: netid, password, totp_secret, token, details, "
            "is_active",
        ),
        (
            "snipe_config.time_window.begin",
            "13:00",
            ":25: snipe_config.time_window.begin: unknown key; possible here: start, end",
        ),
        ("site", GONE, ": site: is missing"),
        ("accounts.1.netid", GONE, ":9: accounts[1].netid: is missing"),
        ("snipe_config", GONE, ": snipe_config: is missing"),
        (
            "snipe_config.priorities.1.rank",
            GONE,
            ":36: snipe_config.priorities[1].rank: is missing",
        ),
        (
            "snipe_config.target_date",
            GONE,
            ":19: snipe_config.target_date: is missing, and there are no schedules",
        ),
        # types
        ("site", 3, ":2: site: must be a valid string (is 3)"),
        ("site", "", ":2: site: must not be empty"),
        ("accounts", [], ":3: accounts: must not be empty"),
        ("accounts", {"netid": "ann"}, ":3: accounts: must be a list"),
        ("accounts.0", 7, ":4: accounts[0]: must be an object with named keys"),
        (
            "accounts.0",
            "ann:s3cret",
            ":4: accounts[0]: must be the name of an account that `sniper accounts list` shows, or an object "
            "with netid and password",
        ),
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
            f"There are: {', '.join(BUNDLED)}. "
            "`sniper profile list` shows them.",
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
