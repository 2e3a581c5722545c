"""The shape of a request: all that decides how its statement is written. What else it brings lies in slots.

A plan is made from the first request of its shape. Wherever that request's values stand in a question, a `Later` takes
their place; what the question wanted to know of them is kept as guards.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select

from domain.later import Guard, Later, Slots
from domain.party import DelegatedPower, Viewer
from graph.context import Context
from graph.plan.variables import Variables
from graph.reception.presumption import Presumption
from storage.session_token import still_known

TODAY: Final = 0
IDS: Final = ("user_id", "organisation_id", "institution_id", "session_id")
"""Of a viewer, in the slots that follow."""
KEY_ID: Final = 5
POWERS: Final = 6
SHOWN: Final = 7
"""By which hash a token is found, what time it is, and how long ago a use was to be noted, where it is presumed who
asks."""
VARIABLES_FROM: Final = 10

Key = tuple[Hashable, ...]


class Slot(Later):
    """What stands in a slot as it comes."""

    __slots__ = ("index",)

    def __init__(self, index: int, now: Any, guards: list[Guard]) -> None:
        super().__init__(itemgetter(index), now, guards)
        self.index = index


def shape_of(context: Context, variables: Variables, given: Mapping[str, Any]) -> tuple[Key, list[Any]]:
    """The key that all requests of one shape have, and the slots of this one. Raises StepAside."""
    viewer, presumption = context.viewer, context.presumption
    key = viewer.key
    slots: list[Any] = [
        context.today,
        viewer.user_id,
        viewer.organisation_id,
        viewer.institution_id,
        viewer.session_id,
        None if key is None else key.id,
        viewer.powers,
        *((None, None, None) if presumption is None else presumption.shown),
    ]
    return (
        context.language,
        None if presumption is None else presumption.sort,
        viewer.kind,
        viewer.role,
        tuple(power.role for power in viewer.powers),
        viewer.user_id is None,
        viewer.organisation_id is None,
        viewer.institution_id is None,
        viewer.session_id is None,
        viewer.is_the_product,
        None if key is None else key.scopes,
        variables.read(given, slots),
    ), slots


class Template:
    """The first request of a shape, in which whatever has a slot comes later."""

    def __init__(self, key: Key, slots: Slots) -> None:
        self.asker: Key = key[:-1]
        """The shape without its variables: who asks, and in which language."""
        self.slots = slots
        self._next = VARIABLES_FROM
        self.guards: list[Guard] = []

    def at(self, index: int) -> Any:
        """The value of a slot, whenever it comes; None where this shape has none."""
        return None if self.slots[index] is None else Slot(index, self.slots[index], self.guards)

    def today(self) -> Any:
        return self.at(TODAY)

    def viewer(self, viewer: Viewer) -> Viewer:
        ids = {name: self.at(TODAY + 1 + index) for index, name in enumerate(IDS)}
        powers: Any = tuple(self._power(index, each) for index, each in enumerate(viewer.powers))
        key = None if viewer.key is None else replace(viewer.key, id=self.at(KEY_ID), secret_hash=None)
        return replace(viewer, **ids, powers=powers, key=key, session_expires_at=None)

    def proof(self, viewer: Viewer, presumption: Presumption | None) -> Select[Any] | None:
        """What proves that it is the viewer of this template who asks; None where that is certain."""
        if presumption is None:
            return None
        token_hash, now, noted_before = (self.at(SHOWN + place) for place in range(3))
        return still_known(replace(presumption.known, viewer=viewer), token_hash, now, noted_before, self.today())

    def next(self, coerced: Any) -> Later:
        """What stands in the next slot of the variables, which is this value now."""
        index = self._next
        now = self.slots[index]
        if type(now) is not type(coerced) or now != coerced:
            raise AssertionError("the fast way and graphql-core coerce a variable alike")
        self._next += 1
        return Slot(index, now, self.guards)

    def _power(self, index: int, power: DelegatedPower) -> DelegatedPower:
        delegation_id: UUID = self._of_power(index, "delegation_id")
        delegator_id: UUID = self._of_power(index, "delegator_id")
        return replace(power, delegation_id=delegation_id, delegator_id=delegator_id)

    def _of_power(self, index: int, name: str) -> Any:
        def of(slots: Slots) -> Any:
            return getattr(slots[POWERS][index], name)

        return Later(of, of(self.slots), self.guards)
