"""What becomes of a person's way through a site: steps, placeholders, and what is left to be asked."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sniper.drafting.drafting import name_of, wanted_of
from sniper.drafting.wanted import Wanted
from tests.drafting.stories import SITE, Teller, asked, drafted, part, way

TENNIS = Wanted(date(2026, 11, 24), "13:00", timedelta(hours=1), "Tennis", "Court 1")
CARD: dict[str, Any] = {
    "css": "li.slot",
    "find": "button",
    "leaves": [
        {"css": "b", "text": "13:00"},
        {"css": "i", "text": "Court 1"},
        {"css": "u", "text": "– 14:00"},
    ],
    "others": [[{"css": "b", "text": "13:00"}, {"css": "i", "text": "Court 2"}]],
}


def books(teller: Teller) -> Teller:
    """Choose a slot in a list, and confirm."""
    teller.does("click", way("role", "button", "Book", 40), card=CARD, text="Book")
    return teller.does("click", way("test_id", "button[data-testid='confirm']"))


def test_what_was_booked_becomes_placeholders_and_what_is_the_same_for_a_day_comes_before(
    tmp_path: Path,
) -> None:
    teller = Teller().goes_to("/login", asks=True).signs_in()
    teller.types("#day", "2026-11-24", "date").is_answered("GET", "/api/slots", body={"slots": []})
    books(teller).is_answered("POST", "/api/bookings", 201, {"id": 81, "status": "booked", "memberId": 7})
    teller.goes_to("/mine", {"css": "#mine"})
    item = {
        "id": 81,
        "status": "booked",
        "from": "2026-11-24T12:00:00Z",
        "court": "Court 1",
        "what": "Tennis",
    }
    teller.is_answered("GET", "/api/members/70/bookings", body={"all": [item]}).goes_to(
        "/mine", {"css": "#mine"}
    )

    profile, text = drafted(teller, TENNIS, tmp_path)

    assert part(profile, "arm") == [
        {"goto": "/slots"},
        {"date": {"into": {"css": "#day"}, "expect": "/api/slots"}},
    ]
    again, card, confirm = part(profile, "fire")
    assert again == part(profile, "arm")[1]
    assert card["click"]["on"] == {
        "css": "li.slot",
        "has": [{"css": "b", "text": ["{start:%H:%M}"]}, {"css": "i", "text": ["{sub_location}"]}],
        "find": "button",
    }
    assert card["click"]["absent"] == "too_early"
    assert confirm == {"click": {"on": {"css": "button[data-testid='confirm']"}}}
    assert part(profile, "outcomes")[0] == {
        "is": "booked",
        "response": {"url": "/api/bookings", "status": 201, "json": {"status": "booked"}},
        "reference": "$.id",
    }
    assert part(profile, "my_bookings") == {
        "steps": [{"goto": "/mine"}],
        "response": {"url": "/bookings", "method": "GET", "status": 200},
        "items": "$.all",
        "keep": {"status": "booked"},
        "start": "$.from",
        "location": "$.what",
        "sub_location": "$.court",
        "reference": "$.id",
    }
    assert part(profile, "sign_in") == [
        {"goto": "/login"},
        {"fill": {"into": {"css": "#email"}, "value": "{username}"}},
        {"fill": {"into": {"css": "#password"}, "value": "{password}"}},
        {"click": {"on": {"css": "#enter"}}},
        {"wait_for": {"seen": {"css": "#account"}, "timeout": "30s"}},
    ]
    assert part(profile, "signed_in") == {
        "page": "/mine",
        "seen": {"css": "#mine"},
        "unless": {"css": "#email"},
        "response": {"url": "/bookings", "method": "GET", "status": 200},
    }
    assert "time zone" not in asked(text), "the list of bookings has shown that it is right"
    assert "so long before its start" in asked(text)


def test_what_was_pressed_to_ask_for_the_slots_again_is_pressed_at_the_opening(tmp_path: Path) -> None:
    teller = Teller().signs_in()
    for name, css in (("check", "#hall"), ("click", "#refresh"), ("click", "#menu")):
        teller.does(name, way("id", css))
        if css != "#menu":
            teller.is_answered("GET", "/api/slots", body={"slots": []})

    profile, _ = drafted(books(teller), TENNIS, tmp_path)

    assert part(profile, "fire")[0] == {"click": {"on": {"css": "#refresh"}, "expect": "/api/slots"}}
    assert part(profile, "reset")[0] == {"reload": {"to": "/slots"}}


def test_where_nothing_asks_for_the_slots_again_the_page_is_loaded_at_the_opening(tmp_path: Path) -> None:
    teller = Teller().signs_in().does("check", way("id", "#hall"))

    profile, text = drafted(books(teller), TENNIS, tmp_path)

    assert part(profile, "fire")[:2] == [{"reload": {"to": "/slots"}}, {"check": {"on": {"css": "#hall"}}}]
    assert "quicker than loading it" in asked(text)


def test_a_form_whose_address_tells_the_slot_is_opened_by_its_address(tmp_path: Path) -> None:
    teller = Teller().signs_in().does("click", way("place", "td:nth-of-type(3)"))
    teller.goes_to("/form?place=3&from=2026-11-24%2013:00&to=2026-11-24%2014:00", {"css": "#account"})
    teller.does("click", way("role", "button", "Create", 2)).is_answered(
        "POST", "/save", html="<p id=done-well>Done</p>"
    )
    teller.goes_to("/form", {"css": "#account"}, {"css": "#spinner"}, {"css": "#done-well"})
    told = Wanted(location="Tennis", sub_location="Court 1")

    wanted = wanted_of(teller.story, told)
    profile, text = drafted(teller, wanted, tmp_path)

    assert (wanted.start, wanted.length) == (TENNIS.start, TENNIS.length)
    form = "/form?place=3&from={start:%Y-%m-%d}%20{start:%H:%M}&to={end:%Y-%m-%d}%20{end:%H:%M}"
    assert part(profile, "arm") == [{"goto": form}]
    press = {"click": {"on": {"css": "button", "text": "Create"}}}
    assert part(profile, "fill_ahead")["fire"] == [press]
    assert part(profile, "fire") == [{"reload": {"to": form}}, press]
    assert part(profile, "outcomes")[0]["response"]["text"] == "id=[\"']?done-well\\b"
    for question in ("`words` of a location", "2 elements are like this one", "reference_text"):
        assert question in asked(text)


def test_who_stops_before_the_press_that_books_is_asked_for_it(tmp_path: Path) -> None:
    teller = Teller().signs_in().does("click", way("role", "button", "Book", 40), card=CARD, text="Book")
    button = {"css": "button", "tag": "button", "by": "type", "dialog": True}
    teller.goes_to(
        "/slots",
        {"css": "#account"},
        {**button, "text": "Delete my account", "dialog": False},
        {**button, "text": "Back"},
        {**button, "text": "Confirm", "type": "submit"},
    )

    profile, text = drafted(teller, TENNIS, tmp_path)

    assert part(profile, "fire")[-1] == {"click": {"on": {"css": "button", "text": "Confirm"}}}
    assert "nothing was booked: is the last step the press that books? There are also 'Back'" in asked(text)
    assert part(profile, "my_bookings")["response"]["url"] == "/answer-this"


def test_where_no_button_stands_out_none_is_pressed(tmp_path: Path) -> None:
    teller = Teller().signs_in().does("click", way("role", "button", "Book", 40), card=CARD, text="Book")
    teller.goes_to("/slots", {"css": "button", "tag": "button", "by": "type", "text": "Delete my account"})

    profile, _ = drafted(teller, TENNIS, tmp_path)

    assert part(profile, "fire")[-1] == {"click": {"on": {"css": "#answer-this"}}}


def test_a_code_after_the_password_is_one_of_a_second_factor(tmp_path: Path) -> None:
    teller = Teller().goes_to("/", {"css": "#enter"}).does("click", way("id", "#enter"))
    teller.goes_to("https://login.test/", asks=True).types("#name", "1234567")
    for password in ("mistyped", "hidden-8f3a"):
        teller.types("#name", "1234567").types("#secret", password, "password")
        teller.does("click", way("id", "#go"), asks=True)
    teller.goes_to(f"{SITE}/second", asks=False).types("#code", "123456").does("press", text="Enter")
    books(teller.goes_to("/slots", {"css": "#account"}, local_storage=["session"]))

    profile, text = drafted(teller, TENNIS, tmp_path)

    assert part(profile, "sign_in")[1:] == [
        {"click": {"on": {"css": "#enter"}}},
        {"fill": {"into": {"css": "#name"}, "value": "{username}"}},
        {"fill": {"into": {"css": "#secret"}, "value": "{password}"}},
        {"click": {"on": {"css": "#go"}}},
        {"fill": {"only_with": "totp", "into": {"css": "#code"}, "value": "{totp}"}},
        {"press": {"only_with": "totp", "key": "Enter"}},
        {"wait_for": {"local_storage": "session", "timeout": "30s"}},
    ]
    assert part(profile, "signed_in")["unless"] == {"css": "#enter"}
    for secret in ("1234567", "123456", "mistyped", "hidden-8f3a"):
        assert secret not in text


def test_nothing_that_is_somebodys_own_stands_in_a_draft(tmp_path: Path) -> None:
    teller = Teller().signs_in("ann-4711")
    teller.is_answered(
        "GET", "/api/me", body={"member": {"name": "Ann Planted", "email": "ann@planted.test"}}
    )
    teller.goes_to("/slots", {"css": "#account"}, {"css": "#row-ann-4711", "text": "Ann Planted"})
    teller.does("click", way("id", "#row-ann-4711"), way("role", "a", "Ann Planted"), way("type", "summary"))
    teller.types("#iban", "DE02120300000000202051").types("#persons", "2", "number")
    books(teller).is_answered("POST", "/api/members/ann-4711/bookings", 201, {"id": "b-81"})
    teller.goes_to("/members/ann-4711/mine", {"css": "#account"})

    profile, text = drafted(teller, TENNIS, tmp_path)

    for secret in ("ann-4711", "Planted", "planted.test", "DE0212", "hidden-8f3a"):
        assert secret not in text
    steps = part(profile, "arm")
    assert {"fill": {"into": {"css": "#iban"}, "value": "…"}} in steps
    assert {"fill": {"into": {"css": "#persons"}, "value": "2"}} in steps
    assert "What was typed is not written down" in asked(text)


def test_a_draft_of_a_story_of_which_hardly_anything_is_known_is_valid_and_full_of_questions(
    tmp_path: Path,
) -> None:
    teller = Teller().does("click", way("place", "body > div"), top=False)

    profile, text = drafted(teller, Wanted(), tmp_path)

    assert profile.name == "club"
    for question in ("nobody typed a password", "within a frame", "not known", "is the last step the press"):
        assert question in asked(text)


def test_pickers_are_chosen_from_by_what_was_booked_and_opening_them_is_no_step(tmp_path: Path) -> None:
    def picker(kind: str, option: str | None) -> dict[str, Any]:
        return {"kind": kind, "ways": [way("name", f"{kind}-field")], "option": option}

    teller = Teller().signs_in()
    teller.does("click", tag="div", picker=picker("ng_select", None))
    teller.types("#search", "Cou", picker=picker("ng_select", None))
    teller.does("click", tag="div", picker=picker("ng_select", "Court 1"))
    teller.does("select", tag="select", picker=picker("select", "Racket: yes"))
    teller.does("click", way("id", "#book")).is_answered("POST", "/book", 200, {"ok": True})

    profile, text = drafted(teller, TENNIS, tmp_path)

    assert part(profile, "fire")[1:] == [
        {
            "ng_select": {
                "only_with": "sub_location",
                "on": {"css": "ng_select-field"},
                "option": "{sub_location}",
            }
        },
        {"select": {"on": {"css": "select-field"}, "option": "Racket: yes"}},
        {"click": {"on": {"css": "#book"}}},
    ]
    assert "the same option is chosen for every slot" in asked(text)


def test_the_site_is_where_it_was_booked_although_another_address_led_there(tmp_path: Path) -> None:
    teller = Teller().goes_to("/", {"css": "#book-a-court"}).does("click", way("id", "#book-a-court"))
    teller.goes_to("https://courts.test/login", asks=True)
    teller.types("#email", "ann-4711", asks=True).types("#password", "hidden-8f3a", "password", asks=True)
    teller.does("click", way("id", "#enter"), asks=True).goes_to(
        "https://courts.test/slots", {"css": "#account"}
    )

    profile, _ = drafted(books(teller), TENNIS, tmp_path)

    assert profile.url == "https://courts.test"
    assert part(profile, "arm")[0] == {"goto": "/slots"}
    assert part(profile, "sign_in")[0] == {"goto": "/login"}


def test_a_name_for_a_profile_is_made_of_the_sites(tmp_path: Path) -> None:
    assert name_of("https://www.Sport.Uni-X.nl:8443/book") == "sport-uni-x-nl"
    assert drafted(Teller().signs_in(), TENNIS, tmp_path)[0].url == SITE
