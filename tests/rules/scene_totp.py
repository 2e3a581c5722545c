"""Authenticator apps as the grid lays them out: that of the enterprise's operator, whose code is right."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from domain import totp as totps
from domain.party import Role, Viewer
from domain.record import Form, Record
from domain.term import Term
from domain.workflow import Action, Case
from tests.rules import desk
from tests.rules.scene import Scene
from tests.rules.scene_card import account

PARTIES = {
    "another_administrator": ({"administrator of the enterprise"}, set[str]()),
    "customs_for_administrators": ({"administrator of customs"}, set[str]()),
}
PROOF = totps.Proof(step=8, compared_with="SECRET")


def totp(status: Term = totps.TotpStatus.ACTIVE, **changes: Any) -> totps.Totp:
    """The authenticator app of the enterprise's operator."""
    assert isinstance(status, totps.TotpStatus)
    assert desk.ENTERPRISE.user_id is not None
    assert desk.ENTERPRISE.organisation_id is not None
    made = totps.Totp(
        id=uuid4(), version=2, status=status, begun_at=desk.NOW, secret="SECRET", last_step=7,
        recovery_hashes="a b c", recovery_codes_left=3, account_id=desk.ENTERPRISE.user_id,
        organisation_id=desk.ENTERPRISE.organisation_id,
    )  # fmt: skip
    return replace(made, **changes)


def facts(actor: Viewer, role: Role = Role.ADMIN) -> totps.TotpFacts:
    """The account is an administrator's, unless said otherwise."""
    if actor.user_id is None:
        return totps.TotpFacts()
    return totps.TotpFacts(account=replace(account(actor.user_id, actor.organisation_id), role=role))


def _in_status(status: Term) -> Record:
    return totp(status)


def _case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    forms: dict[str, Form] = {
        "begin": totps.BeginTotpForm(secret="NEWER"),
        "confirm": totps.ConfirmTotpForm.of(one_time_code="123456", proof=PROOF, recovery_hashes="d e"),
        "use": totps.UseTotpForm(proof=PROOF),
        "note_reuse": Form(),
        "revoke": totps.RevokeTotpForm.of(one_time_code="123456", proof=PROOF),
    }
    return Case(
        record=record, facts=facts(actor), actor=actor, form=forms[action.name], now=desk.NOW, new_id=uuid4
    )  # fmt: skip


SCENE = Scene(totps.WORKFLOW, _in_status, _case, totps.TotpFacts(has_another=True))
