"""Notices in public."""

from domain.notice import Notice, NoticeFilter
from graph.publish import field, form_input, publish
from graph.resolvers import notice as resolve

publish(
    Notice,
    field(resolve.title),
    field(resolve.body),
    field(resolve.subject),
    field(resolve.channels),
    field(resolve.deliveries),
)
form_input(NoticeFilter)

QUERIES = (field(resolve.notices),)
SUBSCRIPTIONS = (field(resolve.notice_received),)
