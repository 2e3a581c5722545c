"""Who acts on an account, beside the administrators of its organisation, and who is told."""

from uuid import UUID

from domain.account.record import Account, AccountCase
from domain.language import Words
from domain.notice import Channel, NoticeType, Telling, addressee
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


@addressee(zh="该用户的单位", en="the user's organisation")
def the_organisation(case: AccountCase) -> UUID:
    return case.record.organisation_id


def _revoked(case: AccountCase) -> dict[str, object]:
    kept = getattr(case.form, "keep_cards_and_passkeys", None)
    return {
        "username": case.record.username,
        "name": case.record.display_name,
        "cards": 0 if kept else len(case.facts.cards),
        "passkeys": 0 if kept else len(case.facts.passkeys),
    }


PASSWORD_RESET = Telling(
    NoticeType.ACCOUNT,
    the_organisation,
    Words(zh="用户密码已重置", en="A user's password was reset"),
    Words(
        zh="已为账号{username}（{name}）发放一次性代码，其登录全部失效。解除的卡：{cards}张；解除的通行密钥：{passkeys}个。"
        "如无人知情，请立即联系管理员。",
        en="A one-time code was given out for the account {username} ({name}); all its sessions have ended. Cards "
        "revoked: {cards}. Passkeys revoked: {passkeys}. Should nobody know of it, ask your administrator at once.",
    ),
    _revoked,
    (Channel.NOTICE, Channel.EMAIL),
)
"""To the organisation: whoever has stolen an account may have put an address of their own into it."""
