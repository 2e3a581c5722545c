"""Annual reports in public: the record, its countries, and the start of many at once."""

from domain.annual_report.record import (
    AnnualReport,
    AnnualReportCountry,
    AnnualReportFilter,
    AnnualReportOrderField,
)
from graph.actions import FromPayload, mutations, payload_type
from graph.guidance import guidance
from graph.listing import list_of, one_of
from graph.publish import field, publish
from graph.resolvers import annual_report as resolve
from graph.schema.labels import labels_of
from storage.annual_report import ANNUAL_REPORT, ANNUAL_REPORTS, DESK, annual_reports

publish(AnnualReportCountry, *labels_of(AnnualReportCountry))
publish(
    AnnualReport,
    field(resolve.institution),
    field(resolve.by_country),
    field(resolve.attachments),
    *guidance(DESK),
)

START_PAYLOAD = payload_type(
    "AnnualReportStartPayload",
    "What starting annual reports answers.",
    FromPayload("started", int, "发起数量. How many were started; 0 when refused."),
    FromPayload("annual_reports", list[AnnualReport], "年度报告. The first 100 of them; the list has them all."),
)
resolve.annual_report_start.__annotations__["return"] = START_PAYLOAD | None

QUERIES = (
    list_of(
        ANNUAL_REPORTS,
        "annual_reports",
        "年度工作报告列表. The annual reports that the viewer may see: an institution's own, for customs all. "
        "手册 1.8 (manual).",
        annual_reports,
        AnnualReportFilter,
        {
            AnnualReportOrderField.CREATED_AT: ANNUAL_REPORT.c.created_at,
            AnnualReportOrderField.NUMBER: ANNUAL_REPORT.c.number,
            AnnualReportOrderField.YEAR: ANNUAL_REPORT.c.year,
            AnnualReportOrderField.DUE_ON: ANNUAL_REPORT.c.due_on,
        },
    ),
    one_of(
        ANNUAL_REPORTS,
        "annual_report",
        "年度工作报告详情. One annual report; null where there is none that the viewer may see.",
        number="报告编号. Its official number, 18 digits.",
    ),
)
MUTATIONS = (field(resolve.annual_report_start), *mutations(DESK))
