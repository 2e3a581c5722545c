"""Regulations 法规及政策文件: the laws, announcements and measures that customs makes known, open to everybody.

One that was taken down stays with customs, with its whole history; nothing that was published is ever deleted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from domain import marks
from domain.attachment import Attachment, attaching
from domain.language import Language, Words
from domain.party import CUSTOMS_OFFICER
from domain.record import Form, Record, required, says
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

BODY_LENGTH_MAX = 50_000


class RegulationStatus(Term):
    """Whether everybody may read it."""

    PUBLISHED = "已发布", "Open to everybody."
    WITHDRAWN = "已撤下", "Taken down: only customs still sees it."


@dataclass(frozen=True, kw_only=True)
class RegulationForm(Form):
    """A regulation as customs makes it known."""

    title_zh: Annotated[Text, says("标题", "Title in Chinese."), marks.text(300), required] = None
    title_en: Annotated[Text, says("英文标题", "Title in English."), marks.text(300)] = None
    document_number: Annotated[
        Text, says("文号", "Number of the document, such as 海关总署公告2018年第106号."), marks.text(100)
    ] = None
    issued_by: Annotated[Text, says("发布机关", "The authority that issued it."), marks.text(200)] = None
    published_on: Annotated[
        date | None, says("发布日期", "Day on which it was issued, today or before (China standard time)."), required
    ] = None
    body_zh: Annotated[Text, says("正文", "The text in Chinese."), marks.text(BODY_LENGTH_MAX), required] = None
    body_en: Annotated[Text, says("英文正文", "The text in English."), marks.text(BODY_LENGTH_MAX)] = None


@dataclass(frozen=True, kw_only=True)
class Regulation(Record):
    """A law, announcement or measure that customs makes known 法规及政策文件."""

    title_zh: Annotated[str, says("标题", "Title in Chinese."), marks.text(300)]
    title_en: Annotated[str | None, says("英文标题", "Title in English, where there is one."), marks.text(300)] = None
    document_number: Annotated[str | None, says("文号", "Number of the document."), marks.text(100)] = None
    issued_by: Annotated[str | None, says("发布机关", "The authority that issued it."), marks.text(200)] = None
    published_on: Annotated[date, says("发布日期", "Day on which it was issued (China standard time).")]
    body_zh: Annotated[str, says("正文", "The text in Chinese.")]
    body_en: Annotated[str | None, says("英文正文", "The text in English, where there is one.")] = None
    status: Annotated[RegulationStatus, says("状态", "Whether everybody may read it.")]

    def title(self, language: Language) -> str:
        return (self.title_en if language is Language.EN else None) or self.title_zh

    def body(self, language: Language) -> str:
        return (self.body_en if language is Language.EN else None) or self.body_zh


class RegulationOrderField(Term):
    """What the list can be sorted by."""

    PUBLISHED_ON = "发布日期", "By the day of issue."
    TITLE = "标题", "By the Chinese title."


@dataclass(frozen=True, kw_only=True)
class RegulationFilter(Form):
    """Which regulations are wanted; conditions given together must all hold."""

    title: Annotated[Text, says("标题", "Fragment of the title, in either language, whatever its case.")] = None
    document_number: Annotated[Text, says("文号", "Fragment of the document's number.")] = None
    published_from: Annotated[date | None, says("发布日期起", "First day of issue.")] = None
    published_to: Annotated[date | None, says("发布日期止", "Last day of issue, included.")] = None
    status: Annotated[
        RegulationStatus | None, says("状态", "Of use to customs; others see only what is published.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class RegulationFacts:
    """The files of the regulation at hand."""

    attachments: Sequence[Attachment] = ()


RegulationCase = Case[Regulation, RegulationFacts, RegulationForm]


@condition(zh="发布日期不晚于今天", en="it was issued today or before")
def issued_by_today(case: RegulationCase) -> Refusals:
    today = marks.today_in_china(case.now)
    if case.form.published_on is not None and case.form.published_on > today:
        yield refusal(
            RefusalCode.DATE_IN_FUTURE,
            zh=f"发布日期不得晚于今天（{today}）。",
            en=f"The day of issue must not lie after today, {today}.",
            field="published_on",
        )


def as_filled(case: RegulationCase) -> Effect:
    return Effect(changes=case.form.sent())


def blank_regulation(case: Case[Any, Any, Any], status: Term | None) -> Regulation:
    assert isinstance(status, RegulationStatus)
    return Regulation(id=case.new_id(), title_zh="", published_on=date.min, body_zh="", status=status)


S = RegulationStatus

WORKFLOW = Workflow(
    subject="regulation",
    words=Words(zh="法规及政策文件", en="Regulation"),
    manual="1.2, 2.2",
    record=Regulation,
    statuses=RegulationStatus,
    blank=blank_regulation,
    actions=(
        Action(
            name="publish",
            words=Words(zh="发布", en="Make a regulation known to everybody."),
            manual="1.2",
            creates=S.PUBLISHED,
            by=(CUSTOMS_OFFICER,),
            form=RegulationForm,
            accepts=(form_is_filled, issued_by_today),
            then=as_filled,
        ),
        Action(
            name="amend",
            words=Words(zh="修改", en="Change any of its fields; the register keeps what they were."),
            manual="1.2",
            start=(S.PUBLISHED,),
            by=(CUSTOMS_OFFICER,),
            form=RegulationForm,
            accepts=(nothing_required_is_cleared, issued_by_today, something_changes),
            then=as_filled,
        ),
        Action(
            name="withdraw",
            words=Words(zh="撤下", en="Take it down; only customs sees it from then on."),
            manual="1.2",
            start=(S.PUBLISHED,),
            to=S.WITHDRAWN,
            by=(CUSTOMS_OFFICER,),
        ),
        *attaching(
            "regulation",
            manual="1.2",
            words=Words(zh="法规文件附件", en="the document itself, with its seal, and its annexes"),
            start=(S.PUBLISHED,),
            by=(CUSTOMS_OFFICER,),
        ),
    ),
)
