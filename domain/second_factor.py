"""Whose password is not enough 第二步验证: roles for which an installation asks for a second factor.

A card or a passkey is two factors by itself, and a phone that signs a browser in had to have one already.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.party import OrganisationKind, Role, Viewer
from domain.session import SignInMethod

STRONG = frozenset({SignInMethod.CARD, SignInMethod.PASSKEY, SignInMethod.COMPANION})


@dataclass(frozen=True)
class RoleAskedMoreOf:
    """A role, of one kind of organisation or (None) of all."""

    role: Role
    kind: OrganisationKind | None = None

    @classmethod
    def of(cls, written: str) -> "RoleAskedMoreOf":
        """As a setting writes it: `ADMIN`, or `CUSTOMS:ADMIN`. Raises ValueError."""
        kind, _, role = written.rpartition(":")
        if role not in Role.__members__ or kind not in {"", *OrganisationKind.__members__}:
            raise ValueError(f"a role is written like ADMIN or CUSTOMS:ADMIN, not {written!r}")
        return cls(Role[role], OrganisationKind[kind] if kind else None)

    def includes(self, viewer: Viewer) -> bool:
        """Whether the viewer acts in this role, as the own one or for a colleague."""
        return self.kind in (None, viewer.kind) and viewer.has_role_in((self.role,))


def asks_more_of(roles: Iterable[RoleAskedMoreOf], viewer: Viewer) -> bool:
    return any(each.includes(viewer) for each in roles)


def is_enough(method: SignInMethod | None, *, has_totp: bool) -> bool:
    """Whether a session was opened by more than a password, or a password needs a code beside it by now."""
    return method in STRONG or has_totp
