"""Regulations as the grid lays them out."""

from datetime import date
from typing import Any
from uuid import uuid4

from domain import regulation as regulations
from domain.attachment import DetachForm
from domain.party import Viewer
from domain.record import Form, Record
from domain.term import Term
from domain.workflow import Action, Case
from tests.rules import desk
from tests.rules.scene import Scene


def regulation(status: Term = regulations.RegulationStatus.PUBLISHED) -> regulations.Regulation:
    """One as it is kept."""
    assert isinstance(status, regulations.RegulationStatus)
    return regulations.Regulation(
        id=uuid4(), version=2, title_zh="旧机电产品目录", published_on=date(2018, 9, 1), body_zh="摘要", status=status
    )


def written(**changed: Any) -> regulations.RegulationForm:
    """One as customs writes it."""
    typed = {"title_zh": "新的办法", "published_on": date(2026, 1, 5), "body_zh": "摘要"}
    form: regulations.RegulationForm = regulations.RegulationForm.of(**typed | changed)
    return form


def _in_status(status: Term) -> Record:
    return regulation(status)


def _case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    own = desk.attachment(record, actor) if record is not None and actor.organisation_id else None
    forms: dict[str, Form] = {
        "publish": written(),
        "amend": written(),
        "attach": desk.A_FILE,
        "detach": DetachForm(attachment_id=own.id if own else uuid4()),
    }
    facts = regulations.RegulationFacts(attachments=(own,) if own else ())
    form = forms.get(action.name, Form())
    return Case(record=record, facts=facts, actor=actor, form=form, now=desk.NOW, new_id=uuid4)


SCENE = Scene(regulations.WORKFLOW, _in_status, _case, regulations.RegulationFacts())
