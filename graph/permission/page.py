"""Prints the permissions as `docs/permissions.md`: a grid of operations and viewers, then who sees which records.

Nothing is written here that the program does not hold to: tests call every operation as every viewer and compare.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from strawberry.utils.str_converters import to_camel_case

from domain.language import Words
from domain.record import fields_of
from domain.workflows import WORKFLOWS
from graph.permission.asker import ASKERS
from graph.permission.by_hand import Rule
from graph.permission.kept_back import KEPT_BACK
from graph.permission.table import HTTP, Cell, Permission, permissions
from graph.publish import type_name
from graph.resolvers.node import SHELVES
from storage.code import CODES
from storage.shelf import Shelf

INTRODUCTION = """\
# 权限 Permissions

<!-- Printed from the program's own tables by `make permissions`: change those, not this page. -->

本页由程序生成：谁可以调用哪些操作，谁可以看到哪些记录。测试以每一类用户逐项调用，并与本页比对。

This page is printed from the program: who may call what, and who sees which records. Tests call every operation as
every kind of viewer and compare the answers with it.
"""

GRID = """\
## 谁可办理什么 Who may call what

- 一行一项操作；一列一类用户：匿名、只有一个范围的接口密钥、各类单位的各角色。接受委托办理者兼有委托人的角色。
- One row is one operation, one column one kind of viewer: nobody, API keys with one scope, the roles of each kind of
  organisation. Whoever does a colleague's work has the colleague's role as well.
- 列 columns: 查 VIEWER · 操 OPERATOR · 审 REVIEWER · 管 ADMIN.
- ◐ 之外的他人记录：看不到的答 `NOT_FOUND`，看得到而无权办理的答 `NOT_YOUR_ROLE`。
  Other people's records, where a cell says ◐: `NOT_FOUND` where they are not seen, `NOT_YOUR_ROLE` where they are.

| 格 Cell | 含义 Meaning |
| --- | --- |
"""

SIGHTS = """\
## 谁可见什么 Who sees what

同一句话适用于列表、详情、`node`、下级字段、订阅、导出和文件下载。接口密钥只能看到所列范围内公开的记录。

One sentence holds for lists, single records, `node`, fields of other records, subscriptions, exports and downloads. An
API key sees what is public, and of that what a scope names.

| 记录 Record | 可见者 Seen by | 密钥范围 Scopes of keys | 部分遮蔽 Kept back in part |
| --- | --- | --- | --- |
"""

MARKS = {
    Cell.YES: "✓",
    Cell.OWN: "◐",
    Cell.NOTHING: "∅",
    Cell.UNAUTHENTICATED: "U",
    Cell.FORBIDDEN: "F",
    Cell.NOT_FOUND: "N",
    Cell.NOT_YOUR_ROLE: "R",
}
_ROLES = {"VIEWER": "查", "OPERATOR": "操", "REVIEWER": "审", "ADMIN": "管"}
_SYSTEM, _OVER_HTTP = Words(zh="系统", en="The product itself"), Words(zh="其他地址", en="Other addresses")


def page() -> str:
    """The whole page in Markdown."""
    return "\n".join([INTRODUCTION, *_grid(), *_sights(), ""])


def _grid() -> Iterator[str]:
    yield GRID + "\n".join(f"| {MARKS[cell]} | {cell.words.zh}. {cell.words.en} |" for cell in Cell) + "\n"
    yield "| 依据 Rule | 含义 Meaning |\n| --- | --- |"
    yield "\n".join(f"| {rule.words.zh} `{rule.name}` | {rule.words.en} |" for rule in Rule) + "\n"
    for words, rows in _chapters():
        yield f"### {words.zh} {words.en}\n"
        yield from _head()
        yield from map(_line, rows)
        yield ""


def _chapters() -> Iterator[tuple[Words, Sequence[Permission]]]:
    """The permissions by subject, in the order of the workflows; what is about none comes first, addresses last."""
    found: dict[str, list[Permission]] = {}
    for each in permissions():
        found.setdefault(each.chapter, []).append(each)
    subjects = {to_camel_case(workflow.subject): workflow.words for workflow in WORKFLOWS}
    for chapter, words in {"": _SYSTEM, **subjects, HTTP: _OVER_HTTP}.items():
        if rows := found.pop(chapter, None):
            yield words, rows
    assert not found, f"no chapter of the page has {sorted(found)}"


def _head() -> Iterator[str]:
    heads = [f"{asker.group.zh}<br>{_ROLES.get(asker.name, _short(asker.name))}" for asker in ASKERS]
    yield f"| 操作 Operation | {' | '.join(heads)} | 依据 Reason |"
    yield f"| --- |{' :-: |' * len(heads)} --- |"


def _short(name: str) -> str:
    return "" if name == "ANONYMOUS" else name.replace("_", " ").capitalize()


def _line(each: Permission) -> str:
    words = "" if each.action is None else f" {each.action.words.zh}"
    of = f" ({each.of})" if each.of else ""
    cells = [MARKS[each.cell(asker)] for asker in ASKERS]
    reason = f"{each.rule.words.zh}：{each.reason.zh} / {each.reason.en}"
    return f"| `{each.operation}`{of}{words} | {' | '.join(cells)} | {_cell(reason)} |"


def _sights() -> Iterator[str]:
    yield SIGHTS + "\n".join(_sight(name, shelf) for name, shelf in sorted({**SHELVES, "code": CODES}.items()))


def _sight(name: str, shelf: Shelf[Any]) -> str:
    words = shelf.visible.words
    scopes = sorted({*shelf.seen_within, *((shelf.scope,) if shelf.scope else ())}, key=str)
    kept_back = "<br>".join(_kept_back(shelf)) or "—"
    shown = ", ".join(f"`{scope.name}`" for scope in scopes) or "—"
    return f"| `{shelf.record.__name__}` | {words.zh}<br>{words.en} | {shown} | {kept_back} |"


def _kept_back(shelf: Shelf[Any]) -> Iterator[str]:
    """The veil over some records, the masks of fields, and what resolvers withhold."""
    if shelf.veil is not None:
        names, words = (
            ", ".join(f"`{to_camel_case(name)}`" for name in sorted(shelf.veil.fields)),
            shelf.veil.over.words,
        )
        yield f"{names}: 不示 {words.zh} / kept {words.en}"
    masked = [(each.mask, name) for name, each in fields_of(shelf.record).items() if each.mask is not None]
    for mask, some in groupby(masked, key=lambda pair: pair[0]):
        names = ", ".join(f"`{to_camel_case(name)}`" for _, name in some)
        assert mask is not None
        yield f"{names}: 完整显示仅 {mask.words.zh}，其余掩码 / in full for {mask.words.en}, masked for others"
    for name, words in KEPT_BACK.get(type_name(shelf.record), {}).items():
        yield f"`{to_camel_case(name)}`: 仅 {words.zh} / for {words.en} alone"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    print(page(), end="")


if __name__ == "__main__":
    main()
