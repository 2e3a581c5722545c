"""Cards in public: what they sign, signing in, and binding them to accounts."""

from domain.card import Card, CardFilter, CardOrderField
from graph.actions import FromPayload, mutations, payload_of, payload_type
from graph.guidance import guidance
from graph.listing import list_of, one_of
from graph.publish import field, publish
from graph.resolvers import card as resolve
from graph.resolvers.card import CardChallenge
from graph.schema.session import SESSION_OPEN_PAYLOAD
from storage.card import CARD, CARDS, DESK, cards

publish(Card, field(resolve.account), *guidance(DESK))
publish(CardChallenge, node=False)

CARD_CHALLENGE_OPEN_PAYLOAD = payload_type(
    "CardChallengeOpenPayload",
    "What asking for a challenge answers.",
    FromPayload("challenge", CardChallenge | None, "挑战. What the card is to sign; null when refused."),
)

resolve.card_challenge_open.__annotations__["return"] = CARD_CHALLENGE_OPEN_PAYLOAD | None
resolve.session_open_by_card.__annotations__["return"] = SESSION_OPEN_PAYLOAD | None
resolve.card_bind.__annotations__["return"] = payload_of(DESK.workflow) | None

QUERIES = (
    list_of(
        CARDS,
        "cards",
        "卡介质列表. The cards of one's own account; for the administrator those of the whole organisation. "
        "手册 第四篇 (manual).",
        cards,
        CardFilter,
        {
            CardOrderField.BOUND_AT: CARD.c.bound_at,
            CardOrderField.VALID_UNTIL: CARD.c.valid_until,
        },
    ),
    one_of(CARDS, "card", "卡介质详情. One card; null where there is none that the viewer may see."),
)
MUTATIONS = (
    field(resolve.card_challenge_open),
    field(resolve.session_open_by_card),
    field(resolve.card_bind),
    *mutations(DESK),
)
