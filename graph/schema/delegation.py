"""Delegations in public."""

from domain.delegation import Delegation, DelegationFilter, DelegationOrderField
from graph.actions import mutations
from graph.guidance import guidance
from graph.listing import list_of
from graph.publish import field, publish
from graph.resolvers import delegation as resolve
from storage.delegation import DELEGATION, DELEGATIONS, DESK, delegations

publish(Delegation, field(resolve.delegator), field(resolve.substitute), *guidance(DESK))

QUERIES = (
    list_of(
        DELEGATIONS,
        "delegations",
        "委托办理列表. Delegations of the viewer and to the viewer; for administrators all of the organisation. "
        "手册 第四篇 (manual).",
        delegations,
        DelegationFilter,
        {
            DelegationOrderField.GRANTED_AT: DELEGATION.c.granted_at,
            DelegationOrderField.STARTS_ON: DELEGATION.c.starts_on,
            DelegationOrderField.ENDS_ON: DELEGATION.c.ends_on,
        },
    ),
)
MUTATIONS = mutations(DESK)
