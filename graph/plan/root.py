"""Root fields within a plan: each is a part of the one statement, or a resolver that is called beside it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import orjson

from graph.plan.compiler import Written
from graph.plan.filling import Complete, Run
from storage.shelf import Window


class Root(ABC):
    """One root field of a plan, under its response key."""

    def __init__(self, key: str) -> None:
        self.key = key

    @abstractmethod
    def put(self, run: Run, out: dict[str, Any]) -> None:
        """Puts the field in its place, now or when it is there."""


class Constant(Root):
    """`__typename`."""

    def __init__(self, key: str, value: str) -> None:
        super().__init__(key)
        self._value = value

    def put(self, run: Run, out: dict[str, Any]) -> None:
        out[self.key] = self._value


class Called(Root):
    """A field that does more than ask one question: its resolver is called, and loaders ask what they need."""

    def __init__(self, key: str, call: Callable[[Any, Run], Any], complete: Complete) -> None:
        super().__init__(key)
        self._call, self._complete = call, complete

    def put(self, run: Run, out: dict[str, Any]) -> None:
        run.put(self._call(None, run), self._complete, out, self.key)


class One(Root):
    """One record, or null."""

    def __init__(self, key: str, part: int, node: Written) -> None:
        super().__init__(key)
        self._part, self._node = part, node

    def put(self, run: Run, out: dict[str, Any]) -> None:
        found = run.rows[self._part]
        out[self.key] = read(self._node, found[0][2], run) if found else None


class Listed(Root):
    """The nodes of a page, bare."""

    def __init__(self, key: str, part: int, node: Written, window: Window) -> None:
        super().__init__(key)
        self._part, self._node, self._window = part, node, window

    def put(self, run: Run, out: dict[str, Any]) -> None:
        nodes, _, _ = self._window.cut(run.rows[self._part])
        out[self.key] = [read(self._node, row[2], run) for row in nodes]


def read(node: Written, text: bytes, run: Run) -> Any:
    """A node as it stands in the answer: the very text where nothing is to be filled in."""
    return orjson.Fragment(text) if node.fill is None else node.fill(orjson.loads(text), run)
