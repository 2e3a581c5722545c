"""Which question answers which field of a commission, and what follows it over a socket."""

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from domain.attachment import Attachment
from domain.certificate import Certificate, CertificateStatus
from domain.commission.record import Commission, GoodsLine
from domain.institution import Institution
from domain.rule import Rule
from graph.context import Info
from graph.events import CommissionEvent, follow_commission
from graph.ids import record_id
from graph.resolvers.attachment import files_of
from graph.resolvers.institution import institution_of
from graph.seen import one_seen
from storage.commission import COMMISSIONS, certificates_of, lines_of
from storage.rule import rules_by_id


async def goods_lines(root: strawberry.Parent[Commission], info: Info) -> list[GoodsLine]:
    """申请产品信息. All goods lines in order; at most 500."""
    return list(await info.context.loading.load(lines_of, root.id) or ())


async def attachments(root: strawberry.Parent[Commission], info: Info) -> list[Attachment]:
    """随附单据. Its files in the order of uploading; at most 50 of each side."""
    return await files_of(info.context, root.id)


async def certificate(root: strawberry.Parent[Commission], info: Info) -> Certificate | None:
    """装运前检验证书. Issued at completion; null before."""
    return await info.context.loading.load(certificates_of, root.id)


def certificate_status(root: strawberry.Parent[Certificate], info: Info) -> CertificateStatus:
    """状态. Whether it may be relied on today (China standard time)."""
    return root.status_on(info.context.today)


async def commission_of_certificate(root: strawberry.Parent[Certificate], info: Info) -> Commission | None:
    """业务委托. The commission that it was issued for; null where the viewer may not see it any longer."""
    return await one_seen(info.context, COMMISSIONS, root.commission_id)


async def institution_of_certificate(root: strawberry.Parent[Certificate], info: Info) -> Institution | None:
    """装运前检验机构. The institution that issued it; null where the viewer may not see it."""
    return await institution_of(info.context, root.institution_id)


async def institution(root: strawberry.Parent[Commission], info: Info) -> Institution | None:
    """装运前检验机构. The institution chosen; null where none is, or the viewer may not see it."""
    return await institution_of(info.context, root.institution_id)


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
    """委托状态变化. Every action on one commission that is committed while the viewer may see it, until it is completed
    or cancelled; nothing is lost between two connections that hand the cursor on. The one by which it passes out of
    sight comes without the commission. NOT_FOUND where the viewer may not see it."""
    async for event in follow_commission(info.context, record_id("commission", id), after):
        yield event
