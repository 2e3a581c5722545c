"""Who keeps keys: an organisation's administrators their own, those of customs everybody's; each in person."""

from domain.language import Words
from domain.party import ADMINISTERING, THE_ADMINISTRATOR_IN_PERSON, OrganisationKind, Party, anyone_in_person

CUSTOMS_ADMINISTRATOR = Party(
    "customs_administrator",
    Words(zh="海关管理员本人", en="an administrator of customs in person"),
    OrganisationKind.CUSTOMS,
    ADMINISTERING,
    anyone_in_person,
)
KEEPERS = (THE_ADMINISTRATOR_IN_PERSON, CUSTOMS_ADMINISTRATOR)
"""A key outlives a delegation, so a substitute gives none out."""
