"""What a supervision check is: its statuses, what is written about it, and the facts that its rules weigh.

On site the institution submits nothing of its own accord: only a visit that failed asks it for a supplement.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.attachment import Attachment
from domain.due import MENDING_LASTS
from domain.institution import Institution
from domain.record import Form, Part, Record, hidden, required, says
from domain.term import Term
from domain.workflow import Case

TEXT_LENGTH_MAX = 4000

Text = str | None


class CheckType(Term):
    """How customs checks 检查类型."""

    DOCUMENT = "文件检查", "The institution submits what is asked for, and customs reviews it."
    ON_SITE = "实地检查", "Customs visits; the institution submits something only where the visit failed."


class CheckStatus(Term):
    """Where a check stands 监督检查状态."""

    AWAITING_SUBMISSION = "待提交", "A check of documents is ordered; the institution has not submitted yet."
    AWAITING_VISIT = "待实地检查", "A check on site is ordered; customs has not visited yet."
    UNDER_REVIEW = "待审核", "The institution has submitted; customs reviews."
    SUPPLEMENT_REQUIRED = "补充材料", "Not passed, with an opinion; the institution supplements and submits again."
    COMPLETED = "已完成", "Passed."


@dataclass(frozen=True, kw_only=True)
class OrderForm(Form):
    """What is to be checked, and by when."""

    institution_id: Annotated[
        UUID | None,
        says("装运前检验机构", "The institution to be checked; in the registry."),
        marks.id_of("institution"),
        required,
    ] = None
    content: Annotated[
        Text,
        says("检查内容", "What is checked and what is asked for, at most 4000 characters."),
        marks.text(TEXT_LENGTH_MAX),
        required,
    ] = None
    due_on: Annotated[
        date | None,
        says("截止日期", "Last day for the submission or the visit; not before today (China standard time)."),
        required,
    ] = None


@dataclass(frozen=True, kw_only=True)
class SubmissionForm(Form):
    """What the institution submits. Files that it has uploaded since its last submission go with it."""

    explanation: Annotated[
        Text, says("反馈说明", "The explanation, at most 4000 characters."), marks.text(TEXT_LENGTH_MAX), required
    ] = None


@dataclass(frozen=True, kw_only=True)
class PassForm(Form):
    """What customs says to what it passes."""

    opinion: Annotated[Text, says("审核意见", "What customs has to say, if anything."), marks.text(2000)] = None


@dataclass(frozen=True, kw_only=True)
class FailForm(Form):
    """What is missing or wrong."""

    opinion: Annotated[Text, says("审核意见", "What the institution is to supplement."), marks.text(2000), required] = (
        None
    )
    due_on: Annotated[
        date | None,
        says(
            "截止日期",
            "New last day, not before today (China standard time); absent or null keeps the one there is, or gives "
            f"{MENDING_LASTS.days} days from today where that is later.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class VisitForm(Form):
    """What customs saw on site."""

    visited_on: Annotated[
        date | None,
        says("检查日期", "Day of the visit: not before the check was ordered, not after today (China standard time)."),
        required,
    ] = None
    inspectors: Annotated[Text, says("检查人员", "Who visited."), marks.text(500), required] = None
    place: Annotated[Text, says("检查地点", "Where."), marks.text(300), required] = None
    findings: Annotated[
        Text, says("检查情况", "What was found, at most 4000 characters."), marks.text(TEXT_LENGTH_MAX), required
    ] = None


@dataclass(frozen=True, kw_only=True)
class PassVisitForm(VisitForm, PassForm):
    """A visit that satisfied customs."""


@dataclass(frozen=True, kw_only=True)
class FailVisitForm(VisitForm, FailForm):
    """A visit that did not satisfy customs, and what is to be supplemented."""


@dataclass(frozen=True, kw_only=True)
class CheckSubmission(Part):
    """What an institution submitted for a check 监督检查反馈; nothing of it changes once it is sent."""

    explanation: Annotated[str, says("反馈说明", "The explanation."), marks.text(TEXT_LENGTH_MAX)]
    submitted_at: Annotated[datetime, says("提交时间", "When it was submitted.")]
    organisation_id: Annotated[UUID, hidden]
    check_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class CheckReview(Part):
    """What customs decided about a submission or a visit 监督检查审核."""

    passed: Annotated[bool, says("是否通过", "Whether it passed.")]
    opinion: Annotated[
        Text, says("审核意见", "What customs said; always there where it did not pass."), marks.text(2000)
    ] = None
    reviewed_at: Annotated[datetime, says("审核时间", "When it was decided.")]
    organisation_id: Annotated[UUID, hidden]
    check_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class CheckVisit(Part):
    """The record of a visit 实地检查记录."""

    visited_on: Annotated[date, says("检查日期", "Day of the visit.")]
    inspectors: Annotated[str, says("检查人员", "Who visited."), marks.text(500)]
    place: Annotated[str, says("检查地点", "Where."), marks.text(300)]
    findings: Annotated[str, says("检查情况", "What was found."), marks.text(TEXT_LENGTH_MAX)]
    recorded_at: Annotated[datetime, says("记录时间", "When it was recorded.")]
    organisation_id: Annotated[UUID, hidden]
    check_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class Check(Record):
    """A check by which customs supervises an institution 监督检查."""

    number: Annotated[str, says("检查编号", "18 digits: the year, then 14. Never used again."), marks.text(18)]
    type: Annotated[CheckType, says("检查类型", "Of documents or on site.")]
    status: Annotated[CheckStatus, says("状态", "Where the check stands.")]
    institution_id: Annotated[UUID, says("装运前检验机构", "The institution checked."), marks.id_of("institution")]
    content: Annotated[str, says("检查内容", "What is checked and what is asked for."), marks.text(TEXT_LENGTH_MAX)]
    due_on: Annotated[date, says("截止日期", "Last day for the submission or the visit.")]
    overdue: Annotated[
        bool,
        says(
            "是否逾期",
            "Whether that day has passed and submission or visit is still wanting. A submission, a recorded visit or a "
            "new day clears it: whether a submission was late, `submittedAt` and `dueOn` say.",
        ),
    ] = False
    created_at: Annotated[datetime, says("创建时间", "When customs ordered it.")]
    submitted_at: Annotated[datetime | None, says("提交时间", "When the institution last submitted.")] = None
    completed_at: Annotated[datetime | None, says("完成时间", "When it passed.")] = None
    ordered_by_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class CheckFilter(Form):
    """Which checks are wanted; conditions given together must all hold."""

    number: Annotated[Text, says("检查编号", "The number, or its beginning.")] = None
    content: Annotated[Text, says("公告内容", "Fragment of the content, whatever its case.")] = None
    type: Annotated[CheckType | None, says("检查类型", "Of documents or on site.")] = None
    status: Annotated[tuple[CheckStatus, ...] | None, says("状态", "Any of these statuses.")] = None
    institution_id: Annotated[
        UUID | None, says("装运前检验机构", "The institution checked."), marks.id_of("institution")
    ] = None
    created_from: Annotated[date | None, says("创建开始时间", "First day (China standard time).")] = None
    created_to: Annotated[date | None, says("创建结束时间", "Last day (China standard time).")] = None
    overdue: Annotated[bool | None, says("是否逾期", "True for those that are overdue, false for the others.")] = None


class CheckOrderField(Term):
    """What checks are sorted by."""

    CREATED_AT = "创建时间", "When customs ordered it."
    NUMBER = "检查编号", "The official number."


@dataclass(frozen=True, kw_only=True)
class CheckFacts:
    """What the conditions need to know beside the record itself.

    `institution` is the one checked, `named` the one that the form names.
    """

    submissions: tuple[CheckSubmission, ...] = ()
    reviews: tuple[CheckReview, ...] = ()
    visits: tuple[CheckVisit, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    institution: Institution | None = None
    named: Institution | None = None


CheckCase = Case[Check, CheckFacts, Any]
