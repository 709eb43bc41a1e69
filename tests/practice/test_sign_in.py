"""The sign-in, page by page over real HTTP, to the token and its end."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pyotp

from sniper.practice.clock import SimulatedTime
from sniper.practice.server import RunningSite, running_practice_site
from sniper.practice.settings import PracticeSettings

RIGHT = {"username": "user1", "password": "pass1"}


def code_in(response: httpx.Response) -> str:
    assert response.status_code == 303
    path, _, code = response.headers["location"].partition("?code=")
    assert path == "/oidc-callback"
    return str(code)


def token_for(http: httpx.Client, code: str) -> dict[str, str]:
    response = http.post("/api/auth/token", json={"code": code})
    assert response.status_code == 200
    return {"Authorization": f"Bearer {response.json()['tokenResponse']['accessToken']}"}


def test_the_choice_of_institution_is_remembered_for_thirty_days(http: httpx.Client) -> None:
    page = http.get("/sso/discovery", params={"redirect": "/oidc-callback"})
    assert 'data-title="Delft University of Technology"' in page.text
    chosen = http.get("/sso/discovery/tudelft")
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/sso/login")
    assert "max-age=2592000" in chosen.headers["set-cookie"].lower()
    # An absolute time of the venue's clock would mean nothing to the browser's.
    assert "expires" not in chosen.headers["set-cookie"].lower()
    again = http.get("/sso/discovery")
    assert (again.status_code, again.headers["location"]) == (303, "/sso/login")


def test_another_institution_leads_nowhere(http: httpx.Client) -> None:
    for name in ("0", "2", "99", "nonsense"):
        page = http.get(f"/sso/discovery/{name}")
        assert page.status_code == 200
        assert "is scenery" in page.text
        assert "set-cookie" not in page.headers


def test_the_sign_in_pages_are_marked_and_carry_the_policy(http: httpx.Client) -> None:
    for path in ("/sso/discovery", "/sso/login"):
        page = http.get(path)
        assert ">REHEARSAL<" in page.text
        assert "<script" not in page.text
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"
    for sheet in ("federation.css", "university.css"):
        assert http.get(f"/sso/static/{sheet}").headers["content-type"].startswith("text/css")
    assert http.get("/sso/static/..%2fsso.py").status_code == 404


def test_a_sign_in_gives_a_session_as_the_app_stores_it(http: httpx.Client, running: RunningSite) -> None:
    form = http.get("/sso/login").text
    assert all(f'id="{name}"' in form for name in ("username", "password", "submit_button"))
    assert "login_error" not in form
    code = code_in(http.post("/sso/login", data=RIGHT))
    session = http.post("/api/auth/token", json={"code": code}).json()
    assert session["member"] == {
        "id": running.accounts.member("user1").id,
        "firstName": "Practice",
        "lastName": "User 1",
        "email": "user1@practice.invalid",
    }
    tokens = session["tokenResponse"]
    assert set(tokens) == {"accessToken", "tokenType", "expiresIn", "idToken", "refreshToken", "issuedAt"}
    assert (tokens["tokenType"], tokens["expiresIn"]) == ("Bearer", 86400)
    assert tokens["issuedAt"] == int(running.clock.now().timestamp())
    headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
    assert http.get("/api/participations", headers=headers).status_code == 200


def test_a_wrong_password_is_told_on_the_form(http: httpx.Client) -> None:
    attempts: list[dict[str, str]] = [
        {"username": "user1", "password": "wrong"},
        {"username": "nobody", "password": "pass1"},
        {},
    ]
    for data in attempts:
        page = http.post("/sso/login", data=data)
        assert page.status_code == 200
        assert 'id="login_error"' in page.text
        assert "Username or password is incorrect." in page.text
        assert 'id="username"' in page.text


def test_what_was_typed_is_escaped(http: httpx.Client) -> None:
    page = http.post("/sso/login", data={"username": '"><script>', "password": "x"})
    assert "<script" not in page.text


def test_a_code_works_once_and_for_a_minute(http: httpx.Client, time_source: SimulatedTime) -> None:
    code = code_in(http.post("/sso/login", data=RIGHT))
    token_for(http, code)
    again = http.post("/api/auth/token", json={"code": code})
    assert (again.status_code, again.json()["message"]) == (401, "This sign-in code is not valid any more.")
    late = code_in(http.post("/sso/login", data=RIGHT))
    time_source.advance(timedelta(seconds=60))
    assert http.post("/api/auth/token", json={"code": late}).status_code == 401


def test_a_token_lasts_twenty_four_hours_of_the_venues_clock(
    http: httpx.Client, running: RunningSite, time_source: SimulatedTime
) -> None:
    token = token_for(http, code_in(http.post("/sso/login", data=RIGHT)))
    running.clock.jump(timedelta(hours=20))
    time_source.advance(timedelta(hours=4) - timedelta(microseconds=1))
    assert http.get("/api/participations", headers=token).status_code == 200
    time_source.advance(timedelta(microseconds=1))
    assert http.get("/api/participations", headers=token).status_code == 401


def test_a_token_lasts_as_long_as_the_site_is_set_to(
    settings: PracticeSettings, time_source: SimulatedTime, connect: Callable[..., httpx.Client]
) -> None:
    longer = settings.model_copy(update={"session_lifetime": timedelta(days=30)})
    with running_practice_site(longer, time_source=time_source) as site:
        client = connect(site.url)
        token = token_for(client, code_in(client.post("/sso/login", data=RIGHT)))
        time_source.advance(timedelta(days=29))
        assert client.get("/api/participations", headers=token).status_code == 200


def second_factor(http: httpx.Client) -> None:
    answer = http.post("/sso/login", data={"username": "user20", "password": "pass20"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sso/second-factor")


def test_the_second_factor_goes_by_real_time_whatever_the_venues_clock_shows(
    http: httpx.Client, running: RunningSite, time_source: SimulatedTime
) -> None:
    running.clock.jump(timedelta(days=3, seconds=17))
    second_factor(http)
    form = http.get("/sso/second-factor").text
    assert all(f'id="{name}"' in form for name in ("totp_code", "totp_submit"))
    secret = next(person.totp_secret for person in running.accounts.people if person.username == "user20")
    assert secret is not None
    of_the_venue = pyotp.TOTP(secret).at(running.clock.now())
    wrong = http.post("/sso/second-factor", data={"totp_code": of_the_venue})
    assert wrong.status_code == 200
    assert 'id="login_error"' in wrong.text
    right = http.post("/sso/second-factor", data={"totp_code": pyotp.TOTP(secret).at(time_source.now())})
    assert http.get("/api/participations", headers=token_for(http, code_in(right))).status_code == 200
    # The step is over: the same answer again begins anew.
    assert http.get("/sso/second-factor").headers["location"] == "/sso/login"


def test_the_second_factor_cannot_be_reached_without_the_password(http: httpx.Client) -> None:
    page = http.get("/sso/second-factor")
    assert (page.status_code, page.headers["location"]) == (303, "/sso/login")
    answer = http.post("/sso/second-factor", data={"totp_code": "000000"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sso/login?timed_out=1")
    assert "timed out" in http.get("/sso/login?timed_out=1").text


def test_the_second_factor_waits_five_minutes(http: httpx.Client, time_source: SimulatedTime) -> None:
    second_factor(http)
    time_source.advance(timedelta(minutes=5))
    answer = http.post("/sso/second-factor", data={"totp_code": "000000"})
    assert answer.headers["location"] == "/sso/login?timed_out=1"
