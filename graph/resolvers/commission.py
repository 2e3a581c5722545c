"""Which question answers which field of a commission, and what follows it over a socket."""

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from domain.attachment import Attachment
from domain.certificate import Certificate, CertificateStatus
from domain.commission.record import Commission, CommissionFilter, CommissionOrderField, GoodsLine
from domain.institution import Institution
from domain.rule import Rule
from graph.actions import AvailableAction, available_actions_of
from graph.context import Info
from graph.events import CommissionEvent, follow_commission
from graph.ids import record_id
from graph.publish import term
from graph.resolvers.institution import institution_of
from graph.schema.paging import (
    After,
    Before,
    Connection,
    First,
    Last,
    Offset,
    OrderDirection,
    Paging,
    connection_of,
    descending,
)
from storage.attachment import attachments_of
from storage.commission import COMMISSIONS, DESK, certificates_of, lines_of
from storage.commission import commissions as commissions_seen
from storage.rule import rules_by_id
from storage.shelf import Order

term(CommissionOrderField)  # before an input names it, or Strawberry publishes it without its words


@strawberry.input(description="排序. By what commissions are sorted; the latest come first when absent.")
class CommissionOrder:
    """A column and a direction."""

    field: CommissionOrderField = strawberry.field(description="排序字段. What to sort by.")
    direction: OrderDirection = strawberry.field(description="方向. In which direction.", default=OrderDirection.DESC)


@strawberry.input(one_of=True, description="查询依据. Names one commission: give exactly one of the fields.")
class CommissionBy:
    """One way to name a commission."""

    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="标识. Its id.")
    number: strawberry.Maybe[str] = strawberry.field(description="业务编号. Its official number, 18 digits.")


ORDERS = {
    CommissionOrderField.COMMISSIONED_AT: COMMISSIONS.table.c.commissioned_at,
    CommissionOrderField.NUMBER: COMMISSIONS.table.c.number,
    CommissionOrderField.TOTAL_AMOUNT: COMMISSIONS.table.c.total_amount,
}


async def commissions(
    info: Info,
    filter: Annotated[
        CommissionFilter | None, strawberry.argument(description="Which are wanted; absent for all.")
    ] = None,
    order_by: Annotated[CommissionOrder | None, strawberry.argument(description="Latest first when absent.")] = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    offset: Offset = None,
) -> Connection[Commission]:
    """业务委托列表. The commissions that the viewer may see: an enterprise's own, those submitted to an institution,
    for customs all that were submitted. 手册 1.4, 2.3 (manual)."""
    viewer = info.context.signed_in()
    by = order_by.field if order_by else CommissionOrderField.COMMISSIONED_AT
    order = Order(by.code, ORDERS[by], descending(order_by.direction if order_by else None))
    seen = commissions_seen(viewer, filter or CommissionFilter())
    return await connection_of(info.context, seen, order, Paging(first, after, last, before, offset))


async def commission(
    info: Info, by: Annotated[CommissionBy, strawberry.argument(description="Which one.")]
) -> Commission | None:
    """业务委托详情. One commission; null where there is none that the viewer may see."""
    seen = COMMISSIONS.seen_by(info.context.signed_in())
    if by.id is not None:
        return await info.context.one(seen.where(COMMISSIONS.id == record_id("commission", by.id.value)))
    assert by.number is not None
    return await info.context.one(seen.where(COMMISSIONS.number == by.number.value))


async def goods_lines(root: strawberry.Parent[Commission], info: Info) -> list[GoodsLine]:
    """申请产品信息. All goods lines in order; at most 500."""
    return list(await info.context.loading.load(lines_of, root.id) or ())


async def attachments(root: strawberry.Parent[Commission], info: Info) -> list[Attachment]:
    """随附单据. Its files in the order of uploading; at most 50."""
    return list(await info.context.loading.load(attachments_of, root.id) or ())


async def certificate(root: strawberry.Parent[Commission], info: Info) -> Certificate | None:
    """装运前检验证书. Issued at completion; null before."""
    return await info.context.loading.load(certificates_of, root.id)


def certificate_status(root: strawberry.Parent[Certificate], info: Info) -> CertificateStatus:
    """状态. Whether it may be relied on today (China standard time)."""
    return root.status_on(info.context.today)


async def institution(root: strawberry.Parent[Commission], info: Info) -> Institution | None:
    """装运前检验机构. The institution chosen; null where none is, or the viewer may not see it."""
    return await institution_of(info.context, root.institution_id)


async def available_actions(root: strawberry.Parent[Commission], info: Info) -> list[AvailableAction]:
    """可办理的操作. Every action on this commission, allowed or with all that stands in the way."""
    return await available_actions_of(DESK, root, info.context)


async def rule(root: strawberry.Parent[GoodsLine], info: Info) -> Rule | None:
    """所依据的规则. The version of the rule that set the three flags; null while the HS code is empty."""
    return None if root.rule_id is None else await info.context.loading.load(rules_by_id, root.rule_id)


async def commission_changed(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The commission to follow.")],
    after: Annotated[
        str | None, strawberry.argument(description="Resume after this cursor; absent for news only.")
    ] = None,
) -> AsyncGenerator[CommissionEvent, None]:
    """委托状态变化. Every action on one commission, as it is committed, until it is completed or cancelled;
    nothing is lost between two connections that hand the cursor on. NOT_FOUND where the viewer may not see it."""
    async for event in follow_commission(info.context, record_id("commission", id), after):
        yield event
