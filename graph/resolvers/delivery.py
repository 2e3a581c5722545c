"""What is said of a delivery beside what stands in it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import strawberry

from domain.delivery import Delivery
from domain.organisation import Organisation
from domain.party import OrganisationKind
from graph.context import Info
from storage.organisation import ORGANISATIONS


def reason(root: strawberry.Parent[Delivery], info: Info) -> str | None:
    """失败原因. Why the last attempt failed, as the other side put it; for customs, null for others."""
    return root.last_error if info.context.viewer.kind is OrganisationKind.CUSTOMS else None


async def organisation(root: strawberry.Parent[Delivery], info: Info) -> Organisation | None:
    """收件单位. Whom it goes to."""
    viewer = info.context.viewer

    async def seen(connection: Any, ids: Sequence[UUID]) -> dict[UUID, Organisation]:
        some = ORGANISATIONS.seen_by(viewer).where(ORGANISATIONS.id.in_(ids))
        return {each.id: each for each in await some.all(connection)}

    return await info.context.loading.load(seen, root.organisation_id, name="organisation")
