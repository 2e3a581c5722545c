"""Every status × person × action of every workflow is allowed, or refused for the right reason, first things first.

What is expected is reckoned from the tables alone, without the functions that decide.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from domain.commission.record import CommissionStatus
from domain.party import THE_PRODUCT
from domain.refusal import RefusalCode
from domain.term import Term
from domain.workflow import Action, Decided, decide, unmet
from domain.workflows import WORKFLOWS
from tests.rules import (
    desk,
    scene_account,
    scene_annual_report,
    scene_api_key,
    scene_card,
    scene_check,
    scene_code,
    scene_commission,
    scene_delegation,
    scene_disposition,
    scene_filing,
    scene_filing_change,
    scene_institution,
    scene_notice,
    scene_pairing,
    scene_passkey,
    scene_quality_issue,
    scene_regulation,
    scene_rule,
    scene_session,
    scene_sign_in_attempt,
    scene_totp,
)
from tests.rules.scene import PARTIES as SHARED_PARTIES
from tests.rules.scene import PEOPLE, Scene

SCENES = [
    scene_institution.SCENE,
    scene_filing.SCENE,
    scene_filing_change.SCENE,
    scene_commission.SCENE,
    scene_disposition.SCENE,
    scene_quality_issue.SCENE,
    scene_check.SCENE,
    scene_rule.SCENE,
    scene_regulation.SCENE,
    scene_notice.SCENE,
    scene_code.SCENE,
    scene_session.SCENE,
    scene_pairing.SCENE,
    scene_account.SCENE,
    scene_delegation.SCENE,
    scene_card.SCENE,
    scene_passkey.SCENE,
    scene_totp.SCENE,
    scene_annual_report.SCENE,
    scene_sign_in_attempt.SCENE,
    scene_api_key.SCENE,
]
PARTIES = {
    **SHARED_PARTIES,
    **scene_filing.PARTIES,
    **scene_filing_change.PARTIES,
    **scene_pairing.PARTIES,
    **scene_account.PARTIES,
    **scene_delegation.PARTIES,
    **scene_card.PARTIES,
    **scene_api_key.PARTIES,
    **scene_totp.PARTIES,
}


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
        else:
            # What is being made has no version that anybody could have seen.
            assert desk.refused(decided) == [(RefusalCode.STALE_VERSION, ("expected_version",))], name


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
    announce, existing = scene_rule.SCENE.workflow["announce"], desk.RULES[desk.LOADER]
    (found,) = unmet(announce, scene_rule.SCENE.case(announce, existing, THE_PRODUCT), record=existing)
    assert found.code is RefusalCode.WRONG_STATUS
    assert found.words.en == "This makes a new record; it cannot be done to one that exists already."
    assert found.words.zh == "“发布”只用于新建，不能用于已有的记录。"


def test_a_wrong_status_is_answered_with_the_statuses_that_would_be_right() -> None:
    (found,) = desk.stands_in_the_way("cancel", desk.commission(CommissionStatus.COMPLETED), desk.ENTERPRISE)
    assert found.words.zh == "当前状态为“检验完成”，只有“暂存”或“补充材料”状态可以取消。"
    assert found.words.en == "The status is COMPLETED; this is possible from DRAFT or SUPPLEMENT_REQUIRED."
