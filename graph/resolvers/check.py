"""Which question answers which field of a check, its submissions, its reviews and its visit."""

import strawberry

from domain.attachment import Attachment
from domain.check.record import CheckSubmission
from graph.context import Info
from graph.relation import related
from graph.resolvers.attachment import files
from graph.resolvers.institution import institution_named
from graph.resolvers.supervision import files_sent_with, office_named
from storage.check import REVIEWED, SUBMITTED, VISITED

institution = institution_named("装运前检验机构. The institution checked.")


ordered_by = office_named(
    "ordered_by_id",
    name="ordered_by",
    words="下达海关. Name of the customs office that ordered it, in the viewer's language.",
)


submissions = related(SUBMITTED, "id", name="submissions", words="反馈. All that the institution submitted, in order.")


reviews = related(REVIEWED, "id", name="reviews", words="审核. All that customs decided, about a visit too, in order.")


visit = related(
    VISITED,
    "id",
    name="visit",
    words="实地检查记录. What customs saw on site; null before, and for a check of documents.",
)


attachments = files(
    "材料. Its files in the order of uploading, at most 50 of each side; what the institution "
    "has not submitted yet, it alone sees."
)


async def submission_attachments(root: strawberry.Parent[CheckSubmission], info: Info) -> list[Attachment]:
    """反馈材料. The files submitted with it; they can no longer be removed."""
    return await files_sent_with(info.context, root.check_id, root.id)


reviewed_by = office_named(
    "organisation_id",
    name="reviewed_by",
    words="审核海关. Name of the customs office that decided, in the viewer's language.",
)
