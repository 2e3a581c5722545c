"""Notices in public."""

from domain.notice import Notice, NoticeFilter
from domain.party import Viewer
from graph.actions import FromPayload, available_actions, mutations, payload_type
from graph.listing import one_of
from graph.publish import field, form_input, publish
from graph.resolvers import notice as resolve
from storage.notice import DESK, NOTICES

publish(
    Notice,
    field(resolve.title),
    field(resolve.body),
    field(resolve.subject),
    field(resolve.attachments),
    field(resolve.read_at),
    available_actions(DESK),
)
form_input(NoticeFilter)

VIEWER = FromPayload("viewer", Viewer | None, "当前账号. This user, with the count of what is still unread.")
MARK_READ_PAYLOAD = payload_type(
    "NoticeMarkReadPayload",
    "What marking notices as read answers.",
    FromPayload("notices", list[Notice] | None, "公告消息. Those that were marked; null when refused."),
    VIEWER,
)
MARK_ALL_READ_PAYLOAD = payload_type("NoticeMarkAllReadPayload", "What marking all notices as read answers.", VIEWER)

resolve.notice_mark_read.__annotations__["return"] = MARK_READ_PAYLOAD | None
resolve.notice_mark_all_read.__annotations__["return"] = MARK_ALL_READ_PAYLOAD | None

QUERIES = (
    field(resolve.notices),
    one_of(NOTICES, "notice", "公告消息详情. One notice; null where there is none that the viewer may see."),
)
MUTATIONS = (*mutations(DESK), field(resolve.notice_mark_read), field(resolve.notice_mark_all_read))
SUBSCRIPTIONS = (field(resolve.notice_received),)
