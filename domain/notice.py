"""Notices 公告消息: what an organisation is told, by an action of a workflow in the manual's wording, or by customs.

Both stand in one list. What a workflow sends is addressed to an organisation and belongs to that action's line in the
register; what customs publishes (`domain/notice_workflow.py`) is addressed to an audience and has a history of its own.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from domain.language import Language, Words
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
    ACCOUNT = "账号管理", "About a user's account."


class NoticeAudience(Term):
    """For whom customs publishes a notice 发布对象."""

    EVERYBODY = "所有用户", "Everybody who is signed in."
    INSTITUTION = "检验机构", "All inspection institutions."
    ENTERPRISE = "委托企业", "All enterprises."
    CUSTOMS = "海关", "Customs itself."


class NoticeStatus(Term):
    """Whether a notice stands in the list of those whom it is for."""

    PUBLISHED = "已发布", "Stands in the list."
    WITHDRAWN = "已撤下", "Taken down: only customs still sees it."


class Channel(Term):
    """By which way a notice reaches an organisation 通知渠道."""

    NOTICE = "通知", "Stands in the list of notices."
    EMAIL = "邮件", "Sent to the organisation's e-mail address too."
    SMS = "短信", "Sent to the organisation's mobile phone too."


THREE_CHANNELS = (Channel.NOTICE, Channel.EMAIL, Channel.SMS)


@dataclass(frozen=True, kw_only=True)
class Notice(Record):
    """A message to one organisation, or to all of an audience 公告消息."""

    type: Annotated[NoticeType, says("消息类型", "What the notice is about.")]
    title_zh: Annotated[str, says("标题", "Title in Chinese.")]
    title_en: Annotated[str | None, says("英文标题", "Title in English, where there is one.")] = None
    body_zh: Annotated[str, says("正文", "The text in Chinese.")]
    body_en: Annotated[str | None, says("英文正文", "The text in English, where there is one.")] = None
    published_at: Annotated[datetime, says("发布日期", "When it was published.")]
    amended_at: Annotated[datetime | None, says("修改时间", "When customs last changed what it says.")] = None
    is_pinned: Annotated[bool, says("置顶", "Whether it stands above the others.")] = False
    audience: Annotated[
        NoticeAudience | None, says("发布对象", "For whom customs published it; null for what a workflow sent.")
    ] = None
    status: Annotated[NoticeStatus, says("状态", "Whether it stands in the list.")] = NoticeStatus.PUBLISHED
    edition: Annotated[int, hidden] = 0
    """Counts what it has said so far: whoever read an earlier edition has not read this one."""
    by_email: Annotated[bool, hidden] = False
    by_sms: Annotated[bool, hidden] = False
    organisation_id: Annotated[UUID | None, hidden] = None
    subject_type: Annotated[str | None, hidden] = None
    subject_id: Annotated[UUID | None, hidden] = None

    def title(self, language: Language) -> str:
        return (self.title_en if language is Language.EN else None) or self.title_zh

    def body(self, language: Language) -> str:
        return (self.body_en if language is Language.EN else None) or self.body_zh


@dataclass(frozen=True, kw_only=True)
class NoticeFilter(Form):
    """Which notices are wanted; conditions given together must all hold."""

    title: Annotated[str | None, says("标题", "Fragment of the title, in either language, whatever its case.")] = None
    type: Annotated[NoticeType | None, says("消息类型", "What it is about.")] = None
    unread: Annotated[
        bool | None, says("未读", "True for those that the viewer has not read yet, false for those read.")
    ] = None
    published_from: Annotated[date | None, says("发布日期起", "First day of publication (China standard time).")] = None
    published_to: Annotated[date | None, says("发布日期止", "Last day of publication, included.")] = None


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

    def title_and_body(self, case: Any) -> tuple[Words, Words]:
        """What is told of a case."""
        blanks = self.blanks(case)
        return self.heading.with_(**blanks), self.text.with_(**blanks)


@addressee(zh="各海关", en="every customs office")
def every_customs_office(case: Any) -> tuple[UUID, ...]:
    """For what comes to customs unasked: no office has ordered it."""
    offices: tuple[UUID, ...] = case.facts.customs_offices
    return offices
