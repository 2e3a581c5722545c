"""What the plans of one schema have in common on one kind of engine: what each field is, and how questions are written
for viewers of one kind. Neither depends on a document, so a new one pays for what it selects alone.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar, cast

import strawberry

from domain.later import Guard, Later
from graph.plan.shape import Slot, Template

T = TypeVar("T")

QUESTIONS_MAX: Final = 1_000
"""Questions that are remembered, some kilobytes each; the one longest unused goes first."""
ARGUMENTS_MAX: Final = 500
"""Characters and values of the arguments by which a question is remembered, where they are written in the document."""
MEMORIES_MAX: Final = 16
"""Schemas and kinds of engines of which something is remembered; a process that serves has one."""


class NotToBeTold(Exception):
    """The arguments are too many, or one cannot be told from others, so nothing is remembered by them."""


class _Known(NamedTuple):
    value: Any
    guards: tuple[Guard, ...]


class Memory:
    """Safe on one event loop."""

    def __init__(self) -> None:
        self._questions: OrderedDict[Hashable, _Known] = OrderedDict()
        self.fields: dict[Hashable, Any] = {}
        """What is known of fields, as many as there are in the schema."""

    def of(self, key: Hashable, template: Template, make: Callable[[], T]) -> T:
        known = self._questions.get(key)
        if known is not None and all(guard.holds(template.slots) for guard in known.guards):
            self._questions.move_to_end(key)
            template.guards += known.guards
            return cast(T, known.value)
        before = len(template.guards)
        value = make()
        self._questions[key] = _Known(value, tuple(template.guards[before:]))
        if len(self._questions) > QUESTIONS_MAX:
            self._questions.popitem(last=False)
        return value


class Recall:
    """The memory as the plan of one request uses it."""

    def __init__(self, memory: Memory, template: Template) -> None:
        self._memory, self._template = memory, template
        self.fields = memory.fields

    def of(self, what: tuple[Hashable, ...], make: Callable[[], T]) -> T:
        """What was made for whoever asks, where what it wanted to know of a request is true of this one too; else made
        anew. It must hold nothing of the request but what comes later."""
        return self._memory.of((self._template.asker, *what), self._template, make)


@lru_cache(MEMORIES_MAX)
def memory_of(schema: strawberry.Schema, dialect: str) -> Memory:
    """The memory that all applications with this schema share on one kind of engine."""
    return Memory()


def told(arguments: dict[str, Any]) -> Hashable:
    """The arguments of a field as a key: what comes later by the place where it comes. Raises NotToBeTold."""
    if _length(arguments) > ARGUMENTS_MAX:
        raise NotToBeTold
    return _told(arguments)


def _length(value: Any) -> int:
    match value:
        case str():
            return len(value)
        case dict():
            return sum(1 + _length(each) for each in value.values())
        case list():
            return sum(1 + _length(each) for each in value)
    return 1


def _told(value: Any) -> Hashable:
    match value:
        case Slot():
            return Slot, value.index
        case Later():
            raise NotToBeTold
        case dict():
            return dict, tuple((key, _told(each)) for key, each in value.items())
        case list():
            return list, tuple(map(_told, value))
    try:
        hash(value)
    except TypeError:
        raise NotToBeTold from None
    return type(value), value
