"""Which question answers which field of the rules."""

from datetime import date
from typing import Annotated

import strawberry

from domain.rule import Rule, RuleFilter
from graph.context import Info
from graph.schema.paging import After, Before, Connection, First, Last, Offset, Paging, connection_of
from storage.rule import RULES
from storage.rule import rule as rule_seen
from storage.rule import rules as rules_seen
from storage.shelf import Order


async def rules(
    info: Info,
    filter: Annotated[
        RuleFilter | None, strawberry.argument(description="Which are wanted; absent for all in force.")
    ] = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    offset: Offset = None,
) -> Connection[Rule]:
    """旧机电业务规则查询. The rules in force on a day, by HS code or name, open to everybody, in the order of HS codes.
    手册 1.2, 2.2 (manual)."""
    seen = rules_seen(info.context.viewer, filter or RuleFilter(), info.context.today)
    order = Order("HS_CODE", RULES.table.c.hs_code, descending=False)
    return await connection_of(info.context, seen, order, Paging(first, after, last, before, offset))


async def rule(
    info: Info,
    hs_code: Annotated[str, strawberry.argument(description="HS编码. Ten digits.")],
    on: Annotated[
        date | None, strawberry.argument(description="日期. As of this day; absent for today in China.")
    ] = None,
) -> Rule | None:
    """某日适用的规则. What applied to one HS code on a day; null where no rule named it."""
    return await info.context.one(rule_seen(info.context.viewer, hs_code, on or info.context.today))
