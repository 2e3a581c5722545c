"""Holds the register against itself and the records against the register.

Only records with a desk have lines; organisations and what people have read are kept without and not looked at, nor are
the rows of a desk that were written with another subject's line, or before there was a register of them.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.record import Part, Record
from storage.database import Database
from storage.desk import Desk, PartsOf
from storage.desks import DESKS
from storage.register import REGISTER, Chain, Flaw, count_of_lines, record_digest

LINES_AT_ONCE = 2000
RECORDS_AT_ONCE = 2000

Progress = Callable[[int, int], None]
"""Hears how many lines were verified, and of how many."""


def silently(verified: int, total: int) -> None:
    """Nobody waits to hear."""


async def verify(database: Database, progress: Progress = silently) -> AsyncIterator[Flaw]:
    """Every flaw of the register and of the records, as of one moment however long it takes; none where all is well."""
    async with database.snapshot() as connection:
        total, verified = await count_of_lines(connection), 0
        progress(verified, total)
        chain: Chain | None = None
        async for page in _pages(connection):
            finished: list[Chain] = []
            for line in page:
                if chain is None or chain.subject_id != line.subject_id:
                    if chain is not None:
                        finished.append(chain)
                    chain = Chain(line.subject_type, line.subject_id)
                for flaw in chain.add(line):
                    yield flaw
            if len(page) < LINES_AT_ONCE and chain is not None:
                finished.append(chain)
                chain = None
            for flaw in await _against_the_records(connection, finished):
                yield flaw
            verified += len(page)
            progress(verified, total)
        for subject, desk in DESKS.items():
            async for record_id in _without_lines(connection, desk):
                yield Flaw(subject, record_id, None, "has no line in the register")


async def _pages(connection: AsyncConnection) -> AsyncIterator[Sequence[Row[Any]]]:
    """All lines by subject and version; the last page is the only one that is not full, and may be empty."""
    here = tuple_(REGISTER.c.subject_id, REGISTER.c.version)
    statement = select(REGISTER).order_by(REGISTER.c.subject_id, REGISTER.c.version).limit(LINES_AT_ONCE)
    page = (await connection.execute(statement)).all()
    while len(page) == LINES_AT_ONCE:
        yield page
        last = page[-1]
        there = tuple_(literal(last.subject_id, REGISTER.c.subject_id.type), literal(last.version))
        page = (await connection.execute(statement.where(here > there))).all()
    yield page


async def _against_the_records(connection: AsyncConnection, chains: Sequence[Chain]) -> list[Flaw]:
    by_subject: dict[str, dict[UUID, Chain]] = {}
    for chain in chains:
        by_subject.setdefault(chain.subject_type, {})[chain.subject_id] = chain
    flaws: list[Flaw] = []
    for subject, some in by_subject.items():
        if subject not in DESKS:
            flaws += [Flaw(subject, each, None, "is of a type that the register knows nothing about") for each in some]
            continue
        records, parts = await _records(connection, DESKS[subject], list(some))
        for subject_id, chain in some.items():
            flaws += _differences(chain, records.get(subject_id), parts.get(subject_id, {}))
    return flaws


async def _records(
    connection: AsyncConnection, desk: Desk[Any], ids: list[UUID]
) -> tuple[dict[UUID, Record], dict[UUID, dict[str, list[Part]]]]:
    statement = select(*desk.shelf.columns).where(desk.shelf.id.in_(ids))
    records = [desk.shelf.made_of(row) for row in await connection.execute(statement)]
    parts: dict[UUID, dict[str, list[Part]]] = {}
    for kind in desk.parts:
        async for part in _parts(connection, kind, ids):
            owner = getattr(part, kind.owner.name)
            parts.setdefault(owner, {}).setdefault(str(kind.shelf.table.name), []).append(part)
    return {each.id: each for each in records}, parts


async def _parts(connection: AsyncConnection, kind: PartsOf, ids: list[UUID]) -> AsyncIterator[Part]:
    """Some records may have many parts, so they are not fetched all at once."""
    statement = select(*kind.shelf.columns).where(kind.owner.in_(ids)).order_by(kind.shelf.id).limit(RECORDS_AT_ONCE)
    page = [kind.shelf.made_of(row) for row in await connection.execute(statement)]
    while page:
        for part in page:
            yield part
        further = statement.where(kind.shelf.id > page[-1].id)
        page = [kind.shelf.made_of(row) for row in await connection.execute(further)]


def _differences(chain: Chain, record: Record | None, parts: Mapping[str, Sequence[Part]]) -> Iterator[Flaw]:
    def flaw(what: str) -> Flaw:
        return Flaw(chain.subject_type, chain.subject_id, None, what)

    if record is None:
        yield flaw("is gone, though the register tells of it")
    elif record.version != chain.version:
        yield flaw(f"has version {record.version}, but the register ends at line {chain.version}")
    elif record_digest(record, parts) != chain.record_digest:
        yield flaw("was altered: it is not what its last line says")


async def _without_lines(connection: AsyncConnection, desk: Desk[Any]) -> AsyncIterator[UUID]:
    table = desk.shelf.table
    statement = (
        select(table.c.id)
        .where(~exists().where(REGISTER.c.subject_id == table.c.id))
        .order_by(table.c.id)
        .limit(RECORDS_AT_ONCE)
    )
    if desk.has_lines is not None:
        statement = statement.where(desk.has_lines)
    page = (await connection.execute(statement)).scalars().all()
    while page:
        for record_id in page:
            yield record_id
        page = (await connection.execute(statement.where(table.c.id > page[-1]))).scalars().all()
