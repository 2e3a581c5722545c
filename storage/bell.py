"""The bell says "look" and nothing else: what there is to see stands in the register, so a lost ring loses nothing.

Take the bell before looking: whoever looks first and listens afterwards misses what happened in between.
"""

import asyncio
from typing import Protocol


class Bell(Protocol):
    """Wakes everybody who waits, in this process and, for those bells that reach further, in the others."""

    async def ring(self) -> None: ...

    def strokes(self) -> int:
        """How often it has rung; hand it to `next` to miss nothing."""

    async def next(self, strokes: int, wait_seconds_max: float) -> int:
        """Returns when it has rung since `strokes`, or when the wait is over."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...


class ProcessBell:
    """A bell for one process."""

    def __init__(self) -> None:
        self._strokes = 0
        self._rung = asyncio.Event()

    async def ring(self) -> None:
        self._strokes += 1
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    def strokes(self) -> int:
        return self._strokes

    async def next(self, strokes: int, wait_seconds_max: float) -> int:
        if self._strokes == strokes:
            rung = self._rung
            try:
                async with asyncio.timeout(wait_seconds_max):
                    await rung.wait()
            except TimeoutError:
                pass
        return self._strokes

    async def open(self) -> None:
        return None

    async def close(self) -> None:
        await self.ring()
