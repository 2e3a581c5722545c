"""Fresh databases for tests, on SQLite and PostgreSQL alike: a template filled once per worker is copied for each test.

The surprise: a copy is handed out as a URL and nothing else, because that is all the product itself is ever given.
"""

import asyncio
import itertools
import os
import shutil
import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final, TypeVar

import asyncpg

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
ALL: Final = (SQLITE, POSTGRESQL)

CHOICE_VARIABLE: Final = "PRESHIP_TEST_ENGINES"

Answer = TypeVar("Answer")


def chosen() -> tuple[str, ...]:
    """Engines to test on: both, or those that PRESHIP_TEST_ENGINES lists. Raises ValueError on an unknown one."""
    names = tuple(name.strip() for name in os.environ.get(CHOICE_VARIABLE, ",".join(ALL)).split(","))
    if not set(names) <= set(ALL):
        raise ValueError(f"{CHOICE_VARIABLE} may list {' and '.join(ALL)} with commas; it says {', '.join(names)!r}")
    return names


@dataclass(frozen=True)
class Template:
    """A filled database from which fresh ones are copied; nobody may be connected to it."""

    database: str


class Engines(ABC):
    """Where one engine's databases come from; one object per worker and engine."""

    name: ClassVar[str]

    def __init__(self) -> None:
        self._templates: dict[str, Template] = {}
        self._numbers = itertools.count(1)

    def template(self, name: str, fill: Callable[[str], None], *, on: Template | None = None) -> Template:
        """The template of this name: at the first call `fill` gets the URL of an empty database, or of a copy of `on`.

        `fill` runs in a thread of its own, so it may start an event loop, and must leave no connection open. A name
        stands for one way of filling: later calls return the same template and do not fill again.
        """
        if name not in self._templates:
            database = self._named(name)
            self._create(database, on)
            try:
                with ThreadPoolExecutor(max_workers=1) as thread:
                    thread.submit(fill, self._url(database)).result()
                self._seal(database)
            except BaseException:
                self._remove(database)
                raise
            self._templates[name] = Template(database)
        return self._templates[name]

    @contextmanager
    def fresh(self, template: Template | None = None) -> Iterator[str]:
        """The URL of a copy of the template, or of an empty database; removed afterwards, connected or not."""
        database = self._named("fresh")
        self._create(database, template)
        try:
            yield self._url(database)
        finally:
            self._remove(database)

    def close(self) -> None:
        """Removes the templates."""
        for template in self._templates.values():
            self._remove(template.database)
        self._templates.clear()

    def _named(self, purpose: str) -> str:
        # Workers share one PostgreSQL cluster.
        return f"{purpose}_{os.getpid()}_{next(self._numbers)}"

    @abstractmethod
    def _url(self, database: str) -> str: ...

    @abstractmethod
    def _create(self, database: str, template: Template | None) -> None: ...

    @abstractmethod
    def _seal(self, database: str) -> None:
        """Brings a filled database into the state in which it can be copied."""

    @abstractmethod
    def _remove(self, database: str) -> None: ...


class SqliteEngines(Engines):
    """SQLite files in one folder; a copy is a copy of the file."""

    name = SQLITE

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def _file(self, database: str) -> Path:
        return self._folder / f"{database}.db"

    def _url(self, database: str) -> str:
        return f"sqlite+aiosqlite:///{self._file(database)}"

    def _create(self, database: str, template: Template | None) -> None:
        if template:
            shutil.copyfile(self._file(template.database), self._file(database))

    def _seal(self, database: str) -> None:
        # What is still in the write-ahead log would be missing from the copy.
        with closing(sqlite3.connect(self._file(database))) as connection:
            (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise RuntimeError(f"template {database} cannot be copied: whoever filled it left a connection open")

    def _remove(self, database: str) -> None:
        for ending in ("", "-wal", "-shm", "-journal"):
            self._file(database).with_name(f"{database}.db{ending}").unlink(missing_ok=True)


class PostgresqlEngines(Engines):
    """Databases of one PostgreSQL server; a copy is made by the server from its template."""

    name = POSTGRESQL

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address
        # The door to the server has a loop and a thread of its own: tests may ask for a database from inside theirs.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="postgresql-databases", daemon=True)
        self._thread.start()
        self._server = self._wait(asyncpg.connect(f"{address.replace('+asyncpg', '')}/postgres"))

    def close(self) -> None:
        """Removes the templates and leaves the server."""
        super().close()
        self._wait(self._server.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _url(self, database: str) -> str:
        return f"{self._address}/{database}"

    def _create(self, database: str, template: Template | None) -> None:
        source = template.database if template else "template0"
        # Files copied as files: half the time of PostgreSQL's usual way, which writes every page to its log.
        self._command(f'CREATE DATABASE "{database}" TEMPLATE "{source}" STRATEGY file_copy')

    def _seal(self, database: str) -> None:
        # A straggling connection would otherwise make some later copy fail, far from who left it open.
        self._command(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS false')

    def _remove(self, database: str) -> None:
        self._command(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def _command(self, sql: str) -> None:
        self._wait(self._server.execute(sql))

    def _wait(self, work: Coroutine[object, object, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
