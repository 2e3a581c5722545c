"""Imports a code table from a CSV file through the door: all of the file or none of it, with a report for each row.

What the file does not name stays as it is; a file that was imported already changes nothing.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from os import PathLike
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import text

from domain.code import CodeAmendForm, CodeEndForm, CodeForm, CodeItem, chain_of
from domain.language import Words
from domain.party import THE_PRODUCT, Viewer
from domain.record import Form
from domain.refusal import Refusal
from storage.code import DESK, whole_tables
from storage.perform import Door, Request, Transaction, Undone
from storage.sheet import RejectedRow, Sheet, SheetRow, date_in, read_sheet

HEADINGS = {
    "code": ("code", "代码"),
    "label_zh": ("label_zh", "中文名称", "名称"),
    "label_en": ("label_en", "英文名称"),
    "parent": ("parent", "上级代码"),
    "valid_from": ("valid_from", "生效日期"),
    "valid_to": ("valid_to", "失效日期"),
    "position": ("position", "序号"),
}
"""What a column may be called, whatever its case; the first is the product's own word."""

MAY_BE_ABSENT = frozenset({"parent", "valid_from", "valid_to", "position"})
DATES = frozenset({"valid_from", "valid_to"})


@dataclass(frozen=True)
class CodeReport:
    """What came of a file. `ended` counts the codes that were given another last day, or none any more."""

    rows: int
    added: int
    amended: int
    ended: int
    unchanged: int
    rejected: tuple[RejectedRow, ...]
    ignored_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Row:
    """One row that can be read: its line, and the values of the columns that the file has."""

    line: int
    values: Mapping[str, Any]

    @property
    def code(self) -> str:
        return str(self.values["code"] or "")

    def differing(self, item: CodeItem) -> dict[str, Any]:
        """The fields that an amendment would change."""
        return {
            name: value
            for name, value in self.values.items()
            if name not in ("code", "valid_to") and getattr(item, name) != value
            if not (name == "position" and value is None)
        }


@dataclass
class _Tally:
    sheet: Sheet
    rejected: list[RejectedRow] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("add", "amend", "end"), 0))
    unchanged: int = 0

    def reject(self, row: _Row, refusals: Sequence[Refusal]) -> None:
        for each in refusals:
            name = str(each.field[0]) if each.field else None
            self.rejected.append(
                RejectedRow(row.line, self.sheet.columns.get(name, name) if name else None, each.words)
            )

    def report(self) -> CodeReport:
        is_undone = bool(self.rejected)
        return CodeReport(
            rows=len(self.sheet.rows) + len({each.line for each in self.sheet.rejected}),
            added=0 if is_undone else self.done["add"],
            amended=0 if is_undone else self.done["amend"],
            ended=0 if is_undone else self.done["end"],
            unchanged=self.unchanged,
            rejected=tuple(sorted(self.rejected, key=lambda each: each.line)),
            ignored_columns=self.sheet.ignored_columns,
        )


async def import_codes(
    door: Door, table: str, file: BinaryIO | PathLike[str] | str, *, actor: Viewer = THE_PRODUCT
) -> CodeReport:
    """Imports a file into one table; a single rejected row means that nothing is written.

    `actor` must be one who may add codes. Columns that are absent keep what is there; new codes come last.
    """
    sheet = await asyncio.to_thread(read_sheet, file, HEADINGS, MAY_BE_ABSENT)

    async def work(transaction: Transaction) -> CodeReport:
        if transaction.connection.dialect.name == "postgresql":
            # Nobody else changes codes until this is over; SQLite has one writer anyway.
            await transaction.connection.execute(text("lock table code in share row exclusive mode"))
        tally = _Tally(sheet, list(sheet.rejected))
        rows = _rows(sheet, tally)
        known = (await whole_tables(transaction.connection, [table])).get(table, {})
        rows = _without_circles(rows, known, tally)
        await _carry_out(_Import(transaction, table, known, actor, tally), rows)
        if tally.rejected:
            raise Undone(tally.report())
        return tally.report()

    return await door.together(work)


def _rows(sheet: Sheet, tally: _Tally) -> list[_Row]:
    rows, first_lines = [], dict[str, int]()
    for each in sheet.rows:
        row = _row(each, sheet.columns, tally)
        if row is None:
            continue
        first = first_lines.setdefault(row.code, row.line)
        if first == row.line or not row.code:
            rows.append(row)
        else:
            words = Words(
                zh=f"代码{row.code}与第{first}行重复。", en=f"Code {row.code} stands in line {first} already."
            )
            tally.rejected.append(RejectedRow(row.line, sheet.columns["code"], words))
    return rows


def _row(row: SheetRow, columns: Mapping[str, str], tally: _Tally) -> _Row | None:
    values: dict[str, Any] = {}
    is_good = True
    for name, cell in row.cells.items():
        try:
            values[name] = _value(name, cell)
        except ValueError as unreadable:
            tally.rejected.append(RejectedRow(row.line, columns[name], unreadable.args[0]))
            is_good = False
    return _Row(row.line, values) if is_good else None


def _value(name: str, cell: str) -> Any:
    if not cell:
        return None
    if name in DATES:
        return date_in(cell)
    if name == "position":
        if not (cell.isascii() and cell.isdigit() and len(cell) <= 9):
            raise ValueError(Words(zh="序号须为整数。", en="Write a whole number."))
        return int(cell)
    return cell


def _without_circles(rows: Sequence[_Row], known: Mapping[str, CodeItem], tally: _Tally) -> list[_Row]:
    """The rows in an order in which parents come first; those that would belong to themselves are rejected."""
    parents = {code: item.parent for code, item in known.items()}
    parents |= {row.code: row.values["parent"] for row in rows if "parent" in row.values}
    found: list[tuple[int, _Row]] = []
    for row in rows:
        chain = chain_of(parents.get(row.code), parents)
        if row.code in chain:
            words = Words(
                zh="上级代码不能是自身或其下级。", en="The parent must be neither the code itself nor below it."
            )
            tally.rejected.append(RejectedRow(row.line, tally.sheet.columns.get("parent"), words))
        else:
            found.append((len(chain), row))
    return [row for _, row in sorted(found, key=lambda each: each[0])]


@dataclass(frozen=True)
class _Import:
    transaction: Transaction
    table: str
    known: Mapping[str, CodeItem]
    actor: Viewer
    tally: _Tally

    async def perform(self, action: str, wishes: Sequence[tuple[_Row, Form, UUID | None]]) -> list[tuple[_Row, UUID]]:
        """One action for many rows. What is refused is rejected; the others are done all the same."""
        waiting = list(wishes)
        while waiting:
            requests = [Request(form=form, subject_id=subject_id) for _, form, subject_id in waiting]
            outcomes = await self.transaction.perform_all(DESK, action, requests, self.actor)
            if not any(outcome.refusals for outcome in outcomes):
                return [
                    (row, outcome.record.id)
                    for (row, _, _), outcome in zip(waiting, outcomes, strict=True)
                    if outcome.record is not None
                ]
            for (row, _, _), outcome in zip(waiting, outcomes, strict=True):
                self.tally.reject(row, outcome.refusals)
            waiting = [each for each, outcome in zip(waiting, outcomes, strict=True) if not outcome.refusals]
        return []


async def _carry_out(work: _Import, rows: Sequence[_Row]) -> None:
    ends: list[tuple[_Row, UUID]] = []
    for generation in _generations([row for row in rows if row.code not in work.known], work):
        added = await work.perform("add", [(row, form, None) for row, form in generation])
        work.tally.done["add"] += len(added)
        ends += [(row, record_id) for row, record_id in added if row.values.get("valid_to") is not None]
    amended, resumed = [], []
    for row in rows:
        item = work.known.get(row.code)
        if item is None:
            continue
        changes, last = row.differing(item), row.values.get("valid_to", item.valid_to)
        if item.valid_to is not None and (last is None or ("valid_from" in changes and last != item.valid_to)):
            resumed.append((row, Form(), item.id))
        if changes:
            amended.append((row, CodeAmendForm.of(**changes), item.id))
        if last is not None and last != item.valid_to:
            ends.append((row, item.id))
        work.tally.unchanged += not changes and last == item.valid_to
    await work.perform("resume", resumed)
    work.tally.done["amend"] = len(await work.perform("amend", amended))
    ended = await work.perform("end", [(row, _ending(row.values["valid_to"]), each) for row, each in ends])
    work.tally.done["end"] = len({each for _, each in ended} | {each for _, _, each in resumed})


def _ending(last: date) -> Form:
    form: Form = CodeEndForm.of(valid_to=last)
    return form


def _generations(rows: Sequence[_Row], work: _Import) -> Iterator[list[tuple[_Row, Form]]]:
    """New codes, those first that others of the file belong to. They come last in the table, in the file's order."""
    last = max((item.position for item in work.known.values()), default=-1)
    places = {row.line: place for place, row in enumerate(sorted(rows, key=lambda row: row.line), start=last + 1)}
    waiting, there = list(rows), set(work.known)
    while waiting:
        new = {row.code for row in waiting}
        ready = [row for row in waiting if row.values.get("parent") not in new] or waiting
        yield [(row, _addition(row, work.table, places[row.line])) for row in ready]
        there |= {row.code for row in ready}
        waiting = [row for row in waiting if row.code not in there]


def _addition(row: _Row, table: str, place: int) -> Form:
    values = {name: value for name, value in row.values.items() if name != "valid_to"}
    if values.get("position") is None:
        values["position"] = place
    form: Form = CodeForm.of(table_name=table, **values)
    return form
