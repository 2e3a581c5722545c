"""The table of an annual report's actions: the whole workflow, to be held against the manual (1.8) line by line."""

from domain.annual_report.conditions import (
    codes_may_be_chosen,
    countries_differ,
    due_date_has_passed,
    everything_is_filled,
    institution_is_registered,
    report_is_the_first_of_its_year,
    rows_are_own,
    year_can_be_reported_on,
)
from domain.annual_report.effects import (
    as_overdue,
    as_returned,
    as_saved,
    as_started,
    as_submitted,
    blank_annual_report,
)
from domain.annual_report.parties import OVERDUE, RETURNED, STARTED, SUBMITTED
from domain.annual_report.record import (
    AnnualReport,
    AnnualReportDraft,
    AnnualReportStatus,
    ReturnForm,
    StartForm,
)
from domain.attachment import attaching
from domain.code import codes_are_known
from domain.due import last_day_is_not_past
from domain.language import Words
from domain.party import CUSTOMS_OFFICER, CUSTOMS_REVIEWER, THE_CLOCK, THE_INSTITUTION_CONCERNED
from domain.workflow import Action, Workflow, form_is_filled

S = AnnualReportStatus

WORKFLOW = Workflow(
    subject="annual_report",
    words=Words(zh="年度报告", en="Annual report"),
    manual="1.8",
    record=AnnualReport,
    statuses=AnnualReportStatus,
    blank=blank_annual_report,
    awaits={S.DRAFT: THE_INSTITUTION_CONCERNED},
    due_in=(S.DRAFT,),
    actions=(
        Action(
            name="start",
            published_as="annualReportStart",
            words=Words(
                zh="发起",
                en="Ask one, several or all institutions of the registry for their report on a year.",
            ),
            manual="1.8",
            creates=S.DRAFT,
            by=(CUSTOMS_OFFICER,),
            form=StartForm,
            accepts=(
                year_can_be_reported_on,
                last_day_is_not_past,
                institution_is_registered,
                report_is_the_first_of_its_year,
            ),
            then=as_started,
            tells=(STARTED,),
        ),
        Action(
            name="save_draft",
            words=Words(zh="暂存", en="Save the report with any of its fields and all of its countries."),
            manual="1.8",
            start=(S.DRAFT,),
            by=(THE_INSTITUTION_CONCERNED,),
            form=AnnualReportDraft,
            accepts=(codes_are_known, rows_are_own, countries_differ),
            then=as_saved,
        ),
        Action(
            name="submit",
            words=Words(zh="提交", en="Send it to customs."),
            manual="1.8",
            start=(S.DRAFT,),
            to=S.SUBMITTED,
            by=(THE_INSTITUTION_CONCERNED,),
            provided=(everything_is_filled, codes_may_be_chosen),
            then=as_submitted,
            tells=(SUBMITTED,),
        ),
        Action(
            name="return",
            words=Words(zh="退回", en="Send it back to the institution with a reason."),
            manual="1.8",
            start=(S.SUBMITTED,),
            to=S.DRAFT,
            by=(CUSTOMS_REVIEWER, CUSTOMS_OFFICER),
            form=ReturnForm,
            accepts=(form_is_filled, last_day_is_not_past),
            then=as_returned,
            tells=(RETURNED,),
        ),
        Action(
            name="mark_overdue",
            words=Words(zh="标记逾期", en="Mark that its last day has passed."),
            manual="1.8",
            start=(S.DRAFT,),
            by=(THE_CLOCK,),
            provided=(due_date_has_passed,),
            then=as_overdue,
            tells=(OVERDUE,),
        ),
        *attaching(
            "annual_report",
            manual="1.8",
            words=Words(zh="年度报告附件", en="whatever goes with the report"),
            start=(S.DRAFT,),
            by=(THE_INSTITUTION_CONCERNED,),
        ),
    ),
)
