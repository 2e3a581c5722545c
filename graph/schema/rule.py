"""Rules in public."""

from domain.rule import Rule, RuleFilter, RuleOrderField
from graph.listing import list_of
from graph.publish import field, publish
from graph.resolvers import rule as resolve
from storage.rule import RULE, RULES, rules

publish(Rule)

QUERIES = (
    list_of(
        RULES,
        "rules",
        "旧机电业务规则查询. The rules in force on a day, by HS code or name, open to everybody, in the order of HS "
        "codes. 手册 1.2, 2.2 (manual).",
        rules,
        RuleFilter,
        {RuleOrderField.HS_CODE: RULE.c.hs_code},
        is_public=True,
        is_dated=True,
        is_ascending=True,
    ),
    field(resolve.rule),
)
