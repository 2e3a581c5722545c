"""The parts of a plan's one statement, each a question of its own.

A part gives rows of three columns: its number, a key where one is wanted, and what was asked for, in JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graph.plan.json_text import JsonText
from graph.plan.statement import Asked, Sql, joined, sql

Row = Sequence[Any]
Rows = Sequence[list[Row]]
"""Those of each part."""


class Parts:
    """The parts of one statement as they are written."""

    def __init__(self, engine: JsonText) -> None:
        self.engine = engine
        self._parts: list[Sql] = []

    def __len__(self) -> int:
        return len(self._parts)

    def add(self, alias: str, rows: Asked | Sql, value: Sql, key: Sql | None = None) -> int:
        """The number of a part that reads these rows, by the name under which they are given."""
        key = sql(self.engine.no_bytes) if key is None else self.engine.as_bytes(key)
        return self._added(sql(key, ",", self.engine.as_bytes(value), " from ", rows, f" as {alias}"))

    def add_count(self, count: Asked) -> int:
        """The number of a part that is one row with one number."""
        return self._added(sql(self.engine.no_bytes, ",", self.engine.as_bytes(sql("cast(", count, " as text)"))))

    def add_proof(self, still_known: Asked) -> int:
        """The number of a part that is one row if it is still known who asks, with a key where that is to be noted."""
        return self.add("proof", still_known, sql("''"), sql("proof.is_to_be_noted"))

    @property
    def sql(self) -> Sql:
        return joined(" union all ", self._parts)

    def _added(self, part: Sql) -> int:
        number = len(self._parts)
        self._parts.append(sql(f"select {number},", part))
        return number
