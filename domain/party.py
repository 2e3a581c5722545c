"""Who acts and who asks. A party is a role in an organisation together with a relation to one record."""

from collections.abc import Callable, Container
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.api_key.scope import ApiKeyScope
from domain.language import Language, Words
from domain.term import Term


class OrganisationKind(Term):
    """On which side of the table an organisation sits."""

    INSTITUTION = "检验机构", "Inspects overseas before shipment and issues certificates."
    ENTERPRISE = "委托企业", "Commissions inspections for the goods that it imports."
    CUSTOMS = "海关", "Files, watches and disciplines the institutions."


class Role(Term):
    """What a user may do within the organisation."""

    ADMIN = "管理员", "Everything that the organisation may do, and its users."
    OPERATOR = "操作员", "Daily work: drafts, submissions, acceptances, files."
    VIEWER = "查看员", "Reads everything of the organisation and changes nothing."
    REVIEWER = "审核员", "Customs only: decides on filings, changes, checks and dispositions."


WORKING = frozenset({Role.ADMIN, Role.OPERATOR})
"""The roles that do an organisation's daily work."""

ADMINISTERING = frozenset({Role.ADMIN})
"""The role that keeps an organisation's users."""

BY_POWER = (Role.ADMIN, Role.REVIEWER, Role.OPERATOR, Role.VIEWER)
"""From the most powerful role down. To review and to operate are different powers: neither includes the other."""


def includes_power(role: Role | None, other: Role) -> bool:
    """Whether whoever has the first role may do all that the other may."""
    return role is Role.ADMIN or role is other or (role is not None and other is Role.VIEWER)


@dataclass(frozen=True, kw_only=True)
class DelegatedPower:
    """The role of a colleague who has handed the work to somebody for a time 委托办理."""

    delegation_id: UUID
    delegator_id: UUID
    role: Role


@dataclass(frozen=True, kw_only=True)
class ShownKey:
    """The API key by which a program asks. `secret_hash` says by which of its secrets; None for a token got by one."""

    id: UUID
    scopes: frozenset[ApiKeyScope]
    rate_per_minute: int
    expires_at: datetime
    secret_hash: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Whoever asks or acts: a signed-in user, nobody in particular, or the product itself (clock, command line)."""

    kind: OrganisationKind | None = None
    user_id: UUID | None = None
    organisation_id: UUID | None = None
    institution_id: UUID | None = None
    session_id: UUID | None = None
    session_expires_at: datetime | None = None
    role: Role | None = None
    """The own role; `roles` has those of others as well."""
    powers: tuple[DelegatedPower, ...] = ()
    """What colleagues have delegated to the viewer, as of now; the earliest first."""
    language: Language = Language.ZH
    is_the_product: bool = False
    lacks_second_factor: bool = False
    """Signed in by a password alone, though the role asks for more: nothing is open but to set more up."""
    key: ShownKey | None = None
    """With a key there is nothing else: a program is on no organisation's side, so what is an organisation's own is not
    there for it, and of what is public only what the key's scopes name (`storage/shelf.py`)."""

    def __hash__(self) -> int:
        # What tells most viewers apart, without a look at all the rest.
        return hash((self.user_id, self.session_id))

    @property
    def is_anonymous(self) -> bool:
        """Whether no user has signed in."""
        return self.user_id is None and not self.is_the_product

    @property
    def roles(self) -> tuple[Role, ...]:
        """The own role and those of the colleagues whose work the viewer does, from the most powerful down."""
        return tuple(role for role in BY_POWER if self.has_role_in((role,)))

    def has_role_in(self, roles: Container[Role]) -> bool:
        """Whether the viewer may act in one of these roles, as the own one or for a colleague."""
        if self.role is not None and self.role in roles:
            return True
        return any(power.role in roles for power in self.powers)

    def by_own_power(self) -> "Viewer":
        """The same viewer without what others have delegated."""
        return replace(self, powers=()) if self.powers else self

    def by_power_of(self, power: DelegatedPower) -> "Viewer":
        """The same viewer with nothing but what one colleague has delegated."""
        return replace(self, role=power.role, powers=())

    def sees_as(self) -> tuple[object, ...]:
        """Two viewers with the same key see the same records."""
        return (self.kind, self.organisation_id, self.institution_id, self.is_the_product, self.key and self.key.scopes)


ANONYMOUS = Viewer()
THE_PRODUCT = Viewer(is_the_product=True)


@dataclass(frozen=True)
class Party:
    """Who may take an action. `relation`: does the viewer stand rightly to the record (None: not made yet)?"""

    name: str
    words: Words
    kind: OrganisationKind | None
    roles: frozenset[Role]
    relation: Callable[[Viewer, Any], bool]
    only_in: tuple[Term, ...] = ()
    """Where several parties may take an action: the statuses in which this one may; empty for all."""

    def while_(self, *statuses: Term) -> "Party":
        """The same party, allowed in these statuses only."""
        return replace(self, only_in=statuses)

    @property
    def is_the_product(self) -> bool:
        """Whether no person belongs to it."""
        return self.kind is None

    def sides_with(self, viewer: Viewer) -> bool:
        """Whether people of the viewer's kind of organisation may belong to it."""
        return viewer.kind is self.kind

    def includes(self, viewer: Viewer, record: object | None) -> bool:
        if self.is_the_product:
            return viewer.is_the_product
        return self.sides_with(viewer) and viewer.has_role_in(self.roles) and self.relation(viewer, record)


@dataclass(frozen=True)
class OfAnyKind(Party):
    """A party whose people sit in organisations of every kind; `kind` is None and does not matter."""

    @property
    def is_the_product(self) -> bool:
        return False

    def sides_with(self, viewer: Viewer) -> bool:
        return viewer.user_id is not None


def anyone_of(viewer: Viewer, record: object | None) -> bool:
    """No relation to the record is asked for."""
    return True


THE_OFFICE = Party("the_office", Words(zh="系统", en="the product itself"), None, frozenset(), anyone_of)
THE_CLOCK = Party("the_clock", Words(zh="到期自动", en="the clock"), None, frozenset(), anyone_of)
CUSTOMS_OFFICER = Party(
    "customs_officer",
    Words(zh="海关经办人员", en="customs"),
    OrganisationKind.CUSTOMS,
    WORKING,
    anyone_of,
)
"""Daily work of customs: raising, ordering, publishing."""

CUSTOMS_REVIEWER = Party(
    "customs_reviewer",
    Words(zh="海关审核人员", en="a reviewer of customs"),
    OrganisationKind.CUSTOMS,
    frozenset({Role.ADMIN, Role.REVIEWER}),
    anyone_of,
)
"""Decides on what others have submitted."""


def _is_concerned(viewer: Viewer, record: Any) -> bool:
    return record is not None and viewer.institution_id is not None and record.institution_id == viewer.institution_id


THE_INSTITUTION_CONCERNED = Party(
    "the_institution_concerned",
    Words(zh="所涉检验机构", en="the institution concerned"),
    OrganisationKind.INSTITUTION,
    WORKING,
    _is_concerned,
)
"""Whom customs writes to: the institution that the record names, whatever has become of it since."""


def _is_of_the_own_organisation(viewer: Viewer, record: Any) -> bool:
    return record is None or record.organisation_id == viewer.organisation_id


THE_ADMINISTRATOR = OfAnyKind(
    "the_administrator",
    Words(zh="本单位管理员", en="an administrator of the organisation"),
    None,
    ADMINISTERING,
    _is_of_the_own_organisation,
)
"""Keeps what belongs to an organisation as a whole: its users and keys."""


def anyone_in_person(viewer: Viewer, record: object | None) -> bool:
    """No relation to the record is asked for, but the role must be the own one: of parties of administrators."""
    return viewer.role is Role.ADMIN


def _administers_in_person(viewer: Viewer, record: Any) -> bool:
    return anyone_in_person(viewer, record) and _is_of_the_own_organisation(viewer, record)


THE_ADMINISTRATOR_IN_PERSON = OfAnyKind(
    "the_administrator_in_person",
    Words(zh="本单位管理员本人", en="the organisation's administrator in person"),
    None,
    ADMINISTERING,
    _administers_in_person,
)
"""A substitute does not decide what signs in for others, nor give out keys that would outlive the delegation."""
