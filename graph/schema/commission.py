"""Commissions in public: the record, its parts, and what stands beside them."""

from domain.certificate import Certificate, CertificateStatus
from domain.commission.record import Commission, CommissionFilter, GoodsLine
from graph.actions import mutations
from graph.publish import field, form_input, publish, term
from graph.resolvers import commission as resolve
from graph.schema.labels import labels_of
from storage.commission import DESK

publish(GoodsLine, *labels_of(GoodsLine), field(resolve.rule))
term(CertificateStatus)
publish(Certificate, field(resolve.certificate_status, name="status"))
publish(
    Commission,
    *labels_of(Commission),
    field(resolve.institution),
    field(resolve.goods_lines),
    field(resolve.attachments),
    field(resolve.certificate),
    field(resolve.available_actions),
)
form_input(CommissionFilter)

QUERIES = (field(resolve.commissions), field(resolve.commission))
MUTATIONS = mutations(DESK)
SUBSCRIPTIONS = (field(resolve.commission_changed),)
