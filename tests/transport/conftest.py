"""The toy application as a client meets it. Failures are part of these tests: rendering a traceback takes a second."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from structlog.testing import capture_logs

from tests.transport.asking import client_of
from tests.transport.serving import Talk, serving, talking
from tests.transport.toy import ToyHost, toy_app


@pytest.fixture(autouse=True)
def _quiet_log() -> Iterator[None]:
    with capture_logs():
        yield


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(toy_app()) as client:
        yield client


@pytest.fixture
def host() -> ToyHost:
    return ToyHost()


@pytest.fixture
async def address(host: ToyHost) -> AsyncIterator[str]:
    async with serving(toy_app(host)) as (address, _):
        yield address


@pytest.fixture
async def talk(address: str) -> AsyncIterator[Talk]:
    async with talking(address, additional_headers={"accept-language": "en"}) as talk:
        await talk.hello()
        yield talk
