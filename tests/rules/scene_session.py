"""Sessions as the grid lays them out."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from domain import session as sessions
from domain.party import Viewer
from domain.record import Form, Record
from domain.term import Term
from domain.workflow import Action, Case
from tests.rules import desk
from tests.rules.scene import Scene


def _session(status: Term) -> Record:
    assert isinstance(status, sessions.SessionStatus)
    assert desk.ENTERPRISE.user_id is not None
    return sessions.Session(
        id=uuid4(), user_id=desk.ENTERPRISE.user_id, token_hash="x", status=status, opened_at=desk.NOW,
        expires_at=desk.NOW,
    )  # fmt: skip


def _session_case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    opened = sessions.SessionForm(is_proved=True, token_hash="x", lasts=timedelta(hours=8))
    form = opened if action.name == "open" else Form()
    return Case(record=record, facts=None, actor=actor, form=form, now=desk.NOW, new_id=uuid4)


SCENE = Scene(sessions.WORKFLOW, _session, _session_case, None)
