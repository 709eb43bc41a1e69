"""Who is stood down presses no more, whichever of the two modes fires."""

from __future__ import annotations

import pytest

from sniper.engine.browser.firing import Mode
from tests.engine.benches import SharedBrowser
from tests.engine.both_modes import (
    BOOK,
    BUTTON,
    CAPTCHA,
    EARLY,
    ENTER,
    GO,
    PLACE,
    TAKEN,
    BothModes,
    Case,
    click,
)

# The press gets ready when everybody knows that it is not wanted any more.
STOOD_DOWN = "<button id=go onclick=\"ask('go').then(() => book.disabled = false)\">Go</button>"


CASES = {
    "who is stood down while the last control is waited for presses nothing": Case(
        STOOD_DOWN + BUTTON.replace("<button", "<button disabled"),
        (GO, BOOK),
        "stood_down",
        "go",
        stood_down_by="go",
        message="others have it",
    ),
    "who is stood down is so although the page says something else": Case(
        STOOD_DOWN + CAPTCHA + BUTTON.replace("<button", "<button disabled"),
        (GO, BOOK),
        "stood_down",
        "go",
        stood_down_by="go",
    ),
    "who is stood down before the last key presses nothing": Case(
        "<button id=go onclick=\"ask('go').then(() => document.body.id = 'there')\">Go</button>"
        "<form onsubmit='event.preventDefault(); ask()'><input id=x></form>",
        (PLACE, GO, {"wait_for": {"seen": "#there"}}, {"fill": {"into": "#x", "value": "y"}}, ENTER),
        "stood_down",
        "go",
        stood_down_by="go",
    ),
    "who is stood down before the last box is ticked does not tick it": Case(
        "<button id=go onclick=\"ask('go').then(() => book.disabled = false)\">Go</button>"
        "<input id=book type=checkbox disabled onchange=ask()>",
        (GO, {"check": {"on": "#book"}}),
        "stood_down",
        "go",
        stood_down_by="go",
    ),
    "who is stood down before the last option is chosen does not choose it": Case(
        "<button id=go onclick=\"ask('go').then(() => document.body.append(later.content))\">Go</button>"
        "<template id=later><select onchange=ask()><option>x<option>X1 A</select></template>",
        (GO, {"select": {"on": "select", "option": "{sub_location}"}}),
        "stood_down",
        "go",
        stood_down_by="go",
    ),
    "who is stood down does what stands before the press": Case(
        "<button id=go onclick=\"ask('go')\">x</button><button id=more onclick=\"ask('more')\">x</button>",
        (click("#go", expect="/go"), click("#more", expect="/more"), BOOK),
        "stood_down",
        "go more",
        stood_down_by="go",
    ),
    "who is stood down does not try again": Case(
        BUTTON, outcomes="stood_down", answers=(EARLY,), stood_down_by="book"
    ),
    "who is stood down does not go on with the chain": Case(
        BUTTON, outcomes="taken stood_down", answers=(TAKEN,), slots=2, stood_down_by="book"
    ),
    "who is stood down goes on to what is needed elsewhere at the same hour": Case(
        STOOD_DOWN + BUTTON.replace("<button", "<button disabled"),
        (GO, BOOK),
        "stood_down booked",
        "go go book",
        slots=2,
        stood_down_by="go",
        elsewhere=True,
    ),
    "who has been brought back to the beginning and then stands down is not brought back once more": Case(
        '<button id=book onclick="ask(); document.body.append(again.content.cloneNode(true))">Book</button>'
        "<template id=again><button id=close onclick=this.remove()>x</button></template>",
        outcomes="stood_down booked",
        asked="book book",
        answers=(EARLY,),
        slots=2,
        stood_down_by="book",
        elsewhere=True,
        changes={"reset": [{"click": {"on": "#close", "timeout": "500ms"}}]},
    ),
    "who has gone on and whose page then goes elsewhere has failed there": Case(
        "<button id=go onclick=\"book.disabled ? ask('go').then(() => book.disabled = false) : leave()\">Go"
        "</button><button id=book disabled>Book</button>"
        "<script>const leave = () => { book.disabled = true; location.assign('/away'); };</script>",
        (GO, BOOK),
        "stood_down failed",
        "go",
        slots=2,
        stood_down_by="go",
        elsewhere=True,
        message="the page was left while it fired",
    ),
    "who is after what is needed all the same is not stood down by a win elsewhere": Case(
        BUTTON,
        outcomes="taken booked",
        asked="book book",
        answers=(TAKEN,),
        slots=2,
        stood_down_by="book",
        elsewhere=True,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_who_is_stood_down_presses_no_more(
    both: BothModes, shared_browser: SharedBrowser, mode: Mode, case: Case
) -> None:
    played = shared_browser.loop.run(both.play(mode, case))
    assert (played.outcomes, played.asked) == (case.outcomes, case.asked), played.tries
    assert case.message is None or played.tries[-1].message == case.message
