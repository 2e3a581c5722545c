"""People who act, so that tests read as sentences: `office.enterprise.submits(commission)`.

Everything they do goes through the public API; the surprise is that no clock runs here but the one that a test moves.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import event, not_, select, text
from starlette.applications import Starlette

from domain.institution import InstitutionStatus
from domain.marks import today_in_china
from graph.app import create_app
from graph.settings import Settings
from storage.columns import METADATA
from storage.database import Database
from storage.desks import DESKS
from storage.register import REGISTER, settled
from storage.sign_in_attempt import tell
from storage.timekeeper import keep_time
from tests.clock import Clock
from tests.compiled import share_compiled
from tests.disciplining import imposes, orders_rectification, revokes
from tests.keys import PERSONAL_KEYS
from tests.papers import a_form
from tests.person import Person, token_of
from tests.plan.replay import Replay, is_wanted
from tests.transport.serving import serving
from tests.unchanged import BUT, held_by

SETTLING_SECONDS_MAX = 60
BESIDE_REQUESTS = frozenset({"stream", "timekeeper", "teller", "sweeper", "deliverer", "session_use"})


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
        """Customs puts an institution under a disposition, of the type that the registry then shows."""
        today = today_in_china(self.clock())
        match InstitutionStatus[status]:
            case InstitutionStatus.NON_RECOGNITION:
                last = ends_on or today + timedelta(days=180)
                (await imposes(self.customs, key, endsOn=last.isoformat())).done()
            case InstitutionStatus.RECTIFICATION:
                (await orders_rectification(self.customs, key, dueOn=(today + timedelta(days=60)).isoformat())).done()
            case InstitutionStatus.REVOKED:
                (await revokes(self.customs, key)).done()
            case InstitutionStatus.NORMAL:
                raise AssertionError("no disposition makes an institution normal; lift those that are in force")

    async def time_is_kept(self) -> dict[str, int]:
        """What falls due by now happens; how many of each action."""
        return await keep_time(self.app.state.house.door, DESKS.values())

    async def settles(self) -> None:
        """Returns when streams may tell all that was committed. A transaction anywhere on the same server of PostgreSQL
        keeps them back for as long as it is open, and there the other tests have their databases too."""
        async with asyncio.timeout(SETTLING_SECONDS_MAX):
            while await self._is_kept_back():  # noqa: ASYNC110 - no bell rings when a stranger's transaction ends
                await asyncio.sleep(0.01)

    async def _is_kept_back(self) -> bool:
        async with self.database.reading() as connection:
            kept_back = select(REGISTER.c.id).where(not_(settled(REGISTER.c.transaction_id, connection))).limit(1)
            return (await connection.execute(kept_back)).first() is not None

    async def everything(self) -> tuple[dict[str, list[str]], dict[str, str]]:
        """Every row of every table and every file of the vault; equal when nothing was changed."""
        tables = {}
        async with self.database.reading() as connection:
            for table in METADATA.sorted_tables:
                rows = await connection.execute(text(f'select * from "{table.name}"{BUT.get(table.name, "")}'))
                # A row's own repr takes four times as long.
                tables[str(table.name)] = sorted(repr(tuple(row)) for row in rows)
        return tables, self._files()

    @asynccontextmanager
    async def unchanged(self, *, but: Collection[str] = ()) -> AsyncIterator[None]:
        """What is done within leaves database, register and files as they were, `but` for the tables named."""
        before, files = await held_by(self.database), self._files()
        yield
        after, files_after = await held_by(self.database), self._files()
        # When a session was last used is noted whatever is done.
        changed = {name for name, rows in after.items() if rows != before[name]}
        assert changed <= {"session_token", *but}
        assert files_after == files

    def _files(self) -> dict[str, str]:
        return {
            str(path.relative_to(self.vault)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.vault.rglob("*")
            if path.is_file()
        }

    async def attempts_are_told(self) -> None:
        """The minute is over: what was counted of attempts to sign in becomes records."""
        self.clock.moves(minutes=1)
        await tell(self.app.state.house.door)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The SQL statements that are sent for requests while the block lasts; what the process does beside them, by
        tasks with names of their own, does not count."""
        sent: list[str] = []

        def hear(statement: str) -> None:
            task = asyncio.current_task()
            if task is None or task.get_name() not in BESIDE_REQUESTS:
                sent.append(statement)

        def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            hear(statement)

        engines = [engine.sync_engine for engine in self.database.engines]
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
        self.database.lane.listeners.append(hear)
        try:
            yield sent
        finally:
            self.database.lane.listeners.remove(hear)
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
    wished: dict[str, Any] = {
        "database_url": url,
        "personal_keys": PERSONAL_KEYS,
        "uploads_url": f"file:{vault}",
        "clock_seconds": 0,
        "captcha": "off",
    } | settings
    app = create_app(Settings(**wished), clock)
    share_compiled(app.state.house.database, wished["personal_keys"])
    replay = Replay(app) if is_wanted(app.state.house.database.url.get_backend_name()) else None
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://office.example") as client,
        AsyncExitStack() as stack,
    ):
        yield Office(app, client, clock, vault, stack)
    assert replay is None or not replay.differing, replay.differing
