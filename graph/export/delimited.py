"""CSV (RFC 4180) in UTF-8 with a byte order mark, which tells spreadsheet programs that no local encoding is meant.

The surprise: text that a spreadsheet would take for a formula is written with an apostrophe before it.
"""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from graph.export.columns import Cell

BYTE_ORDER_MARK = "\ufeff"
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Full-width signs too: spreadsheet programs set to Chinese read them as the others."""


class DelimitedWriter:
    """Writes CSV: lines end with CRLF, cells with separators, quotes or line ends are quoted."""

    media_type = "text/csv; charset=utf-8"

    def __init__(self) -> None:
        self._text = io.StringIO(newline="")
        self._csv = csv.writer(self._text, lineterminator="\r\n")

    def begin(self, headings: Sequence[str]) -> bytes:
        return BYTE_ORDER_MARK.encode() + self.rows([headings])

    def rows(self, rows: Sequence[Sequence[Cell]]) -> bytes:
        self._csv.writerows([_plain(cell) for cell in row] for row in rows)
        written = self._text.getvalue()
        self._text.seek(0)
        self._text.truncate()
        return written.encode()

    def end(self) -> bytes:
        return b""


def _plain(cell: Cell) -> str | int:
    if isinstance(cell, str):
        return "'" + cell if cell.startswith(STARTS_A_FORMULA) else cell
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return cell if isinstance(cell, int) else cell.isoformat()
