"""Cards as the grid lays them out: one of the enterprise's operator."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from domain import card as cards
from domain.account.record import Account
from domain.party import Role, Viewer
from domain.record import Form, Record
from domain.term import Term
from domain.workflow import Action, Case
from tests.rules import desk
from tests.rules.scene import ADMINISTRATORS, SIGNED_IN, Scene

CERTIFICATE = cards.CardCertificate(
    serial="1f02", issuer="CN=签发机构", subject="CN=周海涛", fingerprint="0" * 64,
    valid_until=desk.NOW + timedelta(days=365),
)  # fmt: skip
PARTIES = {
    "the_holder": ({"operator of the enterprise"}, set(SIGNED_IN)),
    "the_administrator_in_person": ({"administrator of the enterprise"}, ADMINISTRATORS),
}


def account(user_id: UUID | None, organisation_id: UUID | None) -> Account:
    """An active account."""
    assert user_id is not None
    assert organisation_id is not None
    return Account(
        id=user_id, username="zhou", name_key="zhou", display_name="周海涛", role=Role.OPERATOR,
        organisation_id=organisation_id, created_at=desk.NOW, password_hash="x",
    )  # fmt: skip


def card(status: Term = cards.CardStatus.ACTIVE) -> cards.Card:
    """The card of the enterprise's operator."""
    assert isinstance(status, cards.CardStatus)
    assert desk.ENTERPRISE.user_id is not None
    assert desk.ENTERPRISE.organisation_id is not None
    return cards.Card(
        id=uuid4(), version=2, status=status, bound_at=desk.NOW, account_id=desk.ENTERPRISE.user_id,
        organisation_id=desk.ENTERPRISE.organisation_id, **vars(CERTIFICATE),
    )  # fmt: skip


def binding(actor: Viewer, *, is_proved: bool = True, account_id: UUID | None = None) -> cards.BindCardForm:
    """The wish to bind, to one's own account unless another is named."""
    return cards.BindCardForm(
        account_id=account_id or actor.user_id or uuid4(), certificate=CERTIFICATE, is_proved=is_proved
    )


def _in_status(status: Term) -> Record:
    return card(status)


def _case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    forms: dict[str, Form] = {"bind": binding(actor), "revoke": cards.RevokeCardForm.of(reason="遗失")}
    facts = cards.CardFacts(account=account(actor.user_id, actor.organisation_id) if actor.user_id else None)
    form = forms.get(action.name, Form())
    if action.name == "remind" and record is not None:
        record = replace(record, valid_until=desk.NOW + cards.REMINDED_BEFORE)
    return Case(record=record, facts=facts, actor=actor, form=form, now=desk.NOW, new_id=uuid4)


SCENE = Scene(cards.WORKFLOW, _in_status, _case, cards.CardFacts(is_taken=True, held=cards.CARDS_MAX))
