"""Documents that are trusted: filled when a client is built, asked for by anybody by name or by the hash of their text.

They are part of an installation like its settings, so neither actions nor in the register (decision 0026).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Index, Table, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.columns import METADATA, Instant, text
from storage.database import insert_into

DOCUMENT_ID_LENGTH_MAX = 128
HASH_PREFIX = "sha256:"

TRUSTED_DOCUMENT = Table(
    "trusted_document",
    METADATA,
    Column("id", text(DOCUMENT_ID_LENGTH_MAX), primary_key=True),
    Column("hash", text(64), nullable=False),
    Column("text", text(None), nullable=False),
    Column("added_at", Instant(), nullable=False),
    Index(None, "hash"),
)
"""One row for each id: the one made of the hash, and names beside it."""


@dataclass(frozen=True)
class TrustedDocument:
    """A document under one of its ids."""

    id: str
    hash: str
    text: str
    added_at: datetime


async def document_text(connection: AsyncConnection, document_id: str) -> str | None:
    """The text of the document of this id; None where there is none."""
    statement = select(TRUSTED_DOCUMENT.c.text).where(TRUSTED_DOCUMENT.c.id == document_id)
    return (await connection.execute(statement)).scalar_one_or_none()


async def documents_by_id(connection: AsyncConnection, ids: Sequence[str] | None = None) -> dict[str, TrustedDocument]:
    """Those of these ids, or all, in the order of their ids."""
    statement = select(*TRUSTED_DOCUMENT.c).order_by(TRUSTED_DOCUMENT.c.id)
    if ids is not None:
        statement = statement.where(TRUSTED_DOCUMENT.c.id.in_(ids))
    return {row.id: TrustedDocument(*row) for row in await connection.execute(statement)}


async def keep_documents(connection: AsyncConnection, documents: Mapping[str, tuple[str, str]], now: datetime) -> None:
    """Writes hash and text under each id; a name that stood for another text stands for this one."""
    for document_id, (hash_, content) in documents.items():
        await connection.execute(
            insert_into(connection, TRUSTED_DOCUMENT)
            .values(id=document_id, hash=hash_, text=content, added_at=now)
            .on_conflict_do_update(index_elements=["id"], set_={"hash": hash_, "text": content, "added_at": now})
        )


async def drop_documents(connection: AsyncConnection, hashes: Sequence[str]) -> int:
    """Takes documents back, under all of their ids; how many ids."""
    statement = delete(TRUSTED_DOCUMENT).where(TRUSTED_DOCUMENT.c.hash.in_(hashes))
    return (await connection.execute(statement)).rowcount
