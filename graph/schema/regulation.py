"""Regulations in public."""

from domain.regulation import Regulation, RegulationFilter, RegulationOrderField
from graph.actions import mutations
from graph.guidance import guidance
from graph.listing import list_of, one_of
from graph.publish import field, publish
from graph.resolvers import regulation as resolve
from storage.regulation import DESK, REGULATION, REGULATIONS, regulations

publish(
    Regulation,
    field(resolve.title),
    field(resolve.body),
    field(resolve.attachments),
    *guidance(DESK),
)

QUERIES = (
    list_of(
        REGULATIONS,
        "regulations",
        "法规及政策文件查询. The regulations, open to everybody, latest first, by title and day of issue. "
        "手册 1.2, 2.2 (manual).",
        regulations,
        RegulationFilter,
        {
            RegulationOrderField.PUBLISHED_ON: REGULATION.c.published_on,
            RegulationOrderField.TITLE: REGULATION.c.title_zh,
        },
        is_public=True,
    ),
    one_of(
        REGULATIONS,
        "regulation",
        "法规及政策文件详情. One regulation, open to everybody; null where there is none that the viewer may see.",
        is_public=True,
    ),
)
MUTATIONS = mutations(DESK)
