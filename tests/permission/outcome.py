"""What came of a call, in the words of the grid."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graph.permission.table import Cell, Permission
from tests.permission.people import Seat

REFUSED: Mapping[str, Cell] = {
    each.name: each for each in (Cell.UNAUTHENTICATED, Cell.FORBIDDEN, Cell.NOT_FOUND, Cell.NOT_YOUR_ROLE)
}
"""The codes that say that somebody may not. Whatever else is refused, such as a stale version, has nothing to do with
who asks."""


@dataclass(frozen=True)
class Outcome:
    """The cells of the grid that fit what was answered, and what was answered in so many words."""

    cells: frozenset[Cell]
    said: str = ""

    def __str__(self) -> str:
        return "/".join(sorted(each.name for each in self.cells)) + (f" ({self.said})" if self.said else "")


def fits(*cells: Cell, said: str = "") -> Outcome:
    return Outcome(frozenset(cells), said)


ALLOWED = (Cell.YES, Cell.OWN)


def of_codes(codes: Iterable[str]) -> Outcome:
    """Of a mutation: allowed, unless one of its errors or refusals says that this viewer may not."""
    codes = list(codes)
    refused = [REFUSED[each] for each in codes if each in REFUSED]
    return fits(*(refused[:1] or ALLOWED), said=", ".join(codes))


def of_count(count: int, expected: int, total: int) -> Outcome:
    """Of a list: how many it gave of all that there are, where so many were expected. Whoever may see only some, and
    sees all that there happen to be, is given all."""
    said = f"{count} of {total}"
    if count != expected:
        return fits(said=f"{said}, not {expected}")
    if count == 0:
        return fits(Cell.NOTHING)
    return fits(Cell.OWN, said=said) if count < total else fits(*ALLOWED, said=said)


def of_pair(own: Any, other: Any, *, other_is_hidden: bool) -> Outcome:
    """Of a question for one record: whether it gave what is one's own, and what is not to be seen."""
    if other:
        return fits(Cell.YES) if other_is_hidden else fits(*ALLOWED)
    if own:
        return fits(Cell.OWN) if other_is_hidden else fits(*ALLOWED)
    return fits(Cell.NOTHING)


def of_value(value: Any) -> Outcome:
    return fits(Cell.YES if value else Cell.NOTHING)


@dataclass(frozen=True)
class Called:
    """An operation, as whom it was called, and what came of it."""

    permission: Permission
    seat: Seat
    outcome: Outcome

    def __str__(self) -> str:
        of = f" ({self.permission.of})" if self.permission.of else ""
        return f"{self.permission.operation}{of} as {self.seat}"
