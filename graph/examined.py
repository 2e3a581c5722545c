"""Documents that fit the schema, remembered by their text, so that each is parsed, measured and validated once.

The surprise: what is remembered belongs to a schema and its limits, not to an application; two in one process share it.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

import strawberry
from graphql import DocumentNode

from graph.limits import Limits

DOCUMENTS_MAX: Final = 500
CHARACTERS_MAX: Final = 500_000
"""A parsed document takes some hundred bytes a character, so remembered text is bounded as well as their number."""
MEMORIES_MAX: Final = 16
"""Schemas with limits of which documents are remembered; a process that serves has one."""


class Examined(NamedTuple):
    """A document that fits the schema, as it is remembered."""

    document: DocumentNode
    introspects: bool


class Memory:
    """Examined documents; the one longest unused goes first. Safe on one event loop."""

    def __init__(self, documents_max: int = DOCUMENTS_MAX) -> None:
        self._documents_max = documents_max
        self._documents: OrderedDict[str, Examined] = OrderedDict()
        self.characters = 0
        self.remembers: Callable[[int], None] = lambda _: None
        """Is told of how many documents there are, whenever there is one more."""

    @property
    def texts(self) -> list[str]:
        """What is remembered, the longest unused first."""
        return list(self._documents)

    def of(self, text: str) -> Examined | None:
        """What is remembered of a text."""
        found = self._documents.get(text)
        if found is not None:
            self._documents.move_to_end(text)
        return found

    def keep(self, text: str, examined: Examined) -> None:
        """Remembers a document that fits, and forgets as many as are too many then."""
        self._documents[text] = examined
        self.characters += len(text)
        while len(self._documents) > self._documents_max or self.characters > CHARACTERS_MAX:
            forgotten, _ = self._documents.popitem(last=False)
            self.characters -= len(forgotten)
        self.remembers(len(self._documents))


@lru_cache(MEMORIES_MAX)
def memory_of(schema: strawberry.Schema, limits: Limits) -> Memory:
    """The memory that all applications with this schema and these limits share."""
    return Memory()
