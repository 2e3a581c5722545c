"""A mail server and an SMS gateway for each test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.delivery.outside import Gateway, MailServer, mail_server, sms_gateway


@pytest_asyncio.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest_asyncio.fixture
async def sms() -> AsyncIterator[Gateway]:
    async with sms_gateway() as gateway:
        yield gateway
