"""Binding, using and revoking cards, as far as that is decided by the rules alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain import card as cards
from domain.party import THE_PRODUCT, Role, Viewer
from domain.record import Form
from domain.refusal import RefusalCode
from domain.workflow import Case, Decision, decide
from tests.rules import desk
from tests.rules.desk import codes, done, refused
from tests.rules.scene_card import CERTIFICATE, account, binding, card

ADMIN = desk.with_role(desk.ENTERPRISE, Role.ADMIN)


def decides(action: str, record: Any, actor: Viewer, form: Form, **facts: Any) -> Decision:
    """What becomes of an action on a card."""
    known = cards.CardFacts(**{"account": account(actor.user_id or uuid4(), desk.ENTERPRISE.organisation_id)} | facts)
    case = Case(record=record, facts=known, actor=actor, form=form, now=desk.NOW, new_id=uuid4)
    return decide(cards.WORKFLOW, cards.WORKFLOW[action], case, record=record)


def binds(actor: Viewer, account_id: UUID | None = None, *, is_proved: bool = True, **facts: Any) -> Decision:
    form = binding(actor, is_proved=is_proved, account_id=account_id)
    return decides("bind", None, actor, form, **facts)


def test_a_card_is_bound_to_ones_own_account() -> None:
    bound = done(binds(desk.ENTERPRISE)).after
    assert (bound.account_id, bound.organisation_id) == (desk.ENTERPRISE.user_id, desk.ENTERPRISE.organisation_id)
    assert (bound.fingerprint, bound.valid_until, bound.bound_at) == ("0" * 64, CERTIFICATE.valid_until, desk.NOW)
    assert (bound.status, bound.last_used_at) == (cards.CardStatus.ACTIVE, None)


def test_whoever_is_no_administrator_needs_the_card_at_hand() -> None:
    assert refused(binds(desk.ENTERPRISE, is_proved=False)) == [(RefusalCode.NOT_PROVED, ("signature",))]
    assert done(binds(ADMIN, is_proved=False)).after.account_id == ADMIN.user_id


def test_only_the_administrator_binds_for_a_colleague() -> None:
    colleague = account(uuid4(), desk.ENTERPRISE.organisation_id)
    assert done(binds(ADMIN, colleague.id, is_proved=False, account=colleague)).after.account_id == colleague.id
    assert refused(binds(desk.ENTERPRISE, colleague.id, account=colleague)) == [
        (RefusalCode.NOT_YOUR_ROLE, ("account_id",))
    ]
    assert refused(binds(ADMIN, uuid4(), account=None)) == [(RefusalCode.UNKNOWN_REFERENCE, ("account_id",))]


def test_a_certificate_is_bound_once_and_an_account_has_room_for_ten() -> None:
    assert refused(binds(ADMIN, is_taken=True)) == [(RefusalCode.DUPLICATE, ("certificate_chain",))]
    assert refused(binds(ADMIN, held=10)) == [(RefusalCode.TOO_MANY, ("account_id",))]
    done(binds(ADMIN, held=9))


def test_a_use_is_noted_by_the_product_alone() -> None:
    assert done(decides("use", card(), THE_PRODUCT, Form())).after.last_used_at == desk.NOW
    assert codes(decides("use", card(), desk.ENTERPRISE, Form())) == [RefusalCode.NOT_YOUR_ROLE]
    revoked = card(cards.CardStatus.REVOKED)
    assert codes(decides("use", revoked, THE_PRODUCT, Form())) == [RefusalCode.WRONG_STATUS]


@pytest.mark.parametrize("actor", [desk.ENTERPRISE, ADMIN], ids=["holder", "administrator"])
def test_a_card_is_revoked_with_or_without_a_reason(actor: Viewer) -> None:
    revoked = done(decides("revoke", card(), actor, cards.RevokeCardForm.of(reason="遗失"))).after
    assert (revoked.status, revoked.revoked_at, revoked.revoke_reason) == (cards.CardStatus.REVOKED, desk.NOW, "遗失")
    assert done(decides("revoke", card(), actor, cards.RevokeCardForm())).after.revoke_reason is None
    too_long = cards.RevokeCardForm.of(reason="x" * 301)
    assert refused(decides("revoke", card(), actor, too_long)) == [(RefusalCode.TOO_LONG, ("reason",))]


def test_an_administrator_of_others_does_not_revoke_it() -> None:
    stranger = replace(ADMIN, organisation_id=uuid4())
    assert codes(decides("revoke", card(), stranger, cards.RevokeCardForm())) == [RefusalCode.NOT_YOUR_ROLE]


def test_of_its_coming_end_is_told_once_within_the_last_month_and_by_the_clock_alone() -> None:
    second = timedelta(seconds=1)
    month, now = cards.REMINDED_BEFORE, desk.NOW
    for until, refusals in (
        (now + month + second, [RefusalCode.WRONG_STATUS]),
        (now + month, []),
        (now + second, []),
        (now, [RefusalCode.WRONG_STATUS]),
    ):
        decided = decides("remind", replace(card(), valid_until=until), THE_PRODUCT, Form())
        assert codes(decided) == refusals if refusals else done(decided).after.reminded_at == now
    told_of = replace(card(), valid_until=now + second, reminded_at=now)
    assert codes(decides("remind", told_of, THE_PRODUCT, Form())) == [RefusalCode.WRONG_STATUS]
    assert codes(decides("remind", told_of, ADMIN, Form())) == [RefusalCode.NOT_YOUR_ROLE]
