"""Code tables: lists for drop-downs, and the labels of codes that stand in records."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry

from domain.code import CodeItem
from graph.context import Context, Info
from graph.enumerations import enumeration_items
from storage.code import items_of, known_codes


@dataclass(frozen=True)
class CodeTable:
    """One code table."""

    name: str


async def code_table(
    info: Info,
    name: Annotated[
        str, strawberry.argument(description="表名. For example UNIT, CUSTOMS_DISTRICT, COMMISSION_STATUS.")
    ],
) -> CodeTable | None:
    """参数表. The entries of one drop-down, open to everybody; null where there is no table of this name."""
    table = CodeTable(name)
    return table if await _items(info.context, table) else None


async def items(root: strawberry.Parent[CodeTable], info: Info) -> list[CodeItem]:
    """表中各项. All entries in the table's own order."""
    return list(await _items(info.context, root))


async def _items(context: Context, table: CodeTable) -> Sequence[CodeItem]:
    return enumeration_items(table.name) or await context.loading.load(items_of, table.name) or ()


def label(root: strawberry.Parent[CodeItem], info: Info) -> str:
    """名称. What a person reads, in the viewer's language."""
    return root.label(info.context.language)


async def label_of(context: Context, table: str, code: str | None) -> str | None:
    """The label of a code, or None where the table no longer knows it."""
    if code is None:
        return None

    async def known(connection: Any, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], CodeItem]:
        return await known_codes(connection, pairs)

    item = await context.loading.load(known, (table, code), name="code")
    return item.label(context.language) if item else None
