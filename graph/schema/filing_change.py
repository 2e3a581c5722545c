"""Filing changes in public."""

from domain.filing_change.record import ChangedField, FilingChange, FilingChangeFilter, FilingChangeOrderField
from graph.actions import mutations
from graph.guidance import guidance
from graph.listing import list_of, one_of
from graph.publish import field, publish
from graph.resolvers import filing_change as resolve
from storage.filing_change import DESK, FILING_CHANGE, FILING_CHANGES, filing_changes

publish(ChangedField, field(resolve.field_name, name="field"), field(resolve.label), whose=resolve.change_of)
publish(
    FilingChange,
    field(resolve.filing),
    field(resolve.changes),
    field(resolve.attachments),
    *guidance(DESK),
)

QUERIES = (
    list_of(
        FILING_CHANGES,
        "filing_changes",
        "备案变更列表. The changes that the viewer may see: an institution's own, for customs all. 手册 1.3 (manual).",
        filing_changes,
        FilingChangeFilter,
        {FilingChangeOrderField.REQUESTED_AT: FILING_CHANGE.c.requested_at},
    ),
    one_of(
        FILING_CHANGES, "filing_change", "备案变更详情. One change; null where there is none that the viewer may see."
    ),
)
MUTATIONS = mutations(DESK)
