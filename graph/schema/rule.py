"""Rules in public."""

from domain.rule import Rule, RuleDifference, RuleFilter, RuleOrderField
from graph.actions import FromPayload, mutations, payload_type
from graph.guidance import guidance
from graph.listing import list_of
from graph.publish import Attribute, field, publish
from graph.resolvers import rule as resolve
from storage.rule import DESK, RULE, RULES, rules
from storage.rule_import import RuleReport
from storage.sheet import RejectedRow

publish(RuleDifference, node=False)
publish(Rule, field(resolve.history), field(resolve.differences), *guidance(DESK))

publish(
    RejectedRow,
    Attribute("line", int, "行号. Counts the file's lines from 1."),
    Attribute("column", str | None, "列. Its heading; null where no one column is the cause."),
    field(resolve.message),
    node=False,
)

REJECTED = Attribute("rejected", list[RejectedRow], "拒绝的行. Why rows were not imported; several reasons a row.")
IGNORED = Attribute("ignored_columns", list[str], "忽略的列. Headings that mean nothing here.")
ROWS = Attribute("rows", int, "行数. How many rows the file has.")
UNCHANGED = Attribute("unchanged", int, "未变. How many rows say what is there already.")

publish(
    RuleReport,
    ROWS,
    Attribute("announced", int, "发布. How many rules were announced."),
    Attribute("superseded", int, "更新. How many of them took the place of an open rule."),
    UNCHANGED,
    REJECTED,
    IGNORED,
    node=False,
)

RULES_IMPORT_PAYLOAD = payload_type(
    "RulesImportPayload",
    "What importing rules answers.",
    FromPayload("report", RuleReport | None, "导入结果. What came of the file; null when it was not read."),
)
resolve.rules_import.__annotations__["return"] = RULES_IMPORT_PAYLOAD | None

QUERIES = (
    list_of(
        RULES,
        "rules",
        "旧机电业务规则查询. The rules in force on a day, by HS code or name, open to everybody, in the order of HS "
        "codes. 手册 1.2, 2.2 (manual).",
        rules,
        RuleFilter,
        # On a day no HS code has two rules, so they come as they stand in the index, and nothing is sorted.
        {RuleOrderField.HS_CODE: (RULE.c.hs_code, RULE.c.valid_from)},
        is_public=True,
        is_dated=True,
        is_ascending=True,
    ),
    field(resolve.rule),
)
MUTATIONS = (*mutations(DESK), field(resolve.rules_import))
