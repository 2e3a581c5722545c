"""Holds the register against itself and the records against the register.

Only records with a desk have lines; organisations and what people have read are kept without and not looked at, nor are
the rows of a desk that were written with another subject's line, or before there was a register of them.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.language import Words
from domain.personal import salt_of
from domain.record import Part, Record
from storage.database import Database
from storage.desk import Desk, PartsOf
from storage.desks import DESKS
from storage.register import (
    REGISTER,
    Chain,
    Flaw,
    count_of_lines,
    parts_digest,
    record_digest,
    record_digest_of_format_1,
)

LINES_AT_ONCE = 2000
RECORDS_AT_ONCE = 2000

FLAWS_MAX = 100
"""So many of one record are told; where there are more, they are as many as lines."""

WITHOUT_LINES = Words(zh="在登记簿中没有记载", en="has no line in the register")
UNKNOWN_TYPE = Words(zh="其业务类型不为登记簿所知", en="is of a type that the register knows nothing about")

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
                yield Flaw(subject, record_id, None, WITHOUT_LINES)


async def verify_one(database: Database, subject_id: UUID) -> tuple[Chain | None, Sequence[Flaw]]:
    """The chain of one record, and what is wrong with it and with the record; no chain where there is no line.

    At most FLAWS_MAX flaws; a chain may be of any length.
    """
    async with database.snapshot() as connection:
        statement = select(REGISTER).where(REGISTER.c.subject_id == subject_id).order_by(REGISTER.c.version)
        chain: Chain | None = None
        flaws: list[Flaw] = []
        async with connection.stream(statement, execution_options={"yield_per": LINES_AT_ONCE}) as lines:
            async for line in lines:
                chain = chain or Chain(line.subject_type, line.subject_id)
                flaws += chain.add(line)
                del flaws[FLAWS_MAX:]
        if chain is not None:
            flaws += await _against_the_records(connection, [chain])
        return chain, flaws


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
            flaws += [Flaw(subject, each, None, UNKNOWN_TYPE) for each in some]
            continue
        records, parts = await records_and_parts(connection, DESKS[subject], list(some))
        for subject_id, chain in some.items():
            flaws += _differences(chain, records.get(subject_id), parts.get(subject_id, {}))
    return flaws


async def records_and_parts(
    connection: AsyncConnection, desk: Desk[Any], ids: list[UUID]
) -> tuple[dict[UUID, Record], dict[UUID, dict[str, list[Part]]]]:
    """Some records, and their parts by kind, of those that have any."""
    statement = select(*desk.shelf.columns).where(desk.shelf.id.in_(ids))
    records = [desk.shelf.made_of(row) for row in await connection.execute(statement)]
    parts: dict[UUID, dict[str, list[Part]]] = {}
    for kind in desk.parts:
        async for part in _parts(connection, kind, ids):
            owner = getattr(part, kind.owner.name)
            parts.setdefault(owner, {}).setdefault(kind.name, []).append(part)
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
    def flaw(zh: str, en: str) -> Flaw:
        return Flaw(chain.subject_type, chain.subject_id, None, Words(zh=zh, en=en))

    if record is None:
        yield flaw("登记簿有记载，但记录已不存在", "is gone, though the register tells of it")
    elif record.version != chain.version:
        yield flaw(
            f"记录为第{record.version}版，但登记簿止于第{chain.version}条",
            f"has version {record.version}, but the register ends at line {chain.version}",
        )
    elif chain.parts_digest is None:
        if record_digest_of_format_1(record, parts) != chain.record_digest:
            yield flaw("记录已被改动：与末条登记不符", "was altered: it is not what its last line says")
    else:
        if record_digest(record, chain.parts_digest) != chain.record_digest:
            yield flaw("记录已被改动：与末条登记不符", "was altered: it is not what its last line says")
        if parts_digest(parts, salt_of(record)) != chain.parts_digest:
            yield flaw(
                "记录的组成部分已被改动：与末条登记不符",
                "has parts that were altered: they are not what its last line says",
            )


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
