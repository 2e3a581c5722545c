"""What is weighed when work is handed over, and by whose power something is done; without database or transport."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.delegation import DAYS_MAX, DELEGATIONS_AT_ONCE_MAX, Delegation
from domain.party import BY_POWER, THE_PRODUCT, DelegatedPower, Role, Viewer, includes_power
from domain.refusal import RefusalCode
from domain.workflow import on_behalf_of
from tests.rules import desk, scene_commission
from tests.rules.desk import done, refused
from tests.rules.scene_delegation import COLLEAGUE, days, decides, delegation, grant

TOMORROW = desk.TODAY + timedelta(days=1)


def test_a_delegation_lasts_a_year_at_most_and_begins_no_earlier_than_today() -> None:
    done(decides("grant", None, desk.ENTERPRISE, grant(**days(desk.TODAY, DAYS_MAX))))
    done(decides("grant", None, desk.ENTERPRISE, grant(**days(desk.TODAY, 1))))
    for period, expected in (
        (days(desk.TODAY, DAYS_MAX + 1), (RefusalCode.TERM_TOO_LONG, ("ends_on",))),
        (days(desk.TODAY, 0), (RefusalCode.DATES_OUT_OF_ORDER, ("ends_on",))),
        (days(desk.TODAY - timedelta(days=1), 2), (RefusalCode.DATE_IN_PAST, ("starts_on",))),
    ):
        assert refused(decides("grant", None, desk.ENTERPRISE, grant(**period))) == [expected]


def test_a_delegation_is_filled_in_wholly() -> None:
    empty = decides("grant", None, desk.ENTERPRISE, grant(None, starts_on=None, ends_on=None, reason=" "))
    assert refused(empty) == [
        (RefusalCode.REQUIRED, (field,)) for field in ("substitute_id", "starts_on", "ends_on", "reason")
    ]


def _others(count: int, **changes: Any) -> tuple[Delegation, ...]:
    return tuple(delegation(**changes) for _ in range(count))


def test_between_the_same_two_one_runs_at_a_time() -> None:
    running = _others(1, starts_on=TOMORROW, ends_on=TOMORROW)
    overlapping = decides("grant", None, desk.ENTERPRISE, grant(), others=running)
    assert refused(overlapping) == [(RefusalCode.DUPLICATE, ("starts_on",))]
    done(decides("grant", None, desk.ENTERPRISE, grant(**days(desk.TODAY, 1)), others=running))
    done(decides("grant", None, desk.ENTERPRISE, grant(), others=_others(1, ends_on=TOMORROW, delegator_id=uuid4())))


def test_a_substitute_works_for_so_many_and_no_more() -> None:
    some = _others(DELEGATIONS_AT_ONCE_MAX - 1, delegator_id=uuid4())
    done(decides("grant", None, desk.ENTERPRISE, grant(), others=some))
    full = decides("grant", None, desk.ENTERPRISE, grant(), others=(*some, *_others(1, delegator_id=uuid4())))
    assert refused(full) == [(RefusalCode.TOO_MANY, ("substitute_id",))]


def test_the_clock_ends_what_is_over_and_nothing_before() -> None:
    running = delegation(ends_on=desk.TODAY)
    early = decides("expire", running, THE_PRODUCT)
    assert refused(early) == [(RefusalCode.WRONG_STATUS, None)]


def _with(viewer: Viewer, *roles: Role) -> Viewer:
    powers = (DelegatedPower(delegation_id=uuid4(), delegator_id=uuid4(), role=role) for role in roles)
    return replace(viewer, powers=tuple(powers))


def test_roles_stand_from_the_most_powerful_down() -> None:
    assert _with(COLLEAGUE, Role.OPERATOR, Role.ADMIN, Role.OPERATOR).roles == (Role.ADMIN, Role.OPERATOR, Role.VIEWER)
    assert Viewer().roles == ()


@pytest.mark.parametrize("role", BY_POWER)
def test_an_administrator_may_do_all_and_everybody_may_read(role: Role) -> None:
    assert includes_power(Role.ADMIN, role)
    assert includes_power(role, Role.VIEWER)
    assert includes_power(role, role)
    assert not includes_power(None, role)


def test_reviewers_and_operators_do_not_stand_in_for_each_other() -> None:
    assert not includes_power(Role.REVIEWER, Role.OPERATOR)
    assert not includes_power(Role.OPERATOR, Role.REVIEWER)
    assert not includes_power(Role.VIEWER, Role.OPERATOR)


def test_what_the_own_role_allows_is_done_in_ones_own_name() -> None:
    save = scene_commission.SCENE.workflow["save_draft"]
    assert on_behalf_of(save, _with(desk.ENTERPRISE, Role.ADMIN), None) is None
    substitute = _with(COLLEAGUE, Role.VIEWER, Role.OPERATOR, Role.ADMIN)
    assert on_behalf_of(save, substitute, None) == substitute.powers[1].delegator_id
    assert on_behalf_of(save, COLLEAGUE, None) is None
