"""What must hold before an action on an annual report is taken, and when what was filled in is acceptable."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from domain import marks
from domain.annual_report.record import (
    FIRST_YEAR,
    INSTITUTIONS_MAX,
    AnnualReport,
    AnnualReportCase,
    AnnualReportDraft,
    AnnualReportFacts,
    StartForm,
)
from domain.code import unknown_codes
from domain.institution import InstitutionStatus
from domain.record import left_empty
from domain.refusal import RefusalCode, Refusals, refusal
from domain.rows import not_own
from domain.workflow import Case, condition


@condition(zh="报告年份自2010年起且不晚于今年", en="the year is none before 2010 and none to come")
def year_can_be_reported_on(case: "Case[AnnualReport, AnnualReportFacts, StartForm]") -> Refusals:
    this_year = marks.today_in_china(case.now).year
    if not FIRST_YEAR <= case.form.year <= this_year:
        yield refusal(
            RefusalCode.OUT_OF_RANGE,
            zh=f"报告年份须在{FIRST_YEAR}与{this_year}之间。",
            en=f"The year lies between {FIRST_YEAR} and {this_year}.",
            field="year",
        )


@condition(zh="机构在备案名录内", en="the institution is in the registry")
def institution_is_registered(case: "Case[AnnualReport, AnnualReportFacts, StartForm]") -> Refusals:
    institution = case.facts.institution
    if institution is None:
        yield refusal(
            RefusalCode.UNKNOWN_REFERENCE,
            zh="没有这一检验机构。",
            en="There is no such institution.",
            field="institution_id",
        )
    elif institution.status is InstitutionStatus.REVOKED:
        yield refusal(
            RefusalCode.INSTITUTION_NOT_REGISTERED,
            zh=f"机构“{institution.name_zh}”已被撤销备案，不在备案名录内，不能发起年度报告。",
            en=f"{institution.name_en} was struck from the registry; no report can be started for it.",
            field="institution_id",
        )


@condition(zh="机构该年份尚无年度报告", en="the institution has no report of the year yet")
def report_is_the_first_of_its_year(case: "Case[AnnualReport, AnnualReportFacts, StartForm]") -> Refusals:
    institution = case.facts.institution
    if case.facts.is_started and institution is not None:
        yield refusal(
            RefusalCode.DUPLICATE,
            zh=f"机构“{institution.name_zh}”已有{case.form.year}年的年度报告。",
            en=f"{institution.name_en} has an annual report of {case.form.year} already.",
            field="institution_id",
        )


@condition(zh="必填项均已填写（含各国别行）", en="every required field is filled, of the countries too")
def everything_is_filled(case: AnnualReportCase) -> Refusals:
    yield from left_empty(case.record)
    for index, row in enumerate(case.facts.rows):
        for found in left_empty(row):
            yield found.below("by_country", index)


@condition(zh="国别代码均现行有效", en="every country's code may still be chosen")
def codes_may_be_chosen(case: AnnualReportCase) -> Refusals:
    for index, row in enumerate(case.facts.rows):
        for found in unknown_codes(row, case.facts.known_codes):
            yield found.below("by_country", index)


@condition(zh="修改的国别行属于本报告且不重复", en="every row to change is of this report and named once")
def rows_are_own(case: "Case[AnnualReport, AnnualReportFacts, AnnualReportDraft]") -> Refusals:
    yield from not_own(case.facts.rows, case.form.by_country, "by_country")


@condition(zh="同一国家只填一行", en="each country stands in one row")
def countries_differ(case: "Case[AnnualReport, AnnualReportFacts, AnnualReportDraft]") -> Refusals:
    kept = {row.id: row.country for row in case.facts.rows}
    countries = [
        draft.country if "country" in draft.given or draft.id is None else kept.get(draft.id)
        for draft in case.form.by_country
    ]
    counted = Counter(country for country in countries if country)
    for index, country in enumerate(countries):
        if country and counted[country] > 1:
            yield refusal(
                RefusalCode.DUPLICATE,
                zh=f"国家地区“{country}”出现多次，请合并为一行。",
                en=f"Country {country} stands in several rows; make them one.",
                field=("by_country", index, "country"),
            )


@condition(zh="提交期限已过且尚未标记逾期", en="the last day to submit has passed, and it is not marked yet")
def due_date_has_passed(case: AnnualReportCase) -> Refusals:
    if case.record.overdue:
        yield refusal(RefusalCode.NOTHING_CHANGED, zh="已标记逾期。", en="It is marked as overdue already.")
    elif marks.today_in_china(case.now) <= case.record.due_on:
        yield refusal(
            RefusalCode.DATE_IN_FUTURE,
            zh=f"提交期限（{case.record.due_on}）未过。",
            en=f"The last day to submit ({case.record.due_on}) has not passed.",
        )


def everybody_has_one(year: int) -> Refusals:
    """The refusal of a start for all institutions where none is left that has no report of the year."""
    yield refusal(
        RefusalCode.DUPLICATE,
        zh=f"备案名录内的全部机构均已有{year}年的年度报告，没有可发起的机构。",
        en=f"Every institution of the registry has an annual report of {year} already; none is left to start one for.",
        field="all_institutions",
    )


def institutions_unclear(named: Sequence[UUID] | None, *, all_of_them: bool) -> Refusals:
    """Refusals of a wish to start reports that does not say for whom: by name, each once, or else for all."""
    if all_of_them is (named is not None):
        yield refusal(
            RefusalCode.REQUIRED,
            zh="请列出检验机构，或选择全部机构，二者取一。",
            en="Name the institutions, or choose all of them: one of the two.",
            field="institution_ids",
        )
    elif named is not None and not named:
        yield refusal(
            RefusalCode.REQUIRED,
            zh="请至少列出一家检验机构。",
            en="Name at least one institution.",
            field="institution_ids",
        )
    elif named is not None and len(named) > INSTITUTIONS_MAX:
        yield refusal(
            RefusalCode.TOO_MANY,
            zh=f"最多列出{INSTITUTIONS_MAX}家机构，现有{len(named)}家；需要更多时请选择全部机构。",
            en=f"At most {INSTITUTIONS_MAX} institutions, there are {len(named)}; for more choose all of them.",
            field="institution_ids",
        )
    elif named is not None:
        counted = Counter(named)
        for index, institution_id in enumerate(named):
            if counted[institution_id] > 1:
                yield refusal(
                    RefusalCode.DUPLICATE,
                    zh="同一机构出现多次。",
                    en="The same institution is named more than once.",
                    field=("institution_ids", index),
                )
