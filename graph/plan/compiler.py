"""From what is selected of records to the SQL that fetches it, and to the function that fills in what SQL cannot say.

What needs nobody's help is written by the database as it stands in the answer. Where Python has to fill something in,
the object comes as an array: values that are ready, and beside them the columns that the resolvers read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLNonNull, GraphQLObjectType, GraphQLString, get_named_type
from sqlalchemy import Select, String, and_, literal_column

from domain.later import Unforeseen
from graph.context import Context
from graph.plan.filling import CALL, OBJECT, Complete, Resolving, Run
from graph.plan.json_text import PAIRS_MAX, VALUES_MAX, JsonText, is_written
from graph.plan.level import OWN, Level, Sorted
from graph.plan.record import maker_of
from graph.plan.remembered import Recall
from graph.plan.saying import Choice, Saying, may_be_null, saying_of
from graph.plan.selection import Selected, Selection
from graph.plan.statement import Asked, Sql, sql
from graph.publish import DEFINITION, READS, Attribute
from graph.relation import BESIDE, OF_THE_DAY, RELATION, Fixed, Followed
from storage.beside import Beside, OfTheDay
from storage.shelf import COLUMNS, Shelf, kept

NESTED_MAX: Final = 3
"""So many relations below one another are written into the statement: SQLite's parser takes no more of our objects.
What lies deeper is fetched by loaders."""

Fill = Callable[[Any, Run], Any]
"""Makes the object of an answer of what the statement gave for it."""


@dataclass(frozen=True)
class Written:
    """A value in SQL. Without `fill` it is what stands in the answer."""

    sql: Sql
    fill: Fill | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What a field is, whatever selects it. A column whose value stands in the answer as the engine writes it has its
    name and text; any other field has neither."""

    column: str | None = None
    leaf: str = ""
    followed: Followed | None = None
    beside: Beside | None = None
    of_the_day: OfTheDay | None = None
    is_attribute: bool = False


Step = Callable[[Sequence[Any], Any, Run, dict[str, Any], str], None]
"""Puts one field of an object in its place: from the values of its array, and its record."""


class Compiler:
    """Compiles the selections of one plan for one engine."""

    def __init__(
        self, selection: Selection, resolving: Resolving, engine: JsonText, context: Context, recall: Recall
    ) -> None:
        """`context` is that of a viewer whose ids come later."""
        self._selection, self._resolving, self._engine, self._context = selection, resolving, engine, context
        self._recall = recall
        self._aliases = 0

    def level(self, shelf: Shelf[Any], sorted_by: Sorted | None = None) -> Level:
        return Level(shelf, self._alias(), self._engine, sorted_by)

    def _alias(self) -> str:
        self._aliases += 1
        return f"j${self._aliases}"

    def record(self, level: Level, selected: Selected, depth: int = 0) -> Written:
        """The records of a level with what is selected of them."""
        type_ = self._type_of(level.shelf)
        fields = self._selection.below(selected, type_)
        ready = [(each.key, self._ready(level, each, depth)) for each in fields]
        pairs = [(key, value.sql) for key, value in ready if value is not None and value.fill is None]
        if len(pairs) == len(fields) <= PAIRS_MAX:
            return Written(self._engine.object(pairs))
        return self._filled(level, fields, [value for _, value in ready])

    def _type_of(self, shelf: Shelf[Any]) -> GraphQLObjectType:
        found = self._selection.schema.type_map[vars(shelf.record)[DEFINITION].name]
        assert isinstance(found, GraphQLObjectType)
        return found

    def _ready(self, level: Level, field: Selected, depth: int) -> Written | None:
        """A field that the statement can give; None for one that Python fills in."""
        if field.is_typename:
            return Written(sql(self._engine.constant(field.parent.name)))
        known = self._known(level.shelf, field)
        if known.column is not None:
            return Written((level.written(known.column, known.leaf),))
        if known.is_attribute:
            return None
        if known.followed is not None:
            return self._related(level, field, known.followed, depth + 1) if depth < NESTED_MAX else None
        if known.beside is not None:
            return self._beside(level, field, known.beside)
        if known.of_the_day is not None:
            return self._of_the_day(level, field, known.of_the_day)
        saying, is_said = self._recall.of(
            ("said", level.shelf.table, field.parent.name, field.name), lambda: self._said(level.shelf, field)
        )
        return Written(sql(_chosen(level, saying))) if is_said else None

    def _known(self, shelf: Shelf[Any], field: Selected) -> _Known:
        fields = self._recall.fields
        key = (shelf.table, field.parent.name, field.name)
        known: _Known | None = fields.get(key)
        if known is None:
            known = fields[key] = self._found(shelf, field)
        return known

    def _found(self, shelf: Shelf[Any], field: Selected) -> _Known:
        attribute = field.strawberry
        if not isinstance(attribute, Attribute):
            return _Known(
                followed=_declared(field, RELATION),
                beside=_declared(field, BESIDE),
                of_the_day=_declared(field, OF_THE_DAY),
            )
        name = attribute.python_name
        if name not in kept(shelf.record):
            return _Known(is_attribute=True)
        column = shelf.table.c[name]
        may_be_null = column.nullable or shelf.veils(name)
        if not is_written(get_named_type(field.field.type), column) or (
            may_be_null and isinstance(field.field.type, GraphQLNonNull)
        ):
            return _Known(is_attribute=True)
        return _Known(name, self._engine.leaf(f"{OWN}.{self._engine.quoted(name)}", column, attribute.id_of))

    def _said(self, shelf: Shelf[Any], field: Selected) -> tuple[Saying, bool]:
        """What a resolver says that only chooses among texts, and whether it is such a one."""
        type_ = field.field.type
        says = self._resolving.saying(field)
        if says is None or get_named_type(type_) is not GraphQLString:
            return None, False
        texts = {column.name for column in shelf.table.c if isinstance(column.type, String)}
        null = {name for name in texts if shelf.table.c[name].nullable or shelf.veils(name)}
        try:
            saying = saying_of(says, shelf.record, texts, null)
        except Unforeseen:
            return None, False
        return saying, not (may_be_null(saying) and isinstance(type_, GraphQLNonNull))

    def _beside(self, level: Level, field: Selected, beside: Beside) -> Written | None:
        if not level.takes_joins or not is_written(get_named_type(field.field.type), beside.column):
            return None
        text = level.joins(beside, self._context.viewer, self._recall)
        return Written(sql(self._engine.leaf(text, beside.column, None)))

    def _of_the_day(self, level: Level, field: Selected, said: OfTheDay) -> Written | None:
        column = said.column
        if not is_written(get_named_type(field.field.type), column):
            return None
        texts = [level.text(name) for name in said.names]

        def asked() -> Asked:
            columns = [
                literal_column(text, level.shelf.table.c[name].type)
                for text, name in zip(texts, said.names, strict=True)
            ]
            return Asked.by(said.select(self._context.today, columns), self._engine.dialect)

        alias = self._alias()
        value = self._engine.leaf(f"{alias}.{column.name}", column, None)
        return Written(sql(f"(select {value} from ", self._recall.of((said, *texts), asked), f" as {alias})"))

    def _related(self, level: Level, field: Selected, followed: Followed, depth: int) -> Written:
        relation = followed.relation
        below = self.level(relation.shelf)
        fill: Fill | None
        if followed.told is None:
            inner = self.record(below, field, depth)
            value, fill = inner.sql, inner.fill
        else:
            value, fill = self._told(below, field, followed)
        texts = [by if isinstance(by, Fixed) else level.text(by) for by in followed.by]

        def select(*names: str) -> Select[Any]:
            belongs = and_(
                *(
                    column == (by.value if isinstance(by, Fixed) else literal_column(by, column.type))
                    for column, by in zip(relation.columns, texts, strict=True)
                )
            )
            return relation.select(self._context.viewer, belongs, *names)

        written = self._recall.of((relation, *texts), lambda: Asked.by(select(COLUMNS), self._engine.dialect))
        rows = below.rows(written, select)
        if relation.is_many:
            gathered = sql("(select ", self._engine.gathered(value), " from ", rows, f" as {below.alias})")
            return Written(gathered, None if fill is None else _each(fill))
        one = self._engine.or_null(sql("select ", value, " from ", rows, f" as {below.alias} limit 1"))
        return Written(one, fill if followed.told is not None or fill is None else _if_there(fill))

    def _told(self, below: Level, field: Selected, followed: Followed) -> tuple[Sql, Fill]:
        """What is told of a related record, of none as well."""
        told = followed.told
        assert told is not None
        values = [sql(below.raw(name)) for name in followed.reads]
        places = [
            (name, place, self._engine.decode(below.shelf.table.c[name])) for place, name in enumerate(followed.reads)
        ]
        make = maker_of(below.shelf, frozenset(followed.reads), places)
        complete = self._resolving.completer(field.field.type, field)

        def fill(found: Any, run: Run) -> Any:
            return complete(told(None if found is None else make(found), run.context), run)

        return self._engine.array(values), fill

    def _filled(self, level: Level, fields: Sequence[Selected], ready: Sequence[Written | None]) -> Written:
        array = _Array(self._engine)
        steps: list[tuple[str, Step]] = []
        reads: set[str] = set()
        for field, value in zip(fields, ready, strict=True):
            if value is None:
                reads |= _reads(field, level.shelf)
                call = self._resolving.caller(field)
                steps.append((field.key, _called(call, self._resolving.completer(field.field.type, field))))
            else:
                steps.append((field.key, _fetched(array.add(value.sql), value.fill)))
        make = None
        if reads:
            places = [
                (name, array.add(sql(level.raw(name))), self._engine.decode(level.shelf.table.c[name]))
                for name in sorted(reads)
            ]
            make = maker_of(level.shelf, frozenset(reads), places)
        values = array.unfolded
        points = OBJECT + CALL * sum(value is None for value in ready)

        def fill(found: Any, run: Run) -> dict[str, Any]:
            run.meter.add(points)
            found = values(found)
            record = None if make is None else make(found)
            out: dict[str, Any] = {}
            for key, step in steps:
                step(found, record, run, out, key)
            return out

        return Written(array.sql, fill)


class _Array:
    """Values side by side; of many, some at a time within an outer array."""

    def __init__(self, engine: JsonText) -> None:
        self._engine, self._values = engine, list[Sql]()

    def add(self, value: Sql) -> int:
        self._values.append(value)
        return len(self._values) - 1

    @property
    def _is_folded(self) -> bool:
        return len(self._values) > VALUES_MAX

    @property
    def sql(self) -> Sql:
        values = self._values
        if not self._is_folded:
            return self._engine.array(values)
        folds = range(0, len(values), VALUES_MAX)
        return self._engine.array([self._engine.array(values[at : at + VALUES_MAX]) for at in folds])

    @property
    def unfolded(self) -> Callable[[Any], Sequence[Any]]:
        if not self._is_folded:
            return lambda found: found
        return lambda found: [value for fold in found for value in fold]


def _chosen(level: Level, saying: Saying) -> str:
    match saying:
        case None:
            return level.null
        case str():
            return level.leaf(saying)
        case Choice(column, True, None, otherwise) if otherwise == column:
            return level.leaf(column)
    is_so = f"{level.text(saying.column)} is null" if saying.is_about_null else f"{level.text(saying.column)}=''"
    return f"case when {is_so} then {_chosen(level, saying.so)} else {_chosen(level, saying.otherwise)} end"


def _declared(field: Selected, what: str) -> Any:
    """What a field's resolver carries under this name."""
    resolver = field.strawberry.base_resolver
    return None if resolver is None else getattr(resolver.wrapped_func, what, None)


def _reads(field: Selected, shelf: Shelf[Any]) -> set[str]:
    """The columns that a field's resolver reads: those that it names, or all that there are."""
    if isinstance(field.strawberry, Attribute) and field.strawberry.python_name in kept(shelf.record):
        return {field.strawberry.python_name}
    followed: Followed | None = _declared(field, RELATION)
    if followed is not None:
        return {by for by in followed.by if isinstance(by, str)}
    named: Sequence[str] | None = _declared(field, READS)
    return set(kept(shelf.record) if named is None else named)


def _each(fill: Fill) -> Fill:
    return lambda found, run: [fill(each, run) for each in found]


def _if_there(fill: Fill) -> Fill:
    return lambda found, run: None if found is None else fill(found, run)


def _fetched(place: int, fill: Fill | None) -> Step:
    if fill is None:

        def ready(values: Sequence[Any], record: Any, run: Run, out: dict[str, Any], key: str) -> None:
            out[key] = values[place]

        return ready

    def filled(values: Sequence[Any], record: Any, run: Run, out: dict[str, Any], key: str) -> None:
        out[key] = fill(values[place], run)

    return filled


def _called(call: Callable[[Any, Run], Any], complete: Complete) -> Step:
    def called(values: Sequence[Any], record: Any, run: Run, out: dict[str, Any], key: str) -> None:
        run.put(call(record, run), complete, out, key)

    return called
