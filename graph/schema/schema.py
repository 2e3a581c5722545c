"""The schema: every feature's roots, put together once. `schema.graphql` is this, printed."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from domain.commission.record import Commission
from domain.notice import Notice
from graph.events import CommissionEvent, NoticeEvent
from graph.publish import Attribute, field, output_type, publish
from graph.resolvers.version import version
from graph.schema import attachment, code, commission, institution, node, notice, regulation, rule, session
from graph.schema.scalars import SCALAR_MAP

publish(
    CommissionEvent,
    Attribute(
        "commission",
        Commission | None,
        "业务委托. As it is now; null where the viewer may no longer see it.",
    ),
    node=False,
)
publish(NoticeEvent, Attribute("notice", Notice, "公告消息. The notice."), node=False)

Query = output_type(
    "Query",
    "查询. Everything that can be asked; each viewer is answered from what that viewer may see.",
    (
        field(version),
        *node.QUERIES,
        *session.QUERIES,
        *institution.QUERIES,
        *rule.QUERIES,
        *regulation.QUERIES,
        *code.QUERIES,
        *commission.QUERIES,
        *notice.QUERIES,
    ),
)
Mutation = output_type(
    "Mutation",
    "操作. Everything that can be done; what stands in the way comes back as `userErrors`.",
    (
        *session.MUTATIONS,
        *commission.MUTATIONS,
        *rule.MUTATIONS,
        *regulation.MUTATIONS,
        *notice.MUTATIONS,
        *code.MUTATIONS,
        *attachment.MUTATIONS,
    ),
)
Subscription = output_type(
    "Subscription",
    "订阅. What can be followed; each message carries the cursor to resume from.",
    (*commission.SUBSCRIPTIONS, *notice.SUBSCRIPTIONS),
)

SCHEMA = strawberry.Schema(
    query=Query, mutation=Mutation, subscription=Subscription, config=StrawberryConfig(scalar_map=SCALAR_MAP)
)
