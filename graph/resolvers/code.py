"""Code tables: lists for drop-downs, the labels of codes that stand in records, and the import of a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry

from domain.code import TABLES, CodeItem, not_kept
from graph.actions import Payload, not_done
from graph.context import Context, Info
from graph.enumerations import ENUMERATIONS, enumeration_items
from graph.imports import content_of, refused
from graph.relation import Fixed, related
from graph.schema.scalars import Upload
from storage.code import CODE_NAMED, DESK, items_of
from storage.code_import import import_codes


@dataclass(frozen=True)
class CodeTable:
    """One code table."""

    name: str


def code_table(
    info: Info,
    name: Annotated[
        str, strawberry.argument(description="表名. For example UNIT, CUSTOMS_DISTRICT, COMMISSION_STATUS.")
    ],
) -> CodeTable | None:
    """参数表. The entries of one drop-down, open to everybody; null where there is no table of this name."""
    return CodeTable(name) if name in TABLES or name in ENUMERATIONS else None


def code_tables(info: Info) -> list[CodeTable]:
    """参数表目录. Every code table by name, those that customs keeps first; open to everybody."""
    return [CodeTable(name) for name in (*TABLES, *ENUMERATIONS)]


def table_label(root: strawberry.Parent[CodeTable], info: Info) -> str:
    """名称. What the table lists, in the viewer's language."""
    words = TABLES[root.name] if root.name in TABLES else ENUMERATIONS[root.name].words
    return words.in_(info.context.language)


def is_kept_by_customs(root: strawberry.Parent[CodeTable]) -> bool:
    """是否由海关维护. Whether customs adds and amends its codes; false for an enumeration of the schema."""
    return root.name in TABLES


async def items(
    root: strawberry.Parent[CodeTable],
    info: Info,
    include_ended: Annotated[
        bool,
        strawberry.argument(
            description="含已截止. False for those alone that may be chosen today, as a drop-down shows them."
        ),
    ] = True,
) -> list[CodeItem]:
    """表中各项. All entries in the table's own order, or those that may be chosen today (China standard time)."""
    today = info.context.today
    return [each for each in await _items(info.context, root) if include_ended or each.may_be_chosen(today)]


async def _items(context: Context, table: CodeTable) -> Sequence[CodeItem]:
    return enumeration_items(table.name) or await context.loading.load(items_of, table.name) or ()


def label(root: strawberry.Parent[CodeItem], info: Info) -> str:
    """名称. What a person reads, in the viewer's language."""
    return root.label(info.context.language)


def label_named(table: str, by: str, *, words: str) -> Callable[..., Any]:
    """The resolver of the label of a code that stands in a record; null where the table no longer knows it."""
    return related(
        CODE_NAMED,
        Fixed(table),
        by,
        name=f"{by}_label",
        words=words,
        told=_label,
        reads=("label_zh", "label_en"),
        gives=str | None,
    )


def _label(item: CodeItem | None, context: Context) -> str | None:
    return None if item is None else item.label(context.language)


async def label_of(context: Context, table: str, code: str | None) -> str | None:
    """The label of a code, or None where the table no longer knows it."""
    return _label(None if code is None else await context.follow(CODE_NAMED, (table, code)), context)


@strawberry.input(description="导入参数表. A CSV file of codes, and the table that they are of.")
class CodesImportInput:
    """Sent as a GraphQL multipart request."""

    table_name: str = strawberry.field(description="表名. For example UNIT.")
    file: Upload = strawberry.field(
        description="文件. CSV in UTF-8 or GB18030, headings in the first line, at most 2 MiB."
    )


async def codes_import(info: Info, input: CodesImportInput) -> Payload:
    """导入参数表. Add what is new in a file and amend what differs; what it does not name stays. One rejected row means
    that nothing is written. By customs. 手册 2.3 (manual)."""
    context = info.context
    # Whoever may not act at all hears no details.
    refusals = refused(context, DESK, "add", input.file) or tuple(not_kept(input.table_name, "table_name"))
    if refusals:
        return not_done(context, *refusals)
    file = await content_of(context, input.file)
    report = await import_codes(context.house.door, input.table_name, file, actor=context.viewer)
    context.forget()
    return Payload(None, [], {"report": report})
