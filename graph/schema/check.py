"""Supervision checks in public: the record, what was submitted and decided, and what stands beside them."""

from domain.check.record import Check, CheckFilter, CheckOrderField, CheckReview, CheckSubmission, CheckVisit
from graph.actions import mutations
from graph.guidance import guidance
from graph.listing import list_of, one_of
from graph.publish import field, publish
from graph.resolvers import check as resolve
from storage.check import CHECK, CHECKS, DESK, checks

publish(CheckSubmission, field(resolve.submission_attachments, name="attachments"))
publish(CheckReview, field(resolve.reviewed_by))
publish(CheckVisit)
publish(
    Check,
    field(resolve.institution),
    field(resolve.ordered_by),
    field(resolve.submissions),
    field(resolve.reviews),
    field(resolve.visit),
    field(resolve.attachments),
    *guidance(DESK),
)

QUERIES = (
    list_of(
        CHECKS,
        "checks",
        "监督检查列表. The checks that the viewer may see: an institution's own; for customs all. 手册 1.6 (manual).",
        checks,
        CheckFilter,
        {
            CheckOrderField.CREATED_AT: CHECK.c.created_at,
            CheckOrderField.NUMBER: CHECK.c.number,
        },
    ),
    one_of(
        CHECKS,
        "check",
        "监督检查详情. One check; null where there is none that the viewer may see. 手册 1.6 (manual).",
        number="检查编号. Its official number, 18 digits.",
    ),
)
MUTATIONS = mutations(DESK)
