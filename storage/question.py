"""Questions that are written once and asked with other values each time; asked at once, they go in one round trip.

Writing a SELECT anew costs about as much as running it. On PostgreSQL those that are asked `Together` become columns of
one statement, each an array of its rows; on SQLite, where a round trip is short, they are asked one after the other.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import BindParameter, Row, Select, bindparam, func, select, type_coerce
from sqlalchemy.engine import Dialect, IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import TypeEngine, UserDefinedType

from storage.sealed import SealedText

Rows = Sequence[Row[Any]]

_LISTS = (list, tuple, set, frozenset)
_NUMERIC_OID = 1700


class Question:
    """A SELECT with named values. A constant of a module: what it is joined with is remembered for ever."""

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement

    async def of(self, connection: "Asks", **values: object) -> Rows:
        """The rows. Of an empty list there are none, which is known without asking."""
        given = {name: _padded(value) if isinstance(value, _LISTS) else value for name, value in values.items()}
        if [] in given.values():
            return ()
        if isinstance(connection, Together):
            return await connection.ask(self, given)
        rows: Rows = (await connection.execute(self.statement, given)).all()
        return rows


def several(name: str) -> BindParameter[Any]:
    """A list of values within a question, for `in_`."""
    return bindparam(name, expanding=True)


def _padded(values: Collection[object]) -> list[object]:
    """As long as the next power of two, the last value repeated: the server prepares a statement for each length."""
    some = list(values)
    return some + some[-1:] * ((1 << (len(some) - 1).bit_length()) - len(some)) if some else []


class _Asked(NamedTuple):
    question: Question
    values: Mapping[str, object]
    answer: asyncio.Future[Rows]


class Together:
    """Asks at once what is awaited at once, as by `asyncio.gather`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self._asked: list[_Asked] = []
        self._turn = asyncio.Lock()

    async def ask(self, question: Question, values: Mapping[str, object]) -> Rows:
        mine = _Asked(question, values, asyncio.get_running_loop().create_future())
        self._asked.append(mine)
        if len(self._asked) == 1:
            # The first one asks for all who come before it has its turn again.
            await asyncio.sleep(0)
            async with self._turn:
                asked, self._asked = self._asked, []
                await self._answer(asked)
        return await mine.answer

    async def _answer(self, asked: Sequence[_Asked]) -> None:
        try:
            answers = await self._answers(asked)
        except BaseException as failure:
            for each in asked[1:]:
                if not each.answer.done():
                    each.answer.set_exception(failure)
            raise
        for each, rows in zip(asked, answers, strict=True):
            if not each.answer.done():
                each.answer.set_result(rows)

    async def _answers(self, asked: Sequence[_Asked]) -> list[Rows]:
        if self.connection.dialect.name == "sqlite" or len(asked) == 1:
            return [(await self.connection.execute(each.question.statement, each.values)).all() for each in asked]
        joined = _joined(tuple(each.question for each in asked))
        values = {_name(n, name): value for n, each in enumerate(asked) for name, value in each.values.items()}
        arrays = (await self.connection.execute(joined.statement, values)).one()
        return [IteratorResult[Any](keys, iter(rows)).all() for keys, rows in zip(joined.keys, arrays, strict=True)]


Asks = AsyncConnection | Together
"""Of whom questions may be asked."""


class _Joined(NamedTuple):
    statement: Select[Any]
    keys: Sequence[SimpleResultMetaData]


@cache
def _joined(questions: tuple[Question, ...]) -> _Joined:
    arrays, keys = [], []
    for n, question in enumerate(questions):
        columns = question.statement.selected_columns
        assert not any(isinstance(each.type, SealedText) for each in columns), "sealed values are not read in arrays"
        rows = _renamed(question.statement, n).subquery(f"question_{n}")
        array = func.array(select(rows.table_valued()).scalar_subquery())
        arrays.append(type_coerce(array, _ArrayOfRows(tuple(each.type for each in columns))).label(f"answer_{n}"))
        keys.append(SimpleResultMetaData([str(each.key) for each in columns]))
    return _Joined(select(*arrays), keys)


def _renamed(statement: Select[Any], n: int) -> Select[Any]:
    """The same with names of its own for its values."""

    def rename(element: Any, **_: object) -> Any:
        if isinstance(element, BindParameter) and not element.unique:
            return bindparam(_name(n, element.key), type_=element.type, expanding=element.expanding)
        return None

    return cast("Select[Any]", replacement_traverse(statement, {}, rename))


def _name(n: int, name: str) -> str:
    return f"q{n}_{name}"


class _ArrayOfRows(UserDefinedType[Any]):
    """Rows as PostgreSQL sends them within an array; their values become what the columns' types make of them."""

    cache_ok = True

    def __init__(self, types: tuple[TypeEngine[Any], ...]) -> None:
        self.types = types

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        # Decimals alone look at which type the server has.
        processors = [each.dialect_impl(dialect).result_processor(dialect, _NUMERIC_OID) for each in self.types]
        made = [(n, process) for n, process in enumerate(processors) if process is not None]

        def rows(value: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
            return [_made(each, made) for each in value]

        return rows


def _made(row: Sequence[Any], made: Sequence[tuple[int, Callable[[Any], Any]]]) -> tuple[Any, ...]:
    values = list(row)
    for n, process in made:
        values[n] = process(values[n])
    return tuple(values)
