"""What an account is: its statuses, what is filled in about a person, what is kept, and the facts that its rules weigh.

Passwords and codes come here as hashes only.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.language import Language
from domain.organisation import Organisation
from domain.party import ADMINISTERING, Role, Viewer
from domain.password import WeighedPassword
from domain.record import Form, Record, hidden, personal, required, says, sealed
from domain.term import Term
from domain.workflow import Case

NAME_LENGTH_MAX = 100


class AccountStatus(Term):
    """Whether a user may sign in 账号状态."""

    INVITED = "待激活", "Invited; the person has not set a password yet with the one-time code."
    ACTIVE = "正常", "May sign in."
    DEACTIVATED = "已停用", "May not sign in until an administrator reactivates it."


class AccountLanguage(Term):
    """In which language a user is answered who asks for none."""

    ZH = "中文", "Chinese."
    EN = "英文", "English."

    @property
    def language(self) -> Language:
        return Language(self.code.lower())


@dataclass(frozen=True, kw_only=True)
class Account(Record):
    """A person's account in one organisation 账号."""

    username: Annotated[
        str, says("用户名", "The name typed to sign in, as shown beside the organisation."), marks.text(64)
    ]
    display_name: Annotated[str, says("姓名", "The person's name."), marks.text(NAME_LENGTH_MAX)]
    role: Annotated[Role, says("角色", "What the person may do within the organisation.")]
    status: Annotated[AccountStatus, says("状态", "Whether the person may sign in.")] = AccountStatus.ACTIVE
    organisation_id: Annotated[UUID, hidden]
    email: Annotated[str | None, personal, marks.an_email] = None
    mobile: Annotated[str | None, personal, marks.a_mobile] = None
    language: Annotated[Language, hidden] = Language.ZH
    created_at: Annotated[datetime, says("创建时间", "When the account was made.")]
    name_key: Annotated[str, hidden, marks.text(64)]
    """The user name in lower case, so that no two differ in that alone."""
    password_hash: Annotated[str, hidden, sealed]
    """Empty where there is no password. Sealed, so that whoever has the database alone tries no password against it."""
    password_changed_at: Annotated[datetime | None, hidden] = None
    code_hash: Annotated[str | None, hidden, marks.text(64)] = None
    code_expires_at: Annotated[datetime | None, hidden] = None
    code_tries: Annotated[int, hidden] = 0
    """Counts nothing any more: wrong codes once ended a code. It stays, for digests in the register are over it."""

    def code_is_good(self, now: datetime) -> bool:
        """Whether there is a one-time code that may still be typed."""
        return self.code_hash is not None and self.code_expires_at is not None and now < self.code_expires_at


@dataclass(frozen=True)
class IssuedCode:
    """A one-time code that was just made: its hash, and how long it is good."""

    hash: str = field(repr=False)
    lasts: timedelta


@dataclass(frozen=True, kw_only=True)
class ProfileForm(Form):
    """What a user says about oneself."""

    display_name: Annotated[
        str | None, says("姓名", "The person's name, at most 100 characters."), marks.text(NAME_LENGTH_MAX), required
    ] = None
    email: Annotated[str | None, says("电子邮箱", "E-mail address of the person."), marks.an_email] = None
    mobile: Annotated[str | None, says("手机", "Mobile phone of the person."), marks.a_mobile] = None
    language: Annotated[
        AccountLanguage | None, says("语言", "In which language the person is answered who asks for none."), required
    ] = None


@dataclass(frozen=True, kw_only=True)
class RoleForm(Form):
    """Which role."""

    role: Annotated[Role | None, says("角色", "ADMIN, OPERATOR or VIEWER; in customs also REVIEWER."), required] = None


@dataclass(frozen=True, kw_only=True)
class NewAccountForm(RoleForm):
    """Who is to have an account."""

    username: Annotated[
        str | None,
        says("用户名", "3 to 64 English letters, digits, `.`, `_` and `-`; no two differ in case alone."),
        marks.a_username,
        required,
    ] = None
    display_name: Annotated[
        str | None, says("姓名", "The person's name, at most 100 characters."), marks.text(NAME_LENGTH_MAX), required
    ] = None
    email: Annotated[str | None, says("电子邮箱", "E-mail address of the person."), marks.an_email] = None
    mobile: Annotated[str | None, says("手机", "Mobile phone of the person."), marks.a_mobile] = None
    language: Annotated[
        AccountLanguage | None,
        says("语言", "Language of answers where none is asked for; Chinese when absent."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class InviteForm(NewAccountForm):
    """Whom an administrator invites."""

    code: Annotated[IssuedCode | None, hidden] = None


@dataclass(frozen=True, kw_only=True)
class AddForm(NewAccountForm):
    """An account that an operator adds from the command line, password and all."""

    organisation_id: Annotated[UUID | None, hidden] = None
    password: Annotated[WeighedPassword | None, hidden] = None


@dataclass(frozen=True, kw_only=True)
class ActivateForm(Form):
    """A one-time code and the password that the person sets with it."""

    code_hash: Annotated[str, hidden]
    password: Annotated[WeighedPassword, hidden]


@dataclass(frozen=True, kw_only=True)
class ResetForm(Form):
    """A new one-time code in place of the password."""

    keep_cards_and_passkeys: Annotated[
        bool | None,
        says(
            "保留卡和通行密钥",
            "True where the person has only forgotten the password. Otherwise all of them are revoked, so that nothing "
            "that signed in before the reset still does.",
        ),
    ] = None
    code: Annotated[IssuedCode | None, hidden] = None


@dataclass(frozen=True, kw_only=True)
class ChangePasswordForm(Form):
    """Old and new password; the old one was compared already, with the hash that is named."""

    is_proved: Annotated[bool, hidden]
    compared_with: Annotated[str, hidden]
    password: Annotated[WeighedPassword, hidden]


@dataclass(frozen=True, kw_only=True)
class AccountFacts:
    """What lies beside an account: its organisation, who else can sign in as administrator, and by what it does."""

    organisation: Organisation | None = None
    username_is_taken: bool = False
    other_administrators: int = 0
    sessions: tuple[UUID, ...] = ()
    """Those that are open; they, cards and passkeys are gathered only where an action is carried out."""
    cards: tuple[UUID, ...] = ()
    passkeys: tuple[UUID, ...] = ()
    """Those that sign in."""
    contact: tuple[str | None, str | None] = (None, None)
    """E-mail address and mobile phone before the action."""


AccountCase = Case[Account, AccountFacts, Form]


@dataclass(frozen=True, kw_only=True)
class AccountFilter(Form):
    """Which accounts are wanted; conditions given together must all hold."""

    name: Annotated[str | None, says("姓名或用户名", "Fragment of the person's name or of the user name.")] = None
    role: Annotated[tuple[Role, ...] | None, says("角色", "Any of these roles.")] = None
    status: Annotated[tuple[AccountStatus, ...] | None, says("状态", "Any of these statuses.")] = None


class AccountOrderField(Term):
    """What accounts are sorted by."""

    CREATED_AT = "创建时间", "When they were made."
    USERNAME = "用户名", "The user name, by code point."
    DISPLAY_NAME = "姓名", "The person's name, by code point."


def may_read_contact(viewer: Viewer, account: Account) -> bool:
    """Whether e-mail address, telephone and language of a person are told to whoever may see the account."""
    return viewer.user_id == account.id or viewer.has_role_in(ADMINISTERING)


def language_of(account: Account) -> AccountLanguage:
    return AccountLanguage[account.language.upper()]


def profile_of(form: ProfileForm) -> dict[str, Any]:
    """What a person's form changes of the account."""
    return form.sent() | ({"language": form.language.language} if form.language is not None else {})
