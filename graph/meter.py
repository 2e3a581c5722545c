"""What an operation turns out to cost while its lists come to light: how long those are that have no pages was only
expected when it was let in, and whoever keeps the fullest records would get the rest for nothing. (decision 0028)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from typing import Final

from graphql import FieldNode

from graph.errors import ErrorCode, PublicError

RECORDS_PER_POINT: Final = 10
"""So many records may be read for each point that an operation may cost: those that are only weighed are no list."""

USER_ERRORS: Final = "userErrors"
"""What tells whether a mutation was done; never so long that it could not be told."""


class TooMuchFound(Exception):
    """The operation costs more than one may; it is ended, and this is seen by nobody."""


class Meter:
    """Counts one operation, or one event. `fixed` is what it costs without what lists hold, `expected` the points that
    it was let in for; `weights` gives the points of one item by the identity of its list's node in the document."""

    __slots__ = ("_is_mutation", "_most", "_weights", "expected", "is_over", "points")

    def __init__(
        self, fixed: float, weights: Mapping[int, float], most: int, *, expected: int, is_mutation: bool = False
    ) -> None:
        self.points, self._weights, self._most, self._is_mutation = fixed, weights, most, is_mutation
        self.expected = expected
        self.is_over = False

    def fill(self) -> None:
        """More records were read than any operation may."""
        self.points, self.is_over = max(self.points, self._most), True

    def add(self, points: float) -> None:
        """Counts what is done beside lists. Raises TooMuchFound, and again for all after it."""
        self.points += points
        if self.points > self._most:
            self.is_over = True
            raise TooMuchFound

    def count(self, fields: Sequence[FieldNode], items: object) -> None:
        """A list was found, for fields that are answered as one. Raises TooMuchFound, and again for every list after.

        What a mutation has done stays done, so there a list that is too much is left out: raises PublicError."""
        if isinstance(items, Sized):
            self.points += len(items) * sum(self._weights.get(id(field), 0.0) for field in fields)
        if self.points <= self._most:
            return
        if self._is_mutation:
            if any(field.name.value == USER_ERRORS for field in fields):
                return
            raise left_out(self._most)
        self.is_over = True
        raise TooMuchFound


def too_much(most: int) -> PublicError:
    """What is said of an operation that was ended because it found more than was expected of it."""
    return PublicError(
        ErrorCode.COST_TOO_HIGH,
        zh=f"实际数据多于预估，成本超过上限{most}点（PRESHIP_COST_MAX），已中止；请减小每页条数或少选字段。",
        en=f"There was more than is expected of such lists, beyond the {most} points that an operation may cost"
        " (PRESHIP_COST_MAX), so it was ended; take smaller pages or fewer fields.",
        extensions={"cost": {"limit": most}},
    )


def left_out(most: int) -> PublicError:
    """What is said of a list in the answer to a mutation."""
    return PublicError(
        ErrorCode.COST_TOO_HIGH,
        zh=f"操作结果如其余部分所示；此列表使成本超过上限{most}点（PRESHIP_COST_MAX），未予返回，请另行查询。",
        en="What was done, the rest of the answer tells. This list is left out, for with it the operation costs more"
        f" than the {most} points that one may (PRESHIP_COST_MAX); ask for it alone.",
        extensions={"cost": {"limit": most}},
    )
