"""What is said of a delivery beside what stands in it."""

import strawberry

from domain.delivery import Delivery
from domain.organisation import Organisation
from domain.party import OrganisationKind
from graph.context import Info
from graph.seen import one_seen
from storage.organisation import ORGANISATIONS


def reason(root: strawberry.Parent[Delivery], info: Info) -> str | None:
    """失败原因. Why the last attempt failed, as the other side put it; for customs, null for others."""
    return root.last_error if info.context.viewer.kind is OrganisationKind.CUSTOMS else None


async def organisation(root: strawberry.Parent[Delivery], info: Info) -> Organisation | None:
    """收件单位. Whom it goes to."""
    return await one_seen(info.context, ORGANISATIONS, root.organisation_id)
