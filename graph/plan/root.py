"""Root fields within a plan: each is a part of the one statement, or a resolver that is called beside it.

A part gives rows of three columns: its number, a key where one is wanted, and what was asked for, in JSON.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from sqlalchemy import Select

from graph.plan.compiler import Level, Written
from graph.plan.filling import Complete, Run
from graph.plan.json_text import JsonText
from graph.plan.statement import Sql, joined, sql
from storage.shelf import Window

Row = Sequence[Any]
Rows = Sequence[list[Row]]
"""Those of each part."""

NOTHING = "null"


class Parts:
    """The parts of one statement as they are written."""

    def __init__(self, engine: JsonText) -> None:
        self._engine = engine
        self._parts: list[Sql] = []

    def __len__(self) -> int:
        return len(self._parts)

    def add(self, level: Level, rows: Select[Any], value: Sql, key: Sql | None = None) -> int:
        """The number of a part that reads these rows of a level."""
        key = sql(NOTHING) if key is None else self._engine.as_bytes(key)
        return self._added(sql(key, ",", self._engine.as_bytes(value), " from ", rows, f" as {level.alias}"))

    def add_count(self, count: Select[Any]) -> int:
        """The number of a part that is one row with one number."""
        return self._added(sql(NOTHING, ",", self._engine.as_bytes(sql("cast(", count, " as text)"))))

    @property
    def sql(self) -> Sql:
        return joined(" union all ", self._parts)

    def _added(self, part: Sql) -> int:
        number = len(self._parts)
        self._parts.append(sql(f"select {number},", part))
        return number


class Root(ABC):
    """One root field of a plan, under its response key."""

    def __init__(self, key: str) -> None:
        self.key = key

    @abstractmethod
    def put(self, rows: Rows, run: Run, out: dict[str, Any]) -> None:
        """Puts the field in its place, now or when it is there."""


class Constant(Root):
    """`__typename`."""

    def __init__(self, key: str, value: str) -> None:
        super().__init__(key)
        self._value = value

    def put(self, rows: Rows, run: Run, out: dict[str, Any]) -> None:
        out[self.key] = self._value


class Called(Root):
    """A field that does more than ask one question: its resolver is called, and loaders ask what they need."""

    def __init__(self, key: str, call: Callable[[Any, Run], Any], complete: Complete) -> None:
        super().__init__(key)
        self._call, self._complete = call, complete

    def put(self, rows: Rows, run: Run, out: dict[str, Any]) -> None:
        run.put(self._call(None, run), self._complete, out, self.key)


class One(Root):
    """One record, or null."""

    def __init__(self, key: str, part: int, node: Written) -> None:
        super().__init__(key)
        self._part, self._node = part, node

    def put(self, rows: Rows, run: Run, out: dict[str, Any]) -> None:
        found = rows[self._part]
        out[self.key] = read(self._node, found[0][2], run) if found else None


class Listed(Root):
    """The nodes of a page, bare."""

    def __init__(self, key: str, part: int, node: Written, window: Window) -> None:
        super().__init__(key)
        self._part, self._node, self._window = part, node, window

    def put(self, rows: Rows, run: Run, out: dict[str, Any]) -> None:
        nodes, _, _ = self._window.cut(rows[self._part])
        out[self.key] = [read(self._node, row[2], run) for row in nodes]


def read(node: Written, text: bytes, run: Run) -> Any:
    """A node as it stands in the answer: the very text where nothing is to be filled in."""
    return orjson.Fragment(text) if node.fill is None else node.fill(orjson.loads(text), run)
