"""A service of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.notify.service import Service, running_service


@pytest.fixture
def service() -> Iterator[Service]:
    """Takes notifications over HTTP, on a free port."""
    with running_service() as running:
        yield running
