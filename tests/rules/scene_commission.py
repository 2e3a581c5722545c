"""Commissions as the grid lays them out."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.commission import workflow as commissions
from domain.commission.record import CommissionFacts, CommissionStatus
from domain.institution import InstitutionStatus
from domain.party import Viewer
from domain.record import Record
from domain.term import Term
from domain.workflow import Action, Case
from tests.rules import desk
from tests.rules.scene import Scene


def _commission_case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    known = desk.facts(record)
    if action.name == "move":
        known = replace(known, commissioned=desk.institution(desk.INSTITUTION, InstitutionStatus.REVOKED))
    if action.name == "expire_certificate" and record is not None:
        known = replace(known, certificates=(desk.certificate(record, valid_until=desk.TODAY - timedelta(days=1)),))
    return desk.on_desk(record, actor, desk.form_for(action.name, actor, known), known)


def _in_status(status: Term) -> Record:
    assert isinstance(status, CommissionStatus)
    # A draft or cancelled commission that its institution has known: statuses, not blank fields, must hold it off.
    return desk.commission(status, submitted_to_id=desk.INSTITUTION.institution_id)


SCENE = Scene(
    commissions.WORKFLOW,
    _in_status,
    _commission_case,
    CommissionFacts(commissioned=desk.institution(desk.INSTITUTION, InstitutionStatus.RECTIFICATION)),
)
