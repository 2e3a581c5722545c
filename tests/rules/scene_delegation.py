"""Delegations as the grid lays them out: of an operator of the enterprise to a colleague, just past its last day."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from domain.account.record import Account
from domain.delegation import WORKFLOW, Delegation, DelegationFacts, DelegationStatus, GrantForm
from domain.party import Role, Viewer
from domain.record import Form, Record
from domain.term import Term
from domain.workflow import Action, Case, Decision, decide
from tests.rules import desk, scene_account
from tests.rules.scene import SIGNED_IN, Scene

YESTERDAY = desk.TODAY - timedelta(days=1)
COLLEAGUE = desk.with_role(desk.ENTERPRISE, Role.VIEWER)


def account_of(viewer: Viewer, **changes: Any) -> Account:
    return scene_account.account(
        **{"id": viewer.user_id, "role": viewer.role, "organisation_id": viewer.organisation_id} | changes
    )


def delegation(status: DelegationStatus = DelegationStatus.ACTIVE, **changes: Any) -> Delegation:
    """A delegation of the operator ENTERPRISE to COLLEAGUE that ran until yesterday."""
    return Delegation(
        **{
            "id": uuid4(),
            "version": 1,
            "status": status,
            "delegator_id": desk.ENTERPRISE.user_id,
            "delegator_name": "周海涛",
            "substitute_id": COLLEAGUE.user_id,
            "substitute_name": "高慧敏",
            "starts_on": YESTERDAY,
            "ends_on": YESTERDAY,
            "reason": "休假",
            "granted_at": desk.NOW,
            "organisation_id": desk.ENTERPRISE.organisation_id,
            **changes,
        }
    )


def grant(substitute_id: UUID | None = COLLEAGUE.user_id, **changes: Any) -> GrantForm:
    typed: dict[str, Any] = {
        "substitute_id": substitute_id,
        "starts_on": desk.TODAY,
        "ends_on": desk.TODAY + timedelta(days=13),
        "reason": "休假",
    }
    made: GrantForm = GrantForm.of(**typed | changes)
    return made


def facts(actor: Viewer, **changes: Any) -> DelegationFacts:
    """Facts under which the actor may hand over the own work."""
    known: dict[str, Any] = {"substitute": account_of(COLLEAGUE)}
    if actor.user_id is not None:
        known["delegator"] = account_of(actor)
    return DelegationFacts(**known | changes)


def decides(
    action: str,
    record: Delegation | None,
    actor: Viewer,
    form: Form | None = None,
    **changed_facts: Any,
) -> Decision:
    """What becomes of an action on a delegation."""
    case = _case(record, actor, form or grant(), facts(actor, **changed_facts))
    return decide(WORKFLOW, WORKFLOW[action], case, record=record)


def days(first: date, count: int) -> dict[str, Any]:
    """A period of so many days."""
    return {"starts_on": first, "ends_on": first + timedelta(days=count - 1)}


def _case(record: Any, actor: Viewer, form: Form, known: DelegationFacts) -> Case[Any, Any, Any]:
    return Case(record=record, facts=known, actor=actor, form=form, now=desk.NOW, new_id=uuid4)


def _in_status(status: Term) -> Record:
    assert isinstance(status, DelegationStatus)
    return delegation(status)


def _laid(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    return _case(record, actor, grant() if action.name == "grant" else Form(), facts(actor))


SCENE = Scene(WORKFLOW, _in_status, _laid, DelegationFacts())
PARTIES: dict[str, tuple[set[str], set[str]]] = {"the_delegator": ({"operator of the enterprise"}, set(SIGNED_IN))}
