"""Statistics 统计分析: how many records there are, and what they come to, by period, institution, country, status …

Times are counted in whole seconds and averaged here, so that no engine rounds in a way of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, cast

from domain.language import Words
from domain.record import says
from domain.term import Term

DIMENSIONS_MAX = 2
ROWS_MAX = 1000
"""More than a chart can show: what is left out is what there is least of."""

HOURS_PLACES = Decimal("0.01")
SECONDS_OF_AN_HOUR = 3600

PERIODS: Mapping[str, Words] = {
    "PERIOD_MONTH": Words(zh="月份", en="Calendar month in China, as `2026-11`."),
    "PERIOD_QUARTER": Words(zh="季度", en="Quarter of the year in China, as `2026-Q4`."),
    "PERIOD_YEAR": Words(zh="年份", en="Calendar year in China, as `2026`."),
}


@dataclass(frozen=True, kw_only=True)
class StatisticsKey:
    """统计维度的取值. What the records of one row have in common."""

    dimension: Annotated[str, says("维度", "Name of the dimension, as it was asked for.")]
    value: Annotated[
        str | None,
        says("取值", "Code, id or period; null where the records have none. A filter takes it as it stands here."),
    ]
    label: Annotated[str, says("名称", "What a person reads, in the viewer's language.")]


@dataclass(frozen=True, kw_only=True)
class RecordFigures:
    """统计数据. One row, or the total, of any record's statistics."""

    keys: Annotated[tuple[StatisticsKey, ...], says("维度取值", "In the order of `by`; empty in a total.")]
    count: Annotated[int, says("数量", "How many records.")]


@dataclass(frozen=True, kw_only=True)
class CommissionFigures:
    """业务委托统计数据. One row, or the total, of the statistics of commissions.

    By HS chapter, amount and quantity are those of the goods lines of that chapter, and a commission counts in each of
    its chapters, but once in the total.
    """

    keys: Annotated[tuple[StatisticsKey, ...], says("维度取值", "In the order of `by`; empty in a total.")]
    count: Annotated[int, says("委托数量", "How many commissions.")]
    total_amount: Annotated[Decimal, says("总金额", "US dollars.")]
    total_quantity: Annotated[Decimal, says("总数量", "Whatever the units.")]
    line_count: Annotated[
        int | None, says("产品数量", "How many goods lines; null unless HS_CHAPTER is among the dimensions.")
    ] = None
    average_acceptance_hours: Annotated[
        Decimal | None,
        says("平均受理时长", "Hours from submission to acceptance, two places; null where none was accepted."),
    ] = None
    maximum_acceptance_hours: Annotated[Decimal | None, says("最长受理时长", "The longest of them.")] = None
    average_inspection_hours: Annotated[
        Decimal | None,
        says("平均检验时长", "Hours from acceptance to completion, two places; null where none was completed."),
    ] = None
    maximum_inspection_hours: Annotated[Decimal | None, says("最长检验时长", "The longest of them.")] = None


def average_hours(seconds: int | None, count: int) -> Decimal | None:
    """So many seconds on average of so many, in hours."""
    return None if seconds is None or not count else hours(Decimal(seconds) / count)


def hours(seconds: Decimal | int | None) -> Decimal | None:
    """Seconds in hours, to two places."""
    if seconds is None:
        return None
    return (Decimal(seconds) / SECONDS_OF_AN_HOUR).quantize(HOURS_PLACES, ROUND_HALF_UP)


def dimensions(name: str, words: str, members: Mapping[str, Words]) -> type[Term]:
    """The closed set of what one record's statistics may be asked by."""
    made = cast(Any, Term)(name, {code: (each.zh, each.en) for code, each in members.items()})
    made.__doc__ = words
    return cast(type[Term], made)
