"""With whom a commission lay at an earlier version, from its lines in the register."""

from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.commission.custody import CHOSEN, HANDED_OVER, TAKEN_BACK, Custody
from storage.register import REGISTER
from storage.search import contains


async def custody_at(connection: AsyncConnection, commission_id: UUID, version: int) -> Custody:
    """The custody after the line of this version; that of a new draft before the first."""
    c = REGISTER.c
    matters = or_(c.action.in_((*HANDED_OVER, TAKEN_BACK)), contains(c.changes, CHOSEN))
    statement = (
        select(c.action, c.changes)
        .where(c.subject_id == commission_id, c.version <= version, matters)
        .order_by(c.version)
    )
    custody = Custody()
    for line in await connection.execute(statement):
        custody = custody.after(line.action, line.changes)
    return custody
