"""Notices in public."""

from domain.notice import Notice, NoticeFilter, NoticeOrderField
from domain.party import Viewer
from domain.record import says
from graph.actions import FromPayload, mutations, payload_type
from graph.guidance import guidance
from graph.listing import Worded, list_of, one_of
from graph.publish import field, publish
from graph.resolvers import notice as resolve
from storage.notice import DESK, NOTICES, PINNED_FIRST, notices

publish(
    Notice,
    field(resolve.title),
    field(resolve.body),
    field(resolve.subject),
    field(resolve.channels),
    field(resolve.deliveries),
    field(resolve.attachments),
    field(resolve.read_at),
    *guidance(DESK),
)

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
    list_of(
        NOTICES,
        "notices",
        "公告消息. The notices sent to the viewer's organisation and those that customs published for its side, pinned "
        "ones first, then the latest; customs sees all that it published. 手册 1.1, 2.1 (manual).",
        notices,
        NoticeFilter,
        {NoticeOrderField.PUBLISHED_AT: PINNED_FIRST},
        worded=(
            Worded("title", says("标题", "Its title."), Notice.title),
            Worded("body", says("正文", "What it says."), Notice.body),
        ),
        narrowed=resolve.narrowed,
    ),
    one_of(NOTICES, "notice", "公告消息详情. One notice; null where there is none that the viewer may see."),
)
MUTATIONS = (*mutations(DESK), field(resolve.notice_mark_read), field(resolve.notice_mark_all_read))
SUBSCRIPTIONS = (field(resolve.notice_received),)
