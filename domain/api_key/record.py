"""A key as it is kept: what it opens, how long and how fast; of the secret itself there are hashes alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.api_key.scope import ApiKeyScope
from domain.record import Form, Record, hidden, required, says
from domain.term import Term
from domain.workflow import Case

PREFIX_LENGTH = 8
HASH_LENGTH = 64
RATE_WRITTEN_MAX = 1_000_000
"""No cap that an operator may set is higher."""

ACTIVE_KEYS_MAX = 100
"""Of one organisation."""


class ApiKeyStatus(Term):
    """Whether a key may be used 密钥状态."""

    ACTIVE = "有效", "May be used until it expires."
    REVOKED = "已吊销", "Taken back before its end."
    EXPIRED = "已到期", "Ended by itself."


@dataclass(frozen=True, kw_only=True)
class ApiKeyTerms:
    """What the operator allows: how long, how fast, and how long a secret that was replaced is still good."""

    lasts_max: timedelta
    rate_usual: int
    rate_max: int
    overlap: timedelta


@dataclass(frozen=True, kw_only=True)
class ApiKeyIssueForm(Form):
    """What is said of a new key; prefix, hash and terms are the product's own."""

    name: Annotated[
        str | None, says("名称", "What people call it: the partner, the program."), marks.text(100), required
    ] = None
    organisation_id: Annotated[
        UUID | None,
        says("单位", "Whose key it is; absent for the own organisation. Only customs names another."),
        marks.id_of("organisation"),
    ] = None
    scopes: Annotated[
        tuple[ApiKeyScope, ...], says("范围", "What it opens; at least one."), marks.at_most(len(ApiKeyScope)), required
    ] = ()
    expires_at: Annotated[
        datetime | None, says("到期时间", "When it ends by itself; at most 366 days ahead, or as set."), required
    ] = None
    rate_per_minute: Annotated[
        int | None,
        says("每分钟次数", "How often it may ask in a minute; absent for the usual, at most as the server is set."),
        marks.whole(least=1, most=RATE_WRITTEN_MAX),
    ] = None
    prefix: Annotated[str, hidden] = ""
    secret_hash: Annotated[str, hidden] = ""
    terms: Annotated[ApiKeyTerms | None, hidden] = None


@dataclass(frozen=True, kw_only=True)
class ApiKeyRotateForm(Form):
    """Nothing is asked: the new secret's hash and the terms are the product's own."""

    secret_hash: Annotated[str, hidden] = ""
    terms: Annotated[ApiKeyTerms | None, hidden] = None


@dataclass(frozen=True, kw_only=True)
class ApiKey(Record):
    """A key by which an organisation's own programs ask 接口密钥. It is no user, and acts on nothing."""

    name: Annotated[str, says("名称", "What people call it."), marks.text(100)]
    prefix: Annotated[
        str,
        says("前缀", "By which a key is recognised: `psk_`, this, `_`, the secret. The `client_id` of OAuth."),
        marks.text(PREFIX_LENGTH),
    ]
    scope: Annotated[str, marks.text(200)]
    """The scopes as OAuth writes them: names with spaces between, in the order of the enumeration."""
    status: Annotated[ApiKeyStatus, says("状态", "Whether it may be used.")]
    organisation_id: Annotated[UUID, says("单位", "Whose key it is."), marks.id_of("organisation")]
    rate_per_minute: Annotated[int, says("每分钟次数", "How often it may ask in a minute.")]
    issued_at: Annotated[datetime, says("签发时间", "When it was issued.")]
    expires_at: Annotated[datetime, says("到期时间", "When it ends by itself.")]
    rotated_at: Annotated[datetime | None, says("轮换时间", "When its secret was last replaced.")] = None
    former_good_until: Annotated[
        datetime | None, says("旧密钥失效时间", "Until when the secret before the present one is still taken.")
    ] = None
    revoked_at: Annotated[datetime | None, says("吊销时间", "When it was taken back.")] = None
    secret_hash: Annotated[str, hidden, marks.text(HASH_LENGTH)]
    former_secret_hash: Annotated[str | None, hidden, marks.text(HASH_LENGTH)] = None

    @property
    def scopes(self) -> tuple[ApiKeyScope, ...]:
        return scopes_of(self.scope)


def scopes_of(written: str) -> tuple[ApiKeyScope, ...]:
    """The scopes of a text that was written here."""
    return tuple(ApiKeyScope[name] for name in written.split())


def written(scopes: frozenset[ApiKeyScope]) -> str:
    """Scopes as OAuth writes them, always in the same order."""
    return " ".join(each.name for each in ApiKeyScope if each in scopes)


@dataclass(frozen=True, kw_only=True)
class ApiKeyFacts:
    """What the conditions need to know beside the record: the organisation that is named, and how many keys it has."""

    organisation_is_known: bool = True
    active_keys: int = 0


@dataclass(frozen=True, kw_only=True)
class ApiKeyFilter(Form):
    """Which keys are wanted; conditions given together must all hold."""

    name: Annotated[str | None, says("名称", "Fragment of the name, whatever its case.")] = None
    organisation_id: Annotated[UUID | None, says("单位", "Whose keys."), marks.id_of("organisation")] = None
    status: Annotated[tuple[ApiKeyStatus, ...] | None, says("状态", "Any of these statuses.")] = None


class ApiKeyOrderField(Term):
    """What keys are sorted by."""

    ISSUED_AT = "签发时间", "When it was issued."
    EXPIRES_AT = "到期时间", "When it ends by itself."


ApiKeyCase = Case[ApiKey, ApiKeyFacts, Any]
