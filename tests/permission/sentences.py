"""The sentences of `docs/permissions.md` on who sees what, once more, in Python over the records.

The product says them in SQL; what they mean there cannot be read off. Two hands wrote them, so a slip shows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from domain.annual_report.record import AnnualReportStatus
from domain.api_key.scope import ApiKeyScope
from domain.institution import InstitutionStatus
from domain.notice import NoticeAudience, NoticeStatus
from domain.party import OrganisationKind, Role
from domain.regulation import RegulationStatus


@dataclass(frozen=True)
class Eyes:
    """Whoever looks, as far as the sentences speak of it, and the records beside the one that is looked at."""

    by_id: Mapping[tuple[str, UUID], Any] = field(repr=False)
    kind: OrganisationKind | None = None
    user_id: UUID | None = None
    organisation_id: UUID | None = None
    institution_id: UUID | None = None
    role: Role | None = None
    scope: ApiKeyScope | None = None

    @property
    def of_customs(self) -> bool:
        return self.kind is OrganisationKind.CUSTOMS

    @property
    def administers(self) -> bool:
        return self.role is Role.ADMIN

    @property
    def is_known(self) -> bool:
        return self.user_id is not None

    def belongs(self, record: Any) -> bool:
        """Whether it is of the own organisation."""
        return self.is_known and record.organisation_id == self.organisation_id

    def administers_organisation_of(self, record: Any) -> bool:
        return self.administers and self.belongs(record)

    def the(self, kind: str, id_: UUID) -> Any:
        return self.by_id[kind, id_]


Sees = Callable[[Eyes, Any], bool]

OPENED_BY: Mapping[str, frozenset[ApiKeyScope]] = {
    "attachment": frozenset({ApiKeyScope.REGULATIONS}),
    "certificate_facts": frozenset({ApiKeyScope.CERTIFICATES}),
    "code_item": frozenset(ApiKeyScope),
    "institution": frozenset({ApiKeyScope.REGISTRY, ApiKeyScope.CHANGE_FEED}),
    "regulation": frozenset({ApiKeyScope.REGULATIONS}),
    "rule": frozenset({ApiKeyScope.RULES}),
}
"""The scopes that show something of a type. Of it a key sees what nobody in particular sees."""


def sees(eyes: Eyes, kind: str, record: Any) -> bool:
    if eyes.scope is not None and eyes.scope not in OPENED_BY.get(kind, ()):
        return False
    return SENTENCES[kind](eyes, record)


def _everybody(eyes: Eyes, record: Any) -> bool:
    return True


def _whoever_sees(kind: str, owner: str) -> Sees:
    """Parts: whoever sees the record, and what is in it."""

    def seen(eyes: Eyes, part: Any) -> bool:
        record = eyes.the(kind, getattr(part, owner))
        return sees(eyes, kind, record) and not is_veiled(eyes, kind, record)

    return seen


def _the_institution_concerned_and_customs(eyes: Eyes, record: Any) -> bool:
    return eyes.of_customs or (eyes.institution_id is not None and record.institution_id == eyes.institution_id)


def _account(eyes: Eyes, record: Any) -> bool:
    return eyes.belongs(record) or (eyes.of_customs and eyes.administers and record.role is Role.ADMIN)


def _api_key(eyes: Eyes, record: Any) -> bool:
    return eyes.administers and (eyes.of_customs or eyes.belongs(record))


def _attachment(eyes: Eyes, record: Any) -> bool:
    subject = eyes.the(record.subject_type, record.subject_id)
    within = eyes if eyes.scope is None else replace(eyes, scope=None)
    if not sees(within, record.subject_type, subject) or is_veiled(within, record.subject_type, subject):
        return False
    if record.subject_type not in ("quality_issue", "check", "disposition") or record.sent_with_id is not None:
        return True
    by_customs = eyes.the("organisation", record.organisation_id).kind is OrganisationKind.CUSTOMS
    return by_customs or eyes.belongs(record)


def _of_the_holder(eyes: Eyes, record: Any) -> bool:
    return (eyes.is_known and record.account_id == eyes.user_id) or eyes.administers_organisation_of(record)


def _certificate_facts(eyes: Eyes, record: Any) -> bool:
    return eyes.of_customs or eyes.scope is ApiKeyScope.CERTIFICATES


def _commission(eyes: Eyes, record: Any) -> bool:
    if eyes.kind is OrganisationKind.ENTERPRISE:
        return bool(record.enterprise_id == eyes.organisation_id)
    was_submitted = record.submitted_at is not None
    commissioned = eyes.institution_id is not None and record.institution_id == eyes.institution_id
    return was_submitted and (eyes.of_customs or commissioned)


def _delegation(eyes: Eyes, record: Any) -> bool:
    concerned = eyes.is_known and eyes.user_id in (record.delegator_id, record.substitute_id)
    return concerned or eyes.administers_organisation_of(record)


def _own_organisation_and_customs(eyes: Eyes, record: Any) -> bool:
    return eyes.of_customs or eyes.belongs(record)


def _filing(eyes: Eyes, record: Any) -> bool:
    return eyes.belongs(record) or (eyes.of_customs and record.submitted_at is not None)


def _institution(eyes: Eyes, record: Any) -> bool:
    if record.status is not InstitutionStatus.REVOKED or eyes.of_customs or record.id == eyes.institution_id:
        return True
    return any(
        kind == "commission" and eyes.kind is OrganisationKind.ENTERPRISE
        and each.enterprise_id == eyes.organisation_id and each.institution_id == record.id
        for (kind, _), each in eyes.by_id.items()
    )  # fmt: skip


def _notice(eyes: Eyes, record: Any) -> bool:
    if record.audience is None:
        return eyes.belongs(record)
    is_meant = record.audience is NoticeAudience.EVERYBODY or (eyes.kind and record.audience.name == eyes.kind.name)
    return eyes.of_customs or (eyes.is_known and bool(is_meant) and record.status is NoticeStatus.PUBLISHED)


def _organisation(eyes: Eyes, record: Any) -> bool:
    return eyes.of_customs or (eyes.is_known and record.id == eyes.organisation_id)


def _of_the_user(eyes: Eyes, record: Any) -> bool:
    return eyes.is_known and record.user_id == eyes.user_id


def _register_line(eyes: Eyes, line: Any) -> bool:
    if not eyes.administers:
        return False
    if eyes.of_customs or line.organisation_id == eyes.organisation_id:
        return True
    if line.subject_type in THEIR_RECORDS:
        return sees(eyes, line.subject_type, eyes.the(line.subject_type, line.subject_id))
    return line.subject_id == eyes.institution_id or _is_of_its_people(eyes, line)


THEIR_RECORDS = (
    "commission", "filing", "filing_change", "disposition", "quality_issue", "check", "annual_report"
)  # fmt: skip
OF_PEOPLE = ("account", "session", "pairing", "delegation", "card", "passkey", "totp", "sign_in_attempt")


def _is_of_its_people(eyes: Eyes, line: Any) -> bool:
    """Whether it is about an account of the organisation, or a way for one to sign in."""
    if line.subject_type not in OF_PEOPLE:
        return False
    record = eyes.the(line.subject_type, line.subject_id)
    if not hasattr(record, "organisation_id"):
        record = eyes.the("account", record.user_id)
    return eyes.belongs(record)


def _regulation(eyes: Eyes, record: Any) -> bool:
    return eyes.of_customs or record.status is RegulationStatus.PUBLISHED


def _sign_in_attempt(eyes: Eyes, record: Any) -> bool:
    return eyes.administers_organisation_of(record)


def _totp(eyes: Eyes, record: Any) -> bool:
    of_an_administrator = eyes.the("account", record.account_id).role is Role.ADMIN
    return _of_the_holder(eyes, record) or (eyes.of_customs and eyes.administers and of_an_administrator)


SENTENCES: Mapping[str, Sees] = {
    "account": _account,
    "annual_report": _the_institution_concerned_and_customs,
    "annual_report_country": _whoever_sees("annual_report", "annual_report_id"),
    "api_key": _api_key,
    "attachment": _attachment,
    "card": _of_the_holder,
    "certificate": _whoever_sees("commission", "commission_id"),
    "certificate_facts": _certificate_facts,
    "changed_field": _whoever_sees("filing_change", "filing_change_id"),
    "check": _the_institution_concerned_and_customs,
    "check_review": _whoever_sees("check", "check_id"),
    "check_submission": _whoever_sees("check", "check_id"),
    "check_visit": _whoever_sees("check", "check_id"),
    "code_item": _everybody,
    "commission": _commission,
    "delegation": _delegation,
    "delivery": _own_organisation_and_customs,
    "department": _whoever_sees("filing", "filing_id"),
    "disposition": _the_institution_concerned_and_customs,
    "disposition_review": _whoever_sees("disposition", "disposition_id"),
    "disposition_submission": _whoever_sees("disposition", "disposition_id"),
    "equipment": _whoever_sees("filing", "filing_id"),
    "filing": _filing,
    "filing_change": _own_organisation_and_customs,
    "goods_line": _whoever_sees("commission", "commission_id"),
    "institution": _institution,
    "notice": _notice,
    "organisation": _organisation,
    "pairing": _of_the_user,
    "passkey": _of_the_holder,
    "past_inspection": _whoever_sees("filing", "filing_id"),
    "quality_certificate": _whoever_sees("filing", "filing_id"),
    "quality_issue": _the_institution_concerned_and_customs,
    "quality_question": _whoever_sees("quality_issue", "quality_issue_id"),
    "quality_reply": _whoever_sees("quality_issue", "quality_issue_id"),
    "register_line": _register_line,
    "regulation": _regulation,
    "rule": _everybody,
    "session": _of_the_user,
    "sign_in_attempt": _sign_in_attempt,
    "signatory": _whoever_sees("filing", "filing_id"),
    "totp": _totp,
}


# ── What is kept back of a record that is seen ─────────────────────────────────────────────────────────────────────


def is_veiled(eyes: Eyes, kind: str, record: Any) -> bool:
    """Whether the page's veil lies over a record that is seen."""
    if kind == "annual_report":
        never_submitted = record.status is AnnualReportStatus.DRAFT and record.submitted_at is None
        return never_submitted and record.institution_id != eyes.institution_id
    return kind == "register_line" and _is_kept_back(eyes, record)


def _is_kept_back(eyes: Eyes, line: Any) -> bool:
    """Contents of records that are not seen, and what others wrote or attached and have not sent yet."""
    if line.organisation_id == eyes.organisation_id or _is_of_its_people(eyes, line):
        return False
    if line.subject_type in OF_PEOPLE:
        return True
    if line.action in ("attach", "detach") or {line.status_before or "DRAFT", line.status_after} == {"DRAFT"}:
        return True
    kind = "code_item" if line.subject_type == "code" else line.subject_type
    record = eyes.the(kind, line.subject_id)
    return not sees(eyes, kind, record) or is_veiled(eyes, kind, record)
