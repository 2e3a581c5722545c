"""Every status × person × action of every workflow is allowed, or refused for the right reason, first things first.

What is expected is reckoned from the tables alone, without the functions that decide.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain import institution as institutions
from domain import rule as rules
from domain import session as sessions
from domain.commission import workflow as commissions
from domain.commission.record import CommissionFacts, CommissionStatus
from domain.institution import InstitutionStatus
from domain.party import ANONYMOUS, THE_PRODUCT, Role, Viewer
from domain.record import Form, Record
from domain.refusal import RefusalCode
from domain.term import Term
from domain.workflow import Action, Case, Decided, Workflow, decide, unmet
from domain.workflows import WORKFLOWS
from tests.rules import desk

PEOPLE: Mapping[str, Viewer] = {
    "operator of the enterprise": desk.ENTERPRISE,
    "administrator of the enterprise": desk.with_role(desk.ENTERPRISE, Role.ADMIN),
    "viewer of the enterprise": desk.with_role(desk.ENTERPRISE, Role.VIEWER),
    "operator of another enterprise": desk.OTHER_ENTERPRISE,
    "operator of the institution": desk.INSTITUTION,
    "administrator of the institution": desk.with_role(desk.INSTITUTION, Role.ADMIN),
    "viewer of the institution": desk.with_role(desk.INSTITUTION, Role.VIEWER),
    "operator of another institution": desk.OTHER_INSTITUTION,
    "operator of customs": desk.CUSTOMS,
    "reviewer of customs": desk.with_role(desk.CUSTOMS, Role.REVIEWER),
    "nobody in particular": ANONYMOUS,
    "the product itself": THE_PRODUCT,
}
SIGNED_IN = PEOPLE.keys() - {"nobody in particular", "the product itself"}
OF_THE_ENTERPRISE = {"operator of the enterprise", "administrator of the enterprise"}
OF_THE_INSTITUTION = {"operator of the institution", "administrator of the institution"}
PARTIES: Mapping[str, tuple[set[str], set[str]]] = {
    "the_enterprise": (OF_THE_ENTERPRISE, OF_THE_ENTERPRISE | {"operator of another enterprise"}),
    "the_institution": (OF_THE_INSTITUTION, set()),
    "the_office": ({"the product itself"}, {"the product itself"}),
    "somebody": (set(SIGNED_IN), set(SIGNED_IN)),
    "the_user": ({"operator of the enterprise"}, set(SIGNED_IN)),
}
"""Who belongs to each party: with the record at hand, and where there is none yet."""


@dataclass(frozen=True)
class Scene:
    """How a workflow's cases are laid out so that nothing but person and status stands in the way."""

    workflow: Workflow
    record: Callable[[Term], Record]
    case: Callable[[Action, Any, Viewer], Case[Any, Any, Any]]
    spoilt: Any
    """Facts under which as much as possible is wrong."""


def _commission_case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    known = desk.facts(record)
    if action.name == "move":
        known = replace(known, commissioned=desk.institution(desk.INSTITUTION, InstitutionStatus.REVOKED))
    return desk.on_desk(record, actor, desk.form_for(action.name, actor, known), known)


def _in_status(status: Term) -> Record:
    assert isinstance(status, CommissionStatus)
    # A draft or cancelled commission that its institution has known: statuses, not blank fields, must hold it off.
    return desk.commission(status, submitted_to_id=desk.INSTITUTION.institution_id)


def _rule(status: Term) -> Record:
    assert isinstance(status, rules.RuleStatus)
    return replace(desk.rule(desk.LOADER), status=status)


def _rule_case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    announced = rules.RuleForm.of(
        hs_code=desk.LOADER, name_zh="装载机", measure="检验", legal_basis="公告", valid_from=date(2027, 1, 1)
    )
    form = announced if action.name == "announce" else rules.RuleEndForm.of(valid_to=desk.TODAY)
    return Case(record=record, facts=rules.RuleFacts(), actor=actor, form=form, now=desk.NOW, new_id=uuid4)


def _session(status: Term) -> Record:
    assert isinstance(status, sessions.SessionStatus)
    assert desk.ENTERPRISE.user_id is not None
    return sessions.Session(
        id=uuid4(), user_id=desk.ENTERPRISE.user_id, token_hash="x", status=status, opened_at=desk.NOW,
        expires_at=desk.NOW + timedelta(hours=8),
    )  # fmt: skip


def _session_case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    opened = sessions.SessionForm(password_matches=True, token_hash="x", lasts=timedelta(hours=8))
    form = opened if action.name == "open" else Form()
    return Case(record=record, facts=None, actor=actor, form=form, now=desk.NOW, new_id=uuid4)


def _institution(status: Term) -> Record:
    assert isinstance(status, InstitutionStatus)
    return desk.institution(desk.INSTITUTION, status)


def _institution_case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    said = {"name_zh": "横滨检验", "name_en": "Yokohama", "registered_place": "横滨", "country": "JP"}
    forms = {
        "enter": institutions.RegistryEntry.of(**said, filing_number="JJD2026001", organisation_id=uuid4()),
        "update": institutions.RegistryUpdate.of(**said),
    }
    return Case(
        record=record,
        facts=None,
        actor=actor,
        form=forms.get(action.name, institutions.Standing()),
        now=desk.NOW,
        new_id=uuid4,
    )


SCENES = [
    Scene(institutions.WORKFLOW, _institution, _institution_case, None),
    Scene(
        commissions.WORKFLOW,
        _in_status,
        _commission_case,
        CommissionFacts(commissioned=desk.institution(desk.INSTITUTION, InstitutionStatus.RECTIFICATION)),
    ),
    Scene(
        rules.WORKFLOW,
        _rule,
        _rule_case,
        rules.RuleFacts(versions={desk.LOADER: (desk.RULES[desk.LOADER],)}),
    ),
    Scene(sessions.WORKFLOW, _session, _session_case, None),
]


def _cells() -> Iterator[Any]:
    """Each workflow's actions × its statuses, and the place where there is no record yet."""
    for scene in SCENES:
        assert scene.workflow.statuses is not None
        for action in scene.workflow.actions:
            for status in (None, *scene.workflow.statuses):
                name = f"{scene.workflow.mutation(action)} in {status}"
                yield pytest.param(scene, action, status, id=name)


CELLS = list(_cells())


def verdict(action: Action, status: Term | None, person: str) -> RefusalCode | None:
    """What the table says of a person and a status; None where the action is allowed."""
    if status is None and action.creates is None:
        return RefusalCode.NOT_FOUND
    mine = [party for party in action.by if person in PARTIES[party.name][status is None]]
    if not mine:
        return RefusalCode.NOT_YOUR_ROLE
    if status is None or any(status in action.start and status in (party.only_in or action.start) for party in mine):
        return None
    return RefusalCode.WRONG_STATUS


def test_the_grid_is_laid_over_every_workflow() -> None:
    assert tuple(scene.workflow for scene in SCENES) == WORKFLOWS


@pytest.mark.parametrize(("scene", "action", "status"), CELLS)
def test_each_person_may_or_hears_the_first_reason_why_not(scene: Scene, action: Action, status: Term | None) -> None:
    for name, person in PEOPLE.items():
        record = scene.record(status) if status is not None else None
        case = scene.case(action, record, person)
        reason = verdict(action, status, name)

        decided = decide(scene.workflow, action, case, record=record)
        possible = unmet(action, case, record=record)

        if reason is None:
            assert isinstance(decided, Decided), (name, decided)
            assert possible == (), name
        else:
            assert desk.codes(decided) == [reason], name
            assert possible == decided, name


@pytest.mark.parametrize(("scene", "action", "status"), CELLS)
def test_an_action_leads_where_the_table_says_and_is_counted(scene: Scene, action: Action, status: Term | None) -> None:
    for name, person in PEOPLE.items():
        if verdict(action, status, name) is not None:
            continue
        record = scene.record(status) if status is not None else None

        decided = desk.done(decide(scene.workflow, action, scene.case(action, record, person), record=record))

        where = action.creates if record is None else action.to or status
        assert (decided.status_before, decided.status_after) == (status, where), name
        assert decided.after.version == (record.version if record is not None else 0) + 1, name
        assert getattr(decided.after, "status", None) is where, name
        assert decided.before is record, name
        assert record is None or decided.after.id == record.id, name


@pytest.mark.parametrize(("scene", "action", "status"), CELLS)
def test_a_stale_version_comes_after_person_and_status_and_before_all_else(
    scene: Scene, action: Action, status: Term | None
) -> None:
    for name, person in PEOPLE.items():
        record = scene.record(status) if status is not None else None
        case = replace(scene.case(action, record, person), facts=scene.spoilt)
        stale = record.version + 1 if record is not None else 7

        decided = decide(scene.workflow, action, case, record=record, expected_version=stale)

        reason = verdict(action, status, name)
        if reason is not None:
            assert desk.codes(decided) == [reason], name
        elif record is not None:
            assert desk.refused(decided) == [(RefusalCode.STALE_VERSION, ("expected_version",))], name
        else:
            assert isinstance(decided, Decided) or RefusalCode.STALE_VERSION not in desk.codes(decided), name


@pytest.mark.parametrize(("scene", "action", "status"), CELLS)
def test_what_is_shown_as_possible_and_what_is_decided_never_disagree(
    scene: Scene, action: Action, status: Term | None
) -> None:
    for name, person in PEOPLE.items():
        record = scene.record(status) if status is not None else None
        case = replace(scene.case(action, record, person), facts=scene.spoilt)

        shown = unmet(action, case, record=record)
        decided = decide(scene.workflow, action, case, record=record)

        refusals = () if isinstance(decided, Decided) else decided
        assert refusals[len(refusals) - len(shown) :] == shown, name
        assert all(each.words.zh and each.words.en for each in refusals), name


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.workflow.subject)
def test_every_status_can_be_reached_and_every_action_taken_by_somebody(scene: Scene) -> None:
    assert scene.workflow.statuses is not None
    actions = scene.workflow.actions
    reached = {action.creates for action in actions} | {action.to for action in actions}
    assert set(scene.workflow.statuses) <= reached
    for action in actions:
        assert any(
            verdict(action, status, name) is None for status in (None, *scene.workflow.statuses) for name in PEOPLE
        ), action.name


def test_an_action_that_only_makes_records_says_so_to_one_that_exists() -> None:
    announce, existing = rules.WORKFLOW["announce"], desk.RULES[desk.LOADER]
    (found,) = unmet(announce, _rule_case(announce, existing, THE_PRODUCT), record=existing)
    assert found.code is RefusalCode.WRONG_STATUS
    assert found.words.en == "This makes a new record; it cannot be done to one that exists already."
    assert found.words.zh == "“发布”只用于新建，不能用于已有的记录。"


def test_a_wrong_status_is_answered_with_the_statuses_that_would_be_right() -> None:
    (found,) = desk.stands_in_the_way("cancel", desk.commission(CommissionStatus.COMPLETED), desk.ENTERPRISE)
    assert found.words.zh == "当前状态为“检验完成”，只有“暂存”或“补充材料”状态可以取消。"
    assert found.words.en == "The status is COMPLETED; this is possible from DRAFT or SUPPLEMENT_REQUIRED."
