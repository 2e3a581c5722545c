"""Passkeys in public: registering them, and signing in."""

from domain.passkey import Passkey, PasskeyFilter, PasskeyOrderField
from graph.actions import FromPayload, mutations, payload_of, payload_type
from graph.guidance import guidance
from graph.listing import list_of, one_of
from graph.publish import field, publish
from graph.resolvers import passkey as resolve
from graph.resolvers.passkey import PasskeyChallenge
from graph.schema.session import SESSION_OPEN_PAYLOAD
from storage.passkey import DESK, PASSKEY, PASSKEYS, passkeys

publish(Passkey, field(resolve.account), *guidance(DESK))
publish(PasskeyChallenge, node=False)

PASSKEY_CHALLENGE_PAYLOAD = payload_type(
    "PasskeyChallengePayload",
    "What asking for a challenge answers.",
    FromPayload("challenge", PasskeyChallenge | None, "挑战. What the browser needs; null when refused."),
)

resolve.passkey_registration_open.__annotations__["return"] = PASSKEY_CHALLENGE_PAYLOAD | None
resolve.passkey_challenge_open.__annotations__["return"] = PASSKEY_CHALLENGE_PAYLOAD | None
resolve.passkey_register.__annotations__["return"] = payload_of(DESK.workflow) | None
resolve.session_open_by_passkey.__annotations__["return"] = SESSION_OPEN_PAYLOAD | None

QUERIES = (
    list_of(
        PASSKEYS,
        "passkeys",
        "通行密钥列表. The passkeys of one's own account; for the administrator those of the whole organisation. "
        "手册 第四篇 (manual).",
        passkeys,
        PasskeyFilter,
        {PasskeyOrderField.REGISTERED_AT: PASSKEY.c.registered_at},
    ),
    one_of(PASSKEYS, "passkey", "通行密钥详情. One passkey; null where there is none that the viewer may see."),
)
MUTATIONS = (
    field(resolve.passkey_registration_open),
    field(resolve.passkey_register),
    field(resolve.passkey_challenge_open),
    field(resolve.session_open_by_passkey),
    *mutations(DESK),
)
