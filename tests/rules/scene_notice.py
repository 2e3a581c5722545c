"""Notices of customs as the grid lays them out."""

from typing import Any
from uuid import uuid4

from domain import notice_workflow as notices
from domain.attachment import DetachForm
from domain.notice import Notice, NoticeAudience, NoticeStatus, NoticeType
from domain.party import Viewer
from domain.record import Form, Record
from domain.term import Term
from domain.workflow import Action, Case
from tests.rules import desk
from tests.rules.scene import Scene


def notice(status: Term = NoticeStatus.PUBLISHED, **changed: Any) -> Notice:
    """One that customs published."""
    assert isinstance(status, NoticeStatus)
    typed: dict[str, Any] = {
        "id": uuid4(), "version": 2, "type": NoticeType.SYSTEM, "title_zh": "系统升级公告", "body_zh": "周六停机",
        "published_at": desk.NOW, "audience": NoticeAudience.EVERYBODY, "status": status, "edition": 1,
    }  # fmt: skip
    return Notice(**typed | changed)


def written(**changed: Any) -> notices.NoticeForm:
    """One as customs writes it."""
    typed = {"title_zh": "放假安排", "body_zh": "照常值班", "audience": NoticeAudience.INSTITUTION}
    form: notices.NoticeForm = notices.NoticeForm.of(**typed | changed)
    return form


def _in_status(status: Term) -> Record:
    return notice(status)


def _case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    if record is not None and action.name == "unpin":
        object.__setattr__(record, "is_pinned", True)
    own = desk.attachment(record, actor) if record is not None and actor.organisation_id else None
    forms: dict[str, Form] = {
        "publish": written(),
        "amend": written(),
        "attach": desk.A_FILE,
        "detach": DetachForm(attachment_id=own.id if own else uuid4()),
    }
    facts = notices.NoticeFacts(attachments=(own,) if own else ())
    form = forms.get(action.name, Form())
    return Case(record=record, facts=facts, actor=actor, form=form, now=desk.NOW, new_id=uuid4)


SCENE = Scene(notices.WORKFLOW, _in_status, _case, notices.NoticeFacts())
