"""A bookings.json without its secrets: everything else stays as its owner has laid it out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.config.stripping import without_secrets


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '{"accounts": [{"netid": "a", "password": "p", "is_active": true}]}',
            '{"accounts": [{"netid": "a", "is_active": true}]}',
        ),
        ('{"accounts": [{"password": "p", "netid": "a"}]}', '{"accounts": [{"netid": "a"}]}'),
        ('{"accounts": [{"netid": "a" , "password" : "p" }]}', '{"accounts": [{"netid": "a" }]}'),
        (
            '{"accounts": [\n  {"password": "p",\n   "totp_secret": "s",\n   "netid":  "a"},\n  "b"\n]}\n',
            '{"accounts": [\n  {"netid":  "a"},\n  "b"\n]}\n',
        ),
        (
            '{\r\n\t"accounts": [{\r\n\t\t"netid": "a",\r\n\t\t"token": "t"\r\n\t}]\r\n}',
            '{\r\n\t"accounts": [{\r\n\t\t"netid": "a"\r\n\t}]\r\n}',
        ),
        (
            '{"accounts": [{"netid": "a", "password": {"env": "P"}, "totp_secret": "s"}]}',
            '{"accounts": [{"netid": "a", "password": {"env": "P"}}]}',
        ),
        (
            r'{"accounts": [{"netid": "\"{[,", "pass\u0077ord": "}]\",\\"}, "b"], "x": {"token": "stays"}}',
            r'{"accounts": [{"netid": "\"{[,"}, "b"], "x": {"token": "stays"}}',
        ),
        ('{"accounts": []}', '{"accounts": []}'),
    ],
)
def test_secrets_go_with_their_commas_and_the_rest_stays(before: str, after: str) -> None:
    assert without_secrets(before) == after


texts = st.text(max_size=8)
accounts = st.lists(
    st.text(max_size=4)
    | st.fixed_dictionaries(
        {"netid": texts},
        optional={
            "password": texts | st.fixed_dictionaries({"env": texts}),
            "totp_secret": texts,
            "token": texts,
            "is_active": st.booleans(),
        },
    ).flatmap(lambda one: st.permutations(list(one.items())).map(dict)),
    max_size=5,
)


@given(
    accounts=accounts,
    rest=st.dictionaries(st.sampled_from("xyz"), texts),
    indent=st.sampled_from([None, 1, 4]),
)
def test_whatever_stands_there_only_secrets_in_clear_are_taken_out(
    accounts: list[Any], rest: dict[str, str], indent: int | None
) -> None:
    text = json.dumps({**rest, "accounts": accounts}, indent=indent, ensure_ascii=bool(indent))
    stripped = without_secrets(text)
    for one in accounts:
        if isinstance(one, dict):
            for key in ("password", "totp_secret", "token"):
                if isinstance(one.get(key), str):
                    del one[key]
    assert json.loads(stripped) == {**rest, "accounts": accounts}
    # Nothing but whole members was taken out: what is left stands there in the same order.
    rest_of_text = iter(text)
    assert all(letter in rest_of_text for letter in stripped)
    assert without_secrets(stripped) == stripped
