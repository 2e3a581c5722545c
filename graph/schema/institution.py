"""The registry in public."""

from domain.institution import Institution, InstitutionFilter
from graph.publish import field, form_input, publish
from graph.resolvers import filing
from graph.resolvers import institution as resolve
from graph.schema.labels import labels_of

publish(
    Institution,
    field(resolve.name),
    field(resolve.hint),
    field(resolve.contact_name),
    field(resolve.contact_phone),
    field(resolve.contact_email),
    field(filing.filing_of_institution, name="filing"),
    *labels_of(Institution),
)
form_input(InstitutionFilter)

QUERIES = (field(resolve.institutions),)
