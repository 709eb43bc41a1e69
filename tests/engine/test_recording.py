"""What is recorded of a run's pages, with secrets planted in all the places where sites have them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.async_api import Route

from sniper.clock.clock import SystemClock
from sniper.core.plan import Attempt, Role
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.kept_state import secrets_in
from sniper.engine.protocol import NothingKept, Order
from sniper.paths import STATE_DIR_VARIABLE
from sniper.practice.server import running_practice_site
from sniper.practice.settings import DemoAccount, PracticeSettings
from sniper.recording.keeping import Recorded
from sniper.recording.run import ToRecord, recorded
from sniper.recording.unscrubbed import unscrubbed_dir
from tests.aio import run_async
from tests.engine.benches import OPEN, Bench, SharedBrowser, at, credentials, page_of, practice_profile

PASSWORD, SEED = "planted-password-1-8f3a", "PLANTEDSEEDOFUSERONEPLANTEDSEED2"
NAME, MAIL, CSRF, SESSION = "Wilhelmina Planted", "w.planted@club.example", "pl4nt3dcsrf", "pl4nt3dsession"
PERSON = {"firstName": "Wilhelmina", "lastName": "Planted", "fullName": NAME, "email": MAIL}


class Remembered(NothingKept):
    """Keeps sign-ins in memory."""

    def __init__(self) -> None:
        self.states: list[str] = []

    def save(self, account: str, state: str, expires_at: datetime | None = None) -> None:  # noqa: ARG002
        """As a test can look at it."""
        self.states.append(state)


@pytest.fixture(scope="module")
def recording(
    shared_browser: SharedBrowser, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, set[str], list[str]]:
    """The folder of a run that was recorded, what must not be in it, and what was told."""
    state, folder = tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("run")
    told: list[str] = []
    states = Remembered()
    person = DemoAccount(username="user1", password=PASSWORD, totp_secret=SEED)
    settings = PracticeSettings(start=OPEN, accounts=(person,))
    with pytest.MonkeyPatch.context() as patch, running_practice_site(settings) as site:
        patch.setenv(STATE_DIR_VARIABLE, str(state))
        here = Bench(site, at(site, practice_profile()), folder, Mode.ARMED, shared_browser)
        codes = here.run(_one_booking(here, folder, states, told.append))
        assert not list(unscrubbed_dir().iterdir())
    return folder, {PASSWORD, SEED, NAME, MAIL, CSRF, SESSION, *codes, *_tokens(states)}, told


def test_nothing_that_is_recorded_has_a_secret_or_a_name_in_it(
    recording: tuple[Path, set[str], list[str]],
) -> None:
    folder, planted, told = recording
    assert len(planted) >= 8
    contents = dict(_contents(folder))
    # Who is who is known to this machine only.
    assert json.loads(contents.pop("accounts.json")) == {"account-1": "user1"}
    for secret in (*planted, "user1", "Wilhelmina"):
        assert not [name for name, body in contents.items() if secret.encode() in body or secret in name]
    assert not [text for text in told if "recording:" in text]
    assert {path.stat().st_mode & 0o077 for path in folder.rglob("*")} == {0}


def test_a_recording_has_a_trace_the_requests_the_console_and_what_shows_each_step(
    recording: tuple[Path, set[str], list[str]],
) -> None:
    folder, *_ = recording
    document = json.loads((folder / "recording.json").read_text())
    (account,) = document["accounts"]
    assert document["timezone"] == "Europe/Amsterdam"
    assert [step["step"] for step in account["steps"]] == ["signed-in", "parked", "booked", "my-bookings"]
    fired = account["steps"][2]
    assert fired["chain"][0]["sub_location"] == "X1 A"
    assert fired["tries"][0]["outcome"] == "booked"
    own = folder / account["account"]
    for step in account["steps"]:
        assert {Path(name).suffix for name in step["files"]} == {".png", ".html"}
        assert all((own / name).stat().st_size for name in step["files"])
    with ZipFile(own / account["trace"]) as trace:
        assert {"1-trace.trace", "2-trace.trace", "2-trace.network"} <= set(trace.namelist())
        # The paths of this machine's files are nobody's business.
        assert "trace.stacks" not in trace.namelist()
    entries = json.loads((own / account["har"]).read_text())["log"]["entries"]
    pressed = next(one for one in entries if one["request"]["url"].endswith("/api/participations"))
    assert pressed["response"]["status"] == 201
    # What it takes to play it again is there: pages, scripts, what was sent and answered.
    assert json.loads(pressed["request"]["postData"]["text"])
    bodies = [one["response"]["content"] for one in entries]
    kinds = {one["mimeType"].partition(";")[0] for one in bodies if "text" in one}
    assert {"text/html", "text/javascript", "application/json"} <= kinds
    lines = [json.loads(line) for line in (own / account["console"]).read_text().splitlines()]
    assert any(line["text"] == "the page says account-1, ***" for line in lines)
    assert any("an error nobody caught, ***" in line["text"] for line in lines)


def test_what_a_killed_process_left_unscrubbed_is_removed_by_the_next_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(STATE_DIR_VARIABLE, str(tmp_path))
    gone, here = unscrubbed_dir() / "4194304-left", unscrubbed_dir() / "1-at-work"
    for folder in (gone, here):
        folder.mkdir(parents=True)
        (folder / "trace").write_text(PASSWORD)

    async def go() -> None:
        about = ToRecord(_about(), (), wanted=False, film=False)
        async with recorded(about, SystemClock(), tmp_path, print):
            pass

    run_async(go())
    assert not gone.exists()
    assert here.exists()


async def _one_booking(
    here: Bench, folder: Path, states: Remembered, tell: Callable[[str], None]
) -> set[str]:
    """Sign in, park, book, read back, on pages with planted secrets; the codes that were made."""
    about = ToRecord(_about(), ("user1",), wanted=True, film=False)
    clock = SystemClock()
    async with recorded(about, clock, folder, tell) as recorder:
        assert recorder is not None
        profile = here.profile.model_copy(update={"rehearse": ()})
        async with BrowserEngine(
            profile, clock, folder, here.shared.pool, states=states, recorder=recorder
        ) as engine:
            await engine.sign_in(credentials("user1", PASSWORD, SEED))
            page = page_of(engine, "user1")
            await page.route("**/planted/**", _planted)
            await page.evaluate(_PLANTED, [here.site.url, CSRF, PASSWORD])
            attempt = Attempt("user1", (here.slot("X1 A", 13),), Role.LEAD)
            await engine.arm(attempt)
            result = await engine.fire(attempt, Order(datetime.now(UTC) - timedelta(seconds=1)))
            assert result.last is not None
            assert result.last.reference
            assert await engine.my_bookings("user1")
        return {one for one in recorder.taken["user1"].secrets if one.isdecimal()}


# Where sites have secrets: in URLs, forms, headers, cookies, hidden fields, answers, and on the console.
_PLANTED = """async ([url, csrf, password]) => {
    const field = `<form><input type=hidden name=csrf_token value="${csrf}"></form>`;
    document.body.insertAdjacentHTML("beforeend", field);
    document.cookie = "sid=pl4nt3dsession";
    await fetch(`${url}/planted/me?access_token=${csrf}`, {headers: {"X-CSRF-Token": csrf}});
    const form = new URLSearchParams({user: "user1", password});
    await fetch(`${url}/planted/form`, {method: "POST", body: form});
    console.log(`the page says user1, ${password}`);
    setTimeout(() => { throw new Error("an error nobody caught, " + password); });
    await new Promise((done) => setTimeout(done, 50));
}"""


async def _planted(route: Route) -> None:
    headers = {"set-cookie": f"other={SESSION}; path=/", "authorization": f"Bearer {CSRF}"}
    body = {"member": PERSON, "seen": f"{NAME} <{MAIL}>", "html": f"<p>Hello Wilhelmina, {CSRF}"}
    await route.fulfill(status=200, headers=headers, json=body)


def _about() -> Recorded:
    return Recorded(1, practice_profile(), "armed", presses=True)


def _tokens(states: Remembered) -> set[str]:
    assert states.states
    return {secret for state in states.states for secret in secrets_in(state)}


def _contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        if path.suffix == ".zip":
            with ZipFile(path) as archive:
                for name in archive.namelist():
                    yield f"{path.name}/{name}", archive.read(name)
        elif path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()
