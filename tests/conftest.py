"""What all tests share: the browser, and practice sites with the real front end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn.server
from hypothesis import HealthCheck, settings
from playwright.sync_api import expect
from sqlalchemy import URL, Engine, create_engine

from sniper.practice import database as practice_database
from sniper.practice.app_files import is_built
from sniper.practice.server import RunningSite, running_practice_site
from sniper.practice.settings import BUNDLED_WEB, PracticeSettings
from sniper.scrubbing import KNOWN
from sniper.setup.browser import launch_options
from sniper.store import database as store_database
from sniper.store.repository import Store

START = datetime(2026, 11, 21, 11, 30, tzinfo=UTC)
"""Where the clocks of practice sites start: Saturday 12:30 in Amsterdam, half an hour from any opening."""

StartSite = Callable[..., RunningSite]

# Where the environment says not to keep compiled code, as in many images, each worker would compile all tests
# anew, and each process that a test starts all of sniper.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Databases wait for the disk at every turn: where there is room in memory, tests keep their files there.
_IN_MEMORY = Path("/dev/shm")  # noqa: S108
_HAS_ROOM = os.access(_IN_MEMORY, os.W_OK) and shutil.disk_usage(_IN_MEMORY).free > 8 * 2**30
if _HAS_ROOM and "TMPDIR" not in os.environ:
    os.environ["TMPDIR"], tempfile.tempdir = str(_IN_MEMORY), None
# No test looks into, or asks for, the keyring of whoever runs it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
expect.set_options(timeout=15_000)
# How long one example takes says nothing where several tests share the machine.
settings.register_profile(
    "sniper",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
)
settings.load_profile("sniper")


@pytest.fixture(autouse=True)
def _secrets_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test has as a secret is a word like any other in the next."""
    monkeypatch.setattr(KNOWN, "_known", ())


@pytest.fixture(scope="session", autouse=True)
def _queries_are_compiled_once() -> Iterator[None]:
    """Each new database would compile its queries anew, which takes longer than the rest of most tests."""
    first = create_engine("sqlite://", query_cache_size=10_000)
    first.connect().close()

    def created(url: str | URL, **options: Any) -> Engine:
        engine = create_engine(url, **options)
        if engine.dialect.name == first.dialect.name:
            # SQLAlchemy keeps what is compiled by the dialect object.
            engine.dialect = engine.pool._dialect = first.dialect
            engine._compiled_cache = first._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_database, "create_engine", created)
        patch.setattr(practice_database, "create_engine", created)
        yield


class _Impatient:
    """`asyncio` for uvicorn: when a site ends, it waits a tenth of a second, though nothing goes on there any
    more, and looks as rarely whether requests have come to their end."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 20)


@pytest.fixture(scope="session", autouse=True)
def _sites_end_at_once() -> Iterator[None]:
    """There are hundreds of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uvicorn.server, "asyncio", _Impatient())
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the browser that a run would use, as a run would."""
    options = launch_options(headless=browser_type_launch_args.get("headless", True))
    return {**browser_type_launch_args, **options}


@pytest.fixture(scope="session")
def front_end() -> Path:
    """The practice site's pages; fails where they are not built."""
    if not is_built(BUNDLED_WEB):
        pytest.fail("The practice site's front end is not built: run `sniper setup`.", pytrace=False)
    return BUNDLED_WEB


@pytest.fixture
def practice_site(front_end: Path) -> Iterator[StartSite]:
    """`practice_site(mode="lenient")`: a site for this test alone."""
    with contextlib.ExitStack() as sites:
        yield lambda **settings: sites.enter_context(running_practice_site(_settings(front_end, settings)))


@pytest.fixture(scope="session")
def shared_site(front_end: Path) -> Iterator[StartSite]:
    """`shared_site(cards="slot")`: one site for all tests that ask for these settings and change nothing."""
    running: dict[PracticeSettings, RunningSite] = {}
    with contextlib.ExitStack() as sites:

        def site(**settings: Any) -> RunningSite:
            wanted = _settings(front_end, settings)
            if wanted not in running:
                running[wanted] = sites.enter_context(running_practice_site(wanted))
            return running[wanted]

        yield site


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with its tables: copying it is quicker than migrating anew for each test."""
    path = tmp_path_factory.mktemp("template") / "sniper.sqlite3"
    Store.open(f"sqlite:///{path}").close()
    return path


def _settings(web: Path, chosen: dict[str, Any]) -> PracticeSettings:
    return PracticeSettings(**{"start": START, "web": web, **chosen})
