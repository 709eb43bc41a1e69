"""Puts a practice site together and runs it.

with running_practice_site(PracticeSettings(rivals=2)) as site:
    site.url, site.clock.jump(timedelta(hours=1)), site.venue.owners_on(day)
"""

import asyncio
import contextlib
import errno
import socket
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sniper.errors import EnvironmentProblem
from sniper.practice import control, sso
from sniper.practice.accounts import Accounts
from sniper.practice.app_files import AppFiles
from sniper.practice.arrivals import Arrivals
from sniper.practice.catalogue import CATALOGUE
from sniper.practice.clock import TimeSource, VenueClock
from sniper.practice.database import Database
from sniper.practice.faces import x
from sniper.practice.faults.board import Faults
from sniper.practice.faults.lines import Lines
from sniper.practice.faults.middleware import FaultyAnswers
from sniper.practice.headers import VenueHeaders
from sniper.practice.lookups import CountedLookups, Lookups
from sniper.practice.models import RefusedError
from sniper.practice.rivals import Rivals
from sniper.practice.settings import PracticeSettings
from sniper.practice.site import Site, error_answer
from sniper.practice.venue import Venue

_FLUSH_EVERY_SECONDS = 1.0
_STOP_WITHIN_SECONDS = 2
_START_WITHIN_SECONDS = 30.0


class PracticeServerError(EnvironmentProblem):
    """The site cannot be started; the message says why."""


@dataclass
class RunningSite(Site):
    """A site that answers at `url` (no slash at its end)."""

    url: str


@contextlib.contextmanager
def open_site(settings: PracticeSettings, *, time_source: TimeSource | None = None) -> Iterator[Site]:
    """The parts of a site, without a server: its rivals have caught up, but do not act by themselves.

    Raises DatabaseError when the database cannot be used.
    """
    with contextlib.ExitStack() as stack:
        path = settings.database
        if path is None:
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="sniper-practice-"))
            path = Path(directory) / "practice.sqlite3"
        clock = VenueClock(time_source, start=settings.start, skew=settings.skew)
        database = Database(path, fresh=settings.fresh)
        stack.callback(database.close)
        catalogue = CATALOGUE.with_court_places(settings.court_places)
        faults = Faults(clock, catalogue.next_opening)
        faults.set(settings.faults)
        accounts = Accounts(database, clock, settings.accounts, settings.session_lifetime, faults.has_ended)
        pause = settings.racy_gap.total_seconds()
        venue = Venue(
            database,
            clock,
            catalogue=catalogue,
            racy_pause=(lambda: time.sleep(pause)) if settings.racy else None,
            late=faults.late,
        )
        arrivals = Arrivals(database)
        stack.callback(arrivals.flush)
        rivals = Rivals(venue, arrivals, count=settings.rivals, delay=settings.rival_delay)
        rivals.catch_up()
        yield Site(
            settings,
            clock,
            database,
            accounts,
            venue,
            arrivals,
            rivals,
            settings.mode,
            faults,
            Lines(),
            Lookups(),
        )


def create_app(site: Site) -> FastAPI:
    """The ASGI application of a site. Lets its rivals act while it runs."""
    # No documentation pages: they load scripts from elsewhere, and the site must work without a network.
    app = FastAPI(
        title=site.settings.name, lifespan=_lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.site = site
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(Exception, _broken)
    app.include_router(x.router)
    app.include_router(sso.router)
    app.include_router(control.router)
    for prefix in ("/api", "/sso", "/practice"):
        # Else the app's page would answer for what these do not know.
        app.add_route(prefix + "/{rest:path}", _unknown, include_in_schema=False)
    app.mount("/", AppFiles(site.settings.web))
    return app


@contextlib.contextmanager
def running_practice_site(
    settings: PracticeSettings | None = None, *, time_source: TimeSource | None = None
) -> Iterator[RunningSite]:
    """A site that answers over HTTP, in a thread of its own, until the block ends.

    Raises DatabaseError, or PracticeServerError when the port cannot be had.
    """
    settings = settings or PracticeSettings()
    # The port first: where another site runs already, its database must not be emptied under it.
    with _listening(settings) as listener, open_site(settings, time_source=time_source) as site:
        port = listener.getsockname()[1]
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        server = _Server(
            uvicorn.Config(
                VenueHeaders(
                    CountedLookups(FaultyAnswers(create_app(site), site), site.lookups, site.clock),
                    site.clock,
                ),
                # The venue's date is set by VenueHeaders; uvicorn's would be this machine's.
                date_header=False,
                server_header=False,
                access_log=False,
                # Nobody stands in front of it; and who asks for the control endpoints is who is connected.
                proxy_headers=False,
                log_config=None,
                lifespan="on",
                # As long as nginx: what a client asks just when an idle connection is closed has no answer.
                timeout_keep_alive=75,
                timeout_graceful_shutdown=_STOP_WITHIN_SECONDS,
            )
        )
        site.lines.attach(server.server_state.connections)
        thread = threading.Thread(target=server.run, args=([listener],), name="practice-site", daemon=True)
        thread.start()
        try:
            if not server.settled.wait(_START_WITHIN_SECONDS) or not server.started:
                raise PracticeServerError("The practice site did not start; its log says why.")
            yield RunningSite(**vars(replace(site)), url=f"http://{host}:{port}")
        finally:
            server.leave()
            thread.join()


class _Server(uvicorn.Server):
    """Tells when it is up (or never will be) and is told when to stop, so that nobody has to poll."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()
        self._leaving: asyncio.Future[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._leaving = asyncio.get_running_loop().create_future()
        self.settled.set()

    async def main_loop(self) -> None:
        # Uvicorn's own wakes ten times a second, for headers and signals that are not wanted here.
        if self._leaving is not None:
            await asyncio.wait([self._leaving])

    def leave(self) -> None:
        """Stop; may be called from any thread, once it is up."""
        if self._leaving is not None and not self._leaving.get_loop().is_closed():
            # To cancel is fine where to set a result twice is not.
            self._leaving.get_loop().call_soon_threadsafe(self._leaving.cancel)

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            super().run(sockets=sockets)
        finally:
            self.settled.set()


@contextlib.contextmanager
def _listening(settings: PracticeSettings) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # The protocol must be named: asyncio sets TCP_NODELAY only then, and without it the body of an answer
    # waits up to 40 ms for the acknowledgement of its headers.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        # So that a site which was stopped a moment ago can be started again on its port.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PracticeServerError(
                    f"Port {settings.port} is in use.",
                    mend="Stop what listens there, or take another with --port.",
                ) from error
            raise PracticeServerError(
                f"Cannot listen on {settings.host} port {settings.port}: {error.strerror}."
            ) from error
        listener.listen(2048)
        yield listener


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    site: Site = app.state.site
    site.rivals.start()
    flushing = asyncio.create_task(_flush_now_and_then(site.arrivals))
    try:
        yield
    finally:
        flushing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await flushing
        await asyncio.to_thread(site.rivals.stop)


async def _flush_now_and_then(arrivals: Arrivals) -> None:
    while True:
        await asyncio.sleep(_FLUSH_EVERY_SECONDS)
        await asyncio.to_thread(arrivals.flush_if_quiet)


async def _unknown(_request: Request) -> Response:
    return error_answer(404, "Not Found")


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return error_answer(error.reason.status, error.message)


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return error_answer(error.status_code, error.detail)


async def _bad_request(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return error_answer(400, f"{where}: {first['msg']}")


async def _broken(_request: Request, _error: Exception) -> Response:
    return error_answer(500, "Internal Server Error")
