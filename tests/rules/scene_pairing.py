"""Pairings as the grid lays them out: their time has come and is not over by more than that."""

from typing import Any
from uuid import UUID, uuid4

from domain import pairing as pairings
from domain.party import Viewer
from domain.record import Form, Record
from domain.term import Term
from domain.workflow import Action, Case
from tests.rules import desk
from tests.rules.scene import SIGNED_IN, Scene

LATER = desk.NOW.replace(hour=23)
REQUEST = pairings.PairingRequest(
    id=UUID(int=7), number="42", device="Firefox", address="192.0.2.1", opened_at=desk.NOW, expires_at=LATER
)


def pairing(status: Term, **changes: Any) -> pairings.Pairing:
    assert isinstance(status, pairings.PairingStatus)
    assert desk.ENTERPRISE.user_id is not None
    kept: dict[str, Any] = {
        "id": REQUEST.id, "version": 1, "status": status, "number": "42", "user_id": desk.ENTERPRISE.user_id,
        "opened_at": desk.NOW, "scanned_at": desk.NOW, "expires_at": LATER,
    }  # fmt: skip
    return pairings.Pairing(**kept | changes)


def _in_status(status: Term) -> Record:
    return pairing(status)


def _case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    forms: dict[str, Form] = {
        "scan": pairings.ScanForm.of(code="code"),
        "approve": pairings.ApproveForm.of(number="42"),
    }
    # The clock comes when the time is over, everybody else before.
    now = LATER if action.name == "expire" else desk.NOW
    facts = pairings.PairingFacts(request=REQUEST)
    return Case(record=record, facts=facts, actor=actor, form=forms.get(action.name, Form()), now=now, new_id=uuid4)


PARTIES = {"who_scanned": ({"operator of the enterprise"}, set(SIGNED_IN))}
SCENE = Scene(pairings.WORKFLOW, _in_status, _case, pairings.PairingFacts(request=REQUEST, is_taken=True))
