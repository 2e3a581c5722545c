"""The world as it lies in the database, for whoever asks it: every record, who looks, and whose is what."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.institution import InstitutionStatus
from domain.party import THE_PRODUCT, Viewer
from graph.ids import parts_of, public_id
from graph.listing import LISTS
from graph.permission.table import Permission
from graph.publish import type_name
from graph.resolvers.node import SHELVES
from identity.api_key import key_in
from storage.api_key import key_shown
from storage.code import CODES
from storage.database import Database
from storage.session_token import holder_of
from tests.clock import OPENING
from tests.permission.people import NOBODY, SEATS, Seat
from tests.permission.sentences import Eyes, sees

_WHOSE = ("organisation_id", "enterprise_id", "institution_id", "account_id", "user_id", "delegator_id", "id")
"""Fields that say whose a record is."""


@dataclass(frozen=True, repr=False)
class World:
    """Every record by its type as ids name it, and as whom each seat is known to the product."""

    records: Mapping[str, Sequence[Any]]
    viewers: Mapping[Seat, Viewer]
    eyes: Mapping[Seat, Eyes]
    _split: dict[tuple[Seat, str], tuple[list[Any], list[Any]]] = field(default_factory=dict)

    def sees(self, seat: Seat, kind: str, record: Any) -> bool:
        """Whether the page's sentence shows this record to whoever sits here."""
        return sees(self.eyes[seat], kind, record)

    def by_id(self, public: str) -> Any:
        """The record of an id as clients write it."""
        kind, record_id = parts_of(public)
        return self.eyes[NOBODY].the(kind, record_id)

    def seen(self, seat: Seat, kind: str) -> list[Any]:
        return self._both(seat, kind)[0]

    def unseen(self, seat: Seat, kind: str) -> list[Any]:
        return self._both(seat, kind)[1]

    def listed(self, kind: str) -> list[Any]:
        """What its list has for whoever sees all: of rules, those in force."""
        if kind != "rule":
            return list(self.records[kind])
        today = OPENING.date()
        return [each for each in self.records[kind] if each.valid_from <= today <= (each.valid_to or today)]

    def _both(self, seat: Seat, kind: str) -> tuple[list[Any], list[Any]]:
        """What is seen and what is not, worked out once."""
        if (seat, kind) not in self._split:
            some = self.records[kind]
            seen = {each.id for each in some if self.sees(seat, kind, each)}
            self._split[seat, kind] = (
                [each for each in some if each.id in seen], [each for each in some if each.id not in seen]
            )  # fmt: skip
        return self._split[seat, kind]

    def own(self, seat: Seat, kind: str) -> Any:
        """The record that is most one's own: oneself or one's own, else the organisation's, else one that is seen;
        else, as a stranger would, any at all."""
        return max(self.seen(seat, kind) or self.records[kind], key=lambda each: self.nearness(seat, each))

    def nearness(self, seat: Seat, record: Any) -> int:
        """2 for what is one's own, 1 for the organisation's, 0 for what is others'."""
        eyes = self.eyes[seat]
        whose = {getattr(record, name, None) for name in _WHOSE} - {None}
        if eyes.user_id in whose:
            return 2
        return int(bool({eyes.organisation_id, eyes.institution_id} & whose))

    def colleagues(self, seat: Seat, kind: str) -> list[Any]:
        """What is a colleague's own."""
        return [each for each in self.records[kind] if self.nearness(seat, each) == 1]

    def strangers(self, seat: Seat, kind: str) -> list[Any]:
        """What is others', whether or not it is seen."""
        return [each for each in self.records[kind] if self.nearness(seat, each) == 0]


def id_of(record: Any) -> str:
    """As clients write it."""
    return public_id(type_name(type(record)), record.id)


def kind_of(each: Permission) -> str:
    """The type of the records that an operation is about."""
    assert each.shelf is not None
    return type_name(each.shelf.record)


def _all(world: World, seat: Seat, record: Any) -> bool:
    return True


def _of_administrators(world: World, seat: Seat, record: Any) -> bool:
    return world.eyes[seat].administers


def _in_the_registry(world: World, seat: Seat, record: Any) -> bool:
    return world.eyes[seat].of_customs or record.status is not InstitutionStatus.REVOKED


def _in_force(world: World, seat: Seat, record: Any) -> bool:
    return record in world.listed("rule")


LESS: Mapping[str, Callable[[World, Seat, Any], bool]] = {
    "accounts": _of_administrators,
    "institutions": _in_the_registry,
    "rules": _in_force,
}
"""Lists that have less than all that is seen, as their own words say."""


def in_list(world: World, seat: Seat, name: str) -> list[Any]:
    """The records that a list is to have, for whoever may ask for it."""
    has = LESS.get(name, _all)
    return [each for each in world.seen(seat, type_name(LISTS[name].shelf.record)) if has(world, seat, each)]


async def look_at(database: Database) -> World:
    """Everything that lies there."""
    shelves = {**SHELVES, "code_item": CODES}
    async with database.reading() as connection:
        records = {kind: await shelf.seen_by(THE_PRODUCT).all(connection, shelf.id) for kind, shelf in shelves.items()}
        viewers = {seat: await _viewer(connection, seat) for seat in SEATS}
    empty = [kind for kind, some in records.items() if not some]
    assert not empty, f"the story tells of no {empty}"
    by_id = {(kind, each.id): each for kind, some in records.items() for each in some}
    return World(records, viewers, {seat: _eyes(seat, records, by_id) for seat in SEATS})


async def _viewer(connection: Any, seat: Seat) -> Viewer:
    if seat.token is None:
        return Viewer()
    parts = key_in(seat.token)
    if parts is not None:
        key = await key_shown(connection, parts.prefix, parts.secret_hash, OPENING)
        assert key is not None, seat
        return Viewer(key=key)
    known = await holder_of(connection, seat.token, OPENING)
    assert known is not None, seat
    return known.viewer


def _eyes(seat: Seat, records: Mapping[str, Sequence[Any]], by_id: Mapping[tuple[str, UUID], Any]) -> Eyes:
    """Worked out from the records, not by the product."""
    if seat.member is None:
        return Eyes(by_id, scope=seat.scope)
    account = _only(each for each in records["account"] if each.username == seat.member.username)
    organisation = by_id["organisation", account.organisation_id]
    institutions = [each.id for each in records["institution"] if each.organisation_id == organisation.id]
    return Eyes(by_id, organisation.kind, account.id, organisation.id, next(iter(institutions), None), account.role)


def _only(some: Iterator[Any]) -> Any:
    (one,) = some
    return one
