"""Dispositions in public: the record, what was submitted and reviewed, and what stands beside them."""

from domain.disposition.record import (
    Disposition,
    DispositionFilter,
    DispositionOrderField,
    DispositionReview,
    DispositionSubmission,
)
from graph.actions import mutations
from graph.guidance import guidance
from graph.listing import list_of, one_of
from graph.publish import field, publish
from graph.resolvers import disposition as resolve
from storage.disposition import DESK, DISPOSITION, DISPOSITIONS, dispositions

publish(DispositionSubmission, field(resolve.submission_attachments, name="attachments"))
publish(DispositionReview)
publish(
    Disposition,
    field(resolve.institution),
    field(resolve.attachments),
    field(resolve.submissions),
    field(resolve.reviews),
    *guidance(DESK),
)

QUERIES = (
    list_of(
        DISPOSITIONS,
        "dispositions",
        "处置反馈列表. The dispositions that the viewer may see: all for customs, its own for an institution, none for "
        "others. 手册 1.7 (manual).",
        dispositions,
        DispositionFilter,
        {
            DispositionOrderField.IMPOSED_AT: DISPOSITION.c.imposed_at,
            DispositionOrderField.NUMBER: DISPOSITION.c.number,
        },
    ),
    one_of(
        DISPOSITIONS,
        "disposition",
        "处置详情. One disposition; null where there is none that the viewer may see.",
        number="处置编号. Its official number, 18 digits.",
    ),
)
MUTATIONS = mutations(DESK)
