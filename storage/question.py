"""Questions that are written once and asked with other values each time; asked at once, they go in one round trip.

Making a SELECT costs more than running it. So a question is made into text once, with arrays where it has lists.
Those that are asked `Together` become, on PostgreSQL, columns of one statement, each an array of its rows; on SQLite
one errand of several statements. What is made anew each time, as by `seen_by`, is the question of all that are alike.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, cast

import orjson
from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Row,
    Select,
    String,
    Text,
    any_,
    bindparam,
    collate,
    func,
    not_,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.cache_key import CacheKey
from sqlalchemy.sql.elements import BinaryExpression
from sqlalchemy.sql.operators import in_op, not_in_op
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import TypeEngine

from storage.database import Database
from storage.postgresql import DIALECT as POSTGRESQL
from storage.postgresql import fetched, filled_up, sent_as
from storage.sealed import SealedText
from storage.sqlite import DIALECT as SQLITE
from storage.sqlite import Errand

Rows = Sequence[Row[Any]]
Values = Mapping[str, Any]
Process = Callable[[Any], Any] | None

TEXTS_MAX = 1_000
"""Of so many questions, and sets of them that were asked together, the text is kept."""

_NUMERIC_OID = 1700


class Question:
    """A SELECT with named values, of which the `several` are lists. A constant, for its text is kept."""

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement

    async def of(self, asks: "Asks | Database", **values: Any) -> Rows:
        """The rows. Of an empty list there are none, which is known without asking. Of a database itself a question is
        one call of the driver."""
        if any(isinstance(value, _LISTS) and not value for value in values.values()):
            return ()
        if isinstance(asks, Together):
            return await asks.ask(self, values)
        if isinstance(asks, Database):
            made = _made((self,), is_sqlite=asks.is_sqlite)
            return made.answers[0].rows(await asks.read(made.text, made.sent((values,))), asks.lane.dialect)
        (rows,) = await _asked(asks, (self,), (values,))
        return rows


_LISTS = (list, tuple, set, frozenset)


def several(name: str) -> BindParameter[Any]:
    """A list of values within a question, for `in_`."""
    return bindparam(name, expanding=True)


def question_and_values(statement: Select[Any]) -> tuple[Question, Values]:
    """The question of all statements that differ from this one in values alone, and the values of this one."""
    key = statement._generate_cache_key()
    assert key is not None
    return _alike(_Alike(statement, key)), {_name(n): each.value for n, each in enumerate(key.bindparams)}


class _Alike:
    """A statement that is the same as another where they differ in values alone, as SQLAlchemy's own cache has it."""

    def __init__(self, statement: Select[Any], key: CacheKey) -> None:
        self.statement, self.values = statement, key.bindparams
        self._key = key.key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Alike) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@lru_cache(TEXTS_MAX)
def _alike(made: _Alike) -> Question:
    named = {
        each.key: bindparam(_name(n), type_=each.type, expanding=each.expanding) for n, each in enumerate(made.values)
    }

    def replaced(element: Any, **_: object) -> Any:
        return named.get(element.key) if isinstance(element, BindParameter) else None

    return Question(cast("Select[Any]", replacement_traverse(made.statement, {}, replaced)))


def _name(n: int) -> str:
    return f"value_{n}"


class _Waiting(NamedTuple):
    question: Question
    values: Values
    answer: asyncio.Future[Rows]


class Together:
    """Asks at once what is awaited at once, as by `asyncio.gather`."""

    def __init__(self, asked: AsyncConnection | Database) -> None:
        """Of a connection, or of a database itself, each time by whichever connection is free."""
        self._asked = asked
        self._waiting: list[_Waiting] = []
        self._turn = asyncio.Lock()
        self._known: dict[Question, tuple[Values, Rows]] = {}

    @property
    def connection(self) -> AsyncConnection:
        """The one that is asked, where it is one."""
        assert isinstance(self._asked, AsyncConnection)
        return self._asked

    @classmethod
    def over(cls, asks: "Asks") -> "Together":
        """Over a connection, or the one that there is already."""
        return asks if isinstance(asks, Together) else cls(asks)

    def knows(self, question: Question, values: Values, rows: Rows) -> None:
        """Whoever asks this is told from now on what was found already."""
        self._known[question] = values, rows

    async def rows(self, statement: Select[Any]) -> Rows:
        """Those of a statement that was made for one occasion, as by `seen_by`."""
        return await self.ask(*question_and_values(statement))

    async def all(self, asked: Sequence[tuple[Question, Values]]) -> Sequence[Rows]:
        """Those of several questions, none of a list that is empty."""
        questions, values = zip(*asked, strict=True)
        async with self._turn:
            return await _asked(self._asked, questions, values)

    async def ask(self, question: Question, values: Values) -> Rows:
        known = self._known.get(question)
        if known is not None and known[0] == values:
            return known[1]
        mine = _Waiting(question, values, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        if len(self._waiting) == 1:
            # The first one asks for all who come before it has its turn again.
            await asyncio.sleep(0)
            async with self._turn:
                together, self._waiting = self._waiting, []
                await self._answer(together)
        try:
            return await mine.answer
        except asyncio.CancelledError:
            # Whoever asks for all may still be at it, and nobody else may use the connection before that has ended.
            async with self._turn:
                raise

    async def _answer(self, together: Sequence[_Waiting]) -> None:
        try:
            answers = await _asked(
                self._asked, tuple(each.question for each in together), [each.values for each in together]
            )
        except BaseException as failure:
            for each in together[1:]:
                if not each.answer.done():
                    each.answer.set_exception(failure)
            raise
        for each, rows in zip(together, answers, strict=True):
            if not each.answer.done():
                each.answer.set_result(rows)


Asks = AsyncConnection | Together
"""Of whom questions may be asked."""
_Questions = tuple[Question, ...]


async def _asked(asked: AsyncConnection | Database, questions: _Questions, values: Sequence[Values]) -> list[Rows]:
    if isinstance(asked, Database):
        return await _asked_of_database(asked, questions, values)
    is_sqlite = asked.dialect.name == "sqlite"
    if is_sqlite and len(questions) > 1:
        return await _asked_in_turn(asked, questions, values)
    made = _made(questions, is_sqlite=is_sqlite)
    text, sent = made.text, made.sent(values)
    found = (await asked.exec_driver_sql(text, sent)).all() if is_sqlite else await fetched(asked, text, sent)
    return made.rows(found, asked.dialect)


async def _asked_of_database(database: Database, questions: _Questions, values: Sequence[Values]) -> list[Rows]:
    """One call of the driver; on SQLite one for each."""
    if database.is_sqlite:
        return [await each.of(database, **given) for each, given in zip(questions, values, strict=True)]
    made = _made(questions, is_sqlite=False)
    return made.rows(await database.read(made.text, made.sent(values)), database.lane.dialect)


async def _asked_in_turn(connection: AsyncConnection, questions: _Questions, values: Sequence[Values]) -> list[Rows]:
    made = [_made((each,), is_sqlite=True) for each in questions]
    errand = Errand()
    for each, some in zip(made, values, strict=True):
        errand.add(each.text, [each.sent([some])])
    found = await errand.done_by(connection)
    return [each.answers[0].rows(rows, connection.dialect) for each, rows in zip(made, found, strict=True)]


class _Parameter(NamedTuple):
    """What is sent: a value of one of the questions, one place of the items of a list, or always the same."""

    question: int | None
    name: str
    process: Process
    is_list: bool = False
    place: int | None = None
    is_json: bool = False
    same: Any = None

    def of(self, values: Sequence[Values]) -> Any:
        if self.question is None:
            return self.same
        value = values[self.question][self.name]
        if not self.is_list:
            return value if self.process is None else self.process(value)
        items = value if self.place is None else [each[self.place] for each in value]
        sent = list(items) if self.process is None else [self.process(each) for each in items]
        return orjson.dumps(sent).decode() if self.is_json else filled_up(sent)


class _Answer(NamedTuple):
    """How rows are made of what comes back."""

    keys: SimpleResultMetaData
    processed: Sequence[tuple[int, Callable[[Any], Any]]]
    sealed: Sequence[tuple[int, SealedText]]
    """What the keys of the connection open."""

    def rows(self, found: Sequence[Sequence[Any]], dialect: Dialect) -> Rows:
        places = self.keys._key_to_index
        return [Row(self.keys, None, places, self._values(each, dialect)) for each in found]

    def _values(self, found: Sequence[Any], dialect: Dialect) -> tuple[Any, ...]:
        values = list(found)
        for n, process in self.processed:
            values[n] = process(values[n])
        for n, type_ in self.sealed:
            values[n] = type_.process_result_value(values[n], dialect)
        return tuple(values)


class _Made(NamedTuple):
    text: str
    parameters: Sequence[_Parameter]
    answers: Sequence[_Answer]

    def sent(self, values: Sequence[Values]) -> tuple[Any, ...]:
        return tuple(each.of(values) for each in self.parameters)

    def rows(self, found: Sequence[Any], dialect: Dialect) -> list[Rows]:
        arrays = [found] if len(self.answers) == 1 else found[0]
        return [each.rows(some, dialect) for each, some in zip(self.answers, arrays, strict=True)]


@lru_cache(TEXTS_MAX)
def _made(questions: tuple[Question, ...], *, is_sqlite: bool) -> _Made:
    dialect = SQLITE if is_sqlite else POSTGRESQL
    written = [_Written(n, each.statement, is_sqlite=is_sqlite) for n, each in enumerate(questions)]
    statement = written[0].statement if len(written) == 1 else select(*(each.as_array() for each in written))
    compiled = statement.compile(dialect=dialect)
    parameters = {
        name: _Parameter(None, name, None, same=_bound(each.type, dialect)(each.value))
        for name, each in compiled.binds.items()
    }
    for each in written:
        parameters |= each.parameters
    return _Made(
        str(compiled),
        [parameters[name] for name in compiled.positiontup or ()],
        [_answer(each.statement, dialect) for each in questions],
    )


def _answer(statement: Select[Any], dialect: Any) -> _Answer:
    types = [each.type for each in statement.selected_columns]
    sealed = [(n, type_) for n, type_ in enumerate(types) if isinstance(type_, SealedText)]
    # Of the server's types only that of decimals is looked at.
    processes = [
        None if isinstance(type_, SealedText) else type_.dialect_impl(dialect).result_processor(dialect, _NUMERIC_OID)
        for type_ in types
    ]
    processed = [(n, process) for n, process in enumerate(processes) if process is not None]
    return _Answer(SimpleResultMetaData([str(each.key) for each in statement.selected_columns]), processed, sealed)


def _bound(type_: TypeEngine[Any], dialect: Any) -> Callable[[Any], Any]:
    process = type_.dialect_impl(dialect).bind_processor(dialect)
    return (lambda value: value) if process is None else process


def _with_openable(statement: Select[Any]) -> Select[Any]:
    """With what a sealed value is opened by, which SQLAlchemy adds at the outermost level alone."""
    columns = list(statement.selected_columns)
    if not any(isinstance(each.type, SealedText) for each in columns):
        return statement
    return statement.with_only_columns(
        *(
            type_coerce(each.type.column_expression(each), Text()).label(str(each.key))
            if isinstance(each.type, SealedText)
            else each
            for each in columns
        )
    )


class _Written:
    """One question as it is written for an engine: values have names of their own, lists are arrays."""

    def __init__(self, n: int, statement: Select[Any], *, is_sqlite: bool) -> None:
        self._n, self._is_sqlite = n, is_sqlite
        self.parameters: dict[str, _Parameter] = {}
        self.statement = cast("Select[Any]", replacement_traverse(_with_openable(statement), {}, self._replaced))

    def as_array(self) -> ColumnElement[Any]:
        rows = self.statement.subquery(f"question_{self._n}")
        return func.array(select(rows.table_valued()).scalar_subquery()).label(f"answer_{self._n}")

    def _replaced(self, element: Any, **_: object) -> Any:
        if isinstance(element, BinaryExpression) and element.operator in (in_op, not_in_op):
            right = element.right
            if isinstance(right, BindParameter) and right.expanding and not right.unique:
                among = self._among(element.left, right.key)
                return among if element.operator is in_op else not_(among)
        if isinstance(element, BindParameter) and not element.unique:
            return self._parameter(element.key, element.type)
        return None

    def _among(self, left: Any, name: str) -> ColumnElement[bool]:
        """Whether something is in a list; of several columns, whether together they are."""
        columns = list(getattr(left, "clauses", [left]))
        places = [None] if len(columns) == 1 else range(len(columns))
        lists = [self._list(name, each.type, place) for each, place in zip(columns, places, strict=True)]
        if self._is_sqlite:
            items = [_items(some, f"{name}_{n}") for n, some in enumerate(lists)]
            same_place = [each.c.key == items[0].c.key for each in items[1:]]
            return tuple_(*columns).in_(select(*(each.c.value for each in items)).where(*same_place))
        if len(columns) == 1:
            return cast("ColumnElement[bool]", columns[0] == any_(lists[0]))
        unnested = func.unnest(*lists).table_valued(*(f"item_{n}" for n in range(len(lists)))).render_derived()
        # Texts from an array compare by no order in particular; ours by code point.
        shown = [
            collate(item, "C") if isinstance(sent_as(each.type), Text) else item
            for item, each in zip(unnested.c, columns, strict=True)
        ]
        return tuple_(*columns).in_(select(*shown))

    def _list(self, name: str, type_: TypeEngine[Any], place: int | None) -> BindParameter[Any]:
        key = f"q{self._n}_{name}" + ("" if place is None else f"_{place}")
        process = type_.dialect_impl(self._dialect).bind_processor(self._dialect)
        self.parameters[key] = _Parameter(self._n, name, process, is_list=True, place=place, is_json=self._is_sqlite)
        return bindparam(key, type_=String() if self._is_sqlite else ARRAY(sent_as(type_)))

    def _parameter(self, name: str, type_: TypeEngine[Any]) -> BindParameter[Any]:
        key = f"q{self._n}_{name}"
        self.parameters[key] = _Parameter(
            self._n, name, type_.dialect_impl(self._dialect).bind_processor(self._dialect)
        )
        return bindparam(key, type_=type_)

    @property
    def _dialect(self) -> Any:
        return SQLITE if self._is_sqlite else POSTGRESQL


def _items(array: BindParameter[Any], name: str) -> Any:
    """The items of an array of JSON, as a table."""
    return func.json_each(array).table_valued("key", "value", name=name)
