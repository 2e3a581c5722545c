"""Code tables 参数表: what stands in the drop-downs. They are data that customs keeps, never enumerations in code."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from domain import marks
from domain.language import Language
from domain.record import Part, fields_of, hidden, says
from domain.refusal import RefusalCode, Refusals, refusal
from domain.workflow import Case, condition


@dataclass(frozen=True, kw_only=True)
class CodeItem(Part):
    """One entry of a code table."""

    table_name: Annotated[str, hidden, marks.text(64)]
    code: Annotated[str, says("代码", "What is stored and sent."), marks.text(32)]
    label_zh: Annotated[str, hidden, marks.text(200)]
    label_en: Annotated[str, hidden, marks.text(200)]
    parent: Annotated[str | None, says("上级代码", "Code of the entry that this one belongs to."), marks.text(32)] = (
        None
    )
    valid_from: Annotated[date | None, says("生效日期", "First day on which it may be chosen.")] = None
    valid_to: Annotated[date | None, says("失效日期", "Last day on which it may be chosen.")] = None
    position: Annotated[int, hidden] = 0

    def label(self, language: Language) -> str:
        return self.label_zh if language is Language.ZH else self.label_en


Coded = tuple[tuple[str | int, ...], str, str]
"""Where a code stands in a form, the table that it is of, and the code."""


def codes_in(form: object) -> Iterator[Coded]:
    """Every code that a form holds, its lists included."""
    for field in fields_of(type(form)).values():
        value = getattr(form, field.name)
        if field.code_table is not None and value:
            yield (field.name,), field.code_table, value
        if field.item is not None:
            for index, item in enumerate(value):
                for path, name, code in codes_in(item):
                    yield (field.name, index, *path), name, code


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
