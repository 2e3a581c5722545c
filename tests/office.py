"""People who act, so that tests read as sentences: `office.enterprise.submits(commission)`.

Everything they do goes through the public API; the surprise is `disposes`, which no action of the API does yet.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import event, text, update
from starlette.applications import Starlette

from domain.institution import InstitutionStatus
from graph.app import create_app
from graph.passwords import hash_of
from graph.settings import Settings
from storage.bell import ProcessBell
from storage.columns import METADATA
from storage.database import Database
from storage.demo import demo_users
from storage.demo.commissions import DemoFile, fill
from storage.demo.world import demo_id, settle
from storage.institution import INSTITUTION
from storage.perform import Door, Request
from storage.session import DESK as SESSION_DESK
from storage.session import hash_of_token, user_by_name
from tests.transport.serving import Talk, serving, talking

PASSWORD = "correct horse battery staple"
OPENING = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
"""Ten in the morning in China."""

BUSY = 240

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"

LINE = """
fragment line on GoodsLine {
  id lineNumber productName model hsCode manufacturedOn quantity unit amount brand engineNumber chassisNumber
  runningHours inspectionRequired inspectionExempt importProhibited
}
"""
COMMISSION = (
    LINE
    + """
fragment commission on Commission {
  id version number status enterpriseName contactPhone contactMobile contactEmail contactAddress consigneeName
  productUse goodsLocation domesticDestination destinationPort destinationCustoms entryCustoms remarks institutionId
  totalQuantity totalAmount unitsMixed returnReason commissionedAt submittedAt acceptedAt completedAt
  goodsLines { ...line }
  attachments { id name sizeBytes mediaType kind sha256 url }
  certificate { id number issuedOn validUntil signatory conclusion status }
}
"""
)
USER_ERRORS = "userErrors { code message field }"
UPLOAD = """
mutation Upload($input: AttachmentUploadInput!) {
  attachmentUpload(input: $input) {
    attachment { id name sizeBytes mediaType kind sha256 url uploadedAt } userErrors { code message field }
  }
}
"""
PREFLIGHT = {"apollo-require-preflight": "true"}

Row = Mapping[str, Any]


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = OPENING

    def __call__(self) -> datetime:
        return self.now

    def moves(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True)
class Payload:
    """What a mutation answered: the subject, and why nothing was done."""

    subject: Any
    user_errors: list[dict[str, Any]]

    def done(self) -> Any:
        """The subject, after nothing stood in the way."""
        assert not self.user_errors, self.user_errors
        return self.subject

    @property
    def refusals(self) -> list[tuple[str, str | None]]:
        """Code and path of every refusal, the path as `goodsLines.0.hsCode`."""
        return [(each["code"], each["field"] and ".".join(each["field"])) for each in self.user_errors]

    @property
    def codes(self) -> list[str]:
        return [each["code"] for each in self.user_errors]


def a_line(**changes: Any) -> dict[str, Any]:
    """A goods line with everything that a submission asks for."""
    return {
        "productName": "旧轮式前铲装载机",
        "model": "WA470-6",
        "hsCode": "8429510000",
        "manufacturedOn": "2015-03-01",
        "quantity": "2",
        "unit": "001",
        "amount": "96000.00",
    } | changes


def a_form(**changes: Any) -> dict[str, Any]:
    """A draft with everything that a submission asks for."""
    return {
        "contactPhone": "021-58300001",
        "contactMobile": "13800000101",
        "contactEmail": "zhou.haitao@pujiang-heavy.example",
        "contactAddress": "上海市浦东新区临港新片区环湖西二路888号",
        "consigneeName": "上海临港工程设备租赁有限公司",
        "productUse": "OWN_USE",
        "goodsLocation": "日本横滨 Yokohama",
        "domesticDestination": "310115",
        "destinationPort": "CNYSN",
        "destinationCustoms": "2248",
        "entryCustoms": "2248",
        "institutionId": institution_id("I01"),
        "goodsLines": [a_line()],
    } | changes


def institution_id(key: str) -> str:
    """The public id of an institution of the demo world."""
    return f"institution_{demo_id(f'{key}.institution').hex}"


def id_of(record: Any) -> str:
    named: str = record if isinstance(record, str) else record["id"]
    return named


def token_of(username: str) -> str:
    """The token of the session that everybody has from the beginning."""
    return f"kept-token-of-{username}"


@dataclass(frozen=True)
class Person:
    """Somebody at a client: signed in, or with no token at all."""

    office: "Office" = field(repr=False)
    token: str | None
    language: str | None = None

    def in_english(self) -> "Person":
        return replace(self, language="en")

    def in_chinese(self) -> "Person":
        return replace(self, language="zh-CN")

    @property
    def headers(self) -> dict[str, str]:
        headers = {} if self.token is None else {"authorization": f"Bearer {self.token}"}
        return headers if self.language is None else headers | {"accept-language": self.language}

    async def sends(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer, errors included."""
        answer = await self.office.client.post(
            "/graphql", json={"query": query, "variables": variables}, headers=self.headers
        )
        content: dict[str, Any] = answer.json()
        return content

    async def asks(self, query: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = await self.sends(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def is_told(self, query: str, **variables: Any) -> str:
        """The code of the only error of an answer."""
        answer = await self.sends(query, **variables)
        (error,) = answer["errors"]
        code: str = error["extensions"]["code"]
        return code

    async def acts(self, mutation: str, **input: Any) -> Payload:
        """One action on a commission."""
        type_name = mutation[0].upper() + mutation[1:] + "Input"
        query = f"""mutation Acts($input: {type_name}!) {{
          payload: {mutation}(input: $input) {{ commission {{ ...commission }} {USER_ERRORS} }}
        }}"""
        data = await self.asks(query + COMMISSION, input=input)
        return Payload(data["payload"]["commission"], data["payload"]["userErrors"])

    async def saves(self, commission: Any = None, **fields: Any) -> Payload:
        named = {} if commission is None else {"id": id_of(commission)}
        return await self.acts("commissionSaveDraft", **named, **fields)

    async def submits(self, commission: Any, **more: Any) -> Payload:
        return await self.acts("commissionSubmit", id=id_of(commission), **more)

    async def withdraws(self, commission: Any, **more: Any) -> Payload:
        return await self.acts("commissionWithdraw", id=id_of(commission), **more)

    async def accepts(self, commission: Any, **more: Any) -> Payload:
        return await self.acts("commissionAccept", id=id_of(commission), **more)

    async def returns(self, commission: Any, reason: str | None = "请补充设备铭牌照片。", **more: Any) -> Payload:
        return await self.acts("commissionReturn", id=id_of(commission), reason=reason, **more)

    async def completes(self, commission: Any, **fields: Any) -> Payload:
        result = {"certificateNumber": "PSI-2026-0001", "validUntil": "2027-05-31"} | fields
        return await self.acts("commissionComplete", id=id_of(commission), **result)

    async def moves(self, commission: Any, to: str | None, **more: Any) -> Payload:
        return await self.acts("commissionMove", id=id_of(commission), institutionId=to, **more)

    async def cancels(self, commission: Any, **more: Any) -> Payload:
        return await self.acts("commissionCancel", id=id_of(commission), **more)

    async def sees(self, commission: Any) -> Any:
        """The commission as this person sees it, or None."""
        query = "query Sees($id: ID!) { commission(by: {id: $id}) { ...commission } }"
        return (await self.asks(query + COMMISSION, id=id_of(commission)))["commission"]

    async def may(self, commission: Any) -> dict[str, list[dict[str, Any]]]:
        """The refusals that each action on a commission would give this person now."""
        data = await self.asks(
            """query May($id: ID!) { commission(by: {id: $id}) {
              availableActions { action allowed refusals { code message field } }
            } }""",
            id=id_of(commission),
        )
        found = data["commission"]["availableActions"]
        assert all(each["allowed"] == (not each["refusals"]) for each in found)
        return {each["action"]: each["refusals"] for each in found}

    async def sends_file(
        self, subject: Any, content: bytes = PDF, name: str = "报告.pdf", kind: str = "OTHER", *, preflight: bool = True
    ) -> httpx.Response:
        operations = {
            "query": UPLOAD,
            "variables": {"input": {"subjectId": id_of(subject), "kind": kind, "file": None}},
        }
        return await self.office.client.post(
            "/graphql",
            data={"operations": json.dumps(operations), "map": json.dumps({"0": ["variables.input.file"]})},
            files={"0": (name, content, "application/octet-stream")},
            headers=self.headers | (PREFLIGHT if preflight else {}),
        )

    async def uploads(self, subject: Any, content: bytes = PDF, name: str = "报告.pdf", kind: str = "OTHER") -> Payload:
        answer = (await self.sends_file(subject, content, name, kind)).json()
        assert "errors" not in answer, answer["errors"]
        payload = answer["data"]["attachmentUpload"]
        return Payload(payload["attachment"], payload["userErrors"])

    async def removes(self, attachment: Any) -> Payload:
        query = f"mutation Removes($id: ID!) {{ attachmentRemove(input: {{id: $id}}) {{ {USER_ERRORS} }} }}"
        data = await self.asks(query, id=id_of(attachment))
        return Payload(None, data["attachmentRemove"]["userErrors"])

    async def downloads(self, url: str, method: str = "GET", **headers: str) -> httpx.Response:
        return await self.office.client.request(
            method, url, headers=self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        )

    @asynccontextmanager
    async def connects(self) -> AsyncIterator[Talk]:
        """A socket of this person's, acknowledged."""
        address = await self.office.address()
        headers = {} if self.language is None else {"accept-language": self.language}
        async with talking(address, additional_headers=headers) as talk:
            await talk.hello(**({} if self.token is None else {"authorization": f"Bearer {self.token}"}))
            yield talk

    @asynccontextmanager
    async def subscribes(self, query: str, **variables: Any) -> AsyncIterator["Subscription"]:
        """One subscription on a socket of its own, of which the server has taken notice."""
        async with self.connects() as talk:
            await talk.asks("1", query, variables=variables)
            await talk.says("ping")
            first = await talk.hears()
            yield Subscription(talk, [] if first["type"] == "pong" else [first])

    def follows(self, commission: Any, after: str | None = None) -> Any:
        query = """subscription Follows($id: ID!, $after: String) {
          event: commissionChanged(id: $id, after: $after) {
            cursor action at commission { id version status returnReason }
          }
        }"""
        return self.subscribes(query, id=id_of(commission), after=after)

    def listens(self, after: str | None = None) -> Any:
        query = """subscription Listens($after: String) {
          event: noticeReceived(after: $after) { cursor notice { id title body type } }
        }"""
        return self.subscribes(query, after=after)


class Subscription:
    """What one subscription brings, in order."""

    def __init__(self, talk: Talk, heard: list[dict[str, Any]]) -> None:
        self.talk = talk
        self._heard = heard

    async def message(self) -> dict[str, Any]:
        while True:
            message = self._heard.pop(0) if self._heard else await self.talk.hears()
            if message["type"] != "pong":
                return message

    async def next(self) -> Any:
        message = await self.message()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        (event,) = message["payload"]["data"].values()
        return event

    async def error(self) -> str:
        message = await self.message()
        assert message["type"] == "error", message
        code: str = message["payload"][0]["extensions"]["code"]
        return code

    async def is_settled(self) -> None:
        """Returns when the server follows: what it is asked later on the same socket was answered, three times over."""
        query = "query Looks { viewer { account { username } } }"
        for turn in range(3):
            await self.talk.asks(f"look{turn}", query)
            waited = {f"look{turn}"}
            while waited:
                message = await self.talk.hears()
                if message.get("id") in waited:
                    if message["type"] == "complete":
                        waited.discard(message["id"])
                else:
                    self._heard.append(message)


@dataclass
class Office:
    """The product on one database and one vault, and who works with it."""

    app: Starlette
    client: httpx.AsyncClient
    clock: Clock
    vault: Path
    _stack: AsyncExitStack
    _address: str | None = None

    def user(self, username: str) -> Person:
        return Person(self, token_of(username))

    @property
    def enterprise(self) -> Person:
        """浦江, an operator."""
        return self.user("enterprise")

    @property
    def enterprise_viewer(self) -> Person:
        """浦江, somebody who only reads."""
        return self.user("pujiang.viewer")

    @property
    def other_enterprise(self) -> Person:
        return self.user("yongjiang")

    @property
    def institution(self) -> Person:
        """东瀛 (I01), an operator."""
        return self.user("institution")

    @property
    def institution_viewer(self) -> Person:
        return self.user("toei.viewer")

    @property
    def other_institution(self) -> Person:
        """大中华 (I02)."""
        return self.user("sally123")

    @property
    def customs(self) -> Person:
        return self.user("customs")

    @property
    def anybody(self) -> Person:
        return Person(self, None)

    async def address(self) -> str:
        """`127.0.0.1:port` of a real server of the same application, started when it is first asked for."""
        if self._address is None:
            address, _ = await self._stack.enter_async_context(serving(self.app))
            self._address = address
        return self._address

    async def leaves(self) -> None:
        """Stops the real server; whoever is still connected is shown out."""
        self._address = None
        await self._stack.aclose()

    @property
    def database(self) -> Database:
        found: Database = self.app.state.house.database
        return found

    async def disposes(self, key: str, status: str, ends_on: date | None = None) -> None:
        """Puts an institution under a disposition, or lifts it; straight in the registry."""
        async with self.database.writing() as connection:
            values = {"status": InstitutionStatus[status], "disposition_ends_on": ends_on}
            await connection.execute(
                update(INSTITUTION).where(INSTITUTION.c.id == demo_id(f"{key}.institution")).values(**values)
            )

    async def everything(self) -> tuple[dict[str, list[str]], dict[str, str]]:
        """Every row of every table and every file of the vault; equal when nothing was changed."""
        tables = {}
        async with self.database.reading() as connection:
            for table in METADATA.sorted_tables:
                rows = await connection.execute(text(f'select * from "{table.name}"'))
                tables[str(table.name)] = sorted(map(repr, rows))
        files = {
            str(path.relative_to(self.vault)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.vault.rglob("*")
            if path.is_file()
        }
        return tables, files

    @asynccontextmanager
    async def unchanged(self) -> AsyncIterator[None]:
        """What is done within leaves database, register and files as they were."""
        before = await self.everything()
        yield
        assert await self.everything() == before

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The SQL statements that the application sends while the block lasts."""
        sent: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            sent.append(statement)

        engines = [engine.sync_engine for engine in self.database.engines]
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", note)

    async def draft(self, **changes: Any) -> Any:
        """A draft that could be submitted."""
        return (await self.enterprise.saves(**a_form(**changes))).done()

    async def pending(self, **changes: Any) -> Any:
        return (await self.enterprise.submits(await self.draft(**changes))).done()

    async def returned(self, **changes: Any) -> Any:
        return (await self.institution.returns(await self.pending(**changes))).done()

    async def in_progress(self, **changes: Any) -> Any:
        return (await self.institution.accepts(await self.pending(**changes))).done()

    async def completed(self, number: str = "PSI-2026-0001", **changes: Any) -> Any:
        commission = await self.in_progress(**changes)
        (await self.institution.uploads(commission)).done()
        return (await self.institution.completes(commission, certificateNumber=number)).done()

    async def cancelled(self, **changes: Any) -> Any:
        return (await self.enterprise.cancels(await self.draft(**changes))).done()

    async def in_status(self, status: str) -> Any:
        """A commission in this status."""
        makers = {
            "DRAFT": self.draft,
            "PENDING": self.pending,
            "SUPPLEMENT_REQUIRED": self.returned,
            "IN_PROGRESS": self.in_progress,
            "COMPLETED": self.completed,
            "CANCELLED": self.cancelled,
        }
        return await makers[status]()


@asynccontextmanager
async def opened(url: str, vault: Path, **settings: Any) -> AsyncIterator[Office]:
    """The office on a database of the demo world, with its own vault."""
    clock = Clock()
    wished = {"database_url": url, "uploads_url": f"file:{vault}", "captcha": "off"} | settings
    app = create_app(Settings(**wished), clock)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://office.example") as client,
        AsyncExitStack() as stack,
    ):
        yield Office(app, client, clock, vault, stack)


async def found_world(url: str) -> None:
    """The demo world without commissions, and for everybody a session that does not end."""
    database = Database(url)
    try:
        door = Door(database, ProcessBell(), Clock())
        await settle(database, door, hash_of(PASSWORD))
        form = SESSION_DESK.workflow["open"].form
        for each in demo_users():
            async with database.reading() as connection:
                known = await user_by_name(connection, each.username)
            assert known is not None
            token = hash_of_token(token_of(each.username))
            wish = form.of(password_matches=True, token_hash=token, lasts=timedelta(days=36_500))
            await door.perform(SESSION_DESK, "open", Request(form=wish), known[1])
    finally:
        await database.close()


async def fill_world(url: str) -> None:
    """Some hundred demo commissions on top; the one file that they show is in no vault."""
    database = Database(url)
    try:
        world = await settle(database, Door(database, ProcessBell()), "")
        file = DemoFile(demo_id("file"), "检验报告.pdf", len(PDF), "application/pdf", hashlib.sha256(PDF).hexdigest())
        async for _ in fill(database, world, file, BUSY, seed=1):
            pass
    finally:
        await database.close()
