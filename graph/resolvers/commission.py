"""Which question answers which field of a commission, and what follows it over a socket."""

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from domain.certificate import Certificate, CertificateStatus
from graph.context import Info
from graph.events import CommissionEvent, follow_commission
from graph.ids import record_id
from graph.relation import of_the_day, related
from graph.resolvers.attachment import files
from graph.resolvers.institution import institution_named
from storage.commission import CERTIFICATE_ISSUED, CERTIFICATE_STATUS, COMMISSIONS, LINES
from storage.relation import by_id
from storage.rule import RULE_APPLIED

goods_lines = related(LINES, "id", name="goods_lines", words="申请产品信息. All goods lines in order; at most 500.")


attachments = files("随附单据. Its files in the order of uploading; at most 50 of each side.")


certificate = related(
    CERTIFICATE_ISSUED, "id", name="certificate", words="装运前检验证书. Issued at completion; null before."
)


@of_the_day(CERTIFICATE_STATUS)
def certificate_status(root: strawberry.Parent[Certificate], info: Info) -> CertificateStatus:
    """状态. Whether it may be relied on today (China standard time)."""
    return root.status_on(info.context.today)


commission_of_certificate = related(
    by_id(COMMISSIONS),
    "commission_id",
    name="commission",
    words="业务委托. The commission that it was issued for; null where the viewer may not see it any longer.",
)


institution_of_certificate = institution_named(
    "装运前检验机构. The institution that issued it; null where the viewer may not see it."
)


institution = institution_named(
    "装运前检验机构. The institution chosen; null where none is, or the viewer may not see it."
)


rule = related(
    RULE_APPLIED,
    "rule_id",
    name="rule",
    words="所依据的规则. The version of the rule that set the three flags; null while the HS code is empty.",
)


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
