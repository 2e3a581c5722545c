"""What an annual report is: its statuses, what is filled in, what is kept, and the facts that its rules weigh.

Customs starts reports, one institution and year each, and many at once; the institution never makes one itself.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.attachment import Attachment
from domain.due import MENDING_LASTS
from domain.institution import Institution
from domain.record import Form, Part, Record, hidden, required, says
from domain.term import Term
from domain.workflow import Case

FIRST_YEAR = 2010
"""The first year that can be reported on."""

DUE_AFTER = timedelta(days=60)
"""How long an institution has to report, unless customs names a day."""

INSTITUTIONS_MAX = 5_000
"""How many institutions can be named one by one; to start reports for more, all are chosen."""

COUNTRIES_MAX = 300
"""More rows than there are countries."""

COUNT = marks.whole(least=0, most=10_000_000)

Text = str | None
Count = int | None


class AnnualReportStatus(Term):
    """Where an annual report stands 报告状态."""

    DRAFT = "暂存", "Started by customs, or returned; the institution is writing."
    SUBMITTED = "已提交", "Submitted by the institution; customs reads it."


@dataclass(frozen=True, kw_only=True)
class AnnualReportCountryForm(Form):
    """What was inspected in one country during the year 分国别检验情况."""

    country: Annotated[
        Text, says("国家地区", "Code of the table COUNTRY."), marks.text(2), marks.code_of("COUNTRY"), required
    ] = None
    batches: Annotated[Count, says("检验批次", "Batches inspected there, at least 0."), COUNT, required] = None
    value_usd: Annotated[
        Decimal | None,
        says("货值", "Value of those batches in US dollars, at most 2 decimal places."),
        marks.amount,
        required,
    ] = None


@dataclass(frozen=True, kw_only=True)
class AnnualReportCountryDraft(AnnualReportCountryForm):
    """A country in a draft. With `id` it changes that row (absent fields keep); without, it is a new one."""

    id: Annotated[
        UUID | None, says("标识", "The row to change; absent for a new row."), marks.id_of("annual_report_country")
    ] = None


@dataclass(frozen=True, kw_only=True)
class AnnualReportForm(Form):
    """What the institution fills in 年度工作报告."""

    contact_name: Annotated[
        Text, says("联系人", "Who answers questions about the report."), marks.text(100), required
    ] = None
    contact_phone: Annotated[Text, says("联系电话", "Phone of the contact."), marks.a_phone, required] = None
    certificates_issued: Annotated[
        Count,
        says("签发证书数", "Certificates whose day of issue lies in the year, withdrawn since or not."),
        COUNT,
        required,
    ] = None
    certificates_withdrawn: Annotated[
        Count,
        says(
            "撤回证书数",
            "Certificates whose day of withdrawal lies in the year, whatever year they were issued in; so there may be "
            "more of them than were issued.",
        ),
        COUNT,
        required,
    ] = None
    non_conforming_batches: Annotated[Count, says("不合格批次", "Batches found not to conform."), COUNT, required] = (
        None
    )
    non_conformity_handling: Annotated[
        Text, says("不合格处理情况", "What was done about those that did not conform."), marks.text(4000)
    ] = None
    staff_changes: Annotated[Text, says("人员变化", "Changes of staff."), marks.text(4000)] = None
    equipment_changes: Annotated[Text, says("设备变化", "Changes of equipment."), marks.text(4000)] = None
    quality_system_changes: Annotated[
        Text, says("质量体系变化", "Changes of the quality management system."), marks.text(4000)
    ] = None
    training: Annotated[Text, says("培训情况", "Training of staff."), marks.text(4000)] = None
    complaints: Annotated[Text, says("投诉情况", "Complaints, and what became of them."), marks.text(4000)] = None
    quality_issues_handled: Annotated[
        Text, says("质量问题处理情况", "Quality issues raised by customs, and how they were handled."), marks.text(4000)
    ] = None
    next_year_plan: Annotated[
        Text, says("下一年度计划", "What is planned for the next year."), marks.text(4000), required
    ] = None


@dataclass(frozen=True, kw_only=True)
class AnnualReportDraft(AnnualReportForm):
    """A draft as it is saved: any subset of the fields, and all countries or none of the word."""

    by_country: Annotated[
        tuple[AnnualReportCountryDraft, ...],
        says("分国别检验情况", "All rows, in order, one a country: those left out are deleted. Absent keeps them."),
        marks.at_most(COUNTRIES_MAX),
    ] = ()


@dataclass(frozen=True, kw_only=True)
class StartForm(Form):
    """One institution's report to be started."""

    institution_id: UUID
    year: int
    due_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class ReturnForm(Form):
    """Why a report goes back to the institution, and until when it is to be mended."""

    reason: Annotated[
        Text, says("退回原因", "What is missing or wrong, for the institution to mend."), marks.text(1000), required
    ] = None
    due_on: Annotated[
        date | None,
        says(
            "提交期限",
            "Last day to submit it again, not before today (China standard time). Absent: the former one, or "
            f"{MENDING_LASTS.days} days from today where that is later.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class AnnualReportCountry(Part, AnnualReportCountryForm):
    """What an institution inspected in one country during the year 分国别检验情况."""

    line_number: Annotated[int, says("序号", "Position in the report, from 1.")]
    annual_report_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class AnnualReport(Record, AnnualReportForm):
    """An institution's report to customs on one year 年度报告."""

    number: Annotated[str, says("报告编号", "18 digits: the year it was started, then 14."), marks.text(18)]
    year: Annotated[int, says("报告年份", "The year that it is about.")]
    status: Annotated[AnnualReportStatus, says("状态", "Where the report stands.")]
    created_at: Annotated[datetime, says("创建时间", "When customs started it.")]
    submitted_at: Annotated[datetime | None, says("提交时间", "When it was last submitted.")] = None
    due_on: Annotated[date, says("提交期限", "Last day to submit it (China standard time).")]
    overdue: Annotated[
        bool,
        says(
            "逾期",
            "Whether that day has passed and it is still not submitted. Submitting clears it: whether it was late, "
            "`submittedAt` and `dueOn` say.",
        ),
    ] = False
    return_reason: Annotated[Text, says("退回原因", "Why customs last returned it."), marks.text(1000)] = None
    institution_id: Annotated[UUID, says("检验机构", "The institution that reports."), marks.id_of("institution")]
    started_by_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class AnnualReportFilter(Form):
    """Which annual reports are wanted; conditions given together must all hold."""

    number: Annotated[Text, says("报告编号", "The number, or its beginning.")] = None
    year: Annotated[int | None, says("报告年份", "The year that it is about.")] = None
    status: Annotated[tuple[AnnualReportStatus, ...] | None, says("状态", "Any of these statuses.")] = None
    institution_id: Annotated[
        UUID | None, says("检验机构", "The institution that reports."), marks.id_of("institution")
    ] = None
    institution_name: Annotated[
        Text, says("检验机构名称", "Fragment of its name, in either language, whatever its case.")
    ] = None
    overdue: Annotated[
        bool | None,
        says("逾期", "True for those that are overdue and not submitted yet, false for the others."),
    ] = None


class AnnualReportOrderField(Term):
    """What annual reports are sorted by."""

    CREATED_AT = "创建时间", "When customs started it."
    NUMBER = "报告编号", "The official number."
    YEAR = "报告年份", "The year that it is about."
    DUE_ON = "提交期限", "The last day to submit it."


@dataclass(frozen=True, kw_only=True)
class AnnualReportFacts:
    """What the conditions need to know beside the record itself.

    `institution` is the one that reports or, to start with, that the form names; `is_started` says whether that one has
    a report of the form's year; `known_codes` are the pairs (table, code) of form and record that exist.
    """

    rows: tuple[AnnualReportCountry, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    institution: Institution | None = None
    is_started: bool = False
    known_codes: frozenset[tuple[str, str]] = frozenset()


AnnualReportCase = Case[AnnualReport, AnnualReportFacts, Any]
