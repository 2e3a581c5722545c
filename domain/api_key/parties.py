"""Who keeps keys: an organisation's administrators their own, those of customs everybody's."""

from domain.api_key.record import ApiKey
from domain.language import Words
from domain.party import ADMINISTERING, OfAnyKind, OrganisationKind, Party, Viewer, anyone_of


def _is_own(viewer: Viewer, record: ApiKey | None) -> bool:
    return record is None or record.organisation_id == viewer.organisation_id


THE_ADMINISTRATOR = OfAnyKind(
    "the_administrator", Words(zh="本单位管理员", en="an administrator of the organisation"), None,
    ADMINISTERING, _is_own,
)  # fmt: skip
CUSTOMS_ADMINISTRATOR = Party(
    "customs_administrator", Words(zh="海关管理员", en="an administrator of customs"), OrganisationKind.CUSTOMS,
    ADMINISTERING, anyone_of,
)  # fmt: skip
KEEPERS = (THE_ADMINISTRATOR, CUSTOMS_ADMINISTRATOR)
