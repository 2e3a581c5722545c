"""Filings in public: the record, its lists, and what stands beside them."""

from domain.filing.lists import LISTS
from domain.filing.record import Filing, FilingFilter, FilingOrderField
from graph.actions import mutations
from graph.guidance import guidance
from graph.listing import list_of, one_of
from graph.publish import field, publish
from graph.resolvers import filing as resolve
from graph.schema.labels import labels_of
from storage.filing import DESK, FILING, FILINGS, filings

for row in LISTS.values():
    publish(row)
publish(
    Filing,
    *labels_of(Filing),
    field(resolve.signatories),
    field(resolve.departments),
    field(resolve.equipment),
    field(resolve.quality_certificates),
    field(resolve.past_inspections),
    field(resolve.attachments),
    field(resolve.changes),
    field(resolve.institution),
    *guidance(DESK),
)

QUERIES = (
    list_of(
        FILINGS,
        "filings",
        "备案申请列表. The filings that the viewer may see: an institution's own, for customs all that were submitted. "
        "手册 1.3 (manual).",
        filings,
        FilingFilter,
        {
            FilingOrderField.CREATED_AT: FILING.c.created_at,
            FilingOrderField.APPLICATION_NUMBER: FILING.c.application_number,
        },
    ),
    one_of(
        FILINGS,
        "filing",
        "备案申请详情. One filing; null where there is none that the viewer may see.",
        application_number="备案申请号. Its application number, 18 digits.",
    ),
)
MUTATIONS = mutations(DESK)
