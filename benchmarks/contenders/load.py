"""The world that contenders are asked about: the product's own tables and demo accounts, filled up by SQL in seconds.

Nothing in it is drawn by chance, so every run asks about the same rows. It is no register to verify: each commission
has its last line alone.
"""

import asyncio
import secrets
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg

from benchmarks.ground import load
from benchmarks.serving import CUSTOMS, ENTERPRISE, INSTITUTION
from storage.migrate import migrate
from storage.session_token import hash_of_token

WORLD = Path(__file__).with_name("world.sql")


@dataclass(frozen=True)
class Scale:
    """How many records there are."""

    institutions: int = 5_000
    rules: int = 20_000
    commissions: int = 100_000
    notices: int = 200_000
    waiting: int = 20_000
    """Commissions that wait for one institution, so that a round of accepting never runs out of them."""

    def of_commissions(self, commissions: int) -> "Scale":
        """The same office with other commissions."""
        return Scale(self.institutions, self.rules, commissions, 2 * commissions, min(self.waiting, commissions // 5))


LARGE = Scale()
SMALL = Scale(institutions=200, rules=400, commissions=4_000, notices=8_000, waiting=1_500)


@dataclass(frozen=True)
class World:
    """A filled database, and a token for each demo account that asks."""

    url: str
    scale: Scale
    tokens: dict[str, str]

    @property
    def plain_url(self) -> str:
        """As every other driver takes it."""
        return self.url.replace("+asyncpg", "")


def fill(url: str, scale: Scale) -> World:
    """Fills an empty database and opens the sessions."""
    migrate(url)
    load(url, 0)
    return World(url, scale, asyncio.run(_filled(url, scale)))


async def _filled(url: str, scale: Scale) -> dict[str, str]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        statements = WORLD.read_text()
        for name, count in vars(scale).items():
            statements = statements.replace(name.upper(), str(count))
        async with connection.transaction():
            await connection.execute(statements)
            tokens = {name: await _signed_in(connection, name) for name in (ENTERPRISE, INSTITUTION, CUSTOMS)}
        await connection.execute("vacuum (freeze, analyze)")
    finally:
        await connection.close()
    return tokens


async def _signed_in(connection: "asyncpg.Connection[asyncpg.Record]", username: str) -> str:
    """The token of a session that lasts for a day, whoever of the contenders notes its use."""
    token, session = secrets.token_urlsafe(32), uuid4()
    await connection.execute(
        "insert into session (id, version, user_id, token_hash, status, opened_at, expires_at, method) "
        "select $1, 1, id, $2, 'OPEN', now(), now() + interval '1 day', 'PASSWORD' from account where username = $3",
        session, hash_of_token(token), username,
    )  # fmt: skip
    await connection.execute(
        "insert into session_token (session_id, token_hash, token_expires_at, idle_seconds, used_at, idle_until) "
        "values ($1, $2, now() + interval '1 day', 86400, now(), now() + interval '1 day')",
        session, hash_of_token(token),
    )  # fmt: skip
    return token
