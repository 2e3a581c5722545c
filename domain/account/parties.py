"""Who acts on an account, beside the administrators of its organisation."""

from domain.account.record import Account
from domain.language import Words
from domain.party import ADMINISTERING, OfAnyKind, OrganisationKind, Party, Role, Viewer


def _is_oneself(viewer: Viewer, record: Account | None) -> bool:
    return record is not None and record.id == viewer.user_id


def _is_an_administrator(viewer: Viewer, record: Account | None) -> bool:
    return record is not None and record.role is Role.ADMIN


THE_PERSON = OfAnyKind("the_person", Words(zh="本人", en="the person"), None, frozenset(Role), _is_oneself)
THE_ADMINISTRATOR_OF_CUSTOMS = Party(
    "the_administrator_of_customs",
    Words(zh="海关管理员（对各单位管理员）", en="an administrator of customs, for any organisation's administrators"),
    OrganisationKind.CUSTOMS,
    ADMINISTERING,
    _is_an_administrator,
)
