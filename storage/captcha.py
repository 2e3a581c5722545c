"""Captchas at rest: each until its one attempt, or its end. Neither actions nor in the register (decision 0019)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.captcha import KeptCaptcha
from storage.columns import table_of
from storage.shelf import kept

CAPTCHAS_MAX = 50_000
"""Beyond that the oldest are dropped: to crowd out somebody's captcha takes as many while it is being read."""

CAPTCHA = table_of(KeptCaptcha, "captcha", Index(None, "expires_at", "id"))


async def keep(connection: AsyncConnection, captcha: KeptCaptcha) -> None:
    await connection.execute(insert(CAPTCHA).values({name: getattr(captcha, name) for name in kept(KeptCaptcha)}))


async def consume(connection: AsyncConnection, captcha_id: UUID) -> KeptCaptcha | None:
    """Takes a captcha away. Of all who ask for it at once, one gets it."""
    statement = delete(CAPTCHA).where(CAPTCHA.c.id == captcha_id).returning(*CAPTCHA.c)
    row = (await connection.execute(statement)).first()
    return None if row is None else KeptCaptcha(**row._mapping)


async def sweep_captchas(connection: AsyncConnection, now: datetime) -> int:
    """Drops those that have expired, and the oldest of too many; how many."""
    expired = await connection.execute(delete(CAPTCHA).where(CAPTCHA.c.expires_at <= now))
    newest_first = select(CAPTCHA.c.id).order_by(CAPTCHA.c.expires_at.desc(), CAPTCHA.c.id.desc())
    crowding = await connection.execute(delete(CAPTCHA).where(CAPTCHA.c.id.in_(newest_first.offset(CAPTCHAS_MAX))))
    return expired.rowcount + crowding.rowcount
