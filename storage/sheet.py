"""A CSV file, read: its cells by the columns that we know, and what could not be read, by line and column.

UTF-8 (with or without its mark) or GB18030, separated by commas, headings in the first line. Nothing here judges.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from io import StringIO
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from domain.language import Words

FILE_BYTES_MAX = 64 * 1024 * 1024
YEAR_MIN = 1900

SURELY_UTF_8 = 8
"""So many characters are not UTF-8 by chance. To read a fault after them as GB18030 would make nonsense of them."""

Headings = Mapping[str, tuple[str, ...]]
"""For each of our fields what its column may be called, whatever its case; the first is the product's own word."""

_DATE = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})", re.ASCII)


@dataclass(frozen=True)
class RejectedRow:
    """Why a row is not imported. `line` counts the file's lines from 1; `column` is its own heading, or None."""

    line: int
    column: str | None
    words: Words


@dataclass(frozen=True)
class SheetRow:
    """One row: the line where it begins, and its cells by our fields."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """A file read. `columns` maps our fields to the file's headings; `rejected` names rows that cannot be read."""

    rows: Sequence[SheetRow]
    rejected: Sequence[RejectedRow]
    columns: Mapping[str, str]
    ignored_columns: tuple[str, ...]


class Unreadable(Exception):
    """The rest of the file cannot be made sense of."""

    def __init__(self, line: int, words: Words) -> None:
        self.rejected = RejectedRow(line, None, words)


def read_sheet(file: BinaryIO | PathLike[str] | str, known: Headings, may_be_absent: Set[str]) -> Sheet:
    """Reads a file of these columns; others are ignored, and named."""
    try:
        lines = _lines(_text(_bytes(file)))
        heading_line, headings = next(lines, (1, []))
        columns, ignored = _columns(heading_line, headings, known, may_be_absent)
    except Unreadable as unreadable:
        return Sheet((), (unreadable.rejected,), {}, ())
    rows: list[SheetRow] = []
    rejected: list[RejectedRow] = []
    try:
        for line, cells in lines:
            if len(cells) == len(headings):
                rows.append(SheetRow(line, {field: cells[at] for field, at in columns.items()}))
            else:
                rejected.append(_of_another_width(line, len(cells), len(headings)))
    except Unreadable as unreadable:
        rejected.append(unreadable.rejected)
    return Sheet(rows, rejected, {field: headings[at] for field, at in columns.items()}, ignored)


def date_in(cell: str) -> date:
    """A day as people write it. Raises ValueError with the words that say how."""
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


def _bytes(file: BinaryIO | PathLike[str] | str) -> bytes:
    if isinstance(file, str | PathLike):
        with Path(file).open("rb") as opened:
            return _bytes(opened)
    content = file.read(FILE_BYTES_MAX + 1)
    if len(content) > FILE_BYTES_MAX:
        mib = FILE_BYTES_MAX // 1024**2
        raise Unreadable(1, Words(zh=f"文件不得大于{mib} MiB。", en=f"A file has at most {mib} MiB."))
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


def _wrongly_encoded(line: int) -> Unreadable:
    return Unreadable(
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
            raise Unreadable(
                line,
                Words(
                    zh=f"自本行起无法按CSV读取（引号未闭合，或单元格超过{csv.field_size_limit()}个字符）。",
                    en=f"From here on this is no CSV: {broken}.",
                ),
            ) from None
        cells = [cell.strip() for cell in cells]
        if any(cells):
            yield line, cells


def _columns(
    line: int, headings: Sequence[str], known: Headings, may_be_absent: Set[str]
) -> tuple[dict[str, int], tuple[str, ...]]:
    field_of = {heading.lower(): field for field, some in known.items() for heading in some}
    columns: dict[str, int] = {}
    ignored = []
    for at, heading in enumerate(headings):
        field = field_of.get(heading.lower())
        if field is None:
            ignored.append(heading)
        elif field in columns:
            raise Unreadable(
                line,
                Words(zh=f"列“{headings[columns[field]]}”与“{heading}”重复。", en=f"Column {heading} stands twice."),
            )
        else:
            columns[field] = at
    missing = [field for field in known if field not in columns and field not in may_be_absent]
    if missing:
        chinese = "、".join(known[field][-1] for field in missing)
        words = Words(zh=f"缺少列：{chinese}。", en=f"Columns are missing: {', '.join(missing)}.")
        raise Unreadable(line, words)
    return columns, tuple(ignored)


def _of_another_width(line: int, cells: int, headings: int) -> RejectedRow:
    words = Words(
        zh=f"本行有{cells}列，标题行有{headings}列。",
        en=f"This line has {cells} cells; the first has {headings}.",
    )
    return RejectedRow(line, None, words)
