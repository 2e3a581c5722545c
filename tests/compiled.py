"""What SQLAlchemy compiles, kept for all databases of a test run: each has engines of its own, which know nothing yet.

The surprise: a statement compiled for one dialect serves every other of its kind that has the same keys.
"""

from collections.abc import Iterator, MutableMapping
from functools import cache
from typing import Any

from sqlalchemy.util import LRUCache

from storage.database import Database

STATEMENTS_MAX = 5_000


class _Compiled(MutableMapping[Any, Any]):
    """SQLAlchemy's cache for one kind of dialect: its keys begin with the dialect, which is left away here."""

    def __init__(self) -> None:
        self._kept: LRUCache[Any, Any] = LRUCache(STATEMENTS_MAX)

    def __getitem__(self, key: tuple[Any, ...]) -> Any:
        return self._kept[key[1:]]

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        self._kept[key[1:]] = compiled

    def __delitem__(self, key: tuple[Any, ...]) -> None:
        del self._kept[key[1:]]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


@cache
def _compiled_for(dialect: str, personal_keys: str) -> _Compiled:
    return _Compiled()


def share_compiled(database: Database, personal_keys: str) -> None:
    """Lets a database use what was compiled for others of its engine that were opened with the same keys."""
    for engine in database.engines:
        kept = _compiled_for(engine.dialect.name, personal_keys)
        engine.sync_engine.update_execution_options(compiled_cache=kept)
