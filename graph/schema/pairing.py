"""Pairing in public: what a browser shows and follows, and what a phone sees of it."""

from domain.pairing import Pairing
from graph.actions import FromPayload, mutations, payload_of, payload_type
from graph.publish import field, publish
from graph.resolvers import pairing as resolve
from graph.resolvers.pairing import OpenedPairing, PairingProgress
from graph.schema.session import SESSION_OPEN_PAYLOAD
from storage.pairing import DESK

publish(Pairing, field(resolve.is_nearby))
publish(OpenedPairing, node=False)
publish(PairingProgress, node=False)

OPEN_PAYLOAD = payload_type(
    "PairingOpenPayload",
    "What asking to be signed in by a phone answers.",
    FromPayload("opened", OpenedPairing | None, "配对. What to show and to keep; null when refused."),
)
resolve.pairing_open.__annotations__["return"] = OPEN_PAYLOAD | None
resolve.pairing_approve.__annotations__["return"] = payload_of(DESK.workflow) | None
resolve.pairing_use.__annotations__["return"] = SESSION_OPEN_PAYLOAD | None

QUERIES = (field(resolve.pairing),)
MUTATIONS = (
    field(resolve.pairing_open),
    *mutations(DESK),
    field(resolve.pairing_approve),
    field(resolve.pairing_use),
)
SUBSCRIPTIONS = (field(resolve.pairing_changed),)
