"""The sign-in pages below `/sso`: choice of institution, the university's form, second factor.

Server-rendered and without scripts, like the pages of those two organisations that the real site sends people
to.
"""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Cookie, Form, Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.templating import Jinja2Templates

from sniper.practice.accounts import SECOND_FACTOR_LIFETIME, SignInError
from sniper.practice.settings import DemoAccount
from sniper.practice.site import Site, site_of

_HERE = Path(__file__).parent
_STYLES = frozenset({"federation.css", "university.css"})
_UNIVERSITY = "Delft University of Technology"
_OTHERS = ("Hogeschool Oefenstad", "Rehearsal Institute of Arts", "University of Elsewhere")

_TILE_COOKIE = "sso_institution"
_TILE_VALUE = "tudelft"
# Cookies get Max-Age and never Expires: the browser counts by its own clock, which may be days from the
# venue's.
_TILE_SECONDS = 30 * 24 * 3600
_PENDING_COOKIE = "sso_second_factor"

_NO_STORE = {"Cache-Control": "no-store"}
_WRONG_PASSWORD = "Username or password is incorrect."  # noqa: S105 - a message
_WRONG_CODE = "This code is not correct. Please try the next one."
_TIMED_OUT = "Your sign-in has timed out. Please sign in again."

router = APIRouter(prefix="/sso")
_templates = Jinja2Templates(directory=_HERE / "templates")

_Tile = Annotated[str | None, Cookie(alias=_TILE_COOKIE)]
_Pending = Annotated[str | None, Cookie(alias=_PENDING_COOKIE)]


@router.get("/discovery")
async def discovery(request: Request, sso_institution: _Tile = None) -> Response:
    """The choice of institution; skipped when it is remembered."""
    if sso_institution == _TILE_VALUE:
        return _redirect("/sso/login")
    return _page(request, "discovery.html", university=_UNIVERSITY, others=_OTHERS, unavailable=None)


@router.get("/discovery/{institution}")
async def choose(request: Request, institution: str) -> Response:
    """What a tile leads to: the university's form, and the choice is remembered."""
    if institution != _TILE_VALUE:
        number = int(institution) if institution.isdecimal() and int(institution) < len(_OTHERS) else 0
        return _page(
            request, "discovery.html", university=_UNIVERSITY, others=_OTHERS, unavailable=_OTHERS[number]
        )
    answer = _redirect("/sso/login")
    answer.set_cookie(
        _TILE_COOKIE, _TILE_VALUE, max_age=_TILE_SECONDS, path="/sso", httponly=True, samesite="lax"
    )
    return answer


@router.get("/login")
async def login_form(request: Request, timed_out: bool = False) -> Response:
    """The university's form."""
    return _page(request, "login.html", error=_TIMED_OUT if timed_out else None, username="")


@router.post("/login")
async def login(
    request: Request, username: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
) -> Response:
    """Check the password; then on to the second factor or back to the app with a one-time code."""
    site = site_of(request)
    person = site.accounts.check_password(username, password)
    if person is None:
        return _page(request, "login.html", error=_WRONG_PASSWORD, username=username)
    if person.totp_secret is None:
        return _back_to_app(site, person)
    answer = _redirect("/sso/second-factor")
    answer.set_cookie(
        _PENDING_COOKIE,
        site.accounts.begin_second_factor(person),
        max_age=round(SECOND_FACTOR_LIFETIME.total_seconds()),
        path="/sso",
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/second-factor")
async def second_factor_form(request: Request, sso_second_factor: _Pending = None) -> Response:
    """The form for the code of an authenticator app."""
    if sso_second_factor is None or not site_of(request).accounts.waits_for_second_factor(sso_second_factor):
        return _redirect("/sso/login")
    return _page(request, "second_factor.html", error=None)


@router.post("/second-factor")
async def second_factor(
    request: Request, totp_code: Annotated[str, Form()] = "", sso_second_factor: _Pending = None
) -> Response:
    """Check the code; then back to the app with a one-time code."""
    site = site_of(request)
    try:
        person = site.accounts.check_second_factor(sso_second_factor or "", totp_code)
    except SignInError:
        return _redirect("/sso/login?timed_out=1")
    if person is None:
        return _page(request, "second_factor.html", error=_WRONG_CODE)
    answer = _back_to_app(site, person)
    answer.delete_cookie(_PENDING_COOKIE, path="/sso", httponly=True, samesite="lax")
    return answer


@router.get("/static/{name}")
async def style(name: str) -> Response:
    """The style sheets of these pages."""
    if name not in _STYLES:
        return Response(status_code=404)
    return FileResponse(_HERE / "static" / name, media_type="text/css", headers={"Cache-Control": "no-cache"})


def _back_to_app(site: Site, person: DemoAccount) -> Response:
    # Always to the app's own callback, whatever the request names: not an open redirect.
    return _redirect(f"/oidc-callback?code={site.accounts.issue_code(person)}")


def _redirect(url: str) -> Response:
    return RedirectResponse(url, status_code=303, headers=_NO_STORE)


def _page(request: Request, template: str, **values: object) -> Response:
    # Always 200, also with an error on it: so do the real ones.
    return _templates.TemplateResponse(
        request,
        template,
        {"site": site_of(request).settings.name, **values},
        headers=_NO_STORE,
    )
