"""What a quality issue is: its statuses, what is written about it, and the facts that its rules weigh.

Questions and replies stay apart, each with its day: read together by time, they are the whole exchange.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.attachment import Attachment
from domain.certificate import Certificate
from domain.commission.record import Commission
from domain.institution import Institution
from domain.record import Form, Part, Record, hidden, required, says
from domain.term import Term
from domain.workflow import Case

TEXT_LENGTH_MAX = 4000

Text = str | None


class QualityIssueStatus(Term):
    """Where a quality issue stands 质量反馈状态."""

    AWAITING_REPLY = "待反馈", "Raised or asked again by customs; the institution has not replied yet."
    REPLIED = "已反馈", "The institution has replied, and may reply again; customs reads."
    CLOSED = "已办结", "Closed by customs."


class QualitySeverity(Term):
    """How grave a quality issue is 严重程度."""

    MINOR = "一般", "A flaw that leaves the result of the inspection standing."
    SERIOUS = "严重", "Puts the result of an inspection in doubt."
    CRITICAL = "重大", "Touches safety, health or the environment, or the institution's trustworthiness."


@dataclass(frozen=True, kw_only=True)
class RaiseForm(Form):
    """What customs has found."""

    institution_id: Annotated[
        UUID | None,
        says("装运前检验机构", "The institution concerned, revoked ones too."),
        marks.id_of("institution"),
        required,
    ] = None
    content: Annotated[
        Text,
        says("问题内容", "What customs has found, at most 4000 characters."),
        marks.text(TEXT_LENGTH_MAX),
        required,
    ] = None
    severity: Annotated[QualitySeverity | None, says("严重程度", "How grave it is."), required] = None
    commission_id: Annotated[
        UUID | None,
        says("相关业务委托", "The commission concerned, if it is one; submitted to this institution."),
        marks.id_of("commission"),
    ] = None
    certificate_number: Annotated[
        Text,
        says(
            "相关证书编号", "The certificate concerned, if it is one; this institution's, of the commission if named."
        ),
        marks.text(64),
    ] = None
    due_on: Annotated[
        date | None,
        says("反馈期限", "Last day for the reply, if there is one; not before today (China standard time)."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class ReplyForm(Form):
    """What the institution answers. Files that it has uploaded since its last reply go with it."""

    text: Annotated[
        Text, says("回复内容", "The reply, at most 4000 characters."), marks.text(TEXT_LENGTH_MAX), required
    ] = None


@dataclass(frozen=True, kw_only=True)
class AskAgainForm(Form):
    """What customs still wants to know."""

    question: Annotated[
        Text, says("追问内容", "The question, at most 4000 characters."), marks.text(TEXT_LENGTH_MAX), required
    ] = None
    due_on: Annotated[
        date | None,
        says("反馈期限", "New last day for the reply; absent keeps the one there is, null takes it away."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class CloseForm(Form):
    """What customs concludes."""

    closing_remark: Annotated[Text, says("办结意见", "What customs concludes, if anything."), marks.text(2000)] = None


@dataclass(frozen=True, kw_only=True)
class QualityReply(Part):
    """A reply of the institution to customs 质量反馈回复; nothing of it changes once it is sent."""

    text: Annotated[str, says("回复内容", "The reply."), marks.text(TEXT_LENGTH_MAX)]
    replied_at: Annotated[datetime, says("回复时间", "When it was sent.")]
    organisation_id: Annotated[UUID, hidden]
    quality_issue_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class QualityQuestion(Part):
    """A further question of customs to the institution 质量反馈追问."""

    question: Annotated[str, says("追问内容", "The question."), marks.text(TEXT_LENGTH_MAX)]
    asked_at: Annotated[datetime, says("追问时间", "When it was asked.")]
    organisation_id: Annotated[UUID, hidden]
    quality_issue_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class QualityIssue(Record):
    """Something that customs found wrong with an institution's work 质量反馈."""

    number: Annotated[str, says("问题编号", "18 digits: the year, then 14. Never used again."), marks.text(18)]
    status: Annotated[QualityIssueStatus, says("状态", "Where the issue stands.")]
    institution_id: Annotated[UUID, says("装运前检验机构", "The institution concerned."), marks.id_of("institution")]
    content: Annotated[str, says("问题内容", "What customs has found."), marks.text(TEXT_LENGTH_MAX)]
    severity: Annotated[QualitySeverity, says("严重程度", "How grave it is.")]
    commission_id: Annotated[
        UUID | None, says("相关业务委托", "The commission concerned, if it is one."), marks.id_of("commission")
    ] = None
    certificate_number: Annotated[
        Text, says("相关证书编号", "The certificate concerned, if it is one."), marks.text(64)
    ] = None
    due_on: Annotated[date | None, says("反馈期限", "Last day for the reply, if there is one.")] = None
    created_at: Annotated[datetime, says("创建时间", "When customs raised it.")]
    replied_at: Annotated[datetime | None, says("反馈时间", "When the institution last replied.")] = None
    closed_at: Annotated[datetime | None, says("办结时间", "When customs closed it.")] = None
    closing_remark: Annotated[Text, says("办结意见", "What customs concluded, if anything."), marks.text(2000)] = None
    raised_by_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class QualityIssueFilter(Form):
    """Which quality issues are wanted; conditions given together must all hold."""

    number: Annotated[Text, says("问题编号", "The number, or its beginning.")] = None
    content: Annotated[Text, says("问题内容", "Fragment of the content, whatever its case.")] = None
    reply_text: Annotated[Text, says("回复内容", "Fragment of any of its replies, whatever its case.")] = None
    institution_id: Annotated[
        UUID | None, says("装运前检验机构", "The institution concerned."), marks.id_of("institution")
    ] = None
    severity: Annotated[tuple[QualitySeverity, ...] | None, says("严重程度", "Any of these.")] = None
    status: Annotated[tuple[QualityIssueStatus, ...] | None, says("状态", "Any of these statuses.")] = None
    created_from: Annotated[date | None, says("创建开始时间", "First day (China standard time).")] = None
    created_to: Annotated[date | None, says("创建结束时间", "Last day (China standard time).")] = None


class QualityIssueOrderField(Term):
    """What quality issues are sorted by."""

    CREATED_AT = "创建时间", "When customs raised it."
    NUMBER = "问题编号", "The official number."


@dataclass(frozen=True, kw_only=True)
class QualityIssueFacts:
    """What the conditions need to know beside the record itself.

    `institution` is the one concerned; `named`, `commission` and `certificate` are those that the form names, the
    certificate among the institution's own.
    """

    replies: tuple[QualityReply, ...] = ()
    questions: tuple[QualityQuestion, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    institution: Institution | None = None
    named: Institution | None = None
    commission: Commission | None = None
    certificate: Certificate | None = None


QualityIssueCase = Case[QualityIssue, QualityIssueFacts, Any]
