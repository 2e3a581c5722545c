"""XLSX (ECMA-376) with one sheet, written straight into the answer: text stays text and is never a formula.

The surprise: this is the format's own XML and no library, for those build the whole file before its first byte leaves
(docs/decisions/0016-exports-are-streamed.md has the figures).
"""

import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape

from graph.export.columns import Cell

COMPRESSION_LEVEL = 3
CELL_CHARACTERS_MAX = 32_767
DIGITS_MAX = 15
"""Spreadsheet programs count in binary and keep no more; longer numbers are written as text, so nothing is rounded."""

_EPOCH = date(1899, 12, 30)
_FIRST_DAY = date(1900, 3, 1)
"""Before it, programs disagree on the number of a day: 1900 was no leap year, though the first of them thought so."""

_SECONDS_OF_A_DAY = 86_400
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_DAY_STYLE, _INSTANT_STYLE, _HEADING_STYLE = 1, 2, 3

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
        '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}
_SHEET = (
    f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    '<sheetFormatPr defaultRowHeight="15"/><cols><col min="1" max="{columns}" width="20" customWidth="1"/></cols>'
    "<sheetData>"
)


class WorkbookWriter:
    """Writes XLSX: decimals are numbers, days and instants are dates, everything else is text."""

    media_type = f"{_TYPE}.sheet"

    def __init__(self) -> None:
        self._out = _Outbox()
        self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL)

    def begin(self, headings: Sequence[str]) -> bytes:
        for name, content in _PARTS.items():
            self._zip.writestr(name, _HEAD + content)
        self._sheet = self._zip.open("xl/worksheets/sheet1.xml", "w")
        heading = "".join(_text(each, f' s="{_HEADING_STYLE}"') for each in headings)
        self._sheet.write((_HEAD + _SHEET.format(columns=len(headings)) + f"<row>{heading}</row>").encode())
        return self._out.taken()

    def rows(self, rows: Sequence[Sequence[Cell]]) -> bytes:
        written = "".join([f"<row>{''.join([_cell(cell) for cell in row])}</row>" for row in rows])
        self._sheet.write(written.encode())
        return self._out.taken()

    def end(self) -> bytes:
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()
        self._zip.close()
        return self._out.taken()


class _Outbox:
    """What the archive has written since it was last asked. It cannot be sought, so the archive never goes back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """What is left is fetched by `taken`."""

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return _text(cell)
    if cell is None:
        return "<c/>"
    if isinstance(cell, Decimal):
        written = format(cell, "f")
        return _text(written) if len(cell.as_tuple().digits) > DIGITS_MAX else f"<c><v>{written}</v></c>"
    if isinstance(cell, int):
        return f"<c><v>{cell}</v></c>"
    day = cell.date() if isinstance(cell, datetime) else cell
    if day < _FIRST_DAY:
        return _text(cell.isoformat())
    number = (day - _EPOCH).days
    if not isinstance(cell, datetime):
        return f'<c s="{_DAY_STYLE}"><v>{number}</v></c>'
    seconds = cell.hour * 3600 + cell.minute * 60 + cell.second
    return f'<c s="{_INSTANT_STYLE}"><v>{number + seconds / _SECONDS_OF_A_DAY:.10f}</v></c>'


def _text(text: str, style: str = "") -> str:
    if len(text) > CELL_CHARACTERS_MAX:
        text = text[: CELL_CHARACTERS_MAX - 1] + "…"
    if _UNPRINTABLE.search(text):
        text = _UNPRINTABLE.sub(_escaped, text)
    return f'<c t="inlineStr"{style}><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _escaped(found: "re.Match[str]") -> str:
    """As the format writes what XML cannot hold; what looks like that already has its first sign written so."""
    return f"_x{ord(found[0]):04X}_" if len(found[0]) == 1 else "_x005F" + found[0]
