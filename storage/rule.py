"""Rules at rest: public, dated, and read by HS code and day."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Date, Index, Text, and_, bindparam, collate, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.api_key.scope import ApiKeyScope
from domain.party import THE_PRODUCT, Viewer
from domain.rule import WORKFLOW, Rule, RuleFacts, RuleFilter, RuleForm, RuleStatus
from storage.columns import table_of
from storage.desk import Ask, Desk, Gathering
from storage.question import Asks, Question, several
from storage.relation import many, one
from storage.search import begins, contains
from storage.shelf import Seen, Shelf, everybody

RULE = table_of(Rule, "rule", Index(None, "hs_code", "valid_from", "id"), Index(None, "valid_from", "id"))

# At most one version of an HS code has no end: two imports at once cannot both announce one.
Index(
    "uq_rule_open",
    RULE.c.hs_code,
    unique=True,
    sqlite_where=RULE.c.status == RuleStatus.OPEN,
    postgresql_where=RULE.c.status == RuleStatus.OPEN,
)

RULES = Shelf(Rule, RULE, everybody, scope=ApiKeyScope.RULES)


def in_force(on: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a rule applies on a day."""
    return and_(RULE.c.valid_from <= on, or_(RULE.c.valid_to.is_(None), RULE.c.valid_to >= on))


def rules(viewer: Viewer, wanted: RuleFilter, today: date) -> Seen[Rule]:
    """Rules by beginning of the HS code or fragment of the name, as of a day."""
    seen = RULES.seen_by(viewer).where(in_force(wanted.on or today))
    if wanted.hs_code:
        seen = seen.where(begins(RULE.c.hs_code, wanted.hs_code.strip()))
    if wanted.name:
        seen = seen.where(or_(contains(RULE.c.name_zh, wanted.name), contains(RULE.c.name_en, wanted.name)))
    return seen


def rule(viewer: Viewer, hs_code: str, on: date) -> Seen[Rule]:
    """The one rule of an HS code on a day."""
    return RULES.seen_by(viewer).where(RULE.c.hs_code == hs_code, in_force(on))


_IN_FORCE = Question(
    select(*RULES.columns).where(RULE.c.hs_code.in_(several("hs_codes")), in_force(bindparam("on", type_=Date)))
)


async def rules_in_force(connection: Asks, hs_codes: Iterable[str | None], on: date) -> dict[str, Rule]:
    """The rules of some HS codes on a day, by HS code."""
    wanted = {code for code in hs_codes if code}
    found = [RULES.made_of(row) for row in await _IN_FORCE.of(connection, hs_codes=wanted, on=on)]
    return {each.hs_code: each for each in found}


async def versions_of(connection: AsyncConnection, hs_codes: Iterable[str]) -> dict[str, list[Rule]]:
    """Every version of the rules of some HS codes, the oldest first, by HS code."""
    wanted = sorted(set(hs_codes))
    found: dict[str, list[Rule]] = {}
    for start in range(0, len(wanted), HS_CODES_AT_ONCE):
        some = wanted[start : start + HS_CODES_AT_ONCE]
        seen = RULES.seen_by(THE_PRODUCT).where(_has_one_of(connection, some))
        for each in await seen.all(connection, RULE.c.valid_from, RULE.c.id):
            found.setdefault(each.hs_code, []).append(each)
    return found


HS_CODES_AT_ONCE = 1000


def _has_one_of(connection: AsyncConnection, hs_codes: Sequence[str]) -> ColumnElement[bool]:
    if connection.dialect.name == "sqlite":
        return RULE.c.hs_code.in_(hs_codes)
    # A long list of parameters is compared one by one with every row of a table that was just filled.
    given = literal(list(hs_codes), ARRAY(Text()))
    return RULE.c.hs_code.in_(select(collate(func.unnest(given), "C")))


async def _gather(gathering: Gathering, asks: Sequence[Ask[Any]]) -> list[RuleFacts]:
    codes = [ask.form.hs_code for ask in asks if isinstance(ask.form, RuleForm) and ask.form.hs_code]
    facts = RuleFacts(versions=await versions_of(gathering.connection, codes))
    return [facts] * len(asks)


DESK = Desk(WORKFLOW, RULES, _gather)

RULE_APPLIED = one(RULES, RULE.c.id, is_part=True)
"""The version that a goods line refers to; rules are public."""

VERSIONS = many(RULES, RULE.c.hs_code, order=(RULE.c.valid_from,), is_part=True)
"""Every version that there ever was for an HS code, the oldest first."""
