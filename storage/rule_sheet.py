"""A CSV file of rules, read: one form a row, and what could not be read, by line and column.

Nothing here judges a rule; only what cannot be put into a form at all is rejected here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from os import PathLike
from typing import Any, BinaryIO

from domain.language import Words
from domain.rule import RuleForm
from storage.sheet import RejectedRow, SheetRow, date_in, read_sheet

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
MAY_BE_ABSENT = frozenset({"name_en", "valid_from", "valid_to"})
FLAGS = frozenset({"inspection_required", "inspection_exempt", "import_prohibited"})
DATES = frozenset({"valid_from", "valid_to"})

_TRUTH = {"1": True, "是": True, "true": True, "y": True, "0": False, "否": False, "false": False, "n": False}


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


def read(file: BinaryIO | PathLike[str] | str) -> RuleSheet:
    """Reads a file of rules; an HS code stands in it once."""
    sheet = read_sheet(file, HEADINGS, MAY_BE_ABSENT)
    rows: list[RuleRow] = []
    rejected: list[RejectedRow] = list(sheet.rejected)
    first_lines: dict[str, int] = {}
    for each in sheet.rows:
        row = _row(each, sheet.columns)
        if isinstance(row, RuleRow):
            first = first_lines.setdefault(row.form.hs_code or "", each.line)
            if first == each.line or not row.form.hs_code:
                rows.append(row)
            else:
                rejected.append(_twice(each.line, first, sheet.columns["hs_code"], row.form.hs_code))
        else:
            rejected += row
    rejected.sort(key=lambda each: each.line)
    return RuleSheet(tuple(rows), tuple(rejected), sheet.columns, sheet.ignored_columns)


def _row(row: SheetRow, columns: Mapping[str, str]) -> RuleRow | list[RejectedRow]:
    values: dict[str, Any] = {}
    rejected = []
    for field, cell in row.cells.items():
        try:
            values[field] = _value(field, cell)
        except ValueError as unreadable:
            rejected.append(RejectedRow(row.line, columns[field], unreadable.args[0]))
    if rejected:
        return rejected
    valid_to = values.pop("valid_to", None)
    if values.get("valid_from") is None:
        values.pop("valid_from", None)
    return RuleRow(row.line, RuleForm.of(**values), valid_to)


def _value(field: str, cell: str) -> Any:
    if field in FLAGS:
        truth = _TRUTH.get(cell.lower())
        if truth is None:
            raise ValueError(Words(zh="请填写是或否（1/0、是/否、true/false、Y/N）。", en="Write 1 or 0 (or Y/N)."))
        return truth
    if field in DATES and cell:
        return date_in(cell)
    return cell or None


def _twice(line: int, first: int, heading: str, hs_code: str) -> RejectedRow:
    zh, en = f"HS编码{hs_code}与第{first}行重复。", f"HS code {hs_code} stands in line {first} already."
    return RejectedRow(line, heading, Words(zh=zh, en=en))
