"""Which question answers which field of the rules."""

from datetime import date
from typing import Annotated

import strawberry

from domain.rule import Rule
from graph.context import Info
from storage.rule import rule as rule_seen


async def rule(
    info: Info,
    hs_code: Annotated[str, strawberry.argument(description="HS编码. Ten digits.")],
    on: Annotated[
        date | None, strawberry.argument(description="日期. As of this day; absent for today in China.")
    ] = None,
) -> Rule | None:
    """某日适用的规则. What applied to one HS code on a day; null where no rule named it."""
    return await info.context.one(rule_seen(info.context.viewer, hs_code, on or info.context.today))
