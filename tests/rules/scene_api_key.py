"""API keys as the grid lays them out: the enterprise's own, good until the evening."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from domain.api_key import record as keys
from domain.api_key.scope import ApiKeyScope
from domain.api_key.workflow import WORKFLOW
from domain.party import Viewer
from domain.record import Form, Record
from domain.term import Term
from domain.workflow import Action, Case
from tests.rules import desk
from tests.rules.scene import Scene

TERMS = keys.ApiKeyTerms(lasts_max=timedelta(days=366), rate_usual=60, rate_max=600, overlap=timedelta(hours=24))
EVENING = desk.NOW.replace(hour=23)


def api_key(status: Term, **changes: Any) -> keys.ApiKey:
    assert isinstance(status, keys.ApiKeyStatus)
    assert desk.ENTERPRISE.organisation_id is not None
    kept: dict[str, Any] = {
        "id": uuid4(), "version": 1, "name": "伙伴", "prefix": "abcdefgh", "scope": "REGISTRY", "status": status,
        "organisation_id": desk.ENTERPRISE.organisation_id, "rate_per_minute": 60, "issued_at": desk.NOW,
        "expires_at": EVENING, "secret_hash": "x",
    }  # fmt: skip
    return keys.ApiKey(**kept | changes)


def issuing(**changes: Any) -> keys.ApiKeyIssueForm:
    """A form by which a key could be issued."""
    filled: dict[str, Any] = {
        "name": "伙伴", "scopes": (ApiKeyScope.REGISTRY,), "expires_at": EVENING, "prefix": "abcdefgh",
        "secret_hash": "x", "terms": TERMS,
    }  # fmt: skip
    form: keys.ApiKeyIssueForm = keys.ApiKeyIssueForm.of(**filled | changes)
    return form


def _in_status(status: Term) -> Record:
    return api_key(status)


def _case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    forms: dict[str, Form] = {
        "issue": issuing(),
        "rotate": keys.ApiKeyRotateForm.of(secret_hash="y", terms=TERMS),
    }
    # The clock comes when the time is over, everybody else before.
    now = EVENING if action.name == "expire" else desk.NOW
    form = forms.get(action.name, Form())
    return Case(record=record, facts=keys.ApiKeyFacts(), actor=actor, form=form, now=now, new_id=uuid4)


PARTIES = {
    "customs_administrator": ({"administrator of customs"}, {"administrator of customs"}),
}
SCENE = Scene(WORKFLOW, _in_status, _case, keys.ApiKeyFacts(organisation_is_known=False, active_keys=1000))
