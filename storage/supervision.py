"""What records share by which customs supervises institutions: customs sees all of them, an institution its own."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Column, ColumnElement, exists, false, select, true

from domain.marks import start_of_day
from domain.party import OrganisationKind, Viewer
from domain.record import Part
from storage.question import Together
from storage.shelf import Shelf
from storage.sight import Sight, sight

P = TypeVar("P", bound=Part)


def supervised(institution_id: ColumnElement[UUID]) -> Sight:
    """Who sees a record about this institution; a revoked one keeps seeing what was its own."""

    @sight(zh="所涉检验机构和海关", en="the institution that it is about, and customs")
    def visible(viewer: Viewer) -> ColumnElement[bool]:
        if viewer.is_the_product or viewer.kind is OrganisationKind.CUSTOMS:
            return true()
        if viewer.institution_id is None:
            return false()
        return institution_id == viewer.institution_id

    return visible


def of_its_record(owner: Column[UUID], shelf: Shelf[Any]) -> Sight:
    """A part is seen by whoever sees the record that it belongs to, without a veil."""

    @sight(zh="可见所属记录者", en="whoever sees the record that it belongs to")
    def visible(viewer: Viewer) -> ColumnElement[bool]:
        # A list of all the records that are seen would be made before the first part is looked at.
        return exists().where(shelf.table.c.id == owner, shelf.open_to(viewer)).correlate(owner.table)

    return visible


def between_days(column: Column[datetime], first: date | None, last: date | None) -> Iterator[ColumnElement[bool]]:
    """What an instant must meet to lie within these days in China, both included."""
    # Before the first and after the last day that can be written there is nothing to leave out.
    if first is not None and first > date.min:
        yield column >= start_of_day(first)
    if last is not None and last < date.max:
        yield column < start_of_day(last + timedelta(days=1))


async def parts_by_owner(
    together: Together,
    shelf: Shelf[P],
    owner: Column[UUID],
    order: Column[Any],
    ids: Collection[UUID],
    *,
    where: ColumnElement[bool] | None = None,
) -> dict[UUID, tuple[P, ...]]:
    """What belongs to some records, each record's in order; nothing is asked for none."""
    if not ids:
        return {}
    statement = select(*shelf.columns).where(owner.in_(list(ids))).order_by(owner, order, shelf.id)
    if where is not None:
        statement = statement.where(where)
    found: dict[UUID, list[P]] = {}
    for row in await together.rows(statement):
        part = shelf.made_of(row)
        found.setdefault(getattr(part, owner.name), []).append(part)
    return {record_id: tuple(some) for record_id, some in found.items()}
