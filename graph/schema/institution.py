"""The registry in public."""

from domain.institution import Institution, InstitutionFilter
from graph.publish import field, form_input, publish
from graph.resolvers import disposition as resolve_dispositions
from graph.resolvers import institution as resolve
from graph.schema.labels import labels_of

publish(
    Institution,
    field(resolve.name),
    field(resolve.hint),
    field(resolve.contact_name),
    field(resolve.contact_phone),
    field(resolve.contact_email),
    field(resolve_dispositions.institution_dispositions, name="dispositions"),
    field(resolve_dispositions.recognition),
    *labels_of(Institution),
)
form_input(InstitutionFilter)

QUERIES = (field(resolve.institutions),)
