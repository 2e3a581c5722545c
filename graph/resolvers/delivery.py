"""What is said of a delivery beside what stands in it."""

import strawberry

from domain.delivery import Delivery
from domain.party import OrganisationKind
from graph.context import Info
from graph.relation import related
from storage.organisation import ORGANISATIONS
from storage.relation import by_id


def reason(root: strawberry.Parent[Delivery], info: Info) -> str | None:
    """失败原因. Why the last attempt failed, as the other side put it; for customs, null for others."""
    return root.last_error if info.context.viewer.kind is OrganisationKind.CUSTOMS else None


organisation = related(by_id(ORGANISATIONS), "organisation_id", name="organisation", words="收件单位. Whom it goes to.")
