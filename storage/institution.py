"""The registry at rest: public but for revoked institutions, seen by customs and by whoever has dealt with them."""

from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, UniqueConstraint, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.api_key.scope import ApiKeyScope
from domain.institution import WORKFLOW, Institution, InstitutionFilter, InstitutionStatus
from domain.party import OrganisationKind, Viewer
from storage.columns import table_of
from storage.desk import Desk, no_facts
from storage.question import Asks, Question, Together, Values, several
from storage.search import begins, contains
from storage.shelf import Seen, Shelf
from storage.sight import sight

INSTITUTION = table_of(
    Institution,
    "institution",
    UniqueConstraint("filing_number"),
    UniqueConstraint("organisation_id"),
    ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
    Index(None, "filed_at", "id"),
    Index(None, "status", "filed_at", "id"),
)


LISTED = INSTITUTION.c.status != InstitutionStatus.REVOKED
"""What the registry shows to everybody."""

_ACQUAINTED: list[Callable[[Viewer], ColumnElement[bool]]] = []


def also_seen_by(acquainted: Callable[[Viewer], ColumnElement[bool]]) -> None:
    """Says who else sees an institution that was struck from the registry: those whose own records name it."""
    _ACQUAINTED.append(acquainted)


@sight(
    zh="任何人；已撤销备案的只有海关、该机构本身和曾委托过它的企业可见",
    en="everybody; one that was struck from the registry is seen by customs, by itself, and by enterprises that "
    "have commissioned it",
)
def _known(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_the_product or viewer.kind is OrganisationKind.CUSTOMS:
        return true()
    if viewer.institution_id is not None:
        return or_(LISTED, INSTITUTION.c.id == viewer.institution_id)
    return or_(LISTED, *(acquainted(viewer) for acquainted in _ACQUAINTED))


INSTITUTIONS = Shelf(
    Institution,
    INSTITUTION,
    _known,
    scope=ApiKeyScope.REGISTRY,
    seen_within=frozenset({ApiKeyScope.CHANGE_FEED}),
)


def institutions(viewer: Viewer, wanted: InstitutionFilter) -> Seen[Institution]:
    """The registry by fragment of a name in either language, and by filing number."""
    seen = INSTITUTIONS.seen_by(viewer)
    if viewer.kind is not OrganisationKind.CUSTOMS and not viewer.is_the_product:
        seen = seen.where(LISTED)
    if wanted.name:
        seen = seen.where(
            or_(contains(INSTITUTION.c.name_zh, wanted.name), contains(INSTITUTION.c.name_en, wanted.name))
        )
    if wanted.filing_number:
        seen = seen.where(begins(INSTITUTION.c.filing_number, wanted.filing_number.strip().upper()))
    if wanted.country:
        seen = seen.where(INSTITUTION.c.country == wanted.country)
    if wanted.status is not None:
        seen = seen.where(INSTITUTION.c.status == wanted.status)
    if wanted.may_be_commissioned is not None:
        in_order = INSTITUTION.c.status == InstitutionStatus.NORMAL
        seen = seen.where(in_order if wanted.may_be_commissioned else ~in_order)
    return seen


_BY_ID = Question(select(*INSTITUTIONS.columns).where(INSTITUTION.c.id.in_(several("ids"))).order_by(INSTITUTION.c.id))
_BY_ID_KEPT = Question(_BY_ID.statement.with_for_update(read=True))
_BY_ID_TO_CHANGE = Question(_BY_ID.statement.with_for_update())


def institution_kept(institution_id: UUID) -> tuple[Question, Values]:
    """What `institutions_by_id` asks with `lock` of this one alone."""
    return _BY_ID_KEPT, {"ids": {institution_id}}


async def institutions_by_id(
    connection: Asks, ids: Iterable[UUID | None], *, lock: bool = False, to_change: bool = False
) -> dict[UUID, Institution]:
    """Institutions as the rules weigh them, revoked ones too. With `lock`, none changes before the transaction ends.

    Where it may be this transaction that will change them, say so: two that only look would wait for each other.
    """
    wanted = {each for each in ids if each is not None}
    question = (_BY_ID_TO_CHANGE if to_change else _BY_ID_KEPT) if lock else _BY_ID
    found = [INSTITUTIONS.made_of(row) for row in await question.of(connection, ids=wanted)]
    return {each.id: each for each in found}


async def institutions_of(
    together: Together, organisations: Iterable[UUID], *, lock: bool = False
) -> dict[UUID, Institution]:
    """Institutions by their organisation, revoked ones too. With `lock`, none changes before the transaction ends."""
    statement = (
        select(*INSTITUTIONS.columns)
        .where(INSTITUTION.c.organisation_id.in_(list(organisations)))
        .order_by(INSTITUTION.c.id)
    )
    if lock:
        statement = statement.with_for_update(read=True)
    found = [INSTITUTIONS.made_of(row) for row in await together.rows(statement)]
    return {each.organisation_id: each for each in found}


async def institutions_seen_by_id(
    connection: AsyncConnection, viewer: Viewer, ids: Iterable[UUID]
) -> dict[UUID, Institution]:
    """Those of some institutions that a viewer may see, by id."""
    seen = INSTITUTIONS.seen_by(viewer).where(INSTITUTION.c.id.in_(list(ids)))
    return {each.id: each for each in await seen.all(connection)}


DESK = Desk(WORKFLOW, INSTITUTIONS, no_facts)
