"""The register: one line an action, chained by hash per subject; the audit, the stream of events, the record's version.

Digests and not contents go into the chain, so personal data can be erased from `changes` and the chain still holds.
"""

import hashlib
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol, cast
from uuid import UUID

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    Row,
    Table,
    UniqueConstraint,
    Uuid,
    and_,
    case,
    func,
    insert,
    literal,
    select,
    text,
    true,
    tuple_,
    update,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.language import Words
from domain.party import Viewer
from domain.personal import salt_of
from domain.record import WRITERS, Part, fields_of, plain
from domain.register_line import FORMAT, hashed_of
from domain.workflow import Decided
from storage.columns import METADATA, Instant, TransactionNow
from storage.columns import text as text_column

SUBJECTS_AT_ONCE = 500

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
    Column("parts_digest", text_column(64)),
    Column("record_digest", text_column(64), nullable=False),
    Column("previous_hash", text_column(64), nullable=False),
    Column("hash", text_column(64), nullable=False),
    UniqueConstraint("subject_id", "version"),
    Index(None, "transaction_id", "id"),
    # What those read who follow the registry; it is a small part of all lines.
    Index(
        "ix_register_registry",
        "transaction_id",
        "id",
        sqlite_where=text("subject_type = 'institution'"),
        postgresql_where=text("subject_type = 'institution'"),
    ),
    # What is read of it in public, latest first: all, of one kind of record, of one organisation or one of its people.
    Index(None, "at", "id"),
    Index(None, "subject_type", "at", "id"),
    Index(None, "organisation_id", "at", "id"),
    Index(None, "user_id", "at", "id"),
)

LINES_ALIKE = frozenset(
    {
        "format",
        "subject_type",
        "action",
        "status_before",
        "status_after",
        "user_id",
        "organisation_id",
        "at",
        "changes",
        "changes_digest",
    }
)
"""Columns in which the lines of one action on several records mostly are alike."""


def digest(content: object) -> str:
    """SHA-256 of a content as JSON with sorted keys, in hexadecimal."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


PartsByKind = Mapping[str, Sequence[Part]]
"""All parts of a record by the names of their tables, in whatever order."""


def parts_digest(parts: PartsByKind, salt: str | None = None) -> str:
    """The digest of all parts of a record, which confirms no guess of what they hold where the record has a salt.

    What is empty does not count: a field or kind of part that comes later leaves the digests of old records alone.
    """
    filled = _filled_parts(parts)
    return _digest_in_order({"parts": filled} if salt is None else {"parts": filled, "salt": salt})


def record_digest(record: Part, parts_digest: str) -> str:
    """The digest of a record together with its parts."""
    return _digest_in_order({"parts": parts_digest, "record": _filled(record)})


def record_digest_of_format_1(record: Part, parts: PartsByKind) -> str:
    """The digest of a record as lines of the first format have it."""
    return _digest_in_order({"parts": _filled_parts(parts), "record": _filled(record)})


def _digest_in_order(content: Mapping[str, Any]) -> str:
    """As `digest` has it, where all keys are in order already: to sort them takes longer than to write it all."""
    return hashlib.sha256(orjson.dumps(content)).hexdigest()


def _filled_parts(parts: PartsByKind) -> dict[str, list[dict[str, Any]]]:
    return {
        name: sorted(map(_filled, some), key=lambda part: str(part["id"]))
        for name, some in sorted(parts.items())
        if some
    }


def _filled(part: Part) -> dict[str, Any]:
    held = vars(part)
    return {
        digest_name: value if (how := WRITERS[type(value)]) is None else how(value)
        for digest_name, name in _digested(type(part))  # type: ignore[arg-type]  # classes can be hashed
        if (value := held[name]) is not None
    }


@cache
def _digested(record: Hashable) -> tuple[tuple[str, str], ...]:
    """What the fields are called in digests, in order, and what in the record."""
    return tuple(sorted((field.digest_name, name) for name, field in fields_of(cast(type, record)).items()))


def readable(part: Part, names: Iterable[str] | None = None) -> dict[str, Any]:
    """What the register shows of a record: the fields that are filled (or named), neither hidden nor personal."""
    shown = _shown(type(part))  # type: ignore[arg-type]  # classes can be hashed, whatever their instances
    if names is None:
        return {name: plain(value) for name in shown if (value := getattr(part, name)) is not None}
    return {name: plain(getattr(part, name)) for name in shown if name in names}


@cache
def _shown(record: Hashable) -> tuple[str, ...]:
    fields = fields_of(cast(type, record)).items()
    return tuple(name for name, field in fields if not (field.is_hidden or field.is_personal))


@dataclass(frozen=True, slots=True)
class Last:
    """What the next line of a record follows: the last one's hash, and what that one says of the parts."""

    hash: str
    parts_digest: str


BEGINNING = Last(FIRST, parts_digest({}))
"""What the first line of a record follows."""


def line(
    *,
    subject: str,
    action: str,
    decided: Decided[Any],
    changes: Mapping[str, Any],
    parts: PartsByKind | None,
    actor: Viewer,
    at: datetime,
    last: Last,
) -> dict[str, Any]:
    """The register's line of a decided action, hashed onto the line before it; without `parts` they are as that one
    says, whatever has become of them since."""
    of_parts = last.parts_digest if parts is None else parts_digest(parts, salt_of(decided.after))
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
        "parts_digest": of_parts,
        "record_digest": record_digest(decided.after, of_parts),
        "previous_hash": last.hash,
    }
    entry["hash"] = hash_of(entry)
    return entry


def hash_of(entry: Mapping[str, Any]) -> str:
    return digest([plain(entry[name]) for name in hashed_of(entry["format"])])


async def append(connection: AsyncConnection, lines: Sequence[Mapping[str, Any]]) -> None:
    """Writes lines, however many."""
    await connection.execute(insert(REGISTER), lines)


async def append_and_tell(connection: AsyncConnection, lines: Sequence[Mapping[str, Any]]) -> Sequence[int]:
    """Writes lines and returns their ids, in the same order."""
    if len(lines) == 1:
        statement = insert(REGISTER).values(lines[0]).returning(REGISTER.c.id)
        return [(await connection.execute(statement)).scalar_one()]
    # Many are written faster without being read back one by one.
    await append(connection, lines)
    subjects = list({line["subject_id"] for line in lines})
    ids: dict[tuple[UUID, int], int] = {}
    for start in range(0, len(subjects), SUBJECTS_AT_ONCE):
        some = subjects[start : start + SUBJECTS_AT_ONCE]
        written = select(REGISTER.c.subject_id, REGISTER.c.version, REGISTER.c.id).where(
            REGISTER.c.subject_id.in_(some)
        )
        ids |= {(row.subject_id, row.version): row.id for row in await connection.execute(written)}
    return [ids[line["subject_id"], line["version"]] for line in lines]


def settled(transaction_id: ColumnElement[int], engine: "Speaking") -> ColumnElement[bool]:
    """Whether nothing can come before it any longer: on PostgreSQL, no older transaction is still open."""
    if engine.dialect.name == "sqlite":
        return true()
    return transaction_id < text("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


class Speaking(Protocol):
    """A connection, or whoever else knows to which engine a question goes."""

    @property
    def dialect(self) -> Dialect: ...


def beyond(columns: Sequence[Column[Any]], position: Sequence[Any], engine: Speaking) -> ColumnElement[bool]:
    """What follows a position in the stream; `columns` begin with the transaction, then the line. Where it stands may
    be known to the database alone."""
    places = [
        each if isinstance(each, ColumnElement) else literal(each, column.type)
        for column, each in zip(columns, position, strict=True)
    ]
    if engine.dialect.name == "sqlite":
        # An index serves its comparison of rows by their first column alone, which is the same for all of them.
        return and_(columns[0] == 0, tuple_(*columns[1:]) > tuple_(*places[1:]))
    return tuple_(*columns) > tuple_(*places)


TOLD_OF_PARTS = case((REGISTER.c.format > 1, REGISTER.c.parts_digest)).label("parts_digest")
"""What a line says of the parts. Of the first format it says nothing: no hash covers what might stand there."""


async def last_lines(connection: AsyncConnection, subject_ids: Sequence[UUID]) -> dict[UUID, Any]:
    """The last line of each subject that has one, as a row of its `hash` and `parts_digest`."""
    statement = (
        select(REGISTER.c.subject_id, REGISTER.c.hash, TOLD_OF_PARTS)
        .where(REGISTER.c.subject_id.in_(subject_ids))
        .order_by(REGISTER.c.version)
    )
    return {row.subject_id: row for row in await connection.execute(statement)}


async def erase_changes(connection: AsyncConnection, subject_ids: Sequence[UUID], texts: Iterable[str]) -> int:
    """Takes what the register shows out of every line of these subjects that shows one of the texts; how many lines.

    The chain holds, for it is of digests.
    """
    values = [orjson.dumps(each).decode() for each in texts]
    statement = select(REGISTER.c.id, REGISTER.c.changes).where(
        REGISTER.c.subject_id.in_(subject_ids), REGISTER.c.changes.is_not(None)
    )
    rows = (await connection.execute(statement)).all()
    lines = [row.id for row in rows if any(value in row.changes for value in values)]
    for start in range(0, len(lines), SUBJECTS_AT_ONCE):
        some = lines[start : start + SUBJECTS_AT_ONCE]
        await connection.execute(update(REGISTER).where(REGISTER.c.id.in_(some)).values(changes=None))
    return len(lines)


@dataclass(frozen=True)
class Flaw:
    """Something that the register does not bear out: which line (None: the record itself) and in which way."""

    subject_type: str
    subject_id: UUID
    version: int | None
    words: Words

    def __str__(self) -> str:
        where = f"line {self.version}" if self.version is not None else "record"
        return f"{self.subject_type} {self.subject_id} {where}: {self.words.en}"


class Chain:
    """The lines of one subject, added in order of version. Only the end is kept, so a chain may be of any length."""

    def __init__(self, subject_type: str, subject_id: UUID) -> None:
        self.subject_type, self.subject_id = subject_type, subject_id
        self.version = self.line_count = 0
        self.parts_digest: str | None = None
        self.record_digest = ""
        self.last_hash = FIRST

    def add(self, entry: Row[Any]) -> Iterator[Flaw]:
        """What is wrong with the next line, by itself and as one that follows the line before."""

        def flaw(zh: str, en: str) -> Flaw:
            return Flaw(entry.subject_type, entry.subject_id, entry.version, Words(zh=zh, en=en))

        if entry.version != self.version + 1:
            due = self.version + 1
            yield flaw(f"应为第{due}条：缺少记录或次序有误", f"should be line {due}: a line is missing or out of order")
        elif entry.previous_hash != self.last_hash:
            yield flaw("与前一条记录不衔接", "does not follow the line before it")
        # A digest of parts in the first format would be covered by no hash.
        is_out_of_format = entry.format == 1 and entry.parts_digest is not None
        if is_out_of_format or entry.hash != hash_of(dict(entry._mapping)):
            yield flaw("已被改动：散列与内容不符", "was altered: its hash is not that of its content")
        if entry.changes is not None and hashlib.sha256(entry.changes.encode()).hexdigest() != entry.changes_digest:
            yield flaw("已被改动：变更内容与当时所记不符", "was altered: its changes are not those that were written")
        self.line_count += 1
        self.version, self.last_hash = entry.version, entry.hash
        self.parts_digest = None if entry.format == 1 else entry.parts_digest
        self.record_digest = entry.record_digest


async def count_of_lines(connection: AsyncConnection) -> int:
    return int((await connection.execute(select(func.count()).select_from(REGISTER))).scalar_one())
