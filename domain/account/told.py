"""What an organisation is told of its users' ways to sign in 账号安全, so that none is changed unseen.

It goes to the organisation, not to the person's own address: whoever has stolen an account may have put in another.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.account.record import Account, AccountCase
from domain.language import Words
from domain.marks import today_in_china
from domain.notice import Addressee, Channel, NoticeType, Telling, addressee

CHANNELS = (Channel.NOTICE, Channel.EMAIL)
ASK_ZH = "如非本人操作，请立即联系管理员。"
ASK_EN = "Was it not the user, ask your administrator at once."


@addressee(zh="该用户的单位", en="the user's organisation")
def the_organisation(case: AccountCase) -> UUID:
    return case.record.organisation_id


@addressee(zh="该用户的单位（因重置密码而解除的除外）", en="the user's organisation, but of what a reset has ended")
def the_organisation_unless_reset(case: Any) -> UUID | None:
    """A reset tells of all that it ends by itself."""
    organisation_id: UUID = case.record.organisation_id
    return None if case.actor.is_the_product else organisation_id


@addressee(
    zh="该用户的单位（邮箱或手机变更时）", en="the user's organisation, where e-mail address or mobile phone change"
)
def the_organisation_if_reached_elsewhere(case: AccountCase) -> UUID | None:
    record = case.record
    return record.organisation_id if (record.email, record.mobile) != case.facts.contact else None


@addressee(zh="该用户的单位（曾启用的）", en="the user's organisation, of one that had been active")
def the_organisation_if_it_was_active(case: Any) -> UUID | None:
    organisation_id: UUID = case.record.organisation_id
    return organisation_id if case.record.confirmed_at is not None else None


@addressee(
    zh="该用户的单位（网络和设备均为首次时）", en="the user's organisation, where neither device nor network are known"
)
def the_organisation_of_a_stranger(case: Any) -> UUID | None:
    organisation_id: UUID | None = case.actor.organisation_id
    return organisation_id if case.form.stranger is not None else None


def _stranger(case: Any) -> Mapping[str, object]:
    return {"username": case.form.stranger}


def _named(case: Any) -> Mapping[str, object]:
    """Whose account it is, and by which card or passkey."""
    account = case.record if isinstance(case.record, Account) else case.facts.account
    assert account is not None
    means = getattr(case.record, "name", None) or getattr(case.record, "serial", "")
    return {"username": account.username, "name": account.display_name, "means": means}


def _revoked(case: AccountCase) -> Mapping[str, object]:
    kept = getattr(case.form, "keep_cards_and_passkeys", None)
    return {
        **_named(case),
        "cards": 0 if kept else len(case.facts.cards),
        "passkeys": 0 if kept else len(case.facts.passkeys),
    }


def _told(heading: Words, text: Words, to: Addressee = the_organisation) -> Telling:
    return Telling(NoticeType.ACCOUNT, to, heading, text, _named, CHANNELS)


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
    CHANNELS,
)
PASSWORD_CHANGED = _told(
    Words(zh="用户密码已修改", en="A user's password was changed"),
    Words(
        zh="账号{username}（{name}）的密码已修改，其他登录全部失效。" + ASK_ZH,
        en="The password of the account {username} ({name}) was changed; its other sessions have ended. " + ASK_EN,
    ),
)
CONTACT_CHANGED = _told(
    Words(zh="用户联系方式已修改", en="How to reach a user was changed"),
    Words(
        zh="账号{username}（{name}）的电子邮箱或手机已修改。" + ASK_ZH,
        en="The e-mail address or mobile phone of the account {username} ({name}) was changed. " + ASK_EN,
    ),
    the_organisation_if_reached_elsewhere,
)
CARD_BOUND = _told(
    Words(zh="用户已绑定卡介质", en="A card was bound to a user's account"),
    Words(
        zh="账号{username}（{name}）已绑定卡介质（证书序列号{means}），可用其登录。" + ASK_ZH,
        en="The card of the certificate {means} signs in to the account {username} ({name}) from now on. " + ASK_EN,
    ),
)
CARD_REVOKED = _told(
    Words(zh="用户的卡介质已解除", en="A user's card was revoked"),
    Words(
        zh="账号{username}（{name}）的卡介质（证书序列号{means}）已解除，不能再用其登录。",
        en="The card of the certificate {means} signs in to the account {username} ({name}) no more.",
    ),
    the_organisation_unless_reset,
)
CARD_ENDS_SOON = Telling(
    NoticeType.ACCOUNT,
    the_organisation,
    Words(zh="用户的卡介质即将到期", en="A user's card ends soon"),
    Words(
        zh="账号{username}（{name}）的卡介质（证书序列号{means}）于{ends_on}到期。请向签发机构换发新卡，并在到期前绑定。",
        en="The card of the certificate {means} of the account {username} ({name}) ends on {ends_on}. Have its issuer "
        "give out a new one, and bind it before that day.",
    ),
    lambda case: {**_named(case), "ends_on": today_in_china(case.record.valid_until)},
    CHANNELS,
)
PASSKEY_REGISTERED = _told(
    Words(zh="用户已登记通行密钥", en="A passkey was registered for a user's account"),
    Words(
        zh="账号{username}（{name}）已登记通行密钥“{means}”，可用其登录。" + ASK_ZH,
        en="The passkey “{means}” signs in to the account {username} ({name}) from now on. " + ASK_EN,
    ),
)
PASSKEY_REVOKED = _told(
    Words(zh="用户的通行密钥已解除", en="A user's passkey was revoked"),
    Words(
        zh="账号{username}（{name}）的通行密钥“{means}”已解除，不能再用其登录。",
        en="The passkey “{means}” signs in to the account {username} ({name}) no more.",
    ),
    the_organisation_unless_reset,
)
TOTP_CONFIRMED = _told(
    Words(zh="用户已启用动态口令", en="A user has set up an authenticator app"),
    Words(
        zh="账号{username}（{name}）已启用动态口令，用密码登录时须一并输入。" + ASK_ZH,
        en="The account {username} ({name}) is asked for a code of an app beside its password from now on. " + ASK_EN,
    ),
)
TOTP_REVOKED = _told(
    Words(zh="用户的动态口令已停用", en="A user's authenticator app was revoked"),
    Words(
        zh="账号{username}（{name}）的动态口令已停用，登录只需密码。" + ASK_ZH,
        en="The account {username} ({name}) is asked for no code any more: the password alone signs in. " + ASK_EN,
    ),
    the_organisation_if_it_was_active,
)
CODE_REUSED = _told(
    Words(zh="用户的动态口令被重复使用", en="A user's code was shown a second time"),
    Words(
        zh="账号{username}（{name}）的一个已用过的动态口令被再次输入，已拒绝；输入者知道密码。" + ASK_ZH,
        en="A code of the account {username} ({name}) that had been taken already was typed again, after the right "
        "password, and refused. " + ASK_EN,
    ),
)
SIGNED_IN_FROM_ELSEWHERE = Telling(
    NoticeType.ACCOUNT,
    the_organisation_of_a_stranger,
    Words(zh="用户在新的网络和设备上登录", en="A user has signed in from a new network and device"),
    Words(
        zh="账号{username}在从未使用过的网络和设备上用密码登录；本人可在登录列表中查看并终止。" + ASK_ZH,
        en="The account {username} was signed in to by password from a network and a device that are new to it; its "
        "user sees it among the sessions, and may end it. " + ASK_EN,
    ),
    _stranger,
    CHANNELS,
)
