"""Records made of what a statement fetched: whole, or with no more fields than the resolvers at hand read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NoReturn

from graph.plan.json_text import Decode
from storage.shelf import Shelf, kept


class NotFetched(Exception):
    """A resolver reads a field that it does not name among those it reads."""


class _Unfetched:
    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type[Any]) -> NoReturn:
        raise NotFetched(f"{owner.__name__}.{self._name}")


@cache
def _partly(record: Any, names: frozenset[str]) -> Any:
    missing = {name: _Unfetched(name) for name in record.__dataclass_fields__ if name not in names}
    return type(record.__name__, (record,), missing)


def maker_of(
    shelf: Shelf[Any], names: frozenset[str], places: Sequence[tuple[str, int, Decode | None]]
) -> Callable[[Sequence[Any]], Any]:
    """Makes records of values: each named field stands at its place, to be decoded where it is not null."""
    record: Any = shelf.record
    is_whole = names == frozenset(kept(record))
    type_ = record if is_whole else _partly(record, names)

    def make(values: Sequence[Any]) -> Any:
        fields = {}
        for name, place, decode in places:
            value = values[place]
            fields[name] = value if value is None or decode is None else decode(value)
        if is_whole:
            return record(**fields)
        made = object.__new__(type_)
        made.__dict__.update(fields)
        return made

    return make
