"""Passkeys as the grid lays them out: one of the enterprise's operator. Their parties are those of cards."""

from typing import Any
from uuid import uuid4

from domain import passkey as passkeys
from domain.party import Viewer
from domain.record import Form, Record
from domain.term import Term
from domain.workflow import Action, Case
from tests.rules import desk
from tests.rules.scene import Scene
from tests.rules.scene_card import account


def passkey(status: Term = passkeys.PasskeyStatus.ACTIVE, *, sign_count: int = 7) -> passkeys.Passkey:
    """The passkey of the enterprise's operator."""
    assert isinstance(status, passkeys.PasskeyStatus)
    assert desk.ENTERPRISE.user_id is not None
    assert desk.ENTERPRISE.organisation_id is not None
    return passkeys.Passkey(
        id=uuid4(), version=2, name="手机", status=status, registered_at=desk.NOW, credential_id="AAEC",
        public_key="pQ", sign_count=sign_count, account_id=desk.ENTERPRISE.user_id,
        organisation_id=desk.ENTERPRISE.organisation_id,
    )  # fmt: skip


def registering(**changes: Any) -> passkeys.RegisterPasskeyForm:
    """What is registered, complete."""
    typed = {"name": "手机", "credential_id": "AAEC", "public_key": "pQ", "sign_count": 0}
    form: passkeys.RegisterPasskeyForm = passkeys.RegisterPasskeyForm.of(**typed | changes)
    return form


def _in_status(status: Term) -> Record:
    return passkey(status)


def _case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    forms: dict[str, Form] = {
        "register": registering(),
        "use": passkeys.UsePasskeyForm(sign_count=8),
        "revoke": passkeys.RevokePasskeyForm.of(reason="遗失"),
    }
    facts = passkeys.PasskeyFacts(account=account(actor.user_id, actor.organisation_id) if actor.user_id else None)
    return Case(record=record, facts=facts, actor=actor, form=forms[action.name], now=desk.NOW, new_id=uuid4)


SCENE = Scene(passkeys.WORKFLOW, _in_status, _case, passkeys.PasskeyFacts(is_taken=True, held=passkeys.PASSKEYS_MAX))
