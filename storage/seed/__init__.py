"""The code tables that every installation starts from: our own file, and countries and currencies from Babel.

Babel calls Hong Kong, Macao and Taiwan otherwise than the customs' own table of countries and regions does; here the
customs' names stand.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from io import StringIO

from babel import Locale
from babel.core import get_global

# Reserved or private two-letter codes which CLDR lists beside the 249 of ISO 3166-1.
NOT_IN_ISO_3166 = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"})

CUSTOMS_NAMES = {
    "HK": ("中国香港", "Hong Kong, China"),
    "MO": ("中国澳门", "Macao, China"),
    "TW": ("中国台湾", "Taiwan, China"),
}

# Bulgaria has paid in euro since 2026, which CLDR as packed by Babel 2.18 does not know.
WITHDRAWN_CURRENCIES = frozenset({"BGN"})

# In circulation since 2024 and 2025, but without a Chinese name in CLDR so far.
CURRENCIES_WITHOUT_CHINESE_NAME = {"XCG": "加勒比盾", "ZWG": "津巴布韦金"}


@dataclass(frozen=True, slots=True)
class CodeItem:
    """One line of a code table; `parent` is a code of the same table, and no end means that it still applies."""

    table: str
    code: str
    label_zh: str
    label_en: str
    parent: str | None
    valid_from: date | None
    valid_to: date | None


def code_items() -> Iterator[CodeItem]:
    """Every code of every table, parents before their children.

    CUSTOMS_DISTRICT, UNIT, PRODUCT_USE, LEGAL_FORM, DESTINATION and PORT come from the file; COUNTRY (ISO 3166-1
    alpha-2) and CURRENCY (ISO 4217, legal tender today) from Babel. Destinations have six digits (GB/T 2260), or five
    where the customs' own table of domestic areas has a zone that GB/T 2260 lacks; ports have their UN/LOCODE.
    """
    yield from _file_items()
    yield from _countries()
    yield from _currencies()


def read_rows(package: str, file: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file of a package, by column; ValueError where a row is longer or shorter than the header."""
    text = (files(package) / file).read_text(encoding="utf-8")
    lines = csv.reader(StringIO(text, newline=""), strict=True)
    header = next(lines)
    for line in lines:
        if len(line) != len(header):
            raise ValueError(f"{file}, line {lines.line_num}: {len(line)} cells where the header has {len(header)}")
        yield dict(zip(header, line, strict=True))


def read_date(text: str) -> date | None:
    """An ISO date, or None for an empty cell."""
    return date.fromisoformat(text) if text else None


def _file_items() -> Iterator[CodeItem]:
    for row in read_rows("storage.seed", "code_tables.csv"):
        yield CodeItem(
            table=row["table"],
            code=row["code"],
            label_zh=row["label_zh"],
            label_en=row["label_en"],
            parent=row["parent"] or None,
            valid_from=read_date(row["valid_from"]),
            valid_to=read_date(row["valid_to"]),
        )


def _iso_countries() -> list[str]:
    territories = {str(code) for code in Locale.parse("en").territories} - NOT_IN_ISO_3166
    return sorted(code for code in territories if len(code) == 2 and code.isalpha())


def _countries() -> Iterator[CodeItem]:
    chinese, english = Locale.parse("zh_Hans_CN").territories, Locale.parse("en").territories
    for code in _iso_countries():
        zh, en = CUSTOMS_NAMES.get(code, (chinese[code], english[code]))
        yield CodeItem("COUNTRY", code, zh, en, None, None, None)


def _currencies() -> Iterator[CodeItem]:
    chinese, english = Locale.parse("zh_Hans_CN").currencies, Locale.parse("en").currencies
    used = get_global("territory_currencies")
    in_force = {
        code
        for country in _iso_countries()
        for code, _since, until, is_tender in used.get(country, ())
        if is_tender and until is None
    }
    for code in sorted(in_force - WITHDRAWN_CURRENCIES):
        zh = CURRENCIES_WITHOUT_CHINESE_NAME.get(code) or chinese[code]
        yield CodeItem("CURRENCY", code, zh, english[code], None, None, None)
