"""Failures are part of these tests; their tracebacks are kept from the terminal, rendering each takes a second."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs


@pytest.fixture(autouse=True)
def _quiet_log() -> Iterator[None]:
    with capture_logs():
        yield
