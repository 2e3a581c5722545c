"""What issuing, rotating and revoking change."""

from domain.api_key.record import (
    ApiKey,
    ApiKeyCase,
    ApiKeyFacts,
    ApiKeyIssueForm,
    ApiKeyRotateForm,
    ApiKeyStatus,
    written,
)
from domain.term import Term
from domain.workflow import Case, Effect

Issuing = Case[ApiKey, ApiKeyFacts, ApiKeyIssueForm]
Rotating = Case[ApiKey, ApiKeyFacts, ApiKeyRotateForm]


def as_issued(case: Issuing) -> Effect:
    form = case.form
    assert form.name is not None
    assert form.terms is not None
    return Effect(
        changes={
            "name": form.name.strip(),
            "prefix": form.prefix,
            "scope": written(frozenset(form.scopes)),
            "rate_per_minute": form.rate_per_minute or min(form.terms.rate_usual, form.terms.rate_max),
            "expires_at": form.expires_at,
            "secret_hash": form.secret_hash,
        }
    )


def as_rotated(case: Rotating) -> Effect:
    """The secret before stays good for the overlap; the one before that ends now."""
    assert case.form.terms is not None
    return Effect(
        changes={
            "secret_hash": case.form.secret_hash,
            "former_secret_hash": case.record.secret_hash,
            "former_good_until": min(case.now + case.form.terms.overlap, case.record.expires_at),
            "rotated_at": case.now,
        }
    )


def as_revoked(case: ApiKeyCase) -> Effect:
    return Effect(changes={"revoked_at": case.now})


def blank_key(case: Issuing, status: Term | None) -> ApiKey:
    assert isinstance(status, ApiKeyStatus)
    owner = case.form.organisation_id or case.actor.organisation_id
    assert owner is not None
    return ApiKey(
        id=case.new_id(),
        name="",
        prefix="",
        scope="",
        status=status,
        organisation_id=owner,
        rate_per_minute=0,
        issued_at=case.now,
        expires_at=case.now,
        secret_hash="",
    )
