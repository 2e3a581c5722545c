"""When a key may be issued, and what rotating makes of its secrets."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.api_key.record import ACTIVE_KEYS_MAX, ApiKeyFacts, ApiKeyRotateForm, ApiKeyStatus
from domain.api_key.scope import ApiKeyScope
from domain.api_key.workflow import WORKFLOW
from domain.institution import WORKFLOW as REGISTRY
from domain.party import Role, ShownKey, Viewer
from domain.refusal import RefusalCode
from domain.registry_change import KINDS
from domain.workflow import Case, decide
from domain.workflows import WORKFLOWS
from tests.rules import desk
from tests.rules.scene_api_key import TERMS, api_key, issuing

ADMIN = desk.with_role(desk.ENTERPRISE, Role.ADMIN)
CUSTOMS_ADMIN = desk.with_role(desk.CUSTOMS, Role.ADMIN)
C = RefusalCode


def issued(form: Any, actor: Viewer = ADMIN, facts: ApiKeyFacts | None = None) -> Any:
    case = Case(record=None, facts=facts or ApiKeyFacts(), actor=actor, form=form, now=desk.NOW, new_id=uuid4)  # type: ignore[type-var]  # blank until it is decided
    return decide(WORKFLOW, WORKFLOW["issue"], case, record=None)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"name": None}, [(C.REQUIRED, ("name",))]),
        ({"name": " "}, [(C.REQUIRED, ("name",))]),
        ({"name": "x" * 101}, [(C.TOO_LONG, ("name",))]),
        ({"scopes": ()}, [(C.REQUIRED, ("scopes",))]),
        ({"expires_at": None}, [(C.REQUIRED, ("expires_at",))]),
        ({"expires_at": desk.NOW}, [(C.DATE_NOT_IN_FUTURE, ("expires_at",))]),
        ({"expires_at": desk.NOW + timedelta(days=366, seconds=1)}, [(C.TERM_TOO_LONG, ("expires_at",))]),
        ({"rate_per_minute": 0}, [(C.OUT_OF_RANGE, ("rate_per_minute",))]),
        ({"rate_per_minute": 601}, [(C.OUT_OF_RANGE, ("rate_per_minute",))]),
        ({"organisation_id": uuid4()}, [(C.UNKNOWN_REFERENCE, ("organisation_id",))]),
        (
            {"scopes": (), "rate_per_minute": 601},
            [(C.REQUIRED, ("scopes",)), (C.OUT_OF_RANGE, ("rate_per_minute",))],
        ),
    ],
)
def test_a_key_is_not_issued_without_name_scope_end_and_measure(changes: Any, refused: Any) -> None:
    assert desk.refused(issued(issuing(**changes))) == refused


def test_a_key_lasts_as_long_and_asks_as_fast_as_is_allowed() -> None:
    last = desk.NOW + timedelta(days=366)
    key = desk.done(issued(issuing(expires_at=last, rate_per_minute=600, name=" 伙伴 "))).after
    assert (key.expires_at, key.rate_per_minute, key.name) == (last, 600, "伙伴")
    assert key.organisation_id == ADMIN.organisation_id
    assert desk.done(issued(issuing())).after.rate_per_minute == TERMS.rate_usual


def test_scopes_are_kept_once_and_in_order() -> None:
    both = (ApiKeyScope.CHANGE_FEED, ApiKeyScope.REGISTRY, ApiKeyScope.REGISTRY)
    key = desk.done(issued(issuing(scopes=both))).after
    assert key.scopes == (ApiKeyScope.REGISTRY, ApiKeyScope.CHANGE_FEED)


def test_only_customs_issues_keys_for_others_and_only_for_those_that_there_are() -> None:
    other = uuid4()
    assert desk.done(issued(issuing(organisation_id=other), CUSTOMS_ADMIN)).after.organisation_id == other
    unknown = issued(issuing(organisation_id=other), CUSTOMS_ADMIN, ApiKeyFacts(organisation_is_known=False))
    assert desk.codes(unknown) == [C.UNKNOWN_REFERENCE]
    own = issuing(organisation_id=ADMIN.organisation_id)
    assert desk.done(issued(own)).after.organisation_id == ADMIN.organisation_id


def test_an_organisation_does_not_hoard_keys() -> None:
    assert desk.codes(issued(issuing(), facts=ApiKeyFacts(active_keys=ACTIVE_KEYS_MAX))) == [C.TOO_MANY]
    desk.done(issued(issuing(), facts=ApiKeyFacts(active_keys=ACTIVE_KEYS_MAX - 1)))


def test_rotating_leaves_the_secret_before_good_for_the_overlap_and_not_beyond_the_keys_end() -> None:
    def rotated(key: Any, secret_hash: str) -> Any:
        form = ApiKeyRotateForm.of(secret_hash=secret_hash, terms=TERMS)
        case = Case(record=key, facts=ApiKeyFacts(), actor=ADMIN, form=form, now=desk.NOW, new_id=uuid4)
        return decide(WORKFLOW, WORKFLOW["rotate"], case, record=key)

    first = api_key(ApiKeyStatus.ACTIVE, expires_at=desk.NOW + timedelta(days=9))
    second = desk.done(rotated(first, "y")).after
    assert (second.secret_hash, second.former_secret_hash) == ("y", "x")
    assert second.former_good_until == desk.NOW + timedelta(hours=24)
    third = desk.done(rotated(second, "z")).after
    assert (third.secret_hash, third.former_secret_hash) == ("z", "y")
    short = api_key(ApiKeyStatus.ACTIVE, expires_at=desk.NOW + timedelta(hours=1))
    assert desk.done(rotated(short, "y")).after.former_good_until == short.expires_at
    over = api_key(ApiKeyStatus.ACTIVE, expires_at=desk.NOW)
    assert desk.codes(rotated(over, "y")) == [C.WRONG_STATUS]


def test_a_key_belongs_to_no_party_of_any_workflow() -> None:
    key = ShownKey(id=uuid4(), scopes=frozenset(ApiKeyScope), rate_per_minute=1, expires_at=desk.NOW)
    program = Viewer(key=key)
    assert program.is_anonymous
    for workflow in WORKFLOWS:
        for action in workflow.actions:
            assert not any(party.includes(program, None) for party in action.by), action.name


def test_every_action_of_the_registry_is_a_change_that_followers_hear_of() -> None:
    assert KINDS.keys() == {action.name for action in REGISTRY.actions}
