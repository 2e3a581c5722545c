"""How much a viewer may ask for: points of cost that drain with time, one bucket for all processes together.

The surprise: a process writes to the shared row only when it has let through a slice that the row does not know of yet,
so cheap requests cost the database nothing. (decision 0028)
"""

import math
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domain.party import Viewer
from domain.throttle import Limit, limit, milliseconds
from graph.errors import ErrorCode, PublicError
from storage.database import Database
from storage.throttle import Counter, add, levels

SLICES: Final = 20
"""One of so many parts of the bucket is let through before the shared row hears of it."""

BUCKETS_MAX: Final = 20_000
"""So many viewers a process remembers; of whom it forgets, it forgets a slice at most."""


@dataclass(slots=True)
class Bucket:
    """One viewer's bucket as this process knows it."""

    empty_at: float = 0
    unsettled: int = 0
    """Points let through here that the shared row does not know of."""
    asked: int = 1
    """What the latest operation cost, let through or not: whoever is told to wait is told to wait for as much."""


class Budgets:
    """The buckets of one process. `most_per_operation` is what a single operation may cost."""

    def __init__(self, rate: str, most_per_operation: int) -> None:
        self._limit: Limit = limit("cost", rate)
        self._slice = max(1, self._limit.most // SLICES)
        self._most_per_operation = most_per_operation
        per_second = round(self._limit.most * 1000 / self._limit.within_ms, 2)
        self._per_second = int(per_second) if per_second.is_integer() else per_second
        self._buckets: OrderedDict[UUID | str, Bucket] = OrderedDict()

    def check(self, viewer: Viewer, address: str, now: datetime) -> None:
        """Raises COST_EXHAUSTED where the bucket is known to be full: then nothing is parsed, and no database asked."""
        bucket = self._buckets.get(_whose(viewer, address))
        at = milliseconds(now)
        if bucket is not None and self._wait(bucket, 1, at):
            raise self._exhausted(bucket.asked, bucket, self._wait(bucket, bucket.asked, at), at)

    async def spend(
        self, database: Database, viewer: Viewer, address: str, points: int, at: datetime
    ) -> dict[str, Any]:
        """Counts an operation; what `extensions.cost` says. Raises COST_TOO_HIGH and COST_EXHAUSTED."""
        if points > self._most_per_operation:
            raise _too_high(points, self._most_per_operation)
        now = milliseconds(at)
        bucket = self._known(_whose(viewer, address))
        bucket.asked = points
        if bucket.empty_at <= now:
            bucket.unsettled = 0
        if bucket.unsettled + points > self._slice:
            await self._settle(database, Counter(self._limit, _subject(viewer, address)), bucket, now)
        if wait := self._wait(bucket, points, now):
            raise self._exhausted(points, bucket, wait, now)
        self._add(bucket, points, now)
        return self._told(points, bucket, now)

    def add(self, viewer: Viewer, address: str, points: int, at: datetime) -> None:
        """Counts what was not foreseen; the next operation settles it."""
        self._add(self._known(_whose(viewer, address)), points, milliseconds(at))

    def _add(self, bucket: Bucket, points: int, now: int) -> None:
        bucket.empty_at = max(bucket.empty_at, now) + self._limit.drain_ms(points)
        bucket.unsettled += points

    async def _settle(self, database: Database, counter: Counter, bucket: Bucket, now: int) -> None:
        """Tells the shared row what was let through here, and hears what was elsewhere."""
        settling, bucket.unsettled = bucket.unsettled, 0
        try:
            if settling:
                async with database.writing() as connection:
                    known = await add(connection, counter, settling, now)
            else:
                async with database.reading() as connection:
                    known = (await levels(connection, [counter]))[counter]
        except BaseException:
            bucket.unsettled += settling
            raise
        # Meanwhile others may have gone through or be settling what the row did not know of yet: the view never falls.
        bucket.empty_at = max(bucket.empty_at, max(known, now) + self._limit.drain_ms(bucket.unsettled))

    def _known(self, whose: UUID | str) -> Bucket:
        bucket = self._buckets.get(whose)
        if bucket is None:
            bucket = self._buckets[whose] = Bucket()
        self._buckets.move_to_end(whose)
        if len(self._buckets) > BUCKETS_MAX:
            self._buckets.popitem(last=False)
        return bucket

    def _wait(self, bucket: Bucket, points: int, now: int) -> float:
        # What is dearer than a whole bucket goes through when it is empty.
        taken = self._limit.drain_ms(min(points, self._limit.most))
        return max(0, bucket.empty_at - now + taken - self._limit.within_ms)

    def _told(self, points: int, bucket: Bucket, now: int) -> dict[str, Any]:
        most, within = self._limit.most, self._limit.within_ms
        used = math.ceil(max(0, bucket.empty_at - now) * most / within)
        return {
            "requested": points,
            "limit": most,
            "remaining": max(0, most - used),
            "restoresPerSecond": self._per_second,
        }

    def _exhausted(self, points: int, bucket: Bucket, wait_ms: float, now: int) -> PublicError:
        seconds = math.ceil(wait_ms / 1000)
        return PublicError(
            ErrorCode.COST_EXHAUSTED,
            zh=f"查询总成本已达上限，请{seconds}秒后再试。",
            en=f"You have asked for as much as there is for now; try again in {seconds} seconds.",
            extensions={"retryAfterSeconds": seconds, "cost": self._told(points, bucket, now)},
        ).with_headers({"retry-after": str(seconds)})


def _too_high(points: int, most: int) -> PublicError:
    return PublicError(
        ErrorCode.COST_TOO_HIGH,
        zh=f"该操作的成本为{points}点，最多{most}点（PRESHIP_COST_MAX）；请减小每页条数或少选字段。",
        en=f"The operation costs {points} points and may cost {most} (PRESHIP_COST_MAX); take smaller pages.",
        extensions={"cost": {"requested": points, "limit": most}},
    )


def _whose(viewer: Viewer, address: str) -> UUID | str:
    """By what a bucket is found in this process."""
    return viewer.user_id or address if viewer.key is None else viewer.key.id


def _subject(viewer: Viewer, address: str) -> str:
    if viewer.key is not None:
        return f"key {viewer.key.id}"
    return f"address {address}" if viewer.user_id is None else f"user {viewer.user_id}"
