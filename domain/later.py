"""A value that every request brings anew, standing in a question that is asked once and answered many times.

What is done to it is remembered and done again to each new value. The surprise: it knows the value of the first
request, so a question may branch on it; each answer becomes a guard, and is asked again before the question serves.
"""

from collections.abc import Callable, Sequence
from operator import methodcaller
from typing import Any, NamedTuple

Slots = Sequence[Any]
"""What one request brings, each value in a place of its own."""


class Unforeseen(Exception):
    """Something was done to a value that cannot be done again to another, as looking it up in a dictionary."""


class Guard(NamedTuple):
    """What a question wanted to know of a value, and was told."""

    asks: Callable[[Slots], Any]
    answer: Any

    def holds(self, slots: Slots) -> bool:
        return bool(self.asks(slots) == self.answer)


class Later:
    """One such value, or what was made of it."""

    __slots__ = ("_guards", "_now", "of")

    def __init__(self, of: Callable[[Slots], Any], now: Any, guards: list[Guard]) -> None:
        """`of` finds it among the slots of a request; `now` is what the first request brings."""
        self.of, self._now, self._guards = of, now, guards

    def then(self, make: Callable[[Any], Any]) -> "Later":
        """What `make` makes of it, of each one anew."""
        of = self.of
        return Later(lambda slots: make(of(slots)), make(self._now), self._guards)

    def asked(self, what: Callable[[Any], Any]) -> Any:
        """What is true of it now; the question serves only those of whom the same is true."""
        of = self.of
        answer = what(self._now)
        self._guards.append(Guard(lambda slots: what(of(slots)), answer))
        return answer

    def __bool__(self) -> bool:
        return bool(self.asked(bool))

    def __lt__(self, other: Any) -> bool:
        return bool(self.asked(lambda value: value < other))

    def __le__(self, other: Any) -> bool:
        return bool(self.asked(lambda value: value <= other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.asked(lambda value: value > other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.asked(lambda value: value >= other))

    def __add__(self, other: Any) -> "Later":
        return self.then(lambda value: value + other)

    def __radd__(self, other: Any) -> "Later":
        return self.then(lambda value: other + value)

    def strip(self) -> "Later":
        return self.then(methodcaller("strip"))

    def upper(self) -> "Later":
        return self.then(methodcaller("upper"))

    def __eq__(self, other: object) -> bool:
        raise Unforeseen("compared for being the same")

    def __hash__(self) -> int:
        raise Unforeseen("looked up")

    def __iter__(self) -> Any:
        raise Unforeseen("gone through")

    def __str__(self) -> str:
        raise Unforeseen("written out")

    __format__ = None  # type: ignore[assignment]  # an f-string would take the first value for all


def applied(make: Callable[[Any], Any], value: Any) -> Any:
    """What `make` makes of a value, now or when it comes."""
    return value.then(make) if isinstance(value, Later) else make(value)


def asked(what: Callable[[Any], Any], value: Any) -> Any:
    """What is true of a value, and of all that come in its place."""
    return value.asked(what) if isinstance(value, Later) else what(value)
