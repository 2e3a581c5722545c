"""The register: one line per action, chained by hash per subject; the audit, the stream of events, the record's version.

Digests and not contents go into the chain, so personal data can be erased from `changes` and the chain still holds.
"""

import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, Column, Index, Integer, Row, Table, UniqueConstraint, Uuid, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.party import Viewer
from domain.record import Hidden, Part, fields_of, plain
from domain.workflow import Decided
from storage.columns import METADATA, Instant, TransactionNow
from storage.columns import text as text_column

FORMAT = 1
"""How lines are hashed; a line says which format it has, so that the format can change and old lines still verify."""

FIRST = "0" * 64
"""What the first line of a subject follows."""

REGISTER = Table(
    "register",
    METADATA,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    Column("transaction_id", BigInteger(), nullable=False, server_default=TransactionNow()),
    Column("subject_type", text_column(32), nullable=False),
    Column("subject_id", Uuid(), nullable=False),
    Column("version", Integer(), nullable=False),
    Column("action", text_column(64), nullable=False),
    Column("status_before", text_column(32)),
    Column("status_after", text_column(32)),
    Column("user_id", Uuid()),
    Column("organisation_id", Uuid()),
    Column("at", Instant(), nullable=False),
    Column("format", Integer(), nullable=False),
    Column("changes", text_column(None)),
    Column("changes_digest", text_column(64), nullable=False),
    Column("record_digest", text_column(64), nullable=False),
    Column("previous_hash", text_column(64), nullable=False),
    Column("hash", text_column(64), nullable=False),
    UniqueConstraint("subject_id", "version"),
    Index(None, "transaction_id", "id"),
)

_HASHED = (
    "format",
    "subject_type",
    "subject_id",
    "version",
    "action",
    "status_before",
    "status_after",
    "user_id",
    "organisation_id",
    "at",
    "changes_digest",
    "record_digest",
    "previous_hash",
)


def digest(content: object) -> str:
    """SHA-256 of a content as JSON with sorted keys, in hexadecimal."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def record_digest(record: Part, parts: Mapping[str, Iterable[Part]]) -> str:
    """The digest of a record together with all of its parts, in whatever order they come."""
    return digest(
        {
            "record": plain(record),
            "parts": {
                name: sorted((plain(each) for each in some), key=lambda p: p["id"]) for name, some in parts.items()
            },
        }
    )


def readable(part: Part, names: Iterable[str] | None = None) -> dict[str, Any]:
    """What the register shows of a record: the fields that are filled (or named) and not hidden."""
    return {
        name: plain(getattr(part, name))
        for name, field in fields_of(type(part)).items()
        if field.mark(Hidden) is None and (name in names if names is not None else getattr(part, name) is not None)
    }


def line(
    *,
    subject: str,
    action: str,
    decided: Decided[Any],
    changes: Mapping[str, Any],
    parts: Mapping[str, Iterable[Part]],
    actor: Viewer,
    at: datetime,
    previous_hash: str,
) -> dict[str, Any]:
    """The register's line of a decided action, hashed onto the line before it."""
    written = orjson.dumps(changes, option=orjson.OPT_SORT_KEYS).decode()
    entry: dict[str, Any] = {
        "format": FORMAT,
        "subject_type": subject,
        "subject_id": decided.after.id,
        "version": decided.after.version,
        "action": action,
        "status_before": decided.status_before and decided.status_before.code,
        "status_after": decided.status_after and decided.status_after.code,
        "user_id": actor.user_id,
        "organisation_id": actor.organisation_id,
        "at": at,
        "changes": written,
        "changes_digest": hashlib.sha256(written.encode()).hexdigest(),
        "record_digest": record_digest(decided.after, parts),
        "previous_hash": previous_hash,
    }
    entry["hash"] = hash_of(entry)
    return entry


def hash_of(entry: Mapping[str, Any]) -> str:
    return digest([plain(entry[name]) for name in _HASHED])


async def append(connection: AsyncConnection, lines: Sequence[Mapping[str, Any]]) -> Sequence[int]:
    """Writes lines and returns their ids, in the same order."""
    statement = insert(REGISTER).returning(REGISTER.c.id, sort_by_parameter_order=True)
    return list((await connection.execute(statement, lines)).scalars())


async def last_hashes(connection: AsyncConnection, subject_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The hash of the last line of each subject."""
    statement = (
        select(REGISTER.c.subject_id, REGISTER.c.hash)
        .where(REGISTER.c.subject_id.in_(subject_ids))
        .order_by(REGISTER.c.version)
    )
    return {row.subject_id: row.hash for row in await connection.execute(statement)}


@dataclass(frozen=True)
class Flaw:
    """Something that the register does not bear out: which line (None: the record itself) and in which way."""

    subject_type: str
    subject_id: UUID
    version: int | None
    what: str

    def __str__(self) -> str:
        where = f"line {self.version}" if self.version is not None else "record"
        return f"{self.subject_type} {self.subject_id} {where}: {self.what}"


def flaws_of_chain(entries: Sequence[Row[Any]]) -> Iterable[Flaw]:
    """What is wrong within the lines of one subject, given in order of version."""
    previous = FIRST
    for position, entry in enumerate(entries, start=1):
        row = entry._mapping

        def flaw(what: str, entry: Row[Any] = entry) -> Flaw:
            return Flaw(entry.subject_type, entry.subject_id, entry.version, what)

        if row["version"] != position:
            yield flaw(f"should be line {position}: a line is missing or out of order")
            return
        if row["previous_hash"] != previous:
            yield flaw("does not follow the line before it")
        if row["hash"] != hash_of(dict(row)):
            yield flaw("was altered: its hash is not that of its content")
        changes = row["changes"]
        if changes is not None and hashlib.sha256(changes.encode()).hexdigest() != row["changes_digest"]:
            yield flaw("was altered: its changes are not those that were written")
        previous = row["hash"]


async def chains(connection: AsyncConnection, *, subjects_at_once: int = 500) -> AsyncIterator[list[list[Row[Any]]]]:
    """All lines, subject by subject and in order, some hundred subjects at a time."""
    last: UUID | None = None
    while True:
        some = select(REGISTER.c.subject_id).distinct().order_by(REGISTER.c.subject_id).limit(subjects_at_once)
        if last is not None:
            some = some.where(REGISTER.c.subject_id > last)
        ids = list((await connection.execute(some)).scalars())
        if not ids:
            return
        rows = await connection.execute(
            select(REGISTER).where(REGISTER.c.subject_id.in_(ids)).order_by(REGISTER.c.subject_id, REGISTER.c.version)
        )
        by_subject: dict[UUID, list[Row[Any]]] = {}
        for row in rows:
            by_subject.setdefault(row.subject_id, []).append(row)
        yield list(by_subject.values())
        last = ids[-1]


async def count_of_lines(connection: AsyncConnection) -> int:
    return int((await connection.execute(select(func.count()).select_from(REGISTER))).scalar_one())
