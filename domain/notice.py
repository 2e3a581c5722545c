"""Notices 公告消息: what the system tells an organisation, by an action of a workflow and in the manual's wording."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from domain.language import Words
from domain.record import Form, Record, hidden, says
from domain.term import Term


class NoticeType(Term):
    """What a notice is about 消息类型."""

    SYSTEM = "系统公告", "Published by customs for everybody."
    FILING = "备案管理", "About the filing of an institution."
    COMMISSION = "业务委托", "About a commission."
    QUALITY = "质量反馈", "About a quality issue."
    CHECK = "监督检查", "About a supervision check."
    DISPOSITION = "处置反馈", "About a disposition."
    ANNUAL_REPORT = "年度报告", "About an annual report."


class Channel(Term):
    """By which way a notice reaches an organisation 通知渠道."""

    NOTICE = "通知", "Stands in the list of notices."
    EMAIL = "邮件", "Sent to the organisation's e-mail address too."
    SMS = "短信", "Sent to the organisation's mobile phone too."


THREE_CHANNELS = (Channel.NOTICE, Channel.EMAIL, Channel.SMS)


@dataclass(frozen=True, kw_only=True)
class Notice(Record):
    """A message to one organisation 公告消息."""

    type: Annotated[NoticeType, says("消息类型", "What the notice is about.")]
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    published_at: Annotated[datetime, says("发布日期", "When it was published.")]
    is_pinned: Annotated[bool, says("置顶", "Whether it stands above the others.")] = False
    by_email: Annotated[bool, hidden] = False
    by_sms: Annotated[bool, hidden] = False
    organisation_id: Annotated[UUID | None, hidden] = None
    subject_type: Annotated[str | None, hidden] = None
    subject_id: Annotated[UUID | None, hidden] = None


@dataclass(frozen=True, kw_only=True)
class NoticeFilter(Form):
    """Which notices are wanted; conditions given together must all hold."""

    title: Annotated[str | None, says("标题", "Fragment of the title, in either language, whatever its case.")] = None
    type: Annotated[NoticeType | None, says("消息类型", "What it is about.")] = None


class NoticeOrderField(Term):
    """What notices are sorted by."""

    PUBLISHED_AT = "发布日期", "When it was published."


@dataclass(frozen=True)
class Addressee:
    """Which organisations are told: called with the case it gives an id, several, or None where there is nobody."""

    words: Words
    find: Callable[[Any], UUID | Iterable[UUID] | None]

    def __call__(self, case: Any) -> tuple[UUID, ...]:
        found = self.find(case)
        if found is None:
            return ()
        return (found,) if isinstance(found, UUID) else tuple(dict.fromkeys(found))


def addressee(*, zh: str, en: str) -> Callable[[Callable[[Any], UUID | Iterable[UUID] | None]], Addressee]:
    """Makes a function from a case to an organisation an addressee with a name."""
    return lambda find: Addressee(Words(zh=zh, en=en), find)


@dataclass(frozen=True)
class Telling:
    """Who is told of an action and in which words: those of the page of workflows, with `{blanks}` for what differs."""

    type: NoticeType
    to: Addressee
    heading: Words
    text: Words
    blanks: Callable[[Any], Mapping[str, object]]
    channels: tuple[Channel, ...] = (Channel.NOTICE,)

    def title(self, case: Any) -> Words:
        return self.heading.with_(**self.blanks(case))

    def body(self, case: Any) -> Words:
        return self.text.with_(**self.blanks(case))
