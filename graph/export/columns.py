"""Which columns an export has and what stands in them: a record's published fields in words that a person reads.

Codes, enumerations and ids are replaced or joined by their labels; instants are told by the clock in China.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.language import Language, Words
from domain.marks import CHINA
from domain.party import Viewer
from domain.personal import Masked
from domain.record import Field, fields_of
from domain.term import Term
from graph.ids import public_id
from graph.listing import Worded
from storage.code import items_of
from storage.commission import commission_numbers_seen
from storage.filing import filings_seen_by_id
from storage.institution import institutions_seen_by_id
from storage.register_line import accounts_seen, numbers_of, sides_of

Cell = str | Decimal | int | datetime | date | None
"""What one cell holds; an instant has been turned into the time of a clock on the wall in China."""

OF_NO_USE_TO_A_READER = ("id", "version")

NUMBER = "number"
"""What people call a record by, so it stands first."""

YES, NO = Words(zh="是", en="Yes"), Words(zh="否", en="No")
NAMED = Words(zh="{}（名称）", en="{} (name)")


async def _institution_names(connection: Any, viewer: Viewer, ids: set[UUID], language: Language) -> dict[UUID, str]:
    found = await institutions_seen_by_id(connection, viewer, ids)
    return {each.id: each.name(language) for each in found.values()}


async def _commission_numbers(connection: Any, viewer: Viewer, ids: set[UUID], _: Language) -> dict[UUID, str]:
    return await commission_numbers_seen(connection, viewer, ids)


async def _filing_numbers(connection: Any, viewer: Viewer, ids: set[UUID], _: Language) -> dict[UUID, str]:
    found = await filings_seen_by_id(connection, viewer, list(ids))
    return {each.id: each.application_number for each in found.values()}


async def _account_names(connection: Any, viewer: Viewer, ids: set[UUID], _: Language) -> dict[UUID, str]:
    return await accounts_seen(connection, viewer, list(ids))


async def _organisation_names(connection: Any, viewer: Viewer, ids: set[UUID], language: Language) -> dict[UUID, str]:
    found = await sides_of(connection, viewer, list(ids))
    return {side_id: each.name(language) or "" for side_id, each in found.items()}


async def _register_numbers(connection: Any, viewer: Viewer, ids: set[UUID], _: Language) -> dict[UUID, str]:
    return await numbers_of(connection, viewer, list(ids))


NAMES: Mapping[str, Callable[[Any, Viewer, set[UUID], Language], Awaitable[dict[UUID, str]]]] = {
    "institution": _institution_names,
    "commission": _commission_numbers,
    "filing": _filing_numbers,
    "account": _account_names,
    "organisation": _organisation_names,
    "register_subject": _register_numbers,
}
"""What people call the records that others refer to, by name or number, as far as the viewer may see them."""


@dataclass
class Vocabulary:
    """The labels that one export needs, in its reader's language; names of records are added as they come up."""

    viewer: Viewer
    language: Language
    codes: dict[tuple[str, str], str] = field(default_factory=dict)
    names: dict[tuple[str, UUID], str] = field(default_factory=dict)

    async def learn_codes(self, connection: Any, tables: Iterable[str]) -> None:
        """All labels of these code tables."""
        found = await items_of(connection, sorted(set(tables)))
        self.codes |= {
            (table, item.code): item.label(self.language) for table, items in found.items() for item in items
        }

    async def learn_names(self, connection: Any, kind: str, ids: Iterable[UUID | None]) -> None:
        """What those records are called that are not known yet; empty for those that the viewer may not see."""
        new = {each for each in ids if each is not None and (kind, each) not in self.names}
        if new:
            found = await NAMES[kind](connection, self.viewer, new, self.language)
            self.names |= {(kind, each): found.get(each, "") for each in new}


@dataclass(frozen=True)
class Column:
    """One column. `source` is the row's field that it is made of; `table` and `kind` say whose labels it needs."""

    heading: Words
    source: str
    cell: Callable[[Any, Vocabulary], Cell]
    table: str | None = None
    kind: str | None = None
    is_of_the_row: bool = False
    """Whether `cell` is given the whole row."""
    named: Callable[[Any], UUID | None] | None = None
    """Whose name it shows, where that is not the value of the source."""

    def id_in(self, row: Any) -> UUID | None:
        """The record whose name it needs for a row."""
        if self.named is not None:
            return self.named(row)
        found: UUID | None = getattr(row, self.source)
        return found


def columns_of(record: type[Any], worded: Sequence[Worded] = ()) -> tuple[Column, ...]:
    """The columns of a record: its official number, what is said of it in words, then its published fields in order."""
    found = [_worded(each) for each in worded]
    for each in sorted(fields_of(record).values(), key=lambda each: each.name != NUMBER):
        if each.says is not None and each.item is None and each.name not in OF_NO_USE_TO_A_READER:
            found += _columns(each)
    return tuple(found)


def text_column(source: str, heading: Words) -> Column:
    """A column of text as it stands in the row."""
    return Column(heading, source, _as_it_is)


def cells(columns: Sequence[Column], rows: Sequence[Any], vocabulary: Vocabulary) -> list[list[Cell]]:
    """The rows as they are written, one cell a column."""
    by_column = []
    for column in columns:
        if column.is_of_the_row:
            by_column.append([column.cell(row, vocabulary) for row in rows])
        else:
            at = rows[0]._fields.index(column.source) if rows else 0
            cell = column.cell
            if cell is _as_it_is:
                by_column.append([row[at] for row in rows])
            else:
                by_column.append([None if row[at] is None else cell(row[at], vocabulary) for row in rows])
    return [list(row) for row in zip(*by_column, strict=True)]


def _columns(each: Field) -> list[Column]:
    assert each.says is not None
    heading = Words(zh=each.says.zh, en=each.name.removesuffix("_id").replace("_", " ").capitalize())
    if each.mask is not None:
        return [Column(heading, each.name, _masked(each.name, each.mask), is_of_the_row=True)]
    if each.code_table is not None:
        table = each.code_table
        named = Words(zh=NAMED.zh.format(heading.zh), en=NAMED.en.format(heading.en))
        label = Column(named, each.name, lambda code, words: words.codes.get((table, code)), table=table)
        return [Column(heading, each.name, _as_it_is), label]
    if each.id_of is not None and each.id_of in NAMES:
        kind = each.id_of
        return [Column(heading, each.name, lambda id_, words: words.names.get((kind, id_)), kind=kind)]
    if each.id_of is not None:
        type_name = each.id_of
        return [Column(heading, each.name, lambda id_, _: public_id(type_name, id_))]
    return [Column(heading, each.name, _cell_of(each.type))]


def _masked(name: str, mask: Masked) -> Callable[[Any, Vocabulary], Cell]:
    """A file leaves the house: nobody finds a masked value in full in it."""

    def cell(row: Any, _: Vocabulary) -> Cell:
        value = getattr(row, name)
        return None if value is None else mask.shown(row, value)

    return cell


def _worded(each: Worded) -> Column:
    heading = Words(zh=each.says.zh, en=each.name.replace("_", " ").capitalize())
    if each.names is None:
        return Column(heading, "", lambda row, words: each.read(row, words.language), is_of_the_row=True)
    kind, named = each.names

    def cell(row: Any, words: Vocabulary) -> Cell:
        record_id = named(row)
        return each.read(row, words.language) if record_id is None else words.names.get((kind, record_id))

    return Column(heading, "", cell, kind=kind, is_of_the_row=True, named=named)


def _cell_of(kind: Any) -> Callable[[Any, Vocabulary], Cell]:
    if kind is bool:
        return lambda value, words: (YES if value else NO).in_(words.language)
    if kind is datetime:
        return lambda value, _: value.astimezone(CHINA).replace(tzinfo=None, microsecond=0)
    if isinstance(kind, type) and issubclass(kind, Term):
        return lambda value, words: value.label(words.language)
    if kind in (str, int, Decimal, date):
        return _as_it_is
    raise TypeError(f"no column for {kind}")


def _as_it_is(value: Any, _: Vocabulary) -> Cell:
    cell: Cell = value
    return cell
