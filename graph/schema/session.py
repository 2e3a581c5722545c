"""Signing in and out in public."""

from datetime import datetime

from domain.account import Account
from domain.organisation import Organisation
from domain.party import OrganisationKind, Role, Viewer
from graph.actions import FromPayload, payload_type
from graph.publish import Attribute, field, publish, term
from graph.resolvers import session as resolve
from graph.resolvers.notice import unread_count
from graph.resolvers.session import OpenedSession
from graph.schema import todo

publish(Organisation)
publish(Account)
publish(
    Viewer,
    Attribute("kind", term(OrganisationKind), "类别. On which side of the table the viewer sits."),
    Attribute("role", term(Role), "角色. What the viewer may do within the organisation."),
    field(resolve.account),
    field(resolve.organisation),
    field(unread_count),
    *todo.OF_THE_VIEWER,
    node=False,
)
publish(
    OpenedSession,
    Attribute("token", str, "令牌. To be sent as `Authorization: Bearer …`; it cannot be read again."),
    Attribute("expires_at", datetime, "到期时间. When it ends by itself."),
    node=False,
)

SESSION_OPEN_PAYLOAD = payload_type(
    "SessionOpenPayload",
    "What signing in answers.",
    FromPayload("session", OpenedSession | None, "登录. The session; null when refused."),
    FromPayload("viewer", Viewer | None, "当前账号. Who has signed in; null when refused."),
    FromPayload(
        "device_token", str | None, "设备令牌. For this device to keep, and to send the next time; null when refused."
    ),
)
SESSION_CLOSE_PAYLOAD = payload_type("SessionClosePayload", "What signing out answers.")

resolve.session_open.__annotations__["return"] = SESSION_OPEN_PAYLOAD | None
resolve.session_close.__annotations__["return"] = SESSION_CLOSE_PAYLOAD | None

QUERIES = (field(resolve.viewer),)
MUTATIONS = (field(resolve.session_open), field(resolve.session_close))
