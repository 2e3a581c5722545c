"""The registry as the grid lays it out."""

from typing import Any
from uuid import uuid4

from domain import institution as institutions
from domain.institution import InstitutionStatus
from domain.party import Viewer
from domain.record import Record
from domain.term import Term
from domain.workflow import Action, Case
from tests.rules import desk
from tests.rules.scene import Scene


def _institution(status: Term) -> Record:
    assert isinstance(status, InstitutionStatus)
    return desk.institution(desk.INSTITUTION, status)


def _institution_case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    said = {"name_zh": "横滨检验", "name_en": "Yokohama", "registered_place": "横滨", "country": "JP"}
    forms = {
        "enter": institutions.RegistryEntry.of(**said, filing_number="JJD2026001", organisation_id=uuid4()),
        "erase": desk.AN_ERASURE,
        "update": institutions.RegistryUpdate.of(**said),
    }
    return Case(
        record=record,
        facts=None,
        actor=actor,
        form=forms.get(action.name, institutions.Standing()),
        now=desk.NOW,
        new_id=uuid4,
    )


SCENE = Scene(institutions.WORKFLOW, _institution, _institution_case, None)
