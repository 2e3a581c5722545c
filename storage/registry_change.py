"""The feed of the registry's changes: the register's lines about institutions, in the order of the stream.

A place in it is a transaction and a line, below what may still be overtaken (decision 0005): whoever reads on from the
last place that was told misses nothing and hears nothing twice.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.party import Viewer
from domain.registry_change import KINDS, RegistryChange
from storage.institution import INSTITUTION, INSTITUTIONS, LISTED
from storage.register import REGISTER, beyond, settled
from storage.shelf import BadCursor

R = REGISTER.c
CHANGES_AT_ONCE_MAX = 100
SUBJECT = "institution"


@dataclass(frozen=True)
class Place:
    """Where a reader of the feed stands; the first place is before everything."""

    transaction_id: int = 0
    line_id: int = 0

    @property
    def places(self) -> tuple[int, int]:
        return (self.transaction_id, self.line_id)

    def cursor(self) -> str:
        return base64.urlsafe_b64encode(orjson.dumps(self.places)).rstrip(b"=").decode()

    @classmethod
    def of(cls, cursor: str) -> "Place":
        """Raises BadCursor."""
        try:
            transaction_id, line_id = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        except (ValueError, TypeError, binascii.Error) as unreadable:
            raise BadCursor(cursor) from unreadable
        if not all(type(n) is int and 0 <= n < 2**63 for n in (transaction_id, line_id)):
            raise BadCursor(cursor)
        return cls(transaction_id, line_id)


def _is_of_the_registry() -> ColumnElement[bool]:
    # Written out, or SQLite would not find the index that holds these lines alone.
    return R.subject_type == literal_column(f"'{SUBJECT}'")


async def latest_place(connection: AsyncConnection) -> Place:
    """Where a reader stands who has heard of everything so far."""
    statement = (
        select(R.transaction_id, R.id)
        .where(_is_of_the_registry(), settled(R.transaction_id, connection))
        .order_by(R.transaction_id.desc(), R.id.desc())
        .limit(1)
    )
    row = (await connection.execute(statement)).first()
    return Place() if row is None else Place(row.transaction_id, row.id)


async def changes_after(
    connection: AsyncConnection, viewer: Viewer, place: Place, at_most: int
) -> list[tuple[Place, RegistryChange]]:
    """What came after a place, in order, as far as it is settled; each institution as it is now, null when revoked."""
    lines = (
        select(
            R.transaction_id, R.id, R.action, R.at, R.subject_id,
            settled(R.transaction_id, connection).label("is_settled"),
        )
        .where(_is_of_the_registry(), beyond((R.transaction_id, R.id), place.places, connection))
        .order_by(R.transaction_id, R.id)
        .limit(at_most)
        .subquery()
    )  # fmt: skip
    entry = INSTITUTION.alias("entry")
    seen = INSTITUTIONS.seen_by(viewer).where(LISTED)
    statement = (
        select(
            *INSTITUTIONS.columns,
            lines.c.transaction_id,
            lines.c.id.label("line_id"),
            lines.c.action,
            lines.c.at,
            lines.c.subject_id,
            lines.c.is_settled,
            entry.c.filing_number.label("number"),
        )
        .select_from(lines)
        .join(entry, entry.c.id == lines.c.subject_id)
        .outerjoin(INSTITUTION, and_(INSTITUTION.c.id == lines.c.subject_id, *seen.conditions))
        .order_by(lines.c.transaction_id, lines.c.id)
    )
    found: list[tuple[Place, RegistryChange]] = []
    for row in await connection.execute(statement):
        if not row.is_settled:
            break
        at = Place(row.transaction_id, row.line_id)
        found.append((at, _change(row, at)))
    return found


def _change(row: Any, place: Place) -> RegistryChange:
    return RegistryChange(
        cursor=place.cursor(),
        at=row.at,
        kind=KINDS[row.action],
        institution_id=row.subject_id,
        filing_number=row.number,
        institution=None if row[0] is None else INSTITUTIONS.made_of(row),
    )
