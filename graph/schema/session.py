"""Signing in and out in public."""

from datetime import datetime

from domain.organisation import Organisation
from domain.party import OrganisationKind, Role, Viewer
from domain.session import Session, SessionFilter, SessionOrderField, SignInMethod
from graph.actions import FromPayload, payload_type
from graph.listing import list_of
from graph.publish import Attribute, field, publish, term
from graph.resolvers import account as of_account
from graph.resolvers import session as resolve
from graph.resolvers.card import own_cards
from graph.resolvers.notice import unread_count
from graph.resolvers.opening import OpenedSession
from graph.resolvers.passkey import own_passkeys
from graph.resolvers.totp import own_totp
from graph.schema import todo
from storage.session import SESSION, SESSIONS, sessions

publish(Organisation)
publish(
    Viewer,
    Attribute("kind", term(OrganisationKind), "类别. On which side of the table the viewer sits."),
    Attribute("role", term(Role), "角色. What the viewer may do within the organisation."),
    Attribute(
        "roles",
        list[term(Role)],  # type: ignore[misc]
        "全部角色. The own role and those of colleagues who have delegated their work, the most powerful first.",
    ),
    Attribute(
        "lacks_second_factor",
        bool,
        "缺少第二步验证. Whether the role asks for more than the password that was typed: then nothing is open but "
        "`totpBegin` and `totpConfirm`, registering a passkey, the own data, and signing out.",
    ),
    field(of_account.delegated_by),
    field(of_account.colleagues),
    field(resolve.account),
    field(resolve.organisation),
    field(unread_count),
    *todo.OF_THE_VIEWER,
    field(own_cards, name="cards"),
    field(own_passkeys, name="passkeys"),
    field(own_totp, name="totp"),
    node=False,
)
publish(
    OpenedSession,
    Attribute("token", str, "令牌. To be sent as `Authorization: Bearer …`; it cannot be read again."),
    Attribute("expires_at", datetime, "到期时间. When the token ends by itself."),
    Attribute(
        "refresh_token",
        str | None,
        "刷新令牌. Renews the token by `sessionRefresh`, once; null where none was asked for.",
    ),
    Attribute("refresh_expires_at", datetime | None, "续期截止时间. Until when the session can be renewed at most."),
    node=False,
)
term(SignInMethod)
publish(Session, field(resolve.is_current), field(resolve.last_used_at))

SESSION_OPEN_PAYLOAD = payload_type(
    "SessionOpenPayload",
    "What signing in answers.",
    FromPayload("session", OpenedSession | None, "登录. The tokens; null when refused, or put into cookies."),
    FromPayload("viewer", Viewer | None, "当前账号. Who has signed in; null when refused."),
    FromPayload(
        "device_token", str | None, "设备令牌. For this device to keep, and to send the next time; null when refused."
    ),
    FromPayload(
        "second_factor_token",
        str | None,
        "第二步令牌. Where the password was right and a code is missing: to be sent with it to `sessionConfirm`; good "
        "once, for a few codes and minutes. Else null.",
    ),
    FromPayload("second_factor_expires_at", datetime | None, "第二步截止时间. Until when the code may be sent."),
)
SESSION_CLOSE_PAYLOAD = payload_type("SessionClosePayload", "What signing out answers.")

resolve.session_open.__annotations__["return"] = SESSION_OPEN_PAYLOAD | None
resolve.session_confirm.__annotations__["return"] = SESSION_OPEN_PAYLOAD | None
resolve.session_refresh.__annotations__["return"] = SESSION_OPEN_PAYLOAD | None
resolve.session_close.__annotations__["return"] = SESSION_CLOSE_PAYLOAD | None

QUERIES = (
    field(resolve.viewer),
    list_of(
        SESSIONS,
        "sessions",
        "登录列表. The viewer's own sessions, at whatever device. 手册 第四篇 (manual).",
        sessions,
        SessionFilter,
        {SessionOrderField.OPENED_AT: SESSION.c.opened_at},
    ),
)
MUTATIONS = (
    field(resolve.session_open),
    field(resolve.session_confirm),
    field(resolve.session_refresh),
    field(resolve.session_close),
)
