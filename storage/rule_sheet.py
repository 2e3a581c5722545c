"""A CSV file of rules, read: one form a row, and what could not be read, by line and column.

Nothing here judges a rule; only what cannot be put into a form at all is rejected here.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

from domain.language import Words
from domain.rule import RuleForm

FILE_BYTES_MAX = 64 * 1024 * 1024
YEAR_MIN = 1900

SURELY_UTF_8 = 8
"""So many characters are not UTF-8 by chance. To read a fault after them as GB18030 would make nonsense of them."""

HEADINGS = {
    "hs_code": ("hs_code", "HS编码"),
    "name_zh": ("name_zh", "品名"),
    "name_en": ("name_en", "英文品名"),
    "inspection_required": ("inspection_required", "psi_required", "是否需要装运前检验"),
    "inspection_exempt": ("inspection_exempt", "psi_exempt", "是否免于装运前检验"),
    "import_prohibited": ("import_prohibited", "是否禁止进口"),
    "measure": ("measure", "监管措施"),
    "legal_basis": ("legal_basis", "basis", "法律依据"),
    "valid_from": ("valid_from", "生效日期"),
    "valid_to": ("valid_to", "失效日期"),
}
"""What a column may be called, whatever its case; the first is the product's own word."""

MAY_BE_ABSENT = frozenset({"name_en", "valid_from", "valid_to"})
FLAGS = frozenset({"inspection_required", "inspection_exempt", "import_prohibited"})
DATES = frozenset({"valid_from", "valid_to"})

_FIELD_OF = {heading.lower(): field for field, headings in HEADINGS.items() for heading in headings}
_TRUTH = {"1": True, "是": True, "true": True, "y": True, "0": False, "否": False, "false": False, "n": False}
_DATE = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})", re.ASCII)


@dataclass(frozen=True)
class RejectedRow:
    """Why a row is not imported. `line` counts the file's lines from 1; `column` is its own heading, or None."""

    line: int
    column: str | None
    words: Words


@dataclass(frozen=True)
class RuleRow:
    """One row: where it stands, the rule it announces (first day not given where the file has none), its last day."""

    line: int
    form: RuleForm
    valid_to: date | None


@dataclass(frozen=True)
class RuleSheet:
    """A file read. `columns` maps our fields to the file's headings; `rejected` names rows that cannot be read."""

    rows: Sequence[RuleRow]
    rejected: Sequence[RejectedRow]
    columns: Mapping[str, str]
    ignored_columns: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many rows there are, those that cannot be read included."""
        return len(self.rows) + len({each.line for each in self.rejected})


class _Unreadable(Exception):
    """The rest of the file cannot be made sense of."""

    def __init__(self, line: int, words: Words) -> None:
        self.rejected = RejectedRow(line, None, words)


def read(file: BinaryIO | PathLike[str] | str) -> RuleSheet:
    """Reads a file in UTF-8 (with or without its mark) or GB18030, separated by commas, headings in the first line."""
    try:
        lines = _lines(_text(_bytes(file)))
        heading_line, headings = next(lines, (1, []))
        columns, ignored = _columns(heading_line, headings)
    except _Unreadable as unreadable:
        return RuleSheet((), (unreadable.rejected,), {}, ())
    rows: list[RuleRow] = []
    rejected: list[RejectedRow] = []
    first_lines: dict[str, int] = {}
    try:
        for line, cells in lines:
            row = _row(line, cells, headings, columns)
            if isinstance(row, RuleRow):
                first = first_lines.setdefault(row.form.hs_code or "", line)
                if first == line or not row.form.hs_code:
                    rows.append(row)
                else:
                    rejected.append(_twice(line, first, headings[columns["hs_code"]], row.form.hs_code))
            else:
                rejected += row
    except _Unreadable as unreadable:
        rejected.append(unreadable.rejected)
    return RuleSheet(rows, rejected, {field: headings[at] for field, at in columns.items()}, ignored)


def _bytes(file: BinaryIO | PathLike[str] | str) -> bytes:
    if isinstance(file, str | PathLike):
        with Path(file).open("rb") as opened:
            return _bytes(opened)
    content = file.read(FILE_BYTES_MAX + 1)
    if len(content) > FILE_BYTES_MAX:
        mib = FILE_BYTES_MAX // 1024**2
        raise _Unreadable(1, Words(zh=f"文件不得大于{mib} MiB。", en=f"A file has at most {mib} MiB."))
    return content


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        read_so_far = fault.object[: fault.start].decode()
        line = read_so_far.count("\n") + 1
        if sum(not character.isascii() for character in read_so_far) >= SURELY_UTF_8:
            raise _wrongly_encoded(line) from None
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise _wrongly_encoded(line) from None
    if "\0" in text:
        raise _wrongly_encoded(text.count("\n", 0, text.index("\0")) + 1)
    return text


def _wrongly_encoded(line: int) -> _Unreadable:
    return _Unreadable(
        line,
        Words(zh="文件编码须为UTF-8或GB18030。", en="The file must be written in UTF-8 or GB18030."),
    )


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that hold anything, each with the number of the line where it begins."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as broken:
            raise _Unreadable(
                line,
                Words(
                    zh=f"自本行起无法按CSV读取（引号未闭合，或单元格超过{csv.field_size_limit()}个字符）。",
                    en=f"From here on this is no CSV: {broken}.",
                ),
            ) from None
        cells = [cell.strip() for cell in cells]
        if any(cells):
            yield line, cells


def _columns(line: int, headings: Sequence[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    columns: dict[str, int] = {}
    ignored = []
    for at, heading in enumerate(headings):
        field = _FIELD_OF.get(heading.lower())
        if field is None:
            ignored.append(heading)
        elif field in columns:
            raise _Unreadable(
                line,
                Words(zh=f"列“{headings[columns[field]]}”与“{heading}”重复。", en=f"Column {heading} stands twice."),
            )
        else:
            columns[field] = at
    missing = [field for field in HEADINGS if field not in columns and field not in MAY_BE_ABSENT]
    if missing:
        chinese = "、".join(HEADINGS[field][-1] for field in missing)
        words = Words(zh=f"缺少列：{chinese}。", en=f"Columns are missing: {', '.join(missing)}.")
        raise _Unreadable(line, words)
    return columns, tuple(ignored)


def _row(
    line: int, cells: Sequence[str], headings: Sequence[str], columns: Mapping[str, int]
) -> RuleRow | list[RejectedRow]:
    if len(cells) != len(headings):
        words = Words(
            zh=f"本行有{len(cells)}列，标题行有{len(headings)}列。",
            en=f"This line has {len(cells)} cells; the first has {len(headings)}.",
        )
        return [RejectedRow(line, None, words)]
    values: dict[str, Any] = {}
    rejected = []
    for field, at in columns.items():
        try:
            values[field] = _value(field, cells[at])
        except ValueError as unreadable:
            rejected.append(RejectedRow(line, headings[at], unreadable.args[0]))
    if rejected:
        return rejected
    valid_to = values.pop("valid_to", None)
    if values.get("valid_from") is None:
        values.pop("valid_from", None)
    return RuleRow(line, RuleForm.of(**values), valid_to)


def _value(field: str, cell: str) -> Any:
    if field in FLAGS:
        truth = _TRUTH.get(cell.lower())
        if truth is None:
            raise ValueError(Words(zh="请填写是或否（1/0、是/否、true/false、Y/N）。", en="Write 1 or 0 (or Y/N)."))
        return truth
    if field in DATES and cell:
        return _date(cell)
    return cell or None


def _date(cell: str) -> date:
    written = _DATE.fullmatch(cell)
    try:
        if written and int(written[1]) >= YEAR_MIN:
            return date(int(written[1]), int(written[3]), int(written[4]))
    except ValueError:
        pass
    raise ValueError(
        Words(
            zh=f"日期写作2026-01-31，且不早于{YEAR_MIN}年。",
            en=f"Write a date as 2026-01-31, not before {YEAR_MIN}.",
        )
    )


def _twice(line: int, first: int, heading: str, hs_code: str) -> RejectedRow:
    zh, en = f"HS编码{hs_code}与第{first}行重复。", f"HS code {hs_code} stands in line {first} already."
    return RejectedRow(line, heading, Words(zh=zh, en=en))
