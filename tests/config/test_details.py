"""What forms ask of a person, as bookings.json tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sniper.config.bookings import read_bookings
from sniper.config.goal import check_against, load_site
from sniper.crew import credentials_of
from sniper.errors import InputError
from sniper.scrubbing import HIDDEN, KNOWN
from tests.config.examples import with_change, written
from tests.sites.examples import mine

ERIKA = {"given_name": "Erika", "family_name": " Mustermann ", "email": "erika@example.org"}


def checked(folder: Path, details: object, asks: str = "[family_name, email]") -> None:
    """Read the file and check it against a profile that asks for these."""
    profile = mine(folder, f"account_details: {asks}\n")
    root = with_change("accounts", [{"netid": "erika", "password": "s3cret", "details": details}])
    root["snipe_config"] |= {"consecutive_hours": 1, "fallback_strategy": "none"}
    bookings, document = read_bookings(written(folder, {**root, "site": str(profile)}))
    check_against(bookings, document, load_site(bookings, document))


def test_what_the_forms_ask_for_is_enough(tmp_path: Path) -> None:
    checked(tmp_path, ERIKA)
    checked(tmp_path, {}, asks="[]")


@pytest.mark.parametrize(
    ("details", "said"),
    [
        (
            {"family_name": "Mustermann"},
            'accounts[0].details.email: is missing: the forms of mine ask for it; write {"netid": "erika", '
            '"details": {"email": "…"}}',
        ),
        (
            {"familyname": "Mustermann"},
            "accounts[0].details.familyname: unknown key; did you mean 'family_name'?",
        ),
        (
            {**ERIKA, "email": "erika(at)example.org"},
            "accounts[0].details.email: is no e-mail address; write name@example.org",
        ),
        (
            {**ERIKA, "family_name": " "},
            "accounts[0].details.family_name: says nothing; write it out, or leave the key out",
        ),
    ],
)
def test_what_is_missing_or_wrong_is_told_by_its_key_and_shown_to_nobody(
    tmp_path: Path, details: object, said: str
) -> None:
    with pytest.raises(InputError) as refused:
        checked(tmp_path, details)
    assert said in str(refused.value)
    assert "Mustermann" not in str(refused.value)
    assert "(at)" not in str(refused.value)


def test_a_person_s_own_is_in_no_log_but_for_what_the_account_is_called(tmp_path: Path) -> None:
    accounts = [{"netid": "erika", "details": {**ERIKA, "given_name": "erika"}}]
    bookings, _ = read_bookings(written(tmp_path, with_change("accounts", accounts)))
    credentials = credentials_of(bookings.accounts[0])
    assert dict(credentials.details) == {
        "given_name": "erika",
        "family_name": "Mustermann",
        "email": "erika@example.org",
    }
    assert KNOWN("erika: filled in Mustermann, erika@example.org") == f"erika: filled in {HIDDEN}, {HIDDEN}"
    assert "Mustermann" not in repr(credentials) + repr(bookings)
