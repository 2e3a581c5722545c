"""How values stand in a change: as text for people, from which an approval reads them again.

A list is written as JSON, row by row; a row that is new has no id.
"""

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.filing.lists import Row
from domain.filing.record import FilingDraft
from domain.record import Field, Form, fields_of, plain


def as_text(value: object) -> str | None:
    """A single value as a change shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    written = plain(value)
    return None if written is None else str(written)


def rows_as_text(rows: Iterable[Row], item: type[Form], known: frozenset[UUID]) -> str:
    """The rows of a list as JSON: what is filled in of each, and the id of those that are kept already."""
    written = [
        {name: plain(getattr(row, name)) for name in fields_of(item) if name != "id" or row.id in known} for row in rows
    ]
    return json.dumps(written, ensure_ascii=False)


def as_form(written: Iterable[tuple[str, str | None]]) -> FilingDraft:
    """The form that says what some fields were changed to."""
    fields = fields_of(FilingDraft)
    form: FilingDraft = FilingDraft.of(**{name: _read(fields[name], text) for name, text in written})
    return form


def _read(field: Field, text: str | None) -> Any:
    if text is None:
        return None
    if field.item is not None:
        within = fields_of(field.item)
        return tuple(
            field.item.of(**{name: _value(within[name].type, value) for name, value in row.items()})
            for row in json.loads(text)
        )
    return text == "true" if field.type is bool else _value(field.type, text)


def _value(kind: Any, written: Any) -> Any:
    if written is None or kind in (str, int):
        return written
    readers: dict[Any, Any] = {date: date.fromisoformat, Decimal: Decimal, UUID: UUID}
    return readers[kind](written)
