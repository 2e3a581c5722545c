"""Code tables 参数表: what stands in the drop-downs. They are data that customs keeps, never enumerations in code.

A code stays for ever: records refer to it. What is no longer to be chosen gets a last day.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

from domain import marks
from domain.language import Language, Words
from domain.party import CUSTOMS_OFFICER, THE_OFFICE
from domain.record import Form, Record, fields_of, required, says
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

TABLES: Mapping[str, Words] = {
    "CUSTOMS_DISTRICT": Words(zh="关区", en="Customs districts"),
    "UNIT": Words(zh="计量单位", en="Units of quantity"),
    "PRODUCT_USE": Words(zh="产品用途", en="Uses of a product"),
    "COUNTRY": Words(zh="国家地区", en="Countries and regions"),
    "CURRENCY": Words(zh="币种", en="Currencies"),
    "DESTINATION": Words(zh="境内目的地", en="Domestic destinations"),
    "PORT": Words(zh="港口", en="Ports"),
    "LEGAL_FORM": Words(zh="法律形式", en="Legal forms"),
}
"""The tables that customs keeps. All other tables are enumerations of the schema, which nobody can change."""

POSITION_MAX = 1_000_000


class CodeStatus(Term):
    """Whether a code has an end."""

    OPEN = "现行", "Has no last day."
    ENDED = "已截止", "Has a last day, past or to come."


@dataclass(frozen=True, kw_only=True)
class CodeItem(Record):
    """One entry of a code table."""

    table_name: Annotated[str, says("表名", "The table that it is of."), marks.text(64)]
    code: Annotated[str, says("代码", "What is stored and sent."), marks.text(32)]
    label_zh: Annotated[str, says("中文名称", "What it is called in Chinese."), marks.text(200)]
    label_en: Annotated[str, says("英文名称", "What it is called in English."), marks.text(200)]
    parent: Annotated[str | None, says("上级代码", "Code of the entry that this one belongs to."), marks.text(32)] = (
        None
    )
    valid_from: Annotated[date | None, says("生效日期", "First day on which it may be chosen.")] = None
    valid_to: Annotated[date | None, says("失效日期", "Last day on which it may be chosen.")] = None
    position: Annotated[int, says("序号", "Where it stands in its table; equals stand by code.")] = 0
    status: Annotated[CodeStatus, says("状态", "Whether it has an end.")] = CodeStatus.OPEN

    def label(self, language: Language) -> str:
        return self.label_zh if language is Language.ZH else self.label_en

    def may_be_chosen(self, on: date) -> bool:
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or self.valid_to >= on)


Coded = tuple[tuple[str | int, ...], str, str]
"""Where a code stands in a form, the table that it is of, and the code."""


def codes_in(form: object) -> Iterator[Coded]:
    """Every code that a form holds, its lists included."""
    for each in fields_of(type(form)).values():
        value = getattr(form, each.name)
        if each.code_table is not None and value:
            yield (each.name,), each.code_table, value
        if each.item is not None:
            for index, item in enumerate(value):
                for path, name, code in codes_in(item):
                    yield (each.name, index, *path), name, code


@condition(zh="代码均在参数表内且现行有效", en="every code is in its code table and may be chosen today")
def codes_are_known(case: Case[Any, Any, Any]) -> Refusals:
    yield from unknown_codes(case.form, case.facts.known_codes)


def unknown_codes(written: object, known: frozenset[tuple[str, str]]) -> Refusals:
    """A refusal for every code of a form or record that is not among the known ones."""
    for path, table, code in codes_in(written):
        if (table, code) not in known:
            yield refusal(
                RefusalCode.UNKNOWN_CODE,
                zh=f"代码“{code}”不在参数表{table}内，请从下拉列表中选择。",
                en=f"Code {code} is not in the table {table}; choose one that is.",
                field=path,
            )


@dataclass(frozen=True, kw_only=True)
class CodeAmendForm(Form):
    """What may change of a code: all but the code itself, and its last day."""

    label_zh: Annotated[Text, says("中文名称", "What it is called in Chinese."), marks.text(200), required] = None
    label_en: Annotated[Text, says("英文名称", "What it is called in English."), marks.text(200), required] = None
    parent: Annotated[Text, says("上级代码", "A code of the same table that this one belongs to."), marks.text(32)] = (
        None
    )
    valid_from: Annotated[
        date | None, says("生效日期", "First day on which it may be chosen; null for ever since.")
    ] = None
    position: Annotated[
        int | None,
        says("序号", "Where it stands in its table; a new one comes last when absent."),
        marks.whole(least=0, most=POSITION_MAX),
    ] = None


@dataclass(frozen=True, kw_only=True)
class CodeForm(CodeAmendForm):
    """A new code."""

    table_name: Annotated[
        Text, says("表名", f"The table that it is of: one of {', '.join(TABLES)}."), marks.text(64), required
    ] = None
    code: Annotated[
        Text, says("代码", "Letters, digits, `.`, `_` and `-`; it can never be changed."), marks.a_code, required
    ] = None


@dataclass(frozen=True, kw_only=True)
class CodeEndForm(Form):
    """When a code can no longer be chosen."""

    valid_to: Annotated[date | None, says("失效日期", "Last day on which it may be chosen."), required] = None


@dataclass(frozen=True, kw_only=True)
class CodeFacts:
    """`tables` holds the tables at hand, whole: each code's entry by its code."""

    tables: Mapping[str, Mapping[str, CodeItem]] = field(default_factory=dict)


CodeCase = Case[CodeItem, CodeFacts, Any]


def not_kept(table: str, at: str | None) -> Refusals:
    """A refusal for a table that is an enumeration or none at all."""
    if table not in TABLES:
        yield refusal(
            RefusalCode.NOT_CHANGEABLE,
            zh=f"参数表“{table}”不由海关维护；可维护的参数表：{'、'.join(TABLES)}。",
            en=f"Customs keeps no table {table}; it keeps {', '.join(TABLES)}.",
            field=at,
        )


@condition(zh="属于海关维护的参数表", en="it is of a table that customs keeps")
def table_is_kept_by_customs(case: CodeCase) -> Refusals:
    yield from not_kept(case.record.table_name, None)


@condition(zh="表名为海关维护的参数表", en="the table named is one that customs keeps")
def named_table_is_kept_by_customs(case: CodeCase) -> Refusals:
    if case.form.table_name:
        yield from not_kept(case.form.table_name, "table_name")


@condition(zh="该代码尚不在表内", en="the code is not in the table yet")
def code_is_new(case: CodeCase) -> Refusals:
    former = case.facts.tables.get(case.form.table_name or "", {}).get(case.form.code or "")
    if former is not None:
        yield refusal(
            RefusalCode.DUPLICATE,
            zh=f"代码“{former.code}”已在表内（{former.label_zh}），请修改原有项。",
            en=f"Code {former.code} is in the table already ({former.label_en}); amend that entry.",
            field="code",
        )


@condition(
    zh="上级代码在同一表内，且不是自身或其下级", en="the parent is in the same table, and not below the code itself"
)
def parent_is_above(case: CodeCase) -> Refusals:
    own = getattr(case.form, "code", None) or case.record.code
    table = case.facts.tables.get(getattr(case.form, "table_name", None) or case.record.table_name, {})
    parent = case.form.parent
    if not parent:
        return
    if parent not in table:
        yield refusal(
            RefusalCode.UNKNOWN_CODE,
            zh=f"上级代码“{parent}”不在表内。",
            en=f"The parent {parent} is not in the table.",
            field="parent",
        )
    elif own in chain_of(parent, {code: item.parent for code, item in table.items()}):
        yield refusal(
            RefusalCode.UNKNOWN_CODE,
            zh="上级代码不能是自身或其下级。",
            en="The parent must be neither the code itself nor below it.",
            field="parent",
        )


def chain_of(code: str | None, parents: Mapping[str, str | None]) -> list[str]:
    """A code and all that it belongs to, from below; a code that comes again ends the chain."""
    chain: list[str] = []
    while code is not None and code not in chain:
        chain.append(code)
        code = parents.get(code)
    return chain


@condition(zh="失效日期不早于生效日期", en="the last day is not before the first")
def days_are_in_order(case: CodeCase) -> Refusals:
    sent = case.form.sent()
    first = sent.get("valid_from", case.record.valid_from)
    last = sent.get("valid_to", case.record.valid_to)
    if first is not None and last is not None and last < first:
        yield refusal(
            RefusalCode.DATES_OUT_OF_ORDER,
            zh=f"失效日期（{last}）不得早于生效日期（{first}）。",
            en=f"The last day, {last}, must not lie before the first, {first}.",
            field="valid_to" if "valid_to" in sent else "valid_from",
        )


def as_added(case: CodeCase) -> Effect:
    form = case.form
    changes = form.sent() | {"parent": form.parent or None}
    if form.position is None:
        table = case.facts.tables.get(form.table_name, {})
        changes["position"] = max((item.position for item in table.values()), default=-1) + 1
    return Effect(changes=changes)


def as_amended(case: CodeCase) -> Effect:
    changes = case.form.sent()
    if changes.get("position", 0) is None:
        del changes["position"]
    return Effect(changes=changes)


def as_ended(case: CodeCase) -> Effect:
    return Effect(changes={"valid_to": case.form.valid_to})


def as_resumed(case: CodeCase) -> Effect:
    return Effect(changes={"valid_to": None})


def blank_code(case: Case[Any, Any, Any], status: Term | None) -> CodeItem:
    assert isinstance(status, CodeStatus)
    return CodeItem(id=case.new_id(), table_name="", code="", label_zh="", label_en="", status=status)


S = CodeStatus

WORKFLOW = Workflow(
    subject="code",
    words=Words(zh="参数表", en="Code table"),
    manual="2.3",
    record=CodeItem,
    statuses=CodeStatus,
    blank=blank_code,
    actions=(
        Action(
            name="add",
            words=Words(zh="新增", en="Add a code to a table."),
            manual="2.3",
            creates=S.OPEN,
            by=(CUSTOMS_OFFICER, THE_OFFICE),
            form=CodeForm,
            accepts=(form_is_filled, named_table_is_kept_by_customs, code_is_new, parent_is_above),
            then=as_added,
        ),
        Action(
            name="amend",
            words=Words(zh="修改", en="Change its labels, parent, place or first day; the code itself stays."),
            manual="2.3",
            start=(S.OPEN, S.ENDED),
            by=(CUSTOMS_OFFICER, THE_OFFICE),
            provided=(table_is_kept_by_customs,),
            form=CodeAmendForm,
            accepts=(nothing_required_is_cleared, parent_is_above, days_are_in_order, something_changes),
            then=as_amended,
        ),
        Action(
            name="end",
            words=Words(zh="截止", en="Give it a last day; records that hold it keep it."),
            manual="2.3",
            start=(S.OPEN, S.ENDED),
            to=S.ENDED,
            by=(CUSTOMS_OFFICER, THE_OFFICE),
            provided=(table_is_kept_by_customs,),
            form=CodeEndForm,
            accepts=(form_is_filled, days_are_in_order),
            then=as_ended,
        ),
        Action(
            name="resume",
            words=Words(zh="恢复", en="Take its last day away again."),
            manual="2.3",
            start=(S.ENDED,),
            to=S.OPEN,
            by=(CUSTOMS_OFFICER, THE_OFFICE),
            provided=(table_is_kept_by_customs,),
            then=as_resumed,
        ),
    ),
)
