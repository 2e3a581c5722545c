"""Who keeps keys: an organisation's administrators their own, those of customs everybody's."""

from domain.language import Words
from domain.party import ADMINISTERING, THE_ADMINISTRATOR, OrganisationKind, Party, anyone_of

CUSTOMS_ADMINISTRATOR = Party(
    "customs_administrator",
    Words(zh="海关管理员", en="an administrator of customs"),
    OrganisationKind.CUSTOMS,
    ADMINISTERING,
    anyone_of,
)
KEEPERS = (THE_ADMINISTRATOR, CUSTOMS_ADMINISTRATOR)
