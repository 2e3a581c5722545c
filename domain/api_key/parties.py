"""Who keeps keys: an organisation's administrators their own, those of customs everybody's."""

from dataclasses import dataclass

from domain.api_key.record import ApiKey
from domain.language import Words
from domain.party import OrganisationKind, Party, Role, Viewer, anyone_of
from domain.session import EverySide


@dataclass(frozen=True)
class RoleOfEverySide(EverySide):
    """Users of these roles, of any kind of organisation."""

    def includes(self, viewer: Viewer, record: object | None) -> bool:
        return viewer.role in self.roles and super().includes(viewer, record)


def _is_own(viewer: Viewer, record: ApiKey | None) -> bool:
    return record is None or record.organisation_id == viewer.organisation_id


THE_ADMINISTRATOR = RoleOfEverySide(
    "the_administrator", Words(zh="本单位管理员", en="an administrator of the organisation"), None,
    frozenset({Role.ADMIN}), _is_own,
)  # fmt: skip
CUSTOMS_ADMINISTRATOR = Party(
    "customs_administrator", Words(zh="海关管理员", en="an administrator of customs"), OrganisationKind.CUSTOMS,
    frozenset({Role.ADMIN}), anyone_of,
)  # fmt: skip
KEEPERS = (THE_ADMINISTRATOR, CUSTOMS_ADMINISTRATOR)
