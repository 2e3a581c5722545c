"""What each action changes on an account, and the sessions that end with it. Nothing here decides."""

from collections.abc import Callable, Iterable
from typing import Any

from domain.account.record import (
    Account,
    AccountCase,
    AccountFacts,
    AccountStatus,
    ActivateForm,
    AddForm,
    ChangePasswordForm,
    InviteForm,
    IssuedCode,
    NewAccountForm,
    ProfileForm,
    ResetForm,
    RoleForm,
    profile_of,
)
from domain.card import RevokeCardForm
from domain.language import Language, Words
from domain.party import Role
from domain.passkey import RevokePasskeyForm
from domain.record import Form
from domain.term import Term
from domain.workflow import Case, Effect, LeadsTo, Wish

NO_CODE = {"code_hash": None, "code_expires_at": None}


def _issued(code: IssuedCode | None, case: Case[Any, Any, Any]) -> dict[str, Any]:
    assert code is not None
    return {"code_hash": code.hash, "code_expires_at": case.now + code.lasts}


def _described(form: NewAccountForm) -> dict[str, Any]:
    assert form.username is not None
    return {
        "username": form.username,
        "name_key": form.username.lower(),
        "display_name": form.display_name,
        "role": form.role,
        "email": form.email,
        "mobile": form.mobile,
        "language": Language.ZH if form.language is None else form.language.language,
    }


def as_invited(case: "Case[Account, AccountFacts, InviteForm]") -> Effect:
    return Effect(changes=_described(case.form) | _issued(case.form.code, case))


def _password_set(case: Case[Any, Any, Any]) -> dict[str, Any]:
    return {"password_hash": case.form.password.hash, "password_changed_at": case.now}


def as_added(case: "Case[Account, AccountFacts, AddForm]") -> Effect:
    return Effect(changes=_described(case.form) | _password_set(case))


def as_activated(case: "Case[Account, AccountFacts, ActivateForm]") -> Effect:
    return Effect(changes=_password_set(case) | NO_CODE)


def as_deactivated(case: AccountCase) -> Effect:
    return Effect(changes=NO_CODE)


def as_reset(case: "Case[Account, AccountFacts, ResetForm]") -> Effect:
    return Effect(changes={"password_hash": ""} | _issued(case.form.code, case))


def as_of_another_role(case: "Case[Account, AccountFacts, RoleForm]") -> Effect:
    return Effect(changes={"role": case.form.role})


def as_changed(case: "Case[Account, AccountFacts, ChangePasswordForm]") -> Effect:
    return Effect(changes=_password_set(case))


def as_updated(case: "Case[Account, AccountFacts, ProfileForm]") -> Effect:
    return Effect(changes=profile_of(case.form))


def blank_account(case: "Case[Account, AccountFacts, NewAccountForm]", status: Term | None) -> Account:
    assert isinstance(status, AccountStatus)
    account_id = case.new_id()
    return Account(
        id=account_id,
        username="",
        display_name="",
        role=Role.VIEWER,
        status=status,
        # Nobody's, until the form has been looked at.
        organisation_id=getattr(case.form, "organisation_id", None) or case.actor.organisation_id or account_id,
        created_at=case.now,
        name_key="",
        password_hash="",
    )


def _every_session(case: AccountCase, after: Account) -> Iterable[Wish]:
    return (Wish(form=Form(), subject_id=each) for each in case.facts.sessions)


def _unless_kept(found: str, form: RevokeCardForm) -> Callable[[AccountCase, Account], Iterable[Wish]]:
    def wishes(case: AccountCase, after: Account) -> Iterable[Wish]:
        if getattr(case.form, "keep_cards_and_passkeys", None):
            return ()
        return (Wish(form=form, subject_id=each) for each in getattr(case.facts, found))

    return wishes


def _every_other_session(case: AccountCase, after: Account) -> Iterable[Wish]:
    return (wish for wish in _every_session(case, after) if wish.subject_id != case.actor.session_id)


END_SESSIONS = LeadsTo(
    subject="session",
    action="revoke",
    wishes=_every_session,
    words=Words(zh="该用户的登录全部失效", en="all its sessions end"),
)
END_OTHER_SESSIONS = LeadsTo(
    subject="session",
    action="revoke",
    wishes=_every_other_session,
    words=Words(zh="该用户的其他登录全部失效", en="all its other sessions end"),
)
REASON = "密码重置 Password reset"
REVOKE_CARDS = LeadsTo(
    subject="card",
    action="revoke",
    wishes=_unless_kept("cards", RevokeCardForm.of(reason=REASON)),
    words=Words(zh="除选择保留外，其卡全部解除", en="all its cards are revoked, unless they are kept"),
)
REVOKE_PASSKEYS = LeadsTo(
    subject="passkey",
    action="revoke",
    wishes=_unless_kept("passkeys", RevokePasskeyForm.of(reason=REASON)),
    words=Words(zh="除选择保留外，其通行密钥全部解除", en="all its passkeys are revoked, unless they are kept"),
)
