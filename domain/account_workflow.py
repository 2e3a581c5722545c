"""The table of accounts 账号: who invites, activates, deactivates and changes them, and what ends their sessions."""

from collections.abc import Iterable
from typing import Any

from domain.account import (
    CODE_TRIES_MAX,
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
from domain.account_conditions import (
    THE_ADMINISTRATOR,
    THE_ADMINISTRATOR_OF_CUSTOMS,
    THE_HOLDER,
    a_code_waits,
    account_is_within_own_power,
    an_administrator_is_left,
    an_administrator_remains,
    code_is_right,
    is_somebody_else,
    old_password_is_right,
    password_is_acceptable,
    profile_changes,
    role_changes,
    role_fits_the_organisation,
    role_is_within_own_power,
    username_is_free,
)
from domain.language import Language, Words
from domain.party import THE_OFFICE, Role
from domain.record import Form
from domain.term import Term
from domain.workflow import (
    Action,
    Case,
    Effect,
    LeadsTo,
    Wish,
    Workflow,
    form_is_filled,
    nothing_required_is_cleared,
)

MANUAL = "第四篇"


# ── Effects ────────────────────────────────────────────────────────────────────────────────────────────────────────

NO_CODE = {"code_hash": None, "code_expires_at": None, "code_tries": 0}


def _issued(code: IssuedCode | None, case: Case[Any, Any, Any]) -> dict[str, Any]:
    assert code is not None
    return {"code_hash": code.hash, "code_expires_at": case.now + code.lasts, "code_tries": 0}


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


def as_missed(case: AccountCase) -> Effect:
    tries = case.record.code_tries + 1
    return Effect(changes=NO_CODE if tries >= CODE_TRIES_MAX else {"code_tries": tries})


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


# ── The table ──────────────────────────────────────────────────────────────────────────────────────────────────────

_NOT_LEFT = (AccountStatus.INVITED, AccountStatus.ACTIVE)

WORKFLOW = Workflow(
    subject="account",
    words=Words(zh="账号", en="Account"),
    manual=MANUAL,
    record=Account,
    statuses=AccountStatus,
    blank=blank_account,
    actions=(
        Action(
            name="invite",
            words=Words(zh="邀请", en="Invite a colleague, who activates the account with a one-time code."),
            manual=MANUAL,
            creates=AccountStatus.INVITED,
            by=(THE_ADMINISTRATOR,),
            form=InviteForm,
            accepts=(form_is_filled, username_is_free, role_fits_the_organisation, role_is_within_own_power),
            then=as_invited,
        ),
        Action(
            name="add",
            words=Words(zh="新增", en="Add an account with its password, from the command line."),
            manual=MANUAL,
            creates=AccountStatus.ACTIVE,
            by=(THE_OFFICE,),
            form=AddForm,
            accepts=(form_is_filled, username_is_free, role_fits_the_organisation, password_is_acceptable),
            then=as_added,
        ),
        Action(
            name="activate",
            published_as="accountActivate",
            words=Words(zh="激活", en="Set a password with the one-time code."),
            manual=MANUAL,
            start=_NOT_LEFT,
            to=AccountStatus.ACTIVE,
            by=(THE_HOLDER,),
            provided=(a_code_waits,),
            form=ActivateForm,
            accepts=(code_is_right, password_is_acceptable),
            then=as_activated,
            leads_to=(END_SESSIONS,),
        ),
        Action(
            name="miss_code",
            words=Words(
                zh="记录代码错误", en=f"Count a wrong one-time code; number {CODE_TRIES_MAX} makes it worthless."
            ),
            manual=MANUAL,
            start=_NOT_LEFT,
            by=(THE_OFFICE,),
            provided=(a_code_waits,),
            then=as_missed,
        ),
        Action(
            name="deactivate",
            words=Words(zh="停用", en="Keep the person from signing in; who is signed in is signed out at once."),
            manual=MANUAL,
            start=_NOT_LEFT,
            to=AccountStatus.DEACTIVATED,
            by=(THE_ADMINISTRATOR,),
            provided=(is_somebody_else, an_administrator_remains),
            then=as_deactivated,
            leads_to=(END_SESSIONS,),
        ),
        Action(
            name="reactivate",
            words=Words(zh="恢复", en="Let the person sign in again, with the password that there was."),
            manual=MANUAL,
            start=(AccountStatus.DEACTIVATED,),
            to=AccountStatus.ACTIVE,
            by=(THE_ADMINISTRATOR,),
            provided=(account_is_within_own_power,),
        ),
        Action(
            name="change_role",
            words=Words(zh="变更角色", en="Give the person another role; who is signed in signs in anew."),
            manual=MANUAL,
            start=_NOT_LEFT,
            by=(THE_ADMINISTRATOR,),
            form=RoleForm,
            accepts=(
                form_is_filled,
                role_fits_the_organisation,
                role_changes,
                role_is_within_own_power,
                an_administrator_is_left,
            ),
            then=as_of_another_role,
            leads_to=(END_SESSIONS,),
        ),
        Action(
            name="reset_password",
            words=Words(zh="重置密码", en="Give out a new one-time code; the password is worthless from now on."),
            manual=MANUAL,
            start=_NOT_LEFT,
            by=(THE_ADMINISTRATOR, THE_ADMINISTRATOR_OF_CUSTOMS, THE_OFFICE),
            provided=(account_is_within_own_power,),
            form=ResetForm,
            then=as_reset,
            leads_to=(END_SESSIONS,),
        ),
        Action(
            name="change_password",
            published_as="accountChangePassword",
            words=Words(zh="修改密码", en="Change the own password; all other sessions end."),
            manual=MANUAL,
            start=(AccountStatus.ACTIVE,),
            by=(THE_HOLDER,),
            form=ChangePasswordForm,
            accepts=(old_password_is_right, password_is_acceptable),
            then=as_changed,
            leads_to=(END_OTHER_SESSIONS,),
        ),
        Action(
            name="update_profile",
            words=Words(zh="修改个人信息", en="Change the own name, e-mail address, mobile phone or language."),
            manual=MANUAL,
            start=(AccountStatus.ACTIVE,),
            by=(THE_HOLDER,),
            form=ProfileForm,
            accepts=(nothing_required_is_cleared, profile_changes),
            then=as_updated,
        ),
    ),
)
