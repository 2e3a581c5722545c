"""Which question answers which field of a quality issue, its questions and its replies."""

import strawberry

from domain.attachment import Attachment
from domain.quality_issue.record import QualityReply
from graph.context import Info
from graph.relation import related
from graph.resolvers.attachment import files
from graph.resolvers.institution import institution_named
from graph.resolvers.supervision import files_sent_with, office_named
from storage.commission import COMMISSIONS
from storage.quality_issue import ASKED, CERTIFICATE_NUMBERED, REPLIED
from storage.relation import by_id

institution = institution_named("装运前检验机构. The institution concerned.")


commission = related(
    by_id(COMMISSIONS),
    "commission_id",
    name="commission",
    words="相关业务委托. The commission concerned; null where there is none, or the viewer may not see it.",
)


raised_by = office_named(
    "raised_by_id",
    name="raised_by",
    words="提出海关. Name of the customs office that raised it, in the viewer's language.",
)


replies = related(REPLIED, "id", name="replies", words="回复. All replies of the institution, in order.")


questions = related(ASKED, "id", name="questions", words="追问. All further questions of customs, in order.")


attachments = files(
    "材料. Its files in the order of uploading, at most 50 of each side; what the institution "
    "has not sent with a reply yet, it alone sees."
)


replied_by = office_named(
    "organisation_id",
    name="replied_by",
    words="回复单位. Name of the organisation that replied, in the viewer's language.",
)


async def reply_attachments(root: strawberry.Parent[QualityReply], info: Info) -> list[Attachment]:
    """回复材料. The files sent with this reply; they can no longer be removed."""
    return await files_sent_with(info.context, root.quality_issue_id, root.id)


asked_by = office_named(
    "organisation_id",
    name="asked_by",
    words="追问海关. Name of the customs office that asked, in the viewer's language.",
)


certificate = related(
    CERTIFICATE_NUMBERED,
    "institution_id",
    "certificate_number",
    name="certificate",
    words="相关证书. The certificate concerned; null where there is none, or the viewer may not see it.",
)
