"""Which placeholders of a profile a run can fill in, for every location and account."""

from __future__ import annotations

from pathlib import Path

import pytest

from sniper.sites.library import load_profile
from tests.sites.examples import mine, refusal


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            "fire:\n  - wait_for: {gone: b}\n  - click: {on: {css: a, text: '{sub_location}'}}\n",
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
        "arm:\n  - goto: /list\n"
        "  - each_location:\n      - check: {on: '#tag{tag_group}', only_with: tag_group}\n",
        "arm:\n  - goto: /list\n  - each_location:\n      - check: {on: '#tag{tag}'}\n",
        "arm:\n  - goto: '/{date:%d.%m.%Y}/{start:%H%M}/{location:.2}/{start:>5}'\n",
    ],
)
def test_a_placeholder_that_a_run_can_fill_in_is_no_fault(tmp_path: Path, changes: str) -> None:
    assert load_profile(mine(tmp_path, changes)).name == "mine"


def test_a_new_location_without_a_word_the_steps_need_is_told(tmp_path: Path) -> None:
    said = refusal(tmp_path, "locations: {Hall: {opens: {before_start: 1h}}}\n")
    assert said.startswith("tudelft-x.yaml:")
    assert said.partition(": ")[2] == (
        "arm[3].each_location[1].check.on.css: {tag} has no value at Hall; "
        "`only_with: tag` leaves a step out there"
    )


def test_each_word_of_a_location_is_a_placeholder(tmp_path: Path) -> None:
    path = mine(
        tmp_path,
        "locations: {X1: {words: {hall: '7'}}}\nreset:\n  - click: {on: '#hall{hall}', only_with: hall}\n",
    )
    assert load_profile(path).locations["X1"].words["hall"] == "7"
