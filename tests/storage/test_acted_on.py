"""Who acts is asked by a question that is kept for all viewers of a kind, and gives each what one made anew would."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from domain.api_key.scope import ApiKeyScope
from domain.party import ANONYMOUS, THE_PRODUCT, DelegatedPower, OrganisationKind, Role, ShownKey, Viewer
from storage.acted_on import _OfKind, _select, acted_on
from storage.desk import Desk
from storage.desks import DESKS
from storage.question import question_and_values
from storage.shelf import Shelf

TILL = datetime(2027, 1, 1, tzinfo=UTC)
FOUND_BY_ITS_KIND = {"kind", "role", "language", "is_the_product", "lacks_second_factor"}
COMES_LATER = {"user_id", "organisation_id", "institution_id", "session_id", "session_expires_at"}
MADE_ANEW = {"powers", "key"}


def somebody(kind: OrganisationKind, role: Role) -> Viewer:
    return Viewer(
        kind=kind,
        role=role,
        user_id=uuid4(),
        organisation_id=uuid4(),
        institution_id=uuid4() if kind is OrganisationKind.INSTITUTION else None,
        session_id=uuid4(),
        session_expires_at=TILL,
    )


def viewers() -> Iterator[Viewer]:
    """Two of each kind: one of whom the question is made, and one who is given it."""
    for kind in OrganisationKind:
        for role in Role:
            yield somebody(kind, role)
            yield somebody(kind, role)
    yield from (ANONYMOUS, THE_PRODUCT)
    one = somebody(OrganisationKind.INSTITUTION, Role.VIEWER)
    yield replace(one, powers=(DelegatedPower(delegation_id=uuid4(), delegator_id=uuid4(), role=Role.ADMIN),))
    for scopes in (frozenset[ApiKeyScope](), frozenset(ApiKeyScope)):
        yield Viewer(key=ShownKey(id=uuid4(), scopes=scopes, rate_per_minute=60, expires_at=TILL))


@pytest.mark.parametrize("desk", DESKS.values(), ids=lambda desk: desk.workflow.subject)
def test_what_is_kept_asks_what_would_be_asked_anew(desk: Desk[Any]) -> None:
    for viewer in viewers():
        for ids in ([uuid4()], [uuid4()], [uuid4(), uuid4()]):
            question, values = acted_on(desk.shelf, viewer, ids)
            anew, its_values = question_and_values(_select(desk.shelf, viewer, ids))
            assert question is anew
            assert dict(values) == dict(its_values)


def test_everything_about_a_viewer_is_told_apart() -> None:
    assert {each.name for each in fields(Viewer)} == FOUND_BY_ITS_KIND | COMES_LATER | MADE_ANEW


def test_kinds_of_viewers_and_records_are_told_apart() -> None:
    shelves: list[Shelf[Any]] = [desk.shelf for desk in DESKS.values()]
    slots = (uuid4(),)
    operator = somebody(OrganisationKind.CUSTOMS, Role.OPERATOR)
    kinds = {
        *(_OfKind(shelf, operator, slots) for shelf in shelves),
        *(_OfKind(shelves[0], replace(operator, role=role), slots) for role in Role),
        *(_OfKind(shelves[0], replace(operator, kind=kind), slots) for kind in OrganisationKind),
    }
    assert len(kinds) == len(shelves) + len(Role) - 1 + len(OrganisationKind) - 1
