"""Statistics as fields, made from the lists: the same filter, the same viewer, and so the same records, counted.

A feature is entered with one line: `statistics_of("filings", at=FILING.c.submitted_at, by=("status", "country"))`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from domain.language import Language, Words
from domain.record import Field, Form, fields_of
from domain.statistics import (
    DIMENSIONS_MAX,
    PERIODS,
    ROWS_MAX,
    CommissionFigures,
    RecordFigures,
    StatisticsKey,
    dimensions,
)
from domain.term import Term
from graph.context import Context, Info
from graph.errors import ErrorCode, PublicError
from graph.ids import public_id
from graph.listing import LISTS
from graph.publish import field, output_type, publish, term, type_name
from graph.resolvers.code import label_of
from graph.seen import one_seen
from storage.institution import INSTITUTIONS
from storage.shelf import Seen
from storage.statistics import key_of, rows_of, tally

NOT_GIVEN = Words(zh="未填写", en="Not given")

Label = Callable[[Context, Any], Awaitable[str | None]]
Tally = Callable[[Any, Seen[Any], Any, Sequence[str], bool], Awaitable[Sequence[tuple[tuple[Any, ...], Any]]]]
"""Connection, what is seen, the filter, the names of the dimensions, and whether only the total is wanted."""


@dataclass(frozen=True)
class Dimension:
    """What rows may be made by: how a value is written for a program and for a person."""

    words: Words
    label: Label
    value: Callable[[Any], str] = str


publish(StatisticsKey, node=False)
publish(RecordFigures, node=False)
publish(CommissionFigures, node=False)


class Counted:
    """One answer: rows and total are each counted when they are asked for, and once."""

    def __init__(self, rows: Callable[[], Awaitable[list[Any]]], total: Callable[[], Awaitable[Any]]) -> None:
        self._count_rows, self.total = rows, total
        self._rows: asyncio.Task[list[Any]] | None = None

    async def rows(self) -> list[Any]:
        """At most one more than are shown."""
        if self._rows is None:
            self._rows = asyncio.ensure_future(self._count_rows())
        return await asyncio.shield(self._rows)


def statistics_of(
    name: str,
    *,
    at: Any,
    by: Sequence[str],
    more: Mapping[str, Dimension] | None = None,
    counting: Tally | None = None,
    figures: type[Any] = RecordFigures,
) -> StrawberryField:
    """The statistics of a list. `at` is the column whose periods count, `by` names fields; `more` are further
    dimensions, which `counting` must know."""
    listed = LISTS[name]
    record = listed.shelf.record
    if veiled := [name for name in by if listed.shelf.veils(name)]:
        raise TypeError(f"{name} cannot be counted by {veiled}: not all see it")
    known = {**_dimensions(record, by), **(more or {})}
    subject = type_name(record).replace("_", " ")
    kind = dimensions(
        f"{record.__name__}Dimension",
        f"统计维度. By what the statistics of {subject} records may be asked.",
        {code: each.words for code, each in known.items()},
    )

    async def counted(connection: Any, seen: Seen[Any], wanted: Form, names: Sequence[str], total: bool) -> Any:
        keys = [] if total else [key_of(each, listed.shelf, at) for each in names]
        found = await rows_of(connection, tally(seen, keys))
        return [(tuple(row[: len(keys)]), RecordFigures(keys=(), count=row[-1])) for row in found]

    count = counting or counted

    async def resolve(info: Info, by: Any, filter: Any = None) -> Any:
        context, wanted = info.context, filter or listed.filter_type()
        seen, _ = await listed.asked(context, wanted, None)
        names = [each.code for each in by]
        if len(names) > DIMENSIONS_MAX or len(set(names)) < len(names):
            raise PublicError(
                ErrorCode.BAD_USER_INPUT,
                zh=f"最多{DIMENSIONS_MAX}个维度，且不得重复。",
                en=f"At most {DIMENSIONS_MAX} dimensions, and each of them once.",
            )

        asked = {name: known[name] for name in names}

        async def total() -> Any:
            async with context.house.database.reading() as connection:
                ((_, sums),) = await count(connection, seen, wanted, names, True)
            return sums

        async def rows() -> list[Any]:
            async with context.house.database.reading() as connection:
                found = await count(connection, seen, wanted, names, False)
            # All at once, so that the labels of all rows are looked up together.
            keys = await asyncio.gather(*(_keys(context, asked, values) for values, _ in found))
            return [replace(sums, keys=some) for some, (_, sums) in zip(keys, found, strict=True)]

        return Counted(rows, total)

    resolve.__annotations__ |= {
        "by": Annotated[
            list[term(kind)],  # type: ignore[misc]
            strawberry.argument(description=f"By what rows are made: at most {DIMENSIONS_MAX}; one row for none."),
        ],
        "filter": Annotated[
            listed.filter_type | None, strawberry.argument(description="The filter of the list; absent for all.")
        ],
        "return": _answer_type(figures),
    }
    resolve.__doc__ = (
        f"统计. How many of the `{name}` that the viewer may see there are, earliest period first, then what there is "
        f"most of; at most {ROWS_MAX} rows."
    )
    return field(resolve, name=name)


_ANSWERS: dict[type[Any], type[Any]] = {}


def _answer_type(figures: type[Any]) -> type[Any]:
    if figures not in _ANSWERS:

        async def rows(root: Any) -> list[Any]:
            """各行. One for each combination of values that occurs."""
            found: list[Any] = await root.rows()
            return found[:ROWS_MAX]

        async def is_complete(root: Any) -> bool:
            return len(await root.rows()) <= ROWS_MAX

        async def total(root: Any) -> Any:
            """合计. Of all that the filter lets through, in rows or not; counted only when asked for."""
            return await root.total()

        is_complete.__doc__ = f"是否完整. Whether there are no more than {ROWS_MAX} rows."
        rows.__annotations__["return"] = list[figures]  # type: ignore[valid-type]
        total.__annotations__["return"] = figures
        _ANSWERS[figures] = output_type(
            figures.__name__.removesuffix("Figures") + "Statistics",
            "统计结果. Rows by the dimensions asked for, and the total.",
            [field(rows), field(is_complete), field(total)],
        )
    return _ANSWERS[figures]


async def _keys(context: Context, known: Mapping[str, Dimension], values: Sequence[Any]) -> tuple[StatisticsKey, ...]:
    keys = []
    for (name, dimension), value in zip(known.items(), values, strict=True):
        if value is None:
            keys.append(StatisticsKey(dimension=name, value=None, label=NOT_GIVEN.in_(context.language)))
        else:
            written = dimension.value(value)
            label = await dimension.label(context, value)
            keys.append(StatisticsKey(dimension=name, value=written, label=label or written))
    return tuple(keys)


def _dimensions(record: type[Any], by: Sequence[str]) -> dict[str, Dimension]:
    found = {code: Dimension(words, _label_of_period) for code, words in PERIODS.items()}
    for name in by:
        each = fields_of(record)[name]
        found[name.removesuffix("_id").upper()] = _dimension_of(each)
    return found


def _dimension_of(each: Field) -> Dimension:
    assert each.says is not None, each.name
    words = Words(zh=each.says.zh, en=each.says.en)
    if each.id_of == "institution":
        return Dimension(words, _name_of_institution, lambda id_: public_id("institution", id_))
    if each.code_table is not None:
        return by_code(each.code_table, words)
    if isinstance(each.type, type) and issubclass(each.type, Term):
        return Dimension(words, _label_of_term, lambda value: str(value.code))
    raise TypeError(f"{each.name} has too many values to be a dimension")


def by_code(table: str, words: Words) -> Dimension:
    """A dimension whose values are of a code table."""

    async def label(context: Context, code: Any) -> str | None:
        return await label_of(context, table, code)

    return Dimension(words, label)


async def _label_of_term(context: Context, value: Any) -> str:
    label: str = value.label(context.language)
    return label


async def _name_of_institution(context: Context, institution_id: Any) -> str | None:
    found = await one_seen(context, INSTITUTIONS, institution_id)
    return None if found is None else found.name(context.language)


async def _label_of_period(context: Context, period: Any) -> str:
    year, _, part = str(period).partition("-")
    if context.language is Language.EN:
        return f"{part} {year}" if part.startswith("Q") else str(period)
    if not part:
        return f"{year}年"
    return f"{year}年第{part[1:]}季度" if part.startswith("Q") else f"{year}年{int(part)}月"
