"""Prints the tables of all workflows as `docs/workflows.md`, for an officer to hold against the manual line by line.

Nothing is written here that is not in a table, but for the introduction: a wrong table gives a wrong page, and is seen.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, is_dataclass
from typing import Any

from domain.language import Words
from domain.notice import Telling
from domain.party import Party
from domain.record import Field, Form, camel, fields_of
from domain.term import Term
from domain.workflow import Action, Condition, Workflow

INTRODUCTION = """\
# 业务流程 Workflows

<!-- Printed from the tables in domain/ by `make workflows`: change the table, not this page. -->

本页由程序中的流程表生成，供逐行对照操作手册。每个动作先查办理人，再查状态与版本，然后一次列出全部未满足的条件。

This page is printed from the program's own tables, to be held against the manual line by line. Every action asks first
who acts, then in which status and version the record is, and then gives all unmet conditions at once.

- 动作 action: 中文名、接口中的名称、手册章节 its Chinese word, its name in the API, the manual's article.
- 须 provided: 对记录的条件 what must hold of the record.
- 表单 form: 填写内容，`*`为必填，每次保存均检查格式 what is filled in; `*` is required on submission, formats always.
- 表单须 form must: 对填写内容的条件 what must hold of what was filled in.
- 引起 leads to: 同一事务内由系统办理的其他流程的动作 actions of other workflows, taken in the same transaction.
- 待办 waits for: 该状态下轮到谁 whose turn it is in a status.
- 通知 tells: 收到通知的一方及原文，“…”处由程序填写 who is told, and the words; the program fills in each `…`.
"""
LANGUAGES_APART = " / "
NEW_LINE = "<br>"
BLANK = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Row:
    """One line of a table: an action as one party may take it, making a record or changing one."""

    action: Action
    parties: tuple[Party, ...]
    start: tuple[Term, ...]
    to: Term | None

    @property
    def creates(self) -> bool:
        return not self.start


def page(workflows: Sequence[Workflow]) -> str:
    """The whole page in Markdown, with a Mermaid diagram for each workflow."""
    return "\n".join([INTRODUCTION, *("\n".join(_chapter(workflow)) for workflow in workflows)])


def rows(workflow: Workflow) -> Iterator[Row]:
    """The lines of the table in its own order: making before changing, and a line each where parties differ in when."""
    for action in workflow.actions:
        if action.creates is not None:
            yield Row(action, action.by, (), action.creates)
        if not action.start:
            continue
        if any(party.only_in for party in action.by):
            for party in action.by:
                start = tuple(status for status in action.start if not party.only_in or status in party.only_in)
                yield Row(action, (party,), start, action.to)
        else:
            yield Row(action, action.by, action.start, action.to)


def _chapter(workflow: Workflow) -> Iterator[str]:
    yield f"## {workflow.words.zh} {workflow.words.en}"
    yield ""
    yield f"手册 Manual: {workflow.manual}"
    yield ""
    if workflow.statuses is not None:
        yield from _diagram(workflow, workflow.statuses)
        yield "| 状态 Status | 含义 Meaning | 待办 Waits for |"
        yield "| --- | --- | --- |"
        for status in workflow.statuses:
            party = workflow.awaits.get(status)
            turn = f"{party.words.zh} {party.words.en}" if party is not None else "—"
            yield f"| {_status(status)} | {_cell(status.words.en)} | {turn} |"
        yield ""
    yield "| 从 From | 由谁：动作 By: action | 到 To | 条件 · 表单 · 通知 Condition · form · tells |"
    yield "| --- | --- | --- | --- |"
    printed: set[str] = set()
    for row in rows(workflow):
        yield _line(workflow, row, again=row.action.name in printed)
        printed.add(row.action.name)
    yield ""


def _diagram(workflow: Workflow, statuses: type[Term]) -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    for status in statuses:
        yield f'    state "{status.words.zh} {status.name}" as {status.name}'
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in rows(workflow):
        for start in row.start or (None,):
            before = start.name if start is not None else "[*]"
            after = row.to.name if row.to is not None else before
            words = arrows.setdefault((before, after), [])
            if row.action.words.zh not in words:
                words.append(row.action.words.zh)
    for (before, after), words in arrows.items():
        yield f"    {before} --> {after} : {'、'.join(words)}"
    left = {start.name for row in rows(workflow) if row.to is not None for start in row.start}
    for status in statuses:
        if status.name not in left:
            yield f"    {status.name} --> [*]"
    yield "```"
    yield ""


def _line(workflow: Workflow, row: Row, *, again: bool) -> str:
    action = row.action
    start = "新建 new" if row.creates else NEW_LINE.join(map(_status, row.start))
    to = "不变 unchanged" if row.to is None else _status(row.to)
    party = " 或 or ".join(f"{party.words.zh} {party.words.en}" for party in row.parties)
    name = f"**{action.words.zh}** `{workflow.mutation(action)}`"
    doing = NEW_LINE.join([f"{party}: {name}", f"{_cell(action.words.en)} ({action.manual})"])
    asked = "同上 as above" if again else NEW_LINE.join(_asked(action))
    return f"| {start} | {doing} | {to} | {asked} |"


def _asked(action: Action) -> Iterator[str]:
    yield from _conditions("须 provided", action.provided)
    if action.form is not Form:
        yield f"表单 form: {_form(action.form)}"
    yield from _conditions("表单须 form must", action.accepts)
    for leads_to in action.leads_to:
        name = camel(f"{leads_to.subject}_{leads_to.action}")
        yield f"引起 leads to: {_both(leads_to.words)} `{name}`"
    for telling in action.tells:
        yield _told(telling)


def _conditions(heading: str, conditions: Iterable[Condition]) -> Iterator[str]:
    words = [_both(condition.words) for condition in conditions]
    if words:
        yield NEW_LINE.join([f"{heading}:", *(f"· {each}" for each in words)])


def _form(form: type[Form]) -> str:
    published = _published(form)
    if not published:
        return _cell(re.split(r"[.:]", form.__doc__ or "", maxsplit=1)[0])
    return "、".join(_field(field) for field in published)


def _published(form: type[Any]) -> list[Field]:
    return [field for field in fields_of(form).values() if field.says is not None]


def _field(field: Field) -> str:
    assert field.says is not None
    star = "\\*" if field.is_required else ""
    rows = _published(field.item) if field.item is not None and is_dataclass(field.item) else []
    within = f"（{'、'.join(map(_field, rows))}）" if rows else ""
    return f"{_cell(field.says.zh)}{star}{within}"


def _told(telling: Telling) -> str:
    lines = [f"通知 tells {_both(telling.to.words)}: **{_both(telling.heading)}**", _both(telling.text)]
    return NEW_LINE.join(lines)


def _both(words: Words) -> str:
    return _cell(BLANK.sub("…", words.zh + LANGUAGES_APART + words.en))


def _status(status: Term) -> str:
    return f"{status.words.zh} `{status.name}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").strip()


def main() -> None:
    from domain.workflows import WORKFLOWS

    print(page(WORKFLOWS), end="")


if __name__ == "__main__":
    main()
