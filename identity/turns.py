"""Turns at work that is dear: a few at once, a bounded number waiting, and whoever comes after that is told so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class AllBusy(Exception):
    """As many wait already as may."""


class Turns:
    """First come, first served. For whom places are reserved, half as many more may wait."""

    def __init__(self, at_once: int, waiting_max: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._inside = 0
        self._inside_max = at_once + waiting_max
        self._reserved = waiting_max // 2

    def are_taken(self, *, is_reserved_for: bool = False) -> bool:
        """Whether nobody else may wait now."""
        return self._inside >= self._inside_max + (self._reserved if is_reserved_for else 0)

    @asynccontextmanager
    async def turn(self, *, is_reserved_for: bool = False) -> AsyncIterator[None]:
        """Waits for a turn, which lasts as long as the block. Raises AllBusy at once where nobody else may wait."""
        if self.are_taken(is_reserved_for=is_reserved_for):
            raise AllBusy
        self._inside += 1
        try:
            async with self._free:
                yield
        finally:
            self._inside -= 1
