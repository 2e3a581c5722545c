"""The Python client gql takes the same walk: over aiohttp and over httpx, with websockets for what comes by itself."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from gql import Client, FileVar, GraphQLRequest
from gql.client import AsyncClientSession
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.async_transport import AsyncTransport
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport
from graphql import parse
from graphql.utilities import separate_operations
from websockets.exceptions import ConnectionClosed

from tests.papers import PDF, a_form, a_line
from tests.world import PASSWORD

DOCUMENTS = separate_operations(parse((Path(__file__).parent / "walk.graphql").read_text(encoding="utf-8")))
SUBMITTED, WITHDRAWN = "您有新的业务委托", "已被企业撤回"
UNHEARD_SECONDS = 0.5
Transport = Callable[..., AsyncTransport]


class Asker:
    """One signed-in user, or anybody, at a session of gql."""

    def __init__(self, session: AsyncClientSession) -> None:
        self.session = session

    async def asks(self, operation: str, **variables: Any) -> Any:
        """The one root field of an answer without errors."""
        (answer,) = (await self._executed(operation, variables)).values()
        return answer

    async def is_told(self, operation: str, **variables: Any) -> list[str]:
        """The codes of an answer's errors."""
        with pytest.raises(TransportQueryError) as raised:
            await self._executed(operation, variables)
        return [error["extensions"]["code"] for error in raised.value.errors or []]

    async def does(self, operation: str, **input: Any) -> Any:
        """The payload of a mutation that nothing stood in the way of."""
        payload = await self.asks(operation, input=input)
        assert payload["userErrors"] == []
        return payload

    async def uploads(self, **input: Any) -> Any:
        return await self._executed("Attach", {"input": input}, upload_files=True)

    async def _executed(self, operation: str, variables: dict[str, Any], **options: Any) -> dict[str, Any]:
        request = GraphQLRequest(DOCUMENTS[operation], variable_values=variables)
        answer: dict[str, Any] = await self.session.execute(request, **options)
        return answer


async def notices(session: AsyncClientSession, after: str | None = None) -> AsyncGenerator[dict[str, Any], None]:
    """The events of `noticeReceived` over a session's socket."""
    request = GraphQLRequest(DOCUMENTS["Notices"], variable_values={"after": after})
    async with aclosing(session.subscribe(request)) as events:
        async for event in events:
            yield event["noticeReceived"]


async def heard(events: AsyncGenerator[dict[str, Any], None], number: str, words: str) -> dict[str, Any]:
    """The next event that is about this commission and says this."""
    async for event in events:
        if number in event["notice"]["title"] and words in event["notice"]["title"]:
            return event
    raise AssertionError("the events ended")


def headers(token: str | None) -> dict[str, str]:
    return {"apollo-require-preflight": "true"} | ({"authorization": f"Bearer {token}"} if token else {})


@pytest.mark.parametrize("transport", [AIOHTTPTransport, HTTPXAsyncTransport], ids=["aiohttp", "httpx"])
async def test_gql_walks(api: str, transport: Transport, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:

        async def enter(token: str | None) -> Asker:
            client = Client(transport=transport(url=api, headers=headers(token)))
            return Asker(await stack.enter_async_context(client))

        async def connect(token: str) -> AsyncClientSession:
            socket = WebsocketsTransport(
                url=api.replace("http", "ws", 1), init_payload={"authorization": f"Bearer {token}"}
            )
            return await stack.enter_async_context(Client(transport=socket))

        anybody = await enter(None)
        assert (await anybody.asks("Rule", hsCode="8429510000"))["nameZh"] == "前铲装载机"
        assert await anybody.is_told("Commissions", first=1) == ["UNAUTHENTICATED"]
        refused = await anybody.asks("SignIn", input={"username": "enterprise", "password": "wrong"})
        assert [error["code"] for error in refused["userErrors"]] == ["SIGN_IN_FAILED"]
        tokens = {}
        for username in ("enterprise", "institution"):
            opened = await anybody.does("SignIn", username=username, password=PASSWORD)
            tokens[username] = opened["session"]["token"]
        enterprise, institution = [await enter(token) for token in tokens.values()]

        draft = await saves_and_attaches(enterprise, tmp_path)
        assert len(await reads_pages(enterprise, draft["consigneeName"])) == 3
        socket = await connect(tokens["institution"])
        cursor = await is_heard(enterprise, notices(socket), draft)

        # What happens while nobody listens comes first, in order.
        for operation in ("Withdraw", "Submit"):
            await enterprise.does(operation, id=draft["id"])
        async with aclosing(notices(socket, cursor)) as events:
            for words in (WITHDRAWN, SUBMITTED):
                title = (await anext(events))["notice"]["title"]
                assert draft["number"] in title
                assert words in title
            # Signed out over HTTP, the socket is closed.
            await institution.asks("SignOut")
            with pytest.raises(TransportConnectionFailed) as closed:
                await anext(events)
        reason = closed.value.__cause__
        assert isinstance(reason, ConnectionClosed)
        assert reason.rcvd is not None
        assert (reason.rcvd.code, reason.rcvd.reason) == (4403, "Signed out")
        assert await institution.is_told("Commissions", first=1) == ["UNAUTHENTICATED"]


async def saves_and_attaches(enterprise: Asker, folder: Path) -> Any:
    """A draft with its lines and a file."""
    lines = [a_line(amount="96000.10"), a_line(hsCode="8427209000", quantity="1", amount="11500.00")]
    name = f"gql {uuid4()}"
    saved = (await enterprise.does("Save", **a_form(consigneeName=name, goodsLines=lines)))["commission"]
    assert saved["totalAmount"] == "107500.10"
    wrong = await enterprise.asks("Save", input={"id": saved["id"], "goodsLines": [a_line(quantity="0")]})
    assert [(error["code"], error["field"]) for error in wrong["userErrors"]] == [
        ("OUT_OF_RANGE", ["goodsLines", "0", "quantity"])
    ]
    file = folder / "检验资料.pdf"
    file.write_bytes(PDF)
    sent = FileVar(str(file), content_type="application/pdf")
    payload = (await enterprise.uploads(subjectId=saved["id"], kind="OTHER", file=sent))["attachmentUpload"]
    assert payload["userErrors"] == []
    assert payload["attachment"]["name"] == "检验资料.pdf"
    assert payload["attachment"]["sha256"] == hashlib.sha256(PDF).hexdigest()
    return saved


async def reads_pages(enterprise: Asker, name: str) -> list[str]:
    """The ids of all commissions of this name, two a page, after two more were saved."""
    for _ in range(2):
        await enterprise.does("Save", **a_form(consigneeName=name))
    found: list[str] = []
    after = None
    while True:
        page = await enterprise.asks("Commissions", first=2, after=after, filter={"consigneeName": name})
        found += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            assert len(found) == len(set(found)) == page["totalCount"]
            return found


async def is_heard(enterprise: Asker, events: AsyncGenerator[dict[str, Any], None], draft: Any) -> str:
    """The cursor behind the submission, as the institution hears of it. Nobody is told when the server has begun to
    listen, so it is submitted again until it is heard."""
    async with aclosing(events):
        first = asyncio.ensure_future(heard(events, draft["number"], ""))
        while True:
            submitted = await enterprise.does("Submit", id=draft["id"])
            assert submitted["commission"]["status"] == "PENDING"
            if (await asyncio.wait([first], timeout=UNHEARD_SECONDS))[0]:
                break
            await enterprise.does("Withdraw", id=draft["id"])
        event = await first
        if SUBMITTED not in event["notice"]["title"]:
            event = await heard(events, draft["number"], SUBMITTED)
        cursor: str = event["cursor"]
        return cursor
