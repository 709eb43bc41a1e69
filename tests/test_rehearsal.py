"""A practice site of one's own: there as long as the block, told of where it cannot be."""

from __future__ import annotations

import socket
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

from sniper.errors import EnvironmentProblem, InputError, SniperError
from sniper.rehearsal import own_practice_site
from tests.aio import run_async

pytestmark = pytest.mark.usefixtures("front_end")


def refused(site: AbstractAsyncContextManager[Any]) -> SniperError:
    """What is raised instead of a site."""

    async def start() -> None:
        async with site:
            pytest.fail("it was started")

    with pytest.raises((EnvironmentProblem, InputError)) as raised:
        run_async(start())
    return raised.value


def test_a_site_of_ones_own_answers_within_its_block_and_not_after_it() -> None:
    async def visit() -> tuple[dict[str, Any], dict[str, Any]]:
        async with httpx.AsyncClient(trust_env=False) as client:
            async with own_practice_site(["--rivals", "3", "--accounts", "2"]) as facts:
                info = (await client.get(f"{facts['url']}/practice/info")).json()
            with pytest.raises(httpx.TransportError):
                await client.get(f"{facts['url']}/practice/info")
            return facts, info

    facts, info = run_async(visit())
    assert info["rivals"] == 3
    assert [one["username"] for one in facts["accounts"]] == ["user1", "user2"]


def test_options_that_the_site_does_not_take_are_told_in_its_own_words() -> None:
    error = refused(own_practice_site(["--fault", "slo=3s"]))
    assert isinstance(error, InputError)
    assert str(error) == (
        "the practice site cannot be started so: Invalid value for --fault: there is no fault 'slo'; "
        "did you mean 'slow'?"
    )


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        error = refused(own_practice_site([], port=port))
    assert isinstance(error, EnvironmentProblem)
    begins = f"the practice site does not start at 127.0.0.1:{port}: Port {port} is in use."
    assert str(error).startswith(begins)
