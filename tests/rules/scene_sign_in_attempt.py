"""Attempts to sign in as the grid lays them out."""

from typing import Any
from uuid import uuid4

from domain import sign_in_attempt as attempts
from domain.party import Viewer
from domain.record import Record
from domain.session import SignInMethod
from domain.term import Term
from domain.workflow import Action, Case
from tests.rules import desk
from tests.rules.scene import Scene

NETWORK = "203.0.113.0/24"


def _attempt(status: Term) -> Record:
    assert isinstance(status, attempts.SignInOutcome)
    return attempts.SignInAttempt(
        id=uuid4(), account_id=uuid4(), username="enterprise", method=SignInMethod.PASSWORD, outcome=status,
        times=1, address=NETWORK, address_count=1, attempted_at=desk.NOW, organisation_id=uuid4(),
    )  # fmt: skip


def _case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    form = attempts.CountForm(
        account_id=uuid4(), organisation_id=uuid4(), username="enterprise", method=SignInMethod.PASSWORD,
        times=3, address=NETWORK, address_count=2, attempted_at=desk.NOW,
    )  # fmt: skip
    return Case(record=record, facts=None, actor=actor, form=form, now=desk.NOW, new_id=uuid4)


SCENE = Scene(attempts.WORKFLOW, _attempt, _case, None)
