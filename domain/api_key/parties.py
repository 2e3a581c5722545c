"""Who keeps keys: an organisation's administrators their own, those of customs everybody's; each in person."""

from typing import Any

from domain.language import Words
from domain.party import ADMINISTERING, THE_ADMINISTRATOR_IN_PERSON, OrganisationKind, Party, Role, Viewer


def _is_one_in_person(viewer: Viewer, record: Any) -> bool:
    return viewer.role is Role.ADMIN


CUSTOMS_ADMINISTRATOR = Party(
    "customs_administrator",
    Words(zh="海关管理员本人", en="an administrator of customs in person"),
    OrganisationKind.CUSTOMS,
    ADMINISTERING,
    _is_one_in_person,
)
KEEPERS = (THE_ADMINISTRATOR_IN_PERSON, CUSTOMS_ADMINISTRATOR)
"""A key outlives a delegation, so a substitute gives none out."""
