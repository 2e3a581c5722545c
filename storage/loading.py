"""Loaders: many single questions of one operation become one statement. A loader lives as long as its operation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from aiodataloader import DataLoader
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database, TooMuchRead

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Batch = Callable[[AsyncConnection, Sequence[K]], Awaitable[Mapping[K, V]]]
KEYS_AT_ONCE = 500


class Loading:
    """The loaders of one operation, one for each relation, made when it is first followed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loaders: dict[Hashable, DataLoader[Any, Any]] = {}

    async def load(self, batch: Batch[K, V], key: K, *, name: Hashable = None) -> V | None:
        """What `batch` gives for this key, asked for together with everybody else's keys. None where it gives nothing.

        `name` keeps apart batches that are made anew for each call; without it the function itself is the name.
        """
        name = batch if name is None else name
        loader = self._loaders.get(name)
        if loader is None:
            loader = self._loaders[name] = DataLoader(_asking(self._database, batch), max_batch_size=KEYS_AT_ONCE)
        # A sibling that fails cancels its neighbours, and with them the answer that others wait for.
        question = loader.load(key)
        answer: asyncio.Future[V | None] = asyncio.shield(question)
        try:
            return await answer
        except asyncio.CancelledError:
            # Where the question fails for the neighbours too, or still will: heard, or the log would tell of each.
            for failing in (answer, question):
                failing.add_done_callback(_hear)
            raise
        finally:
            # Or a failure, which holds on to where it came from, would hold on to itself and all that was read.
            del answer, question


def _asking(database: Database, batch: Batch[K, V]) -> Callable[[list[K]], Coroutine[Any, Any, list[Any]]]:
    async def ask(keys: list[K]) -> list[Any]:
        try:
            async with database.reading() as connection:
                found = await batch(connection, keys)
        except TooMuchRead as ended:
            # Where it was raised all lies that was read, and whoever waits would hold on to it by the failure.
            return [ended.with_traceback(None)] * len(keys)
        return [found.get(key) for key in keys]

    return ask


def _hear(failing: asyncio.Future[Any]) -> None:
    if not failing.cancelled():
        failing.exception()
