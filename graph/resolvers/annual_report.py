"""Which question answers which field of an annual report, and how customs starts many of them at once."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import strawberry

from domain.annual_report.record import AnnualReport, AnnualReportCountry
from domain.attachment import Attachment
from domain.institution import Institution
from graph.actions import Payload
from graph.context import Info
from graph.ids import record_id
from graph.resolvers.attachment import files_of
from graph.resolvers.institution import institution_of
from graph.user_error import user_errors
from storage.annual_report import countries_of
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


async def institution(root: strawberry.Parent[AnnualReport], info: Info) -> Institution | None:
    """检验机构. The institution that reports."""
    return await institution_of(info.context, root.institution_id)


async def by_country(root: strawberry.Parent[AnnualReport], info: Info) -> list[AnnualReportCountry]:
    """分国别检验情况. What was inspected in each country, in order; at most 300. Before the first submission the
    institution alone sees it."""
    viewer = info.context.viewer

    async def seen(connection: Any, ids: Sequence[UUID]) -> dict[UUID, tuple[AnnualReportCountry, ...]]:
        return await countries_of(connection, viewer, ids)

    return list(await info.context.loading.load(seen, root.id, name="countries") or ())


async def attachments(root: strawberry.Parent[AnnualReport], info: Info) -> list[Attachment]:
    """附件. Its files in the order of uploading; at most 50. Before the first submission the institution alone sees
    them."""
    return await files_of(info.context, root.id)
