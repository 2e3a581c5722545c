"""Who is there: six organisations with users of every role, and a program for every scope of API keys.

`E1`, `I1` and `C` are the own organisations of the grid's columns. The others are strangers to them: `I3` was struck
from the registry, `I4` has filed and waits.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from domain.api_key.scope import ApiKeyScope
from domain.organisation import Organisation
from domain.party import OrganisationKind, Role
from graph.permission.asker import ASKERS, Asker
from identity.api_key import written
from storage.demo import demo_id
from tests.person import token_of

KINDS = {"E": OrganisationKind.ENTERPRISE, "I": OrganisationKind.INSTITUTION, "C": OrganisationKind.CUSTOMS}
OF_A_COMPANY = (Role.VIEWER, Role.OPERATOR, Role.ADMIN)
STAFF: Mapping[str, tuple[Role, ...]] = {
    "E1": OF_A_COMPANY,
    "E2": OF_A_COMPANY,
    "I1": OF_A_COMPANY,
    "I2": OF_A_COMPANY,
    "I3": (Role.ADMIN,),
    "I4": (Role.ADMIN,),
    "C": (Role.VIEWER, Role.OPERATOR, Role.REVIEWER, Role.ADMIN),
}
"""Organisations, and in which roles each has a user."""

KEY_OWNERS = {
    ApiKeyScope.REGISTRY: "E1",
    ApiKeyScope.RULES: "I1",
    ApiKeyScope.REGULATIONS: "C",
    ApiKeyScope.CERTIFICATES: "E2",
    ApiKeyScope.CHANGE_FEED: "I2",
}
"""Whose key it is that has this scope alone. What is its owner's own must not be there for it."""


@dataclass(frozen=True)
class Member:
    """A user."""

    organisation: str
    role: Role

    @property
    def username(self) -> str:
        return f"{self.organisation}.{self.role.name}".lower()

    def __str__(self) -> str:
        return f"{self.organisation} {self.role.name}"


MEMBERS = tuple(Member(organisation, role) for organisation, roles in STAFF.items() for role in roles)


def organisations() -> Iterator[Organisation]:
    for name in STAFF:
        yield Organisation(
            id=organisation_id(name),
            kind=KINDS[name[0]],
            name_zh=f"单位{name}",
            name_en=f"Organisation {name}",
            contact_phone="021-58300001",
            contact_mobile="13800000101",
            contact_email=f"contact@{name.lower()}.example",
        )


def organisation_id(name: str) -> UUID:
    return demo_id(f"grid.{name}")


def prefix_of(scope: ApiKeyScope) -> str:
    """Of letters alone, as prefixes are."""
    return f"{scope.name.lower():g<8.8}".replace("_", "g")


def secret_of(scope: ApiKeyScope) -> str:
    return f"secret-of-{scope.name}".ljust(43, "x")


@dataclass(frozen=True)
class Seat:
    """Somebody who asks: a column of the grid, or a stranger beside it. `member` is the user; None for programs and
    nobody."""

    name: str
    token: str | None
    member: Member | None = None
    scope: ApiKeyScope | None = None

    @property
    def is_nobody(self) -> bool:
        return self.token is None

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.token is None else {"authorization": f"Bearer {self.token}"}

    def __str__(self) -> str:
        return self.name


NOBODY = Seat("nobody", None)


def seat_of(member: Member) -> Seat:
    return Seat(str(member), token_of(member.username), member)


def seat_at(asker: Asker) -> Seat:
    """Who sits in a column of the grid."""
    key, viewer = asker.viewer.key, asker.viewer
    if key is not None:
        (scope,) = key.scopes
        return Seat(f"key {scope.name}", written(prefix_of(scope), secret_of(scope)), scope=scope)
    if viewer.kind is None or viewer.role is None:
        return NOBODY
    own = "C" if viewer.kind is OrganisationKind.CUSTOMS else f"{viewer.kind.name[0]}1"
    return seat_of(Member(own, viewer.role))


COLUMNS: Mapping[Seat, Asker] = {seat_at(asker): asker for asker in ASKERS}
STRANGERS = tuple(
    seat_of(Member(organisation, role))
    for organisation, role in (
        ("E2", Role.OPERATOR), ("I2", Role.ADMIN), ("I3", Role.ADMIN), ("I4", Role.ADMIN)
    )
)  # fmt: skip
SEATS = (*COLUMNS, *STRANGERS)
