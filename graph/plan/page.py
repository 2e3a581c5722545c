"""Connections within a plan. A page is cut, and its cursors are made, by the functions that do so for every list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple, cast

import orjson
from graphql import GraphQLList, GraphQLObjectType, get_named_type, get_nullable_type
from graphql.execution.values import VariableValues
from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.engine import Dialect

from graph.plan.compiler import Compiler, Written
from graph.plan.filling import Resolving, Run
from graph.plan.json_text import JsonText
from graph.plan.level import Level, Sorted, sorted_by
from graph.plan.parts import Parts, Row
from graph.plan.question import Question, question_of
from graph.plan.remembered import NotToBeTold, Recall, told
from graph.plan.root import Listed, One, Root, read
from graph.plan.selection import Selected, Selection
from graph.plan.statement import Asked, Sql, sql
from storage.shelf import COLUMNS, Window


class Cut:
    """One page as it was read."""

    def __init__(self, page: Page, run: Run) -> None:
        self._page, self._run = page, run
        window: Window = page.window
        self._read, self.has_next, self.has_previous = window.cut(run.rows[page.part])

    def __len__(self) -> int:
        return len(self._read)

    def nodes(self, variant: int) -> list[Any]:
        """The nodes with what one field selects of them."""
        node, run = self._page.variants[variant], self._run
        if len(self._page.variants) == 1:
            return [read(node, row[2], run) for row in self._read]
        found = [orjson.loads(row[2])[variant] for row in self._read]
        return found if node.fill is None else [node.fill(each, run) for each in found]

    def count(self, part: int) -> int:
        """The number that a part beside the page gives."""
        return self._run.count(part)

    def cursors(self) -> list[str]:
        return [self._page.cursor(row) for row in self._read]

    def end(self, place: int) -> str | None:
        """The cursor of the first node (0) or the last (-1)."""
        return self._page.cursor(self._read[place]) if self._read else None


Field = Callable[[Cut], Any]


class Page(Root):
    """A connection."""

    def __init__(self, key: str, written: WrittenQuestion, level: Level, engine: JsonText) -> None:
        super().__init__(key)
        assert written.order is not None
        assert written.window is not None
        self.window, self._order = written.window, written.order
        self.variants: list[Written] = []
        self.fields: list[tuple[str, Field]] = []
        self.part = -1
        columns = (*self._order.columns, level.shelf.id)
        self.places = [column.name for column in columns]
        self._plain = [(at, make) for at, column in enumerate(columns) if (make := engine.plain(column)) is not None]

    def put(self, run: Run, out: dict[str, Any]) -> None:
        cut = Cut(self, run)
        out[self.key] = {key: field(cut) for key, field in self.fields}

    def cursor(self, row: Row) -> str:
        place = orjson.loads(row[1])
        for at, make in self._plain:
            if place[at] is not None:
                place[at] = make(place[at])
        return self._order.cursor_of(place)


class WrittenQuestion:
    """A question, and the text of its statement but for its columns. Of the request by which it was made it knows only
    what its guards were told: others are answered by it."""

    def __init__(self, question: Question, dialect: Dialect) -> None:
        window = question.window
        self.shelf, self.order = question.seen.shelf, question.order
        self.window = None if window is None else _as_cut(window)
        is_open = window is None or question.seen.takes_columns_later
        self.rows = Asked.by(selected(question, COLUMNS), dialect) if is_open else None
        """None where each document has them written anew."""
        self.total: Asked | None = None
        """How many there are, once somebody has wanted to know."""


def _as_cut(window: Window) -> Window:
    """Where a page is cut, it matters only whether there were bounds, and whether some were skipped; that is asked
    once, not of each page."""
    after, before = (None if each is None else "" for each in (window.after, window.before))
    return replace(window, after=after, before=before, offset=1 if window.offset else 0)


def selected(question: Question, *names: str) -> Select[Any]:
    """The rows of a question, of one more than its page has."""
    if question.window is None or question.order is None:
        return question.seen.select(*names).limit(literal_column("1"))
    rows = question.seen.select_window(question.order, question.window, *names)
    # A database plans a page of unknown size badly.
    return rows.limit(literal_column(str(question.window.size + 1)))


class Found(NamedTuple):
    """A question as it is written for all, and as this request asks it."""

    written: WrittenQuestion
    own: Callable[[], Question]

    @property
    def sorted_by(self) -> Sorted:
        """The order in which the rows come."""
        window, order = self.written.window, self.written.order
        return () if window is None or order is None else sorted_by(order, forward=window.is_forward)

    def rows(self, level: Level) -> Sql:
        return level.rows(self.written.rows, lambda *names: selected(self.own(), *names))

    def total(self, dialect: Dialect) -> Asked:
        """How many there are."""
        if self.written.total is None:
            seen = self.own().seen
            counted = select(func.count()).select_from(seen.shelf.table).where(*seen.conditions)
            self.written.total = Asked.by(counted, dialect)
        return self.written.total


class Asking:
    """Makes roots of the questions that root fields ask."""

    def __init__(
        self,
        selection: Selection,
        compiler: Compiler,
        resolving: Resolving,
        recall: Recall,
        parts: Parts,
        values: VariableValues,
    ) -> None:
        """`values` are those of the variables, which come later."""
        self._selection, self._compiler, self._resolving, self._recall = selection, compiler, resolving, recall
        self._parts, self._engine, self._values = parts, parts.engine, values

    def root(self, field: Selected) -> Root | None:
        """None for a field that does more than ask one question."""
        found = self._question(field)
        if found is None:
            return None
        window, level = found.written.window, self._compiler.level(found.written.shelf, found.sorted_by)
        if window is None:
            node = self._compiler.record(level, field)
            return One(field.key, self._parts.add(level.alias, found.rows(level), node.sql), node)
        if isinstance(get_nullable_type(field.field.type), GraphQLList):
            node = self._compiler.record(level, field)
            part = self._parts.add(level.alias, found.rows(level), node.sql)
            return Listed(field.key, part, node, window)
        return self._page(field, found, level)

    def _question(self, field: Selected) -> Found | None:
        values = self._selection.arguments(field, self._values)

        @cache
        def own() -> Question | None:
            return question_of(self._resolving.called(field, values))

        def write() -> WrittenQuestion | None:
            question = own()
            return None if question is None else WrittenQuestion(question, self._engine.dialect)

        try:
            key = (field.parent.name, field.name, told(values))
        except NotToBeTold:
            written = write()
        else:
            written = self._recall.of(key, write)
        return None if written is None else Found(written, cast(Callable[[], Question], own))

    def _page(self, field: Selected, found: Found, level: Level) -> Page:
        type_, written = _object(field), found.written
        page = Page(field.key, written, level, self._engine)
        below = self._selection.below(field, type_)
        page.fields = [(each.key, self._field(each, page, level)) for each in below]
        wants_cursors = any(each.name in ("edges", "pageInfo") for each in below)
        key = self._engine.array([sql(level.raw(name)) for name in page.places]) if wants_cursors else None
        match page.variants:
            case []:
                value = sql("'null'")
            case [only]:
                value = only.sql
            case several:
                value = self._engine.array([each.sql for each in several])
        page.part = self._parts.add(level.alias, found.rows(level), value, key)
        if any(each.name == "totalCount" for each in below):
            total = self._parts.add_count(found.total(self._engine.dialect))
            page.fields = [
                (key, _count(total) if each.name == "totalCount" else of)
                for each, (key, of) in zip(below, page.fields, strict=True)
            ]
        return page

    def _field(self, field: Selected, page: Page, level: Level) -> Field:
        match field.name:
            case "nodes":
                return self._nodes(field, page, level)
            case "edges":
                return self._edges(field, page, level)
            case "pageInfo":
                return self._page_info(field)
        return _always(field.parent.name)

    def _nodes(self, field: Selected, page: Page, level: Level) -> Field:
        variant = len(page.variants)
        page.variants.append(self._compiler.record(level, field))
        return lambda cut: cut.nodes(variant)

    def _edges(self, field: Selected, page: Page, level: Level) -> Field:
        columns: list[tuple[str, Callable[[Cut], Sequence[Any]] | None, str]] = []
        for each in self._selection.below(field, _object(field)):
            match each.name:
                case "node":
                    columns.append((each.key, self._nodes(each, page, level), ""))
                case "cursor":
                    columns.append((each.key, Cut.cursors, ""))
                case _:
                    columns.append((each.key, None, each.parent.name))

        def edges(cut: Cut) -> list[dict[str, Any]]:
            found = [(key, None if of is None else of(cut), same) for key, of, same in columns]
            return [{key: same if some is None else some[at] for key, some, same in found} for at in range(len(cut))]

        return edges

    def _page_info(self, field: Selected) -> Field:
        known: dict[str, Field] = {
            "hasNextPage": lambda cut: cut.has_next,
            "hasPreviousPage": lambda cut: cut.has_previous,
            "startCursor": lambda cut: cut.end(0),
            "endCursor": lambda cut: cut.end(-1),
        }
        below = self._selection.below(field, _object(field))
        fields = [(each.key, known.get(each.name) or _always(each.parent.name)) for each in below]
        return lambda cut: {key: of(cut) for key, of in fields}


def _object(field: Selected) -> GraphQLObjectType:
    named = get_named_type(field.field.type)
    assert isinstance(named, GraphQLObjectType)
    return named


def _always(value: str) -> Field:
    return lambda cut: value


def _count(part: int) -> Field:
    return lambda cut: cut.count(part)
