"""Which question answers which field of an annual report, and how customs starts many of them at once."""

from datetime import date

import strawberry

from graph.actions import Payload
from graph.context import Info
from graph.ids import record_id
from graph.relation import related
from graph.resolvers.attachment import files
from graph.resolvers.institution import institution_named
from graph.user_error import user_errors
from storage.annual_report import COUNTRIES
from storage.annual_report_start import AnnualReportRound, start


@strawberry.input(description="发起年度报告. For which institutions and which year reports are started.")
class AnnualReportStartInput:
    """Institutions are named, or all of them chosen: one of the two, so that nobody asks all by forgetting some."""

    institution_ids: list[strawberry.ID] | None = strawberry.field(
        description="检验机构. The institutions, each once, at most 5 000; absent when all are chosen.", default=None
    )
    all_institutions: bool = strawberry.field(
        description="全部机构. Whether all of the registry are asked that have no report of the year yet.",
        default=False,
    )
    year: int = strawberry.field(description="报告年份. From 2010 to this year (China standard time).")
    due_on: date | None = strawberry.field(
        description="提交期限. Last day to submit, today at the earliest; 60 days from today when absent.",
        default=None,
    )


async def annual_report_start(info: Info, input: AnnualReportStartInput) -> Payload:
    """发起年度报告. Ask one or several institutions to report on a year, or all of the registry that have no report of
    it yet. By customs. All are started or none is, and each institution is told by notice, e-mail and SMS. 手册 1.8
    (manual)."""
    context = info.context
    viewer = context.signed_in()
    named = input.institution_ids
    wanted = AnnualReportRound(
        institution_ids=None if named is None else tuple(record_id("institution", each) for each in named),
        all_institutions=input.all_institutions,
        year=input.year,
        due_on=input.due_on,
    )
    started = await start(context.house.door, wanted, viewer)
    shown = {"started": started.count, "annual_reports": list(started.first)}
    return Payload(None, user_errors(started.refusals, context.language), shown)


institution = institution_named("检验机构. The institution that reports.")


by_country = related(
    COUNTRIES,
    "id",
    name="by_country",
    words="分国别检验情况. What was inspected in each country, in order; at most 300. Before the first "
    "submission the institution alone sees it.",
)


attachments = files(
    "附件. Its files in the order of uploading; at most 50. Before the first submission the "
    "institution alone sees them."
)
