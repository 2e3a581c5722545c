"""Statistics in public: each list that is counted has a line here."""

from domain.language import Language, Words
from domain.statistics import CommissionFigures
from graph.context import Context, Info
from graph.publish import field, output_type
from graph.statistics import Dimension, by_code, statistics_of
from storage.annual_report import ANNUAL_REPORT
from storage.check import CHECK
from storage.commission_statistics import AT, COUNTRY, HS_CHAPTER, tallied
from storage.disposition import DISPOSITION
from storage.filing import FILING
from storage.filing_change import FILING_CHANGE
from storage.institution import INSTITUTION
from storage.notice import NOTICE
from storage.quality_issue import QUALITY_ISSUE


async def _chapter(context: Context, chapter: object) -> str:
    return f"第{chapter}章" if context.language is Language.ZH else f"Chapter {chapter}"


Statistics = output_type(
    "Statistics",
    "统计分析. Figures of what the viewer may see: for customs of everything submitted, for others of their own.",
    [
        statistics_of(
            "commissions",
            at=AT,
            by=("status", "product_use", "entry_customs", "destination_customs", "institution_id"),
            more={
                COUNTRY: by_code("COUNTRY", Words(zh="国家地区", en="Country or region of the institution chosen.")),
                HS_CHAPTER: Dimension(
                    Words(zh="HS章", en="First two digits of the HS code of a goods line."), _chapter
                ),
            },
            counting=tallied,
            figures=CommissionFigures,
        ),
        statistics_of("filings", at=FILING.c.created_at, by=("status", "country")),
        statistics_of("filing_changes", at=FILING_CHANGE.c.requested_at, by=("status",)),
        statistics_of("quality_issues", at=QUALITY_ISSUE.c.created_at, by=("status", "severity", "institution_id")),
        statistics_of("checks", at=CHECK.c.created_at, by=("status", "type", "institution_id")),
        statistics_of("dispositions", at=DISPOSITION.c.imposed_at, by=("status", "type", "ground", "institution_id")),
        statistics_of("annual_reports", at=ANNUAL_REPORT.c.created_at, by=("status", "institution_id")),
        statistics_of("institutions", at=INSTITUTION.c.filed_at, by=("status", "country")),
        statistics_of("notices", at=NOTICE.c.published_at, by=("type",)),
    ],
)


def statistics(info: Info) -> object:
    """统计分析. Figures for decisions, by period, institution, country, HS chapter, status …; for those who are signed
    in. 手册 第一篇 (manual)."""
    info.context.signed_in()
    return Statistics()


statistics.__annotations__["return"] = Statistics

QUERIES = (field(statistics),)
