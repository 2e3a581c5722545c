"""The world outside: a mail server and an SMS gateway on this machine, which take letters or refuse them as told."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.transport.serving import serving

FROM = "Preship <notices@preship.example>"


@dataclass
class MailServer:
    """Takes mail; `answers` are given instead, one a message, before it takes any more."""

    url: str = ""
    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    """What is said to mail for some addresses."""
    has_taken: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_RCPT(  # noqa: N802  # the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # as above
        if self.answers:
            return self.answers.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        self.recipients += envelope.rcpt_tos
        self.has_taken.set()
        return "250 OK"

    @property
    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.taken]


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    """A mail server in this event loop."""
    found = MailServer()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(found, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0)
    found.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()


@dataclass
class Gateway:
    """Takes SMS; `answers` are the statuses given instead, before it takes any more."""

    url: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    has_taken: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: Request) -> Response:
        if self.answers:
            return Response("no such number", self.answers.pop(0))
        self.taken.append(await request.json())
        self.has_taken.set()
        return Response(status_code=202)


@asynccontextmanager
async def sms_gateway() -> AsyncIterator[Gateway]:
    """A gateway behind a real server."""
    found = Gateway()
    async with serving(Starlette(routes=[Route("/send", found.answer, methods=["POST"])])) as (address, _):
        found.url = f"http://{address}/send"
        yield found
