"""Codes as the grid lays them out."""

from datetime import date
from typing import Any
from uuid import uuid4

from domain import code as codes
from domain.party import Viewer
from domain.record import Form, Record
from domain.term import Term
from domain.workflow import Action, Case
from tests.rules import desk
from tests.rules.scene import Scene


def item(code: str = "001", **changed: Any) -> codes.CodeItem:
    """An entry of UNIT."""
    typed: dict[str, Any] = {
        "id": uuid4(), "version": 1, "table_name": "UNIT", "code": code, "label_zh": f"单位{code}",
        "label_en": f"unit {code}", "position": int(code),
    }  # fmt: skip
    return codes.CodeItem(**typed | changed)


def table(*items: codes.CodeItem) -> codes.CodeFacts:
    """UNIT with these entries."""
    return codes.CodeFacts(tables={"UNIT": {each.code: each for each in items}})


def written(**changed: Any) -> codes.CodeForm:
    """A new unit as customs writes it."""
    typed = {"table_name": "UNIT", "code": "199", "label_zh": "副", "label_en": "pair"}
    form: codes.CodeForm = codes.CodeForm.of(**typed | changed)
    return form


def _in_status(status: Term) -> Record:
    assert isinstance(status, codes.CodeStatus)
    return item(status=status, valid_to=date(2027, 1, 1) if status is codes.CodeStatus.ENDED else None)


def _case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    forms: dict[str, Form] = {
        "add": written(),
        "amend": codes.CodeAmendForm.of(label_zh="新名称"),
        "end": codes.CodeEndForm.of(valid_to=date(2026, 12, 31)),
    }
    form = forms.get(action.name, Form())
    return Case(record=record, facts=table(item("002")), actor=actor, form=form, now=desk.NOW, new_id=uuid4)


SCENE = Scene(codes.WORKFLOW, _in_status, _case, table(item("199")))
