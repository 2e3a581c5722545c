"""The two small workflows: rules that the product announces and ends, sessions that people open and close."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain import rule as rules
from domain import session as sessions
from domain.party import ANONYMOUS, THE_PRODUCT, Viewer
from domain.record import Form
from domain.refusal import RefusalCode
from domain.rule import Rule, RuleEndForm, RuleFacts, RuleForm, RuleStatus
from domain.session import Session, SessionForm, SessionStatus
from domain.workflow import Case, Decided, decide
from tests.rules import desk
from tests.rules.desk import codes, done, refused

FIRST_DAY = date(2019, 1, 1)


def announces(open_rules: dict[str, Rule] | None = None, **changed: Any) -> Any:
    """What becomes of a well-written announcement but for what is changed."""
    written: dict[str, Any] = {
        "hs_code": desk.LOADER,
        "name_zh": "前铲装载机",
        "inspection_required": True,
        "measure": "装运前检验",
        "legal_basis": "2018年第106号公告",
        "valid_from": FIRST_DAY,
    }
    record: Any = None
    versions = {code: (rule,) for code, rule in (open_rules or {}).items()}
    case = Case(
        record=record,
        facts=RuleFacts(versions=versions),
        actor=THE_PRODUCT,
        now=desk.NOW,
        new_id=uuid4,
        form=RuleForm.of(**written | changed),
    )
    return decide(rules.WORKFLOW, rules.WORKFLOW["announce"], case, record=None)


def ends(valid_to: date | None) -> Any:
    """What becomes of ending a rule in force since FIRST_DAY."""
    rule = desk.rule(desk.LOADER)
    case = Case(
        record=rule, facts=RuleFacts(), actor=THE_PRODUCT, now=desk.NOW, new_id=uuid4,
        form=RuleEndForm.of(valid_to=valid_to),
    )  # fmt: skip
    return decide(rules.WORKFLOW, rules.WORKFLOW["end"], case, record=rule)


def test_a_rule_is_announced_as_it_was_written() -> None:
    rule = done(announces()).after
    assert (rule.hs_code, rule.name_zh, rule.name_en) == (desk.LOADER, "前铲装载机", None)
    assert (rule.inspection_required, rule.inspection_exempt, rule.import_prohibited) == (True, False, False)
    assert (rule.valid_from, rule.valid_to, rule.status) == (FIRST_DAY, None, RuleStatus.OPEN)


@pytest.mark.parametrize("field", ["hs_code", "name_zh", "measure", "legal_basis", "valid_from"])
def test_a_rule_without_a_required_field_is_not_announced(field: str) -> None:
    assert refused(announces(**{field: None})) == [(RefusalCode.REQUIRED, (field,))]


def test_a_rule_of_nine_digits_is_not_announced() -> None:
    assert refused(announces(hs_code="842951000")) == [(RefusalCode.INVALID_FORMAT, ("hs_code",))]


def test_a_rule_does_not_both_ask_for_an_inspection_and_exempt_from_it() -> None:
    assert refused(announces(inspection_exempt=True)) == [(RefusalCode.INVALID_FORMAT, ("inspection_required",))]


def test_a_rule_follows_another_only_once_that_has_ended() -> None:
    assert refused(announces({desk.LOADER: desk.RULES[desk.LOADER]})) == [(RefusalCode.DUPLICATE, ("hs_code",))]
    done(announces({desk.TUBE: desk.RULES[desk.TUBE]}))


def test_a_rule_ends_on_a_day_not_before_the_eve_of_its_first() -> None:
    eve = FIRST_DAY - timedelta(days=1)
    after = done(ends(eve)).after
    assert (after.valid_to, after.status) == (eve, RuleStatus.ENDED)
    assert refused(ends(eve - timedelta(days=1))) == [(RefusalCode.OUT_OF_RANGE, ("valid_to",))]


def test_a_rule_does_not_end_without_a_day() -> None:
    assert refused(ends(None)) == [(RefusalCode.REQUIRED, ("valid_to",))]


def test_a_form_that_repeats_the_rule_is_known_for_it() -> None:
    rule = desk.RULES[desk.LOADER]
    same = RuleForm.of(
        hs_code=rule.hs_code, name_zh=rule.name_zh, inspection_required=True, measure=rule.measure,
        legal_basis=rule.legal_basis, valid_from=date(2030, 1, 1),
    )  # fmt: skip
    assert rules.says_the_same(rule, same)
    assert not rules.says_the_same(rule, replace(same, measure="目的地检验"))


def opens(actor: Viewer, *, is_proved: bool = True) -> Any:
    """What becomes of a sign-in."""
    record: Any = None
    form = SessionForm(is_proved=is_proved, token_hash="digest", lasts=timedelta(hours=8))
    case = Case(record=record, facts=None, actor=actor, form=form, now=desk.NOW, new_id=uuid4)
    return decide(sessions.WORKFLOW, sessions.WORKFLOW["open"], case, record=None)


def closes(session: Session, actor: Viewer) -> Any:
    """What becomes of a sign-out."""
    case: Any = Case(record=session, facts=None, actor=actor, form=Form(), now=desk.NOW, new_id=uuid4)
    return decide(sessions.WORKFLOW, sessions.WORKFLOW["close"], case, record=session)


def test_a_session_is_opened_with_the_right_password_for_so_long() -> None:
    session = done(opens(desk.CUSTOMS)).after
    assert (session.user_id, session.token_hash, session.status) == (desk.CUSTOMS.user_id, "digest", SessionStatus.OPEN)
    assert session.expires_at - session.opened_at == timedelta(hours=8)


def test_a_wrong_password_opens_no_session_and_names_no_field() -> None:
    assert refused(opens(desk.CUSTOMS, is_proved=False)) == [(RefusalCode.SIGN_IN_FAILED, None)]


def test_nobody_in_particular_opens_no_session() -> None:
    assert codes(opens(ANONYMOUS)) == [RefusalCode.NOT_YOUR_ROLE]


def test_a_session_is_closed_by_its_user_and_once() -> None:
    session = done(opens(desk.CUSTOMS)).after
    closed = done(closes(session, desk.CUSTOMS)).after
    assert (closed.status, closed.closed_at) == (SessionStatus.CLOSED, desk.NOW)
    assert codes(closes(session, desk.ENTERPRISE)) == [RefusalCode.NOT_YOUR_ROLE]
    assert codes(closes(closed, desk.CUSTOMS)) == [RefusalCode.WRONG_STATUS]


def test_a_rule_does_not_begin_while_an_ended_one_still_applies() -> None:
    ended = replace(desk.RULES[desk.LOADER], status=RuleStatus.ENDED, valid_to=date(2030, 12, 31))
    overlapping = announces({desk.LOADER: ended}, hs_code=desk.LOADER, valid_from=date(2030, 12, 31))
    assert [(each.code, each.field) for each in overlapping] == [(RefusalCode.DUPLICATE, ("valid_from",))]
    assert isinstance(announces({desk.LOADER: ended}, hs_code=desk.LOADER, valid_from=date(2031, 1, 1)), Decided)
