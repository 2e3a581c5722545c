"""Which question answers which field of a quality issue, its questions and its replies."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import strawberry

from domain.attachment import Attachment
from domain.certificate import Certificate
from domain.commission.record import Commission
from domain.institution import Institution
from domain.quality_issue.record import QualityIssue, QualityQuestion, QualityReply
from graph.context import Info
from graph.resolvers.attachment import files_of
from graph.resolvers.institution import institution_of
from graph.resolvers.node import found
from graph.resolvers.supervision import files_sent_with, name_of
from storage.quality_issue import certificates_by_number, questions_of, replies_of


async def institution(root: strawberry.Parent[QualityIssue], info: Info) -> Institution | None:
    """装运前检验机构. The institution concerned."""
    return await institution_of(info.context, root.institution_id)


async def commission(root: strawberry.Parent[QualityIssue], info: Info) -> Commission | None:
    """相关业务委托. The commission concerned; null where there is none, or the viewer may not see it."""
    if root.commission_id is None:
        return None
    return cast("Commission | None", await found(info.context, "commission", root.commission_id))


async def raised_by(root: strawberry.Parent[QualityIssue], info: Info) -> str | None:
    """提出海关. Name of the customs office that raised it, in the viewer's language."""
    return await name_of(info.context, root.raised_by_id)


async def replies(root: strawberry.Parent[QualityIssue], info: Info) -> list[QualityReply]:
    """回复. All replies of the institution, in order."""
    return list(await info.context.loading.load(replies_of, root.id) or ())


async def questions(root: strawberry.Parent[QualityIssue], info: Info) -> list[QualityQuestion]:
    """追问. All further questions of customs, in order."""
    return list(await info.context.loading.load(questions_of, root.id) or ())


async def attachments(root: strawberry.Parent[QualityIssue], info: Info) -> list[Attachment]:
    """材料. Its files in the order of uploading, at most 50 of each side; what the institution has not sent with a
    reply yet, it alone sees."""
    return await files_of(info.context, root.id)


async def replied_by(root: strawberry.Parent[QualityReply], info: Info) -> str | None:
    """回复单位. Name of the organisation that replied, in the viewer's language."""
    return await name_of(info.context, root.organisation_id)


async def reply_attachments(root: strawberry.Parent[QualityReply], info: Info) -> list[Attachment]:
    """回复材料. The files sent with this reply; they can no longer be removed."""
    return await files_sent_with(info.context, root.quality_issue_id, root.id)


async def asked_by(root: strawberry.Parent[QualityQuestion], info: Info) -> str | None:
    """追问海关. Name of the customs office that asked, in the viewer's language."""
    return await name_of(info.context, root.organisation_id)


async def certificate(root: strawberry.Parent[QualityIssue], info: Info) -> Certificate | None:
    """相关证书. The certificate concerned; null where there is none, or the viewer may not see it."""
    if root.certificate_number is None:
        return None
    viewer = info.context.viewer

    async def seen(connection: Any, pairs: Sequence[tuple[UUID, str]]) -> dict[tuple[UUID, str], Certificate]:
        return await certificates_by_number(connection, viewer, pairs)

    pair = (root.institution_id, root.certificate_number)
    return await info.context.loading.load(seen, pair, name="certificate by number")
