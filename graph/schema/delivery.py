"""Deliveries of notices in public."""

from domain.delivery import Delivery, DeliveryFilter, DeliveryOrderField
from domain.notice import Channel
from graph.listing import list_of
from graph.publish import field, publish, term
from graph.resolvers import delivery as resolve
from storage.delivery import DELIVERIES, DELIVERY, deliveries

term(Channel)
publish(Delivery, field(resolve.reason), field(resolve.organisation))

QUERIES = (
    list_of(
        DELIVERIES,
        "deliveries",
        "通知发送情况. What became of notices that go by e-mail or SMS too: an organisation's own, for customs all. "
        "手册 1.6, 1.7, 1.8 (manual).",
        deliveries,
        DeliveryFilter,
        {DeliveryOrderField.CREATED_AT: DELIVERY.c.created_at},
    ),
)
