"""What the steps of a profile do on a page, whichever of the two modes does them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sniper.engine.browser.firing import Mode
from tests.engine.benches import SharedBrowser
from tests.engine.both_modes import BOOK, BUTTON, GO, BothModes, Case, Step, click, wait_for

NEVER = {"late_opening": {"again": "never"}}
QUICK = {"timeout": "200ms"}
FULL = "<p class=full>Full</p>"
HIDDEN = "<p class=full hidden>Full</p>"
IMITATION = Path(__file__).with_name("ng_select_imitation.js").read_text(encoding="utf-8")


def off(how: str, mend: str) -> Case:
    """The control gets ready a moment after another one was pressed, and books then."""
    page = f'<button id=go onclick="soon(() => {{ {mend} }})">Go</button>{how}'
    return Case(page, (GO, BOOK))


def picker(items: str, option: str, outcomes: str, asked: str = "") -> Case:
    """A choice in an ng-select, and the press that tells what was chosen."""
    page = f"""<div id=place></div><button id=book onclick='ask("book?" + picked.texts())'>Book</button>
        <script>{IMITATION}</script><script>const picked = imitation(place, {{items: {items}}})</script>"""
    return Case(page, ({"ng_select": {"on": "ng-select", "option": option}}, BOOK), outcomes, asked)


def form(fields: str, *fire: Step, asked: str = "book", outcomes: str = "booked") -> Case:
    """A form that books when it is sent."""
    page = f"<form onsubmit='event.preventDefault(); ask()'>{fields}</form>"
    changes = {} if asked else {"answer_within": "300ms"}
    return Case(page, fire, outcomes, asked, changes=changes)


ENTER = {"press": {"key": "Enter"}}
ESCAPE = {"press": {"key": "Escape"}}
TYPED = {"fill": {"into": "#x", "value": "{sub_location}"}}
TOLD = "<button id=book onclick='ask(`book?${heard}`)'>Book</button><script>const heard = []</script>"

CASES = {
    # -- click: when a control is ready
    "a disabled control is pressed once it is not": off(
        BUTTON.replace("<button", "<button disabled"), "book.disabled = false"
    ),
    "a control is disabled as long as its class says so": off(
        BUTTON.replace("<button", "<button class='big disabled'"), "book.className = 'big'"
    ),
    "a control is disabled as long as aria says so": off(
        BUTTON.replace("<button", "<button aria-disabled=true"), "book.removeAttribute('aria-disabled')"
    ),
    "a control is disabled as long as what it is in is, by aria": off(
        f"<div id=all_ aria-disabled=true>{BUTTON}</div>", "all_.removeAttribute('aria-disabled')"
    ),
    "a control is disabled as long as its fieldset is": off(
        f"<fieldset disabled>{BUTTON}</fieldset>", "document.querySelector('fieldset').disabled = false"
    ),
    "a control is disabled as long as what it is in is inert": off(
        f"<div inert>{BUTTON}</div>", "document.querySelector('div').inert = false"
    ),
    "a hidden control is pressed once it is shown": off(
        f"<p hidden>{BUTTON}</p>", "book.parentNode.hidden = false"
    ),
    "a control is pressed once it is there": off(
        f"<template id=later>{BUTTON}</template>", "document.body.append(later.content)"
    ),
    "a control has only to be shown, where the profile says so": Case(
        "<a id=book class=disabled onclick=ask()>Book</a>", (click("#book", until="visible"),)
    ),
    "a control has only to be there, where the profile says so": Case(
        f"<div hidden>{BUTTON}</div>", (click("#book", until="present"),)
    ),
    "of several the first one is pressed that is enabled": Case(
        "<button class=b disabled>x</button><button class='b disabled'>x</button>"
        "<button class=b onclick=ask()>Book</button><button class=b>x</button>",
        (click(".b"),),
    ),
    "of several the first one is pressed that is shown": Case(
        "<a class=b hidden>x</a><a class=b style='visibility: hidden'>x</a><a class=b></a>"
        "<a class=b onclick=ask()>Book</a>",
        (click(".b", until="visible"),),
    ),
    "what has no box of its own is shown when what is in it is": Case(
        "<style>b { display: contents }</style><b class=b></b><b class=b onclick=ask()>Book</b>",
        (click(".b", until="visible"),),
    ),
    "what lies over a control does not hold the press back": Case(
        BUTTON + "<div style='position: fixed; inset: 0'></div>", (click("#book", timeout="1s"),)
    ),
    "a control hears the pointer, the mouse and the click": Case(
        f"<button id=book>Book</button>{TOLD.replace('<button', '<button hidden').replace('id=book', '')}"
        """<script>for (const kind of ["pointerdown", "mousedown", "pointerup", "mouseup", "click"])
            book.addEventListener(kind, () => heard.push(kind) === 5 && ask("book?" + heard))</script>""",
        asked="book?pointerdown,mousedown,pointerup,mouseup,click",
    ),
    "a control that only has to be there hears them as well": Case(
        """<button id=book>Book</button><script>book.onmousedown = () => ask()</script>""",
        (click("#book", until="present"),),
    ),
    # -- click: what else there may be
    "a control that comes with a popover is pressed": Case(
        f"<div popover id=over>{BUTTON}</div><script>soon(() => over.showPopover())</script>"
    ),
    "a control that comes with a dialog is pressed": Case(
        f"<dialog id=over>{BUTTON}</dialog><script>soon(() => over.showModal())</script>"
    ),
    "what a box brings that is ticked later is pressed": Case(
        f"<style>#box:not(:checked) ~ * {{ display: none }}</style><input id=box type=checkbox>{BUTTON}"
        "<script>soon(() => box.click())</script>"
    ),
    "a control that stays disabled means what its absence means": Case(
        "<button id=book disabled>Book</button>",
        (click("#book", absent="too_early", **QUICK),),
        "too_early",
        "",
        changes=NEVER,
    ),
    "a control that never comes has failed, if nothing is said": Case(
        "", (click("#book", **QUICK),), "failed", ""
    ),
    "what is shown instead of the control ends the try": Case(
        FULL, (click("#book", or_outcome={"taken": ".full"}),), "taken", ""
    ),
    "what is shown beside the control ends the try": Case(
        BUTTON + FULL, (click("#book", or_outcome={"taken": ".full"}),), "taken", ""
    ),
    "what is hidden does not end the try": Case(
        HIDDEN + BUTTON + HIDDEN, (click("#book", or_outcome={"taken": ".full"}),)
    ),
    "what is shown ends the try although the first of its kind is hidden": Case(
        HIDDEN + FULL, (click("#book", or_outcome={"taken": ".full"}),), "taken", ""
    ),
    "where the other thing is shown there is nothing to press": Case(
        FULL + "<button id=go onclick=ask('go')>x</button>" + BUTTON, (click("#go", or_skip=".full"), BOOK)
    ),
    "where the other thing is hidden the control is pressed": Case(
        HIDDEN + "<button id=go onclick=ask('go')>x</button>" + BUTTON,
        (click("#go", or_skip=".full"), BOOK),
        asked="go book",
    ),
    "where the other thing is shown there is nothing to fill in": Case(
        FULL + "<input id=text oninput=ask('go')>" + BUTTON,
        ({"fill": {"into": "#text", "value": "x", "or_skip": ".full"}}, BOOK),
    ),
    "where the other thing is hidden the field is filled in": Case(
        HIDDEN + "<input id=text oninput=ask('go')>" + BUTTON,
        ({"fill": {"into": "#text", "value": "x", "or_skip": ".full"}}, BOOK),
        asked="go book",
    ),
    "what need not be there is not waited for": Case(BUTTON, (click("#go", if_present=True), BOOK)),
    "what need not be there is waited for when it is there, and not ready": Case(
        "<button id=go onclick='soon(() => { then.disabled = false })'>x</button>"
        "<button id=then disabled onclick=ask('then')>x</button>" + BUTTON,
        (GO, click("#then", if_present=True), BOOK),
        asked="then book",
    ),
    "a step is left out where its placeholder has no value": Case(
        BUTTON,
        (click("#none", only_with="word"), BOOK),
        changes={
            "locations": {
                "X1": {"opens": {"before_start": "1h"}, "sub_locations": ["X1 A"]},
                "X2": {"opens": {"before_start": "1h"}, "words": {"word": "x"}},
            }
        },
    ),
    "the answer to what a press asks for is waited for": Case(
        "<button id=go onclick=\"ask('list/').then(() => book.hidden = false)\">x</button>"
        + BUTTON.replace("<button", "<button hidden"),
        (click("#go", expect="/list"), click("#book", if_present=True, timeout="5s")),
        asked="list/ book",
    ),
    "an answer that does not come has failed": Case(
        "<button id=go onclick=ask('other')>x</button>" + BUTTON,
        (click("#go", expect="/list", timeout="1s"), BOOK),
        "failed",
        "other",
    ),
    "a dry run ends before the step that holds the slot": Case(
        "<button id=go onclick=ask('list')>x</button><button id=hold onclick=ask('hold')>x</button>" + BUTTON,
        (click("#go", expect="/list"), click("#hold", holds=True), BOOK),
        "not_pressed",
        "list",
        press=False,
    ),
    "a step that holds the slot is done like any other": Case(
        "<button id=hold onclick=ask('hold')>x</button>" + BUTTON,
        (click("#hold", holds=True), BOOK),
        asked="hold book",
    ),
    # -- selectors
    "texts are compared with white space folded": Case(
        "<div class=c><p>X1 AB</p><a>x</a></div>"
        "<div class=c><p> X1\n\n  A\t</p><a onclick=ask()>Book\n now</a></div>",
        (click({"css": ".c", "has": [{"css": "p", "text": ["{sub_location}"]}], "find": "a"}),),
    ),
    "a text is the whole text of an element": Case(
        "<a>Book now</a><a onclick=ask()> Book </a>", (click({"css": "a", "text": "Book"}),)
    ),
    "the text of a button is what stands on it": Case(
        "<input type=button value=x><input type=submit value=' Book' onclick=ask()>",
        (click({"css": "input", "text": "Book"}),),
    ),
    # -- fields
    "a field that is filled tells it by input and by change": Case(
        f"""<input id=x value=old>{TOLD}<script>
        for (const kind of ["input", "change"])
            x.addEventListener(kind, () => heard.push(kind + x.value), {{once: true}})
        </script>""",
        (TYPED, BOOK),
        asked="book?inputX1%20A,changeX1%20A",
    ),
    "the first field is filled that one can type in": Case(
        "<input class=x hidden><input class=x readonly><input class=x disabled><textarea class=x></textarea>"
        "<button id=book onclick='ask(`book?${fields.map((one) => one.value)}`)'>x</button>"
        "<script>const fields = [...document.querySelectorAll('.x')]</script>",
        ({"fill": {"into": ".x", "value": "a"}}, BOOK),
        asked="book?,,,a",
    ),
    "what is asked of a person is filled in, and left out where it is not known": Case(
        "<input id=x><input id=y value=none><button id=book onclick='ask(`book?${x.value}&${y.value}`)'>x"
        "</button>",
        (
            {"fill": {"into": "#x", "value": "{details.email}"}},
            {"fill": {"into": "#y", "value": "{details.telephone}", "only_with": "details.telephone"}},
            BOOK,
        ),
        asked="book?erika@example.org&none",
        changes={"account_details": ["email"]},
    ),
    "a field that stays read-only has failed": Case(
        "<input id=x readonly>" + BUTTON,
        ({"fill": {"into": "#x", "value": "a", **QUICK}}, BOOK),
        "failed",
        "",
    ),
    "Enter sends nothing where there are several fields and no button": form(
        "<input><input id=x>", TYPED, ENTER, outcomes="unknown", asked=""
    ),
    "what is edited in place is filled": Case(
        "<div id=x contenteditable>old</div>"
        "<button id=book onclick='ask(`book?${x.textContent}`)'>x</button>",
        (TYPED, BOOK),
        asked="book?X1%20A",
    ),
    "what is no field has failed": Case("<p id=x>x</p>" + BUTTON, (TYPED, BOOK), "failed", ""),
    "a date is set once more where it is the same": Case(
        f"""<input id=x type=date value=2026-11-24>{TOLD}<script>
        for (const kind of ["input", "change"]) x.addEventListener(kind, () => heard.push(kind + x.value))
        </script>""",
        ({"date": {"into": "#x"}}, BOOK),
        asked="book?input2026-11-24,change2026-11-24",
    ),
    "the answer to a new date is waited for": Case(
        "<input id=x type=date onchange=\"ask('list').then(() => book.hidden = false)\">"
        + BUTTON.replace("<button", "<button hidden"),
        ({"date": {"into": "#x", "expect": "/list"}}, click("#book", if_present=True, timeout="5s")),
        asked="list book",
    ),
    "the answer to what an entry asks for is waited for": Case(
        "<input id=x oninput=\"ask('list').then(() => book.hidden = false)\">"
        + BUTTON.replace("<button", "<button hidden"),
        (
            {"fill": {"into": "#x", "value": "{sub_location}", "expect": "/list"}},
            click("#book", if_present=True, timeout="5s"),
        ),
        asked="list book",
    ),
    # -- boxes
    **{
        f"a box is ticked where it is not: {name}": Case(
            f"{box}{TOLD}", ({"check": {"on": "#x", "expect": "/tick"}}, BOOK), asked="tick book?"
        )
        for name, box in {
            "checkbox": "<input id=x type=checkbox onchange=\"ask('tick')\">",
            "label": "<label id=x>x<input type=checkbox onchange=\"ask('tick')\"></label>",
            "by aria": "<b id=x role=checkbox aria-checked=false "
            "onclick=\"ask('tick'); soon(() => this.ariaChecked = 'true')\">x</b>",
        }.items()
    },
    **{
        f"a box is left alone where it is ticked: {name}": Case(
            f"{box}{BUTTON}", ({"check": {"on": "#x", "expect": "/tick"}}, BOOK)
        )
        for name, box in {
            "checkbox": "<input id=x type=checkbox checked onchange=\"ask('tick')\">",
            "hidden": "<input id=x type=checkbox checked hidden>",
            "disabled": "<input id=x type=checkbox checked disabled>",
            "label": "<label id=x>x<input type=checkbox checked onchange=\"ask('tick')\"></label>",
            "by aria": "<b id=x role=checkbox aria-checked=true onclick=\"ask('tick')\">x</b>",
        }.items()
    },
    "a box that does not stay ticked has failed": Case(
        "<input id=x type=checkbox onchange='this.checked = false'>" + BUTTON,
        ({"check": {"on": "#x", **QUICK}}, BOOK),
        "failed",
        "",
    ),
    # -- keys
    "Enter in a field sends its form": form("<input id=x>", TYPED, ENTER),
    "Enter in a field presses the form's button": Case(
        "<form onsubmit='event.preventDefault()'><input id=x><input><button type=button>x</button>"
        "<button onclick=ask()>Book</button></form>",
        (TYPED, ENTER),
    ),
    "Enter sends nothing where the form's button is disabled": form(
        "<input id=x><button disabled>x</button>", TYPED, ENTER, outcomes="unknown", asked=""
    ),
    "Enter sends nothing where the page does not let it": form(
        "<input id=x onkeydown='event.key === `Enter` && event.preventDefault()'>",
        TYPED,
        ENTER,
        outcomes="unknown",
        asked="",
    ),
    "Enter in a text of several lines sends nothing": form(
        "<textarea id=x></textarea>", TYPED, ENTER, outcomes="unknown", asked=""
    ),
    "a page that listens hears the key": Case(
        "<script>onkeyup = ({key, code, keyCode}) => ask(`book?${key}${code}${keyCode}`)</script>",
        (ESCAPE,),
        asked="book?EscapeEscape27",
    ),
    "Escape closes a dialog": Case(
        "<dialog id=x>x</dialog><button id=go onclick=x.showModal()>x</button>" + BUTTON,
        (GO, wait_for(seen="#x"), ESCAPE, wait_for(gone="#x"), BOOK),
    ),
    # -- choices
    "an option is chosen by its text": Case(
        "<select id=x><option>X1 AB<option>X1\n A<option>B</select>"
        "<button id=book onclick='ask(`book?${x.selectedIndex}`)'>x</button>",
        ({"select": {"on": "#x", "option": "{sub_location}"}}, BOOK),
        asked="book?1",
    ),
    "an option that is disabled cannot be chosen": Case(
        "<select id=x><option>B<option disabled>X1 A</select>" + BUTTON,
        ({"select": {"on": "#x", "option": "{sub_location}"}}, BOOK),
        "option_disabled",
        "",
    ),
    "an option that is not there is not offered": Case(
        "<select id=x><option>B</select>" + BUTTON,
        ({"select": {"on": "#x", "option": "{sub_location}"}}, BOOK),
        "not_offered",
        "",
    ),
    "an ng-select's option is chosen": picker("['X1 AB', 'X1 A']", "{sub_location}", "booked", "book?X1%20A"),
    "an ng-select's option that is disabled cannot be chosen": picker(
        "['X1 AB', {text: 'X1 A', disabled: true}]", "{sub_location}", "option_disabled"
    ),
    "an ng-select's option that is not there is not offered": picker(
        "['X1 AB']", "{sub_location}", "not_offered"
    ),
    # -- waiting
    "what is waited for may be any of those there are": Case(
        HIDDEN + FULL + BUTTON, (wait_for(seen=".full"), BOOK)
    ),
    "what is hidden is not seen": Case(
        HIDDEN + BUTTON, (wait_for(seen=".full", **QUICK), BOOK), "failed", ""
    ),
    "what is hidden is present": Case(HIDDEN + BUTTON, (wait_for(present=".full"), BOOK)),
    "what is hidden is gone": Case(HIDDEN + BUTTON, (wait_for(gone=".full"), BOOK)),
    "what is shown is not gone because the first is hidden": Case(
        HIDDEN + FULL + BUTTON, (wait_for(gone=".full", **QUICK), BOOK), "failed", ""
    ),
    "what is waited for comes, is there and goes": Case(
        f"""<button id=go onclick="soon(() => {{ x.innerHTML = '{FULL}' }})">x</button>
        <button id=end onclick="soon(() => {{ x.innerHTML = '' }})">x</button><div id=x></div>{BUTTON}""",
        (GO, wait_for(present=".full"), click("#end"), wait_for(gone=".full"), BOOK),
    ),
    "what the page is to remember is waited for": Case(
        """<button id=go onclick="soon(() => { localStorage.setItem('note', '');
        book.hidden = false })">x</button><script>localStorage.removeItem('note')</script>"""
        + BUTTON.replace("<button", "<button hidden"),
        (GO, wait_for(local_storage="note"), click("#book", if_present=True)),
    ),
    # -- loading anew
    "what follows a reload goes on in the new page": Case(
        """<script>const how = performance.getEntriesByType("navigation")[0].type</script>
        <button id=go onclick="ask('go?' + how)">Go</button>
        <button id=book onclick="ask('book?' + how)">Book</button>""",
        (click("#go", expect="/go"), {"reload": {}}, BOOK),
        asked="go?navigate book?reload",
    ),
    "what follows goes on in the page that is loaded instead": Case(
        """<button id=book onclick="ask('book' + location.search)">Book</button>""",
        ({"reload": {"to": "/?at={sub_location}&of={start:%H:%M}-{end:%H:%M}"}}, BOOK),
        asked="book?at=X1%20A&of=13:00-14:00",
    ),
    "a page is loaded anew also where only what stands behind the # differs": Case(
        """<button id=book onclick="ask('book?' + [how, location.hash.slice(1)])">Book</button>
        <script>const how = performance.getEntriesByType("navigation")[0].type</script>""",
        ({"reload": {"to": "/#{start:%H}"}}, BOOK),
        asked="book?reload,13",
    ),
    "a page that goes elsewhere before the press has failed": Case(
        "<a id=go href=/elsewhere>x</a>", (GO, BOOK), "failed", ""
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_steps_do_the_same_in_both_modes(
    both: BothModes, shared_browser: SharedBrowser, mode: Mode, case: Case
) -> None:
    played = shared_browser.loop.run(both.play(mode, case))
    assert (played.outcomes, played.asked) == (case.outcomes, case.asked), played.tries
