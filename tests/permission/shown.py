"""Which fields of a record that is seen are shown to whom: the page's column “Kept back in part”, in Python."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.filing.record import FilingStatus
from domain.filing_change.record import FilingChangeStatus
from domain.party import OrganisationKind, Role
from graph.ids import parts_of
from graph.permission.kept_back import KEPT_BACK
from graph.resolvers.node import SHELVES
from tests.permission.people import Seat
from tests.permission.sentences import Eyes, is_veiled
from tests.permission.world import World

Shown = Callable[[Eyes, Any], bool]


def _person_or_administrator(eyes: Eyes, account: Any) -> bool:
    return eyes.administers or account.id == eyes.user_id


def _known(eyes: Eyes, _: Any) -> bool:
    return eyes.is_known


def _customs_or_itself(eyes: Eyes, institution: Any) -> bool:
    return eyes.of_customs or institution.id == eyes.institution_id


def _customs(eyes: Eyes, _: Any) -> bool:
    return eyes.of_customs


def _whose_task_it_is(eyes: Eyes, record: Any, under_review: object) -> bool:
    if eyes.kind is OrganisationKind.INSTITUTION:
        return eyes.belongs(record) and eyes.role in (Role.ADMIN, Role.OPERATOR)
    return eyes.of_customs and eyes.role in (Role.ADMIN, Role.REVIEWER) and record.status is under_review


def _of_a_filing(eyes: Eyes, filing: Any) -> bool:
    return _whose_task_it_is(eyes, filing, FilingStatus.SUBMITTED)


def _of_a_change(eyes: Eyes, part: Any) -> bool:
    if part.name != "identity_card_number":
        return True
    return _whose_task_it_is(eyes, eyes.the("filing_change", part.filing_change_id), FilingChangeStatus.PENDING)


SHOWN: Mapping[tuple[str, str], Shown] = {
    ("account", "email"): _person_or_administrator,
    ("account", "mobile"): _person_or_administrator,
    ("account", "language"): _person_or_administrator,
    ("changed_field", "before"): _of_a_change,
    ("changed_field", "after"): _of_a_change,
    ("delivery", "reason"): _customs,
    ("filing", "identity_card_number"): _of_a_filing,
    ("institution", "contact_name"): _known,
    ("institution", "contact_phone"): _known,
    ("institution", "contact_email"): _known,
    ("institution", "filing"): _customs_or_itself,
    ("institution", "dispositions"): _customs_or_itself,
}


def is_shown_in_full(world: World, seat: Seat, record_id: str, name: str) -> bool:
    """Whether a field of a record that is seen is neither kept back nor masked."""
    kind, eyes, record = parts_of(record_id)[0], world.eyes[seat], world.by_id(record_id)
    veil = SHELVES[kind].veil
    if veil is not None and name in veil.fields:
        return not is_veiled(eyes, kind, record)
    return SHOWN[kind, name](eyes, record)


def is_kept_back(world: World, seat: Seat, record_id: str, name: str) -> bool:
    """Whether a field that leads to other records is kept back whatever they are."""
    kind = parts_of(record_id)[0]
    return name in KEPT_BACK.get(kind, ()) and not is_shown_in_full(world, seat, record_id, name)
