"""Regulations at rest: public while they are published; customs sees those that were taken down too."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Index, or_, true

from domain.api_key.scope import ApiKeyScope
from domain.party import OrganisationKind, Viewer
from domain.regulation import WORKFLOW, Regulation, RegulationFacts, RegulationFilter, RegulationStatus
from storage.attachment import FILES, attachments_of, may_be_attached_to
from storage.columns import table_of
from storage.desk import Ask, Desk, Gathering, PartsOf
from storage.search import contains
from storage.shelf import Seen, Shelf
from storage.sight import sight

REGULATION = table_of(
    Regulation,
    "regulation",
    Index(None, "published_on", "id"),
    Index(None, "title_zh", "id"),
    Index(None, "status", "published_on", "id"),
)


@sight(zh="任何人，已下架的只有海关可见", en="everybody; those taken down are seen by customs alone")
def _public(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_the_product or viewer.kind is OrganisationKind.CUSTOMS:
        return true()
    return REGULATION.c.status == RegulationStatus.PUBLISHED


REGULATIONS = Shelf(Regulation, REGULATION, _public, scope=ApiKeyScope.REGULATIONS)
may_be_attached_to("regulation", REGULATIONS)


def regulations(viewer: Viewer, wanted: RegulationFilter) -> Seen[Regulation]:
    """Regulations by fragment of the title in either language, by number, and by day of issue."""
    seen = REGULATIONS.seen_by(viewer)
    if wanted.title:
        seen = seen.where(
            or_(contains(REGULATION.c.title_zh, wanted.title), contains(REGULATION.c.title_en, wanted.title))
        )
    if wanted.document_number:
        seen = seen.where(contains(REGULATION.c.document_number, wanted.document_number))
    if wanted.published_from is not None:
        seen = seen.where(REGULATION.c.published_on >= wanted.published_from)
    if wanted.published_to is not None:
        seen = seen.where(REGULATION.c.published_on <= wanted.published_to)
    if wanted.status is not None:
        seen = seen.where(REGULATION.c.status == wanted.status)
    return seen


async def _gather(gathering: Gathering, asks: Sequence[Ask[Any]]) -> list[RegulationFacts]:
    ids = [ask.record.id for ask in asks if ask.record is not None]
    found = await attachments_of(gathering.together, ids)
    return [RegulationFacts(attachments=found.get(ask.record.id, ()) if ask.record is not None else ()) for ask in asks]


DESK = Desk(
    WORKFLOW,
    REGULATIONS,
    _gather,
    parts=(PartsOf(FILES, lambda facts: facts.attachments),),
)
