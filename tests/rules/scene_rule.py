"""Rules as the grid lays them out."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

from domain import rule as rules
from domain.party import Viewer
from domain.record import Form, Record
from domain.term import Term
from domain.workflow import Action, Case
from tests.rules import desk
from tests.rules.scene import Scene


def _rule(status: Term) -> Record:
    assert isinstance(status, rules.RuleStatus)
    return replace(desk.rule(desk.LOADER), status=status)


def _rule_case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    announced = rules.RuleForm.of(
        hs_code=desk.LOADER, name_zh="装载机", measure="检验", legal_basis="公告", valid_from=date(2027, 1, 1)
    )
    forms: dict[str, Form] = {
        "announce": announced,
        "end": rules.RuleEndForm.of(valid_to=desk.TODAY),
        "replace": rules.RuleReplaceForm.of(measure="免检", valid_from=date(2027, 1, 1)),
    }
    return Case(
        record=record, facts=rules.RuleFacts(), actor=actor, form=forms[action.name], now=desk.NOW, new_id=uuid4
    )


SCENE = Scene(
    rules.WORKFLOW,
    _rule,
    _rule_case,
    rules.RuleFacts(versions={desk.LOADER: (desk.RULES[desk.LOADER],)}),
)
