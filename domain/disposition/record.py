"""What a disposition is: its types, grounds and statuses, what customs and the institution fill in, and what is kept.

The surprise: nobody lifts a revocation and no day ends it; what ends it is a new filing that customs accepts.
"""

from calendar import monthrange
from collections.abc import Mapping
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

BACKDATED_DAYS_MAX = 30
"""How many days before it is imposed a disposition may begin."""

CONTENT_LENGTH_MAX = 4000
LEGAL_GROUND_LENGTH_MAX = 1000
OPINION_LENGTH_MAX = 2000


class DispositionType(Term):
    """What a disposition does to an institution 处置类型."""

    NON_RECOGNITION = "不予认可装运前检验结果", "Its results are not recognised for a term; it may not be commissioned."
    RECTIFICATION = (
        "限期整改",
        "It must put something right by a day; until customs approves it may not be commissioned.",
    )
    REVOCATION = "撤销备案", "It is struck from the registry for good; it may file anew."


class DispositionGround(Term):
    """Why customs disposes; the ground of a non-recognition caps its term 处置事由."""

    CERTIFICATE_DEFECTIVE = (
        "检验依据错误、证书内容缺失或无法溯源",
        "Wrong basis of inspection, content missing or untraceable; at most 1 year.",
    )
    RESULT_UNTRUE = (
        "检验结果与实际不符导致退运或销毁",
        "An untrue result that led to return or destruction of the goods; at most 2 years.",
    )
    MISCONDUCT = (
        "阻挠监管、未实施检验、伪造证书或启运后检验",
        "Obstruction, no inspection, forgery, or inspection after departure; at most 3 years.",
    )
    REPEATED = (
        "恢复认可后一个自然年内再次发生",
        "Happened again within a calendar year after recognition was restored; at most 3 years.",
    )
    OTHER = "其他", "Any other ground of a rectification or revocation; never of a non-recognition."


TERM_YEARS_MAX: Mapping[DispositionGround, int] = {
    DispositionGround.CERTIFICATE_DEFECTIVE: 1,
    DispositionGround.RESULT_UNTRUE: 2,
    DispositionGround.MISCONDUCT: 3,
    DispositionGround.REPEATED: 3,
}
"""How long recognition may be withheld; what is not named here is no ground for it."""


class DispositionStatus(Term):
    """Where a disposition stands 处置状态."""

    IN_FORCE = "处置中", "A non-recognition within its term, or a revocation."
    AWAITING_RECTIFICATION = "待整改", "The institution has not yet shown what it put right."
    UNDER_REVIEW = "待审核", "Customs reviews what the institution has put right."
    SUPPLEMENT_REQUIRED = "补充材料", "Customs was not satisfied; the institution submits again."
    LIFTED = "已撤销处置", "Ended by customs."
    EXPIRED = "已到期", "Ended by itself, its term being over."
    SUPERSEDED = "已重新备案", "A revocation after which customs accepted a new filing."


RUNNING = (
    DispositionStatus.IN_FORCE,
    DispositionStatus.AWAITING_RECTIFICATION,
    DispositionStatus.UNDER_REVIEW,
    DispositionStatus.SUPPLEMENT_REQUIRED,
)
"""The statuses in which a disposition restricts its institution."""


@dataclass(frozen=True, kw_only=True)
class DispositionForm(Form):
    """What customs fills in whatever the type."""

    institution_id: Annotated[
        UUID | None,
        says("装运前检验机构", "The institution disciplined; in the registry."),
        marks.id_of("institution"),
        required,
    ] = None
    ground: Annotated[DispositionGround | None, says("处置事由", "Why."), required] = None
    content: Annotated[
        str | None,
        says("处置公告内容", "What was found and what follows from it, for the institution to read."),
        marks.text(CONTENT_LENGTH_MAX),
        required,
    ] = None
    legal_ground: Annotated[
        str | None,
        says("法律依据", "The regulation and article that it rests on."),
        marks.text(LEGAL_GROUND_LENGTH_MAX),
        required,
    ] = None
    starts_on: Annotated[
        date | None,
        says(
            "处置开始日期",
            f"First day (China standard time): today when absent, at most {BACKDATED_DAYS_MAX} days ago, never later.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class NonRecognitionForm(DispositionForm):
    """For how long results are not recognised."""

    ends_on: Annotated[
        date | None,
        says(
            "处置到期时间", "Last day (China standard time): after the first and after today, within the ground's cap."
        ),
        required,
    ] = None


@dataclass(frozen=True, kw_only=True)
class RectificationForm(DispositionForm):
    """By when something is to be put right."""

    due_on: Annotated[
        date | None,
        says("整改期限", "Last day for the institution to submit (China standard time); after today."),
        required,
    ] = None


@dataclass(frozen=True, kw_only=True)
class RevocationForm(DispositionForm):
    """Why a filing is revoked."""


@dataclass(frozen=True, kw_only=True)
class SubmissionForm(Form):
    """What the institution says it has put right; the files that it uploaded since go with it."""

    explanation: Annotated[
        str | None,
        says("整改说明", "What was put right and how."),
        marks.text(CONTENT_LENGTH_MAX),
        required,
    ] = None


@dataclass(frozen=True, kw_only=True)
class ApprovalForm(Form):
    """Customs is satisfied."""

    opinion: Annotated[str | None, says("审核意见", "What customs has to say."), marks.text(OPINION_LENGTH_MAX)] = None


@dataclass(frozen=True, kw_only=True)
class RefusalForm(Form):
    """What is still missing, and by when."""

    opinion: Annotated[
        str | None, says("审核意见", "What is still missing or wrong."), marks.text(OPINION_LENGTH_MAX), required
    ] = None
    due_on: Annotated[
        date | None,
        says(
            "整改期限",
            "A new last day, after today (China standard time); absent keeps the old one, or gives "
            f"{MENDING_LASTS.days} days from today where that is later.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class LiftForm(Form):
    """Why a disposition ends before its time."""

    reason: Annotated[str | None, says("撤销原因", "Why it is lifted."), marks.text(OPINION_LENGTH_MAX), required] = (
        None
    )


@dataclass(frozen=True, kw_only=True)
class DispositionSubmission(Part):
    """What an institution submitted to have a rectification approved 整改材料."""

    explanation: Annotated[str, says("整改说明", "What was put right and how."), marks.text(CONTENT_LENGTH_MAX)]
    submitted_at: Annotated[datetime, says("提交时间", "When it was submitted.")]
    disposition_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class DispositionReview(Part):
    """What customs thought of a submission 整改审核."""

    passed: Annotated[bool, says("是否通过", "Whether customs approved.")]
    opinion: Annotated[str | None, says("审核意见", "What customs had to say."), marks.text(OPINION_LENGTH_MAX)] = None
    reviewed_at: Annotated[datetime, says("审核时间", "When it was decided.")]
    disposition_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class Disposition(Record):
    """A measure of customs against an institution 处置."""

    number: Annotated[str, says("处置编号", "18 digits: the year, then 14. Never used again."), marks.text(18)]
    type: Annotated[DispositionType, says("处置类型", "What it does to the institution.")]
    status: Annotated[DispositionStatus, says("状态", "Where it stands.")]
    institution_id: Annotated[UUID, says("装运前检验机构", "The institution disciplined."), marks.id_of("institution")]
    ground: Annotated[DispositionGround, says("处置事由", "Why.")]
    content: Annotated[
        str, says("处置公告内容", "What was found and what follows from it."), marks.text(CONTENT_LENGTH_MAX)
    ]
    legal_ground: Annotated[
        str, says("法律依据", "The regulation and article that it rests on."), marks.text(LEGAL_GROUND_LENGTH_MAX)
    ]
    starts_on: Annotated[date, says("处置开始日期", "First day (China standard time).")]
    ends_on: Annotated[
        date | None, says("处置到期时间", "Last day (China standard time); of a non-recognition only.")
    ] = None
    due_on: Annotated[
        date | None,
        says("整改期限", "Last day for the institution to submit (China standard time); rectification only."),
    ] = None
    overdue: Annotated[
        bool,
        says("是否逾期", "Whether the deadline of a rectification has passed without a submission since."),
    ] = False
    imposed_at: Annotated[datetime, says("创建时间", "When customs imposed it.")]
    lifted_at: Annotated[
        datetime | None,
        says("撤销时间", "When customs ended it: by lifting it, by approving, or by accepting a new filing."),
    ] = None
    lift_reason: Annotated[str | None, says("撤销原因", "Why it was lifted."), marks.text(OPINION_LENGTH_MAX)] = None
    imposed_by_id: Annotated[UUID | None, hidden] = None
    """The customs office that imposed it, which is told of what is submitted; None where that was not kept."""

    @property
    def is_running(self) -> bool:
        return self.status in RUNNING


@dataclass(frozen=True, kw_only=True)
class DispositionFilter(Form):
    """Which dispositions are wanted; conditions given together must all hold."""

    number: Annotated[str | None, says("处置编号", "The number, or its beginning.")] = None
    content: Annotated[str | None, says("处置公告内容", "Fragment of the content, whatever its case.")] = None
    type: Annotated[DispositionType | None, says("处置类型", "What it does.")] = None
    status: Annotated[tuple[DispositionStatus, ...] | None, says("状态", "Any of these statuses.")] = None
    institution_id: Annotated[
        UUID | None, says("装运前检验机构", "The institution disciplined."), marks.id_of("institution")
    ] = None
    imposed_from: Annotated[date | None, says("创建开始时间", "First day (China standard time).")] = None
    imposed_to: Annotated[date | None, says("创建结束时间", "Last day (China standard time).")] = None
    overdue: Annotated[bool | None, says("是否逾期", "True for those overdue, false for the others.")] = None


class DispositionOrderField(Term):
    """What dispositions are sorted by."""

    IMPOSED_AT = "创建时间", "When customs imposed it."
    NUMBER = "处置编号", "The official number."


@dataclass(frozen=True, kw_only=True)
class DispositionFacts:
    """What the conditions need to know beside the record itself.

    `institution` is the one disciplined, or that the form names; `others` its other dispositions that are running;
    `enterprises` those with a commission before it that waits or is being inspected, while one is being imposed.
    """

    institution: Institution | None = None
    others: tuple[Disposition, ...] = ()
    submissions: tuple[DispositionSubmission, ...] = ()
    reviews: tuple[DispositionReview, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    enterprises: tuple[UUID, ...] = ()


DispositionCase = Case[Disposition, DispositionFacts, Any]


def years_after(day: date, years: int) -> date:
    """The same day of a later year, or the last of its month where there is none (Civil Code, article 202)."""
    year = min(day.year + years, date.max.year)
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))
