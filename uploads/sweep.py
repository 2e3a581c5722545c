"""Clears away files that belong to nobody: staged ones whose request is long over, and kept ones that no record names
because the transaction after `keep` failed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from uploads.vault import Vault

LOOK_UP_KEYS_MAX = 500


@dataclass(frozen=True)
class Swept:
    """What a sweep did, in files; younger ones are left alone and not counted."""

    staged_dropped: int
    kept_dropped: int
    kept_known: int


async def sweep(vault: Vault, is_known: Callable[[Sequence[str]], Awaitable[set[str]]], older_than: timedelta) -> Swept:
    """Drops orphans older than `older_than`, which must exceed the longest request: a file in it is no orphan yet.

    `is_known` is given at most LOOK_UP_KEYS_MAX kept keys at a time and answers with those that a record names.
    """
    staged_dropped = 0
    async for file in vault.staged():
        if file.age >= older_than:
            await vault.drop(file.key)
            staged_dropped += 1
    kept_dropped = kept_known = 0
    batch: list[str] = []

    async def judge() -> None:
        nonlocal kept_dropped, kept_known
        known = await is_known(tuple(batch))
        for key in batch:
            if key in known:
                kept_known += 1
            else:
                await vault.drop(key)
                kept_dropped += 1
        batch.clear()

    async for file in vault.kept():
        if file.age >= older_than:
            batch.append(file.key)
        if len(batch) == LOOK_UP_KEYS_MAX:
            await judge()
    if batch:
        await judge()
    return Swept(staged_dropped, kept_dropped, kept_known)
