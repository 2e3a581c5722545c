"""Which question answers which field of a check, its submissions, its reviews and its visit."""

import strawberry

from domain.attachment import Attachment
from domain.check.record import Check, CheckReview, CheckSubmission, CheckVisit
from domain.institution import Institution
from graph.context import Info
from graph.resolvers.attachment import files_of
from graph.resolvers.institution import institution_of
from graph.resolvers.supervision import files_sent_with, name_of
from storage.check import reviews_of, submissions_of, visits_of


async def institution(root: strawberry.Parent[Check], info: Info) -> Institution | None:
    """装运前检验机构. The institution checked."""
    return await institution_of(info.context, root.institution_id)


async def ordered_by(root: strawberry.Parent[Check], info: Info) -> str | None:
    """下达海关. Name of the customs office that ordered it, in the viewer's language."""
    return await name_of(info.context, root.ordered_by_id)


async def submissions(root: strawberry.Parent[Check], info: Info) -> list[CheckSubmission]:
    """反馈. All that the institution submitted, in order."""
    return list(await info.context.loading.load(submissions_of, root.id) or ())


async def reviews(root: strawberry.Parent[Check], info: Info) -> list[CheckReview]:
    """审核. All that customs decided, about a visit too, in order."""
    return list(await info.context.loading.load(reviews_of, root.id) or ())


async def visit(root: strawberry.Parent[Check], info: Info) -> CheckVisit | None:
    """实地检查记录. What customs saw on site; null before, and for a check of documents."""
    return next(iter(await info.context.loading.load(visits_of, root.id) or ()), None)


async def attachments(root: strawberry.Parent[Check], info: Info) -> list[Attachment]:
    """材料. Its files in the order of uploading, at most 50 of each side; what the institution has not submitted yet,
    it alone sees."""
    return await files_of(info.context, root.id)


async def submission_attachments(root: strawberry.Parent[CheckSubmission], info: Info) -> list[Attachment]:
    """反馈材料. The files submitted with it; they can no longer be removed."""
    return await files_sent_with(info.context, root.check_id, root.id)


async def reviewed_by(root: strawberry.Parent[CheckReview], info: Info) -> str | None:
    """审核海关. Name of the customs office that decided, in the viewer's language."""
    return await name_of(info.context, root.organisation_id)
