"""The records that somebody acts on, locked, each with what its next line follows: kept for kinds of viewers.

Making a SELECT costs more than running it, and every action begins with this one. Who asks comes later
(`domain/later.py`): ids are values of the question, and what it wanted to know of them is asked again of each viewer.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam

from domain.later import Guard, Later, Slots, Unforeseen
from domain.party import Viewer
from storage.question import Question, Values, question_and_values
from storage.register import REGISTER, TOLD_OF_PARTS
from storage.shelf import Shelf

KINDS_MAX = 1_000
"""Of so many kinds of viewers, each of one shelf, the question is kept."""

_LATER = ("user_id", "organisation_id", "institution_id", "session_id", "session_expires_at")
"""What comes later of a viewer, in slots; the id of the record follows, or those of several."""


def acted_on(shelf: Shelf[Any], viewer: Viewer, ids: Sequence[UUID]) -> tuple[Question, Values]:
    """Those that the viewer may see, as they are and locked, each with the `hash` and `parts_digest` of its version's
    line, or None."""
    if not viewer.powers and viewer.key is None:
        slots = (*(getattr(viewer, name) for name in _LATER), ids[0] if len(ids) == 1 else ids)
        kept = _kept(_OfKind(shelf, viewer, slots))
        if kept is not None and all(each.holds(slots) for each in kept.guards):
            return kept.question, {name: of(slots) for name, of in kept.values}
    return question_and_values(_select(shelf, viewer, ids))


class _Kept(NamedTuple):
    question: Question
    values: Sequence[tuple[str, Callable[[Slots], Any]]]
    guards: Sequence[Guard]


class _OfKind:
    """A viewer's question of one record or of several, the same as another's where nothing but what comes later
    differs."""

    def __init__(self, shelf: Shelf[Any], viewer: Viewer, slots: Slots) -> None:
        self.shelf, self.viewer, self.slots = shelf, viewer, slots
        self._key: Hashable = (
            shelf,
            viewer.kind,
            viewer.role,
            viewer.language,
            viewer.is_the_product,
            viewer.lacks_second_factor,
            *(each is None for each in slots),
            self.is_of_one,
        )

    @property
    def is_of_one(self) -> bool:
        return isinstance(self.slots[-1], UUID)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _OfKind) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@lru_cache(KINDS_MAX)
def _kept(asked: _OfKind) -> _Kept | None:
    """None where the question cannot be asked before it is known of whom."""
    guards: list[Guard] = []
    later: list[Any] = [
        None if now is None else Later(itemgetter(place), now, guards) for place, now in enumerate(asked.slots)
    ]
    viewer = replace(asked.viewer, **dict(zip(_LATER, later[:-1], strict=True)))
    ids = later[-1:] if asked.is_of_one else later[-1]
    try:
        question, values = question_and_values(_select(asked.shelf, viewer, ids))
    except Unforeseen:
        return None
    if any(isinstance(each, list | tuple | set) for each in values.values()):
        return None
    return _Kept(question, [(name, _of(value)) for name, value in values.items()], guards)


def _of(value: Any) -> Callable[[Slots], Any]:
    return value.of if isinstance(value, Later) else lambda slots: value


def _select(shelf: Shelf[Any], viewer: Viewer, ids: Sequence[UUID] | Later) -> Select[Any]:
    are_these: ColumnElement[bool]
    if isinstance(ids, Later) or len(ids) > 1:
        are_these = shelf.id.in_(bindparam("ids", ids, Uuid(), expanding=True))
    else:
        are_these = shelf.id == ids[0]
    last = and_(REGISTER.c.subject_id == shelf.id, REGISTER.c.version == shelf.version)
    return (
        shelf.seen_by(viewer)
        .unveiled()
        .where(are_these)
        .select()
        .add_columns(REGISTER.c.hash, TOLD_OF_PARTS)
        .outerjoin_from(shelf.table, REGISTER, last)
        .order_by(shelf.id)
        .with_for_update(of=shelf.table)
    )
