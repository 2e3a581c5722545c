"""Notices in public."""

from domain.notice import Notice, NoticeFilter, NoticeOrderField
from domain.record import says
from graph.listing import Worded, list_of
from graph.publish import field, publish
from graph.resolvers import notice as resolve
from storage.notice import NOTICE, NOTICES, notices

publish(
    Notice,
    field(resolve.title),
    field(resolve.body),
    field(resolve.subject),
    field(resolve.channels),
    field(resolve.deliveries),
)

QUERIES = (
    list_of(
        NOTICES,
        "notices",
        "公告消息. The notices of the viewer's organisation, latest first. 手册 1.1, 2.1 (manual).",
        notices,
        NoticeFilter,
        {NoticeOrderField.PUBLISHED_AT: NOTICE.c.published_at},
        worded=(
            Worded("title", says("标题", "Its title."), resolve.title_in),
            Worded("body", says("正文", "What it says."), resolve.body_in),
        ),
    ),
)
SUBSCRIPTIONS = (field(resolve.notice_received),)
