"""How often a key may be used: so many times within a minute from its first use, counted for all processes together.

A window that begins with a use and lasts a minute is what the headers can tell exactly: how many are left, and in how
many seconds there are as many again.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.party import ShownKey
from graph.errors import ErrorCode, PublicError
from storage.api_key_use import Use, count_use
from storage.database import Database


@dataclass(frozen=True)
class Standing:
    """How a key stands in its window after a use."""

    limit: int
    remaining: int
    reset_seconds: int

    def headers(self) -> dict[str, str]:
        return {
            "ratelimit-limit": str(self.limit),
            "ratelimit-remaining": str(self.remaining),
            "ratelimit-reset": str(self.reset_seconds),
        }

    def extension(self) -> dict[str, Any]:
        return {"limit": self.limit, "remaining": self.remaining, "resetSeconds": self.reset_seconds}


class Rates:
    """Counts uses. What is over is remembered here, so that who knocks on and on costs the database nothing."""

    def __init__(self) -> None:
        self._over: dict[UUID, Use] = {}

    async def count(self, database: Database, key: ShownKey, now: datetime) -> Standing:
        """One use. Raises RATE_LIMITED when there were as many in this window already."""
        use = self._over.get(key.id)
        if use is None or use.window_ends_at <= now:
            self._over.pop(key.id, None)
            async with database.writing() as connection:
                use = await count_use(connection, key.id, now)
        reset_seconds = max(1, math.ceil((use.window_ends_at - now).total_seconds()))
        standing = Standing(key.rate_per_minute, max(0, key.rate_per_minute - use.uses), reset_seconds)
        if use.uses <= key.rate_per_minute:
            return standing
        self._over[key.id] = use
        raise _limited(standing)


def _limited(standing: Standing) -> PublicError:
    seconds = standing.reset_seconds
    return PublicError(
        ErrorCode.RATE_LIMITED,
        zh=f"该密钥每分钟最多请求{standing.limit}次，请{seconds}秒后再试。",
        en=f"The key may be used {standing.limit} times a minute; try again in {seconds} seconds.",
        extensions={"retryAfterSeconds": seconds, "rateLimit": standing.extension()},
    ).with_headers({**standing.headers(), "retry-after": str(seconds)})
