"""The kinds of viewer that permissions tell apart: the columns of the grid.

Each stands for all of its kind, so its ids are of nobody; what they are is never asked, only whose they are compared.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from domain.api_key.scope import ApiKeyScope
from domain.language import Words
from domain.party import ANONYMOUS, OrganisationKind, Role, ShownKey, Viewer

_OF_THE_KIND = UUID(int=1)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Asker:
    """One column: who asks, and how the column is headed."""

    name: str
    group: Words
    viewer: Viewer

    @property
    def is_nobody(self) -> bool:
        return self.viewer.is_anonymous and self.viewer.key is None


def a_program(scope: ApiKeyScope) -> Viewer:
    """Whoever shows a key with this scope alone."""
    return Viewer(key=ShownKey(id=_OF_THE_KIND, scopes=frozenset({scope}), rate_per_minute=1, expires_at=_NEVER))


def a_user(kind: OrganisationKind, role: Role) -> Viewer:
    """Somebody of an organisation; of an institution that is in the registry."""
    return Viewer(
        kind=kind,
        user_id=_OF_THE_KIND,
        organisation_id=_OF_THE_KIND,
        institution_id=_OF_THE_KIND if kind is OrganisationKind.INSTITUTION else None,
        session_id=_OF_THE_KIND,
        role=role,
    )


def _users(kind: OrganisationKind, group: Words, *roles: Role) -> Iterator[Asker]:
    for role in roles:
        yield Asker(role.name, group, a_user(kind, role))


ASKERS: tuple[Asker, ...] = (
    Asker("ANONYMOUS", Words(zh="匿名", en="nobody"), ANONYMOUS),
    *(Asker(scope.name, Words(zh="密钥", en="key"), a_program(scope)) for scope in ApiKeyScope),
    *_users(OrganisationKind.ENTERPRISE, Words(zh="企业", en="enterprise"), Role.VIEWER, Role.OPERATOR, Role.ADMIN),
    *_users(OrganisationKind.INSTITUTION, Words(zh="机构", en="institution"), Role.VIEWER, Role.OPERATOR, Role.ADMIN),
    *_users(
        OrganisationKind.CUSTOMS,
        Words(zh="海关", en="customs"),
        Role.VIEWER,
        Role.OPERATOR,
        Role.REVIEWER,
        Role.ADMIN,
    ),
)
"""In the order of the columns."""
