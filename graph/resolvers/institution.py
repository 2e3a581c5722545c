"""Which question answers which field of the registry."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain.institution import Institution, InstitutionFilter
from graph.context import Context, Info
from graph.schema.paging import After, Before, Connection, First, Last, Offset, Paging, connection_of
from storage.institution import INSTITUTIONS, institutions_seen_by_id
from storage.institution import institutions as institutions_seen
from storage.shelf import Order


async def institutions(
    info: Info,
    filter: Annotated[
        InstitutionFilter | None, strawberry.argument(description="Which are wanted; absent for all.")
    ] = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    offset: Offset = None,
) -> Connection[Institution]:
    """已备案检验机构查询. The registry, open to everybody, latest filing first; revoked institutions are not in it.
    手册 1.2, 2.2 (manual)."""
    seen = institutions_seen(info.context.viewer, filter or InstitutionFilter())
    order = Order("FILED_AT", INSTITUTIONS.table.c.filed_at, descending=True)
    return await connection_of(info.context, seen, order, Paging(first, after, last, before, offset))


async def institution_of(context: Context, institution_id: UUID | None) -> Institution | None:
    """An institution that a record names, where the viewer may see it."""
    if institution_id is None:
        return None

    async def seen(connection: Any, ids: Sequence[UUID]) -> dict[UUID, Institution]:
        return await institutions_seen_by_id(connection, context.viewer, ids)

    return await context.loading.load(seen, institution_id, name="institution")


async def name(root: strawberry.Parent[Institution], info: Info) -> str:
    """检验机构名称. Its name in the viewer's language."""
    return root.name(info.context.language)
