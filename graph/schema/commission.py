"""Commissions in public: the record, its parts, and what stands beside them."""

from domain.certificate import Certificate
from domain.commission.record import Commission, CommissionFilter, GoodsLine
from graph.actions import mutations
from graph.publish import field, form_input, publish
from graph.resolvers import commission as resolve
from graph.schema.labels import labels_of
from storage.commission import DESK

publish(GoodsLine, *labels_of(GoodsLine), field(resolve.rule))
publish(Certificate)
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
