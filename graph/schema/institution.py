"""The registry in public."""

from domain.institution import Institution, InstitutionFilter, InstitutionOrderField
from graph.listing import list_of
from graph.publish import field, publish
from graph.resolvers import disposition as resolve_dispositions
from graph.resolvers import filing
from graph.resolvers import institution as resolve
from graph.schema.labels import labels_of
from storage.institution import INSTITUTION, INSTITUTIONS, institutions

publish(
    Institution,
    field(resolve.name),
    field(resolve.hint),
    field(resolve.contact_name),
    field(resolve.contact_phone),
    field(resolve.contact_email),
    field(filing.filing_of_institution, name="filing"),
    field(resolve_dispositions.institution_dispositions, name="dispositions"),
    field(resolve_dispositions.recognition),
    *labels_of(Institution),
)

QUERIES = (
    list_of(
        INSTITUTIONS,
        "institutions",
        "已备案检验机构查询. The registry, open to everybody, latest filing first; revoked institutions are not in it. "
        "手册 1.2, 2.2 (manual).",
        institutions,
        InstitutionFilter,
        {
            InstitutionOrderField.FILED_AT: INSTITUTION.c.filed_at,
            InstitutionOrderField.FILING_NUMBER: INSTITUTION.c.filing_number,
        },
        is_public=True,
    ),
)
