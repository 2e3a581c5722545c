"""The rows of one shelf within a statement, and what is wanted of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Select, literal_column

from domain.party import Viewer
from graph.plan.json_text import JsonText
from graph.plan.remembered import Recall
from graph.plan.statement import Asked, Sql, sql
from storage.beside import Beside
from storage.sealed import SealedText
from storage.shelf import COLUMNS, Order, Shelf

OWN: Final = "\0"
"""Stands for the name of a level in text that is written once for all."""


Sorted = Sequence[tuple[str, str]]
"""Names of columns, each with the way in which it runs."""


class Joined(NamedTuple):
    """What stands beside the rows of a level: the text of its value, and the rows that are joined for it."""

    value: str
    rows: Sql


def sorted_by(order: Order, *, forward: bool) -> Sorted:
    """The order of a list, read forward from its start or else from its end."""
    way = "desc" if order.descending == forward else "asc"
    return [*((column.name, way) for column in order.columns), ("id", way)]


class Level:
    """The rows of one shelf within a statement, and which of their columns are wanted."""

    def __init__(self, shelf: Shelf[Any], alias: str, engine: JsonText, sorted_by: Sorted | None = None) -> None:
        """`sorted_by` is the order in which the rows come, empty of a single one; without it nothing is joined."""
        self.shelf, self.alias, self._engine, self._sorted_by = shelf, alias, engine, sorted_by
        self._names: dict[str, None] = {}
        self._joined: dict[Beside, Joined] = {}

    def text(self, name: str) -> str:
        """A column, which is then fetched."""
        self._names[name] = None
        return f"{self.alias}.{self._engine.quoted(name)}"

    def written(self, name: str, leaf: str) -> str:
        """The text of a column, which is then fetched, in the words of this level."""
        self._names[name] = None
        return leaf.replace(OWN, self.alias)

    def leaf(self, name: str) -> str:
        return self._engine.leaf(self.text(name), self.shelf.table.c[name], None)

    @property
    def null(self) -> str:
        return self._engine.null

    def raw(self, name: str) -> str:
        column = self.shelf.table.c[name]
        return self._engine.raw(self.text(name), column)

    @property
    def takes_joins(self) -> bool:
        """Whether something can be joined to its rows, one by one."""
        return self._sorted_by is not None

    def joins(self, beside: Beside, viewer: Viewer, recall: Recall) -> str:
        """What stands beside the rows, as a column of theirs."""
        texts = [self.text(name) for name in beside.names]
        self._joined[beside] = recall.of((beside, *texts), lambda: self._as_joined(beside, viewer, texts))
        return f"{self.alias}.{self._beside(beside)}"

    def _as_joined(self, beside: Beside, viewer: Viewer, texts: Sequence[str]) -> Joined:
        columns = self.shelf.table.c
        told = beside.told(
            viewer,
            *(literal_column(text, columns[name].type) for text, name in zip(texts, beside.names, strict=True)),
        )
        dialect = self._engine.dialect
        return Joined(
            str(told.value.compile(dialect=dialect)),
            sql(
                *(
                    sql(
                        " left join ",
                        Asked.by(cast("Select[Any]", rows.element), dialect),
                        f" as {rows.name} on {on.compile(dialect=dialect)}",
                    )
                    for rows, on in told.rows
                )
            ),
        )

    def _beside(self, beside: Beside) -> str:
        return f"beside_{list(self._joined).index(beside)}"

    @property
    def _wanted(self) -> Sequence[str]:
        return tuple(self._names) or ("id",)

    def rows(self, written: Asked | None, select: Callable[..., Select[Any]]) -> Sql:
        """The rows as `select` asks for named columns; `written` is that for `COLUMNS`, where it can be asked so."""
        sorting = [f"{self.text(name)} {way}" for name, way in self._sorted_by or () if self._joined]
        rows = sql(self._asked(written, select))
        if not self._joined:
            return rows
        values = [f",{each.value} AS {self._beside(beside)}" for beside, each in self._joined.items()]
        joins = sql(*(each.rows for each in self._joined.values()))
        # Whatever is joined, the rows may come in any order.
        order = f" order by {','.join(sorting)}" if sorting else ""
        return sql(f"(select {self.alias}.*{''.join(values)} from ", rows, f" as {self.alias}", joins, f"{order})")

    def _asked(self, written: Asked | None, select: Callable[..., Select[Any]]) -> Asked:
        names = self._wanted
        if written is not None:
            apart = [name for name in names if not self._stands(name)]
            columns = self._columns([name for name in names if name not in apart])
            if not apart:
                return written.with_columns(columns)
            if columns:
                return Asked.by(select(COLUMNS, *apart), self._engine.dialect).with_columns(columns)
        return Asked.by(select(*names), self._engine.dialect)

    def _stands(self, name: str) -> bool:
        """Whether a column is fetched by its name alone: nothing may lie over it, and its type adds nothing."""
        return not self.shelf.veils(name) and not isinstance(self.shelf.table.c[name].type, SealedText)

    def _columns(self, names: Sequence[str]) -> str:
        of, quoted = self._engine.quoted(self.shelf.table.name), self._engine.quoted
        return ", ".join([f"{of}.{quoted(name)} AS {quoted(name)}" for name in names])
