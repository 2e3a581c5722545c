"""Quality issues in public: the record, the exchange about it, and what stands beside them."""

from domain.quality_issue.record import (
    QualityIssue,
    QualityIssueFilter,
    QualityIssueOrderField,
    QualityQuestion,
    QualityReply,
)
from graph.actions import mutations
from graph.guidance import guidance
from graph.listing import list_of, one_of
from graph.publish import field, publish
from graph.resolvers import quality_issue as resolve
from storage.quality_issue import DESK, QUALITY_ISSUE, QUALITY_ISSUES, quality_issues

publish(QualityReply, field(resolve.replied_by), field(resolve.reply_attachments, name="attachments"))
publish(QualityQuestion, field(resolve.asked_by))
publish(
    QualityIssue,
    field(resolve.institution),
    field(resolve.commission),
    field(resolve.certificate),
    field(resolve.raised_by),
    field(resolve.replies),
    field(resolve.questions),
    field(resolve.attachments),
    *guidance(DESK),
)

QUERIES = (
    list_of(
        QUALITY_ISSUES,
        "quality_issues",
        "质量反馈列表. The quality issues that the viewer may see: an institution's own; for customs all. "
        "手册 1.5 (manual).",
        quality_issues,
        QualityIssueFilter,
        {
            QualityIssueOrderField.CREATED_AT: QUALITY_ISSUE.c.created_at,
            QualityIssueOrderField.NUMBER: QUALITY_ISSUE.c.number,
        },
    ),
    one_of(
        QUALITY_ISSUES,
        "quality_issue",
        "质量问题详情. One quality issue; null where there is none that the viewer may see. 手册 1.5 (manual).",
        number="问题编号. Its official number, 18 digits.",
    ),
)
MUTATIONS = mutations(DESK)
