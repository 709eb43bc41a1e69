"""Pages whose elements have open shadow roots: both modes find, wait for and press what is in them alike."""

from __future__ import annotations

import pytest

from sniper.engine.browser.firing import Mode
from sniper.engine.browser.inpage import source
from tests.engine.benches import SharedBrowser
from tests.engine.both_modes import BOOK, BUTTON, GO, SITE, BothModes, Case, click, wait_for

FILLED = {"fill": {"into": "#x", "value": "{sub_location}"}}
SHADOWED = """<script>
/** Puts HTML into a new root of an element. */
const shadowed = (host, html, mode = "open") => {
    const root = host.attachShadow({mode});
    root.innerHTML = html;
    return root;
};
</script>"""


def within(html: str, *, later: str = "") -> str:
    """A page with an element in whose root this stands; `later` is done a moment after the start."""
    return (
        f"{SHADOWED}<my-app></my-app><script>const app = document.querySelector('my-app');"
        f"const root = shadowed(app, `{html}`); {later}</script>"
    )


NESTED = (
    "const inner = shadowed(root.querySelector('my-step'), `<button class=b>x</button>"
    "<button class=b>Book</button>`); inner.lastChild.onclick = () => ask()"
)

CASES = {
    "a control in a shadow root is pressed": Case(within(BUTTON)),
    "a control in a root within a root is pressed": Case(
        within("<my-step></my-step>", later=NESTED), (click({"css": "button", "text": "Book"}),)
    ),
    "a selector goes from an element into its root": Case(
        within("<p class=step><my-step></my-step></p>", later=NESTED),
        (click("body > my-app > .step my-step > button:last-child"),),
    ),
    "a control that a new root brings is waited for": Case(
        f"{SHADOWED}<my-app></my-app><script>soon(() => shadowed(document.querySelector('my-app'),"
        f" `{BUTTON}`))</script>"
    ),
    "what changes in a root is seen": Case(
        within(
            f"<div aria-disabled=true>{BUTTON}</div>",
            later="soon(() => root.firstChild.removeAttribute('aria-disabled'))",
        )
    ),
    "an element is disabled as long as what its root is in is": Case(
        within(BUTTON, later="app.inert = true; soon(() => { app.inert = false })")
    ),
    "a root that came with the page's HTML is seen": Case(
        f"<my-app><template shadowrootmode=open>{BUTTON}</template></my-app>"
    ),
    "what is in a closed root is not there": Case(
        f"{SHADOWED}<my-app></my-app><script>shadowed(document.querySelector('my-app'), `{BUTTON}`, 'closed')"
        "</script>",
        (click("#book", timeout="200ms"),),
        "failed",
        "",
    ),
    "an element is told by a text in its root": Case(
        f"{SHADOWED}<my-card><a>x</a></my-card><my-card><a onclick=ask()>x</a></my-card><script>"
        "document.querySelectorAll('my-card').forEach((card, index) =>"
        " shadowed(card, `<style>p {{}}</style><p>X1 ${'BA'[index]}</p><slot></slot>`))</script>",
        (click({"css": "my-card", "has": [{"css": "p", "text": ["{sub_location}"]}], "find": "a"}),),
    ),
    "a field, a box, a key and what is gone": Case(
        within(
            "<input id=x><input id=tick type=checkbox><p class=wait>x</p><button id=go>x</button>"
            "<button id=book>x</button>",
            later="const at = (id) => root.getElementById(id);"
            "at('go').onclick = () => soon(() => root.querySelector('.wait').remove());"
            "at('x').onkeydown = ({key}) => key === 'Enter' && at('x').setAttribute('data-key', key);"
            "at('book').onclick = () =>"
            " ask(`book?${at('x').value}${at('tick').checked}${at('x').dataset.key}`)",
        ),
        (
            {"check": {"on": "#tick"}},
            FILLED,
            click("#x"),
            {"press": {"key": "Enter"}},
            GO,
            wait_for(gone=".wait"),
            wait_for(present="#x[data-key]"),
            BOOK,
        ),
        asked="book?X1%20AtrueEnter",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_steps_do_the_same_in_shadow_roots(
    both: BothModes, shared_browser: SharedBrowser, mode: Mode, case: Case
) -> None:
    played = shared_browser.loop.run(both.play(mode, case))
    assert (played.outcomes, played.asked) == (case.outcomes, case.asked), played.tries


PAGE = """<!doctype html><body class=page>
<div id=a class=card><p id=a1>one</p></div>
<my-app id=b class=card><p id=b1 slot=x>light</p></my-app>
<div id=c class="card last" data-x="a, b > c"><my-app id=d></my-app><p id=c1>three</p></div>
<script>
    const put = (host, html) => { host.attachShadow({mode: "open"}).innerHTML = html; };
    put(b, "<section id=b2><p id=b3>deep</p><my-step id=b4></my-step></section><p id=b5></p>");
    put(b.shadowRoot.querySelector("#b4"),
        "<p id=b6 class=card>deepest</p><button id=b7 disabled>x</button>");
    put(d, "<p id=d1>in d</p>");
</script>"""
SELECTORS = (
    "p",
    "#b3",
    "div p",
    "my-app p",
    "my-app > p",
    "my-app section > my-step > p",
    "body.page my-app .card",
    ".card p, my-app",
    "p, .card",
    ".card:not(.last) p",
    ".card:not(:has(button))",
    ":is(section, .last) p",
    ":where(my-step) *",
    "my-app:has(button:disabled) > section",
    "div:has(> my-app) p",
    "div:has(+ my-app) p",
    "p:not(:has(~ my-step))",
    "section p + my-step",
    "p ~ my-step",
    "#a + my-app p",
    "[data-x='a, b > c'] p",
    ".card:nth-of-type(2) > p",
    "p:not(.card, section > p)",
    "div:has(#d1)",
    "html button",
)


def test_a_selector_means_the_same_elements_as_playwrights(shared_browser: SharedBrowser) -> None:
    async def compared() -> dict[str, tuple[list[str], list[str]]]:
        context = await shared_browser.pool.context(timezone="Europe/Berlin", locale="de-DE")
        page = await context.new_page()
        await page.add_init_script(f"window.query = ({source('piercing')})().query")
        await page.route(f"{SITE}/**", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
        await page.goto(SITE)
        ids = "found => found.map(one => one.id)"
        found = {}
        for css in SELECTORS:
            ours = await page.evaluate("css => query(document, css).map(one => one.id)", css)
            found[css] = ours, await page.locator(css).evaluate_all(ids)
        inside = page.locator("#c").locator("p")
        ours = await page.evaluate("query(c, 'p').map(one => one.id)")
        found["in #c"] = ours, await inside.evaluate_all(ids)
        await context.close()
        return found

    for css, (ours, theirs) in shared_browser.loop.run(compared()).items():
        assert theirs, css
        assert ours == theirs, css
