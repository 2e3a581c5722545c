"""Notices that customs publishes 公告消息: the forms, and the table of what customs may do with them.

A notice that another workflow sent stands in the same list, but says what was true when it was sent: it stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from domain import marks
from domain.attachment import Attachment, attaching
from domain.language import Words
from domain.notice import Notice, NoticeAudience, NoticeStatus, NoticeType
from domain.party import CUSTOMS_OFFICER
from domain.record import Form, required, says
from domain.refusal import RefusalCode, Refusals, refusal
from domain.term import Term
from domain.workflow import (
    Action,
    Case,
    Effect,
    Workflow,
    condition,
    form_is_filled,
    nothing_required_is_cleared,
    something_changes,
)

Text = str | None


@dataclass(frozen=True, kw_only=True)
class NoticeForm(Form):
    """A notice as customs writes it."""

    title_zh: Annotated[Text, says("标题", "Title in Chinese."), marks.text(200), required] = None
    title_en: Annotated[Text, says("英文标题", "Title in English."), marks.text(200)] = None
    body_zh: Annotated[Text, says("正文", "The text in Chinese."), marks.text(20_000), required] = None
    body_en: Annotated[Text, says("英文正文", "The text in English."), marks.text(20_000)] = None
    audience: Annotated[NoticeAudience | None, says("发布对象", "For whom it is."), required] = None


@dataclass(frozen=True, kw_only=True)
class NoticeFacts:
    """The files of the notice at hand."""

    attachments: Sequence[Attachment] = ()


NoticeCase = Case[Notice, NoticeFacts, NoticeForm]


@condition(zh="由海关发布（不是业务自动发送的通知）", en="customs published it; no workflow sent it")
def customs_published_it(case: NoticeCase) -> Refusals:
    if case.record.audience is None:
        yield refusal(
            RefusalCode.NOT_CHANGEABLE,
            zh="业务办理中自动发送的通知保持原样；只能修改、置顶或撤下海关发布的公告。",
            en="A notice that a workflow sent stays as it was; only what customs published can be changed.",
        )


@condition(zh="尚未置顶", en="it is not pinned yet")
def it_is_not_pinned(case: NoticeCase) -> Refusals:
    if case.record.is_pinned:
        yield refusal(RefusalCode.NOTHING_CHANGED, zh="该公告已置顶。", en="The notice is pinned already.")


@condition(zh="已置顶", en="it is pinned")
def it_is_pinned(case: NoticeCase) -> Refusals:
    if not case.record.is_pinned:
        yield refusal(RefusalCode.NOTHING_CHANGED, zh="该公告未置顶。", en="The notice is not pinned.")


def as_published(case: NoticeCase) -> Effect:
    return Effect(changes=case.form.sent() | {"edition": 1})


def as_amended(case: NoticeCase) -> Effect:
    return Effect(changes=case.form.sent() | {"edition": case.record.edition + 1, "amended_at": case.now})


def as_pinned(case: NoticeCase) -> Effect:
    return Effect(changes={"is_pinned": True})


def as_unpinned(case: NoticeCase) -> Effect:
    return Effect(changes={"is_pinned": False})


def blank_notice(case: Case[Any, Any, Any], status: Term | None) -> Notice:
    assert isinstance(status, NoticeStatus)
    return Notice(
        id=case.new_id(),
        type=NoticeType.SYSTEM,
        title_zh="",
        body_zh="",
        published_at=case.now,
        audience=case.form.audience,
        status=status,
    )


S = NoticeStatus

WORKFLOW = Workflow(
    subject="notice",
    words=Words(zh="公告消息", en="Notice"),
    manual="1.1, 2.1",
    record=Notice,
    statuses=NoticeStatus,
    blank=blank_notice,
    actions=(
        Action(
            name="publish",
            words=Words(zh="发布", en="Publish a notice to everybody or to one side."),
            manual="1.1, 2.1",
            creates=S.PUBLISHED,
            by=(CUSTOMS_OFFICER,),
            form=NoticeForm,
            accepts=(form_is_filled,),
            then=as_published,
        ),
        Action(
            name="amend",
            words=Words(zh="修改", en="Change what it says or for whom it is; it is unread again, and pushed again."),
            manual="1.1, 2.1",
            start=(S.PUBLISHED,),
            by=(CUSTOMS_OFFICER,),
            provided=(customs_published_it,),
            form=NoticeForm,
            accepts=(nothing_required_is_cleared, something_changes),
            then=as_amended,
        ),
        Action(
            name="pin",
            words=Words(zh="置顶", en="Put it above all others."),
            manual="1.1, 2.1",
            start=(S.PUBLISHED,),
            by=(CUSTOMS_OFFICER,),
            provided=(customs_published_it, it_is_not_pinned),
            then=as_pinned,
        ),
        Action(
            name="unpin",
            words=Words(zh="取消置顶", en="Put it back in its place by date."),
            manual="1.1, 2.1",
            start=(S.PUBLISHED,),
            by=(CUSTOMS_OFFICER,),
            provided=(customs_published_it, it_is_pinned),
            then=as_unpinned,
        ),
        Action(
            name="withdraw",
            words=Words(zh="撤下", en="Take it down; only customs sees it from then on."),
            manual="1.1, 2.1",
            start=(S.PUBLISHED,),
            to=S.WITHDRAWN,
            by=(CUSTOMS_OFFICER,),
            provided=(customs_published_it,),
        ),
        *(
            replace(action, provided=(customs_published_it, *action.provided))
            for action in attaching(
                "notice",
                manual="1.1, 2.1",
                words=Words(zh="公告附件", en="what goes with the notice"),
                start=(S.PUBLISHED,),
                by=(CUSTOMS_OFFICER,),
            )
        ),
    ),
)
