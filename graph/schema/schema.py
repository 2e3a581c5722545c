"""The schema: every feature's roots, put together once. `schema.graphql` is this, printed."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from domain.commission.record import Commission
from domain.notice import Notice
from graph.events import CommissionEvent, NoticeEvent
from graph.guidance import action_form
from graph.publish import Attribute, field, output_type, publish
from graph.reception.strength import guard
from graph.resolvers.version import version
from graph.schema import (
    account,
    annual_report,
    api_key,
    attachment,
    captcha,
    card,
    check,
    code,
    commission,
    delegation,
    delivery,
    disposition,
    filing,
    filing_change,
    institution,
    node,
    notice,
    pairing,
    passkey,
    quality_issue,
    register_line,
    registry_change,
    regulation,
    rule,
    session,
    sign_in_attempt,
    statistics,
    totp,
)
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
        field(action_form),
        *node.QUERIES,
        *session.QUERIES,
        *pairing.QUERIES,
        *account.QUERIES,
        *delegation.QUERIES,
        *card.QUERIES,
        *passkey.QUERIES,
        *totp.QUERIES,
        *institution.QUERIES,
        *rule.QUERIES,
        *regulation.QUERIES,
        *code.QUERIES,
        *filing.QUERIES,
        *filing_change.QUERIES,
        *commission.QUERIES,
        *disposition.QUERIES,
        *quality_issue.QUERIES,
        *check.QUERIES,
        *notice.QUERIES,
        *annual_report.QUERIES,
        *statistics.QUERIES,
        *delivery.QUERIES,
        *sign_in_attempt.QUERIES,
        *api_key.QUERIES,
        *registry_change.QUERIES,
        *register_line.QUERIES,
    ),
)
Mutation = output_type(
    "Mutation",
    "操作. Everything that can be done; what stands in the way comes back as `userErrors`.",
    (
        *session.MUTATIONS,
        *pairing.MUTATIONS,
        *account.MUTATIONS,
        *delegation.MUTATIONS,
        *card.MUTATIONS,
        *passkey.MUTATIONS,
        *totp.MUTATIONS,
        *captcha.MUTATIONS,
        *commission.MUTATIONS,
        *disposition.MUTATIONS,
        *attachment.MUTATIONS,
        *annual_report.MUTATIONS,
        *filing.MUTATIONS,
        *filing_change.MUTATIONS,
        *quality_issue.MUTATIONS,
        *check.MUTATIONS,
        *regulation.MUTATIONS,
        *notice.MUTATIONS,
        *rule.MUTATIONS,
        *code.MUTATIONS,
        *api_key.MUTATIONS,
    ),
)
Subscription = output_type(
    "Subscription",
    "订阅. What can be followed; each message carries the cursor to resume from.",
    (*commission.SUBSCRIPTIONS, *notice.SUBSCRIPTIONS, *pairing.SUBSCRIPTIONS, *registry_change.SUBSCRIPTIONS),
)

SCHEMA = strawberry.Schema(
    query=Query, mutation=Mutation, subscription=Subscription, config=StrawberryConfig(scalar_map=SCALAR_MAP)
)
guard(SCHEMA)
