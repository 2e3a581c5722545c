"""Authenticator apps in public: setting one up, and who has one."""

from domain.totp import Totp, TotpFilter, TotpOrderField
from graph.actions import FromPayload, Way, mutations, payload_type
from graph.guidance import guidance
from graph.listing import list_of, one_of
from graph.publish import field, publish
from graph.resolvers import totp as resolve
from graph.resolvers.totp import TotpSetup
from storage.totp import DESK, TOTP, TOTPS, totps

publish(Totp, field(resolve.account), *guidance(DESK))
publish(TotpSetup, node=False)

TOTP_BEGIN_PAYLOAD = payload_type(
    "TotpBeginPayload",
    "What beginning an authenticator app answers.",
    FromPayload("totp", Totp | None, "动态口令. What was begun; null when refused.", is_record=True),
    FromPayload("setup", TotpSetup | None, "设置信息. What the app needs, told this once; null when refused."),
)
TOTP_CONFIRM_PAYLOAD = payload_type(
    "TotpConfirmPayload",
    "What confirming an authenticator app answers.",
    FromPayload(
        "totp",
        Totp | None,
        "动态口令. As it is now, done or not; null where not to be seen.",
        is_record=True,
    ),
    FromPayload(
        "recovery_codes",
        list[str] | None,
        "备用码. Each signs in once in the place of a code; told this once, to be kept on paper. Null when refused, "
        "and when a repeated `idempotencyKey` is answered.",
    ),
)

resolve.totp_begin.__annotations__["return"] = TOTP_BEGIN_PAYLOAD | None

QUERIES = (
    list_of(
        TOTPS,
        "totps",
        "动态口令列表. One's own; for the administrator those of the whole organisation, in customs also of other "
        "organisations' administrators. 手册 第四篇 (manual).",
        totps,
        TotpFilter,
        {TotpOrderField.BEGUN_AT: TOTP.c.begun_at},
    ),
    one_of(TOTPS, "totp", "动态口令详情. One of them; null where there is none that the viewer may see."),
)
MUTATIONS = (
    field(resolve.totp_begin),
    *mutations(DESK, {"confirm": Way(resolve.confirm, TOTP_CONFIRM_PAYLOAD), "revoke": Way(resolve.revoke)}),
)
