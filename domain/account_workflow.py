"""The table of accounts 账号: invited, activated with a one-time code, deactivated; who keeps them, and what ends sessions.

What gives somebody lasting power is done by one's own role: a substitute cannot make oneself an administrator.
"""

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
)
from domain.language import Language, Words
from domain.party import ADMINISTERING, THE_OFFICE, OfAnyKind, OrganisationKind, Party, Role, Viewer, includes_power
from domain.record import Form
from domain.refusal import Refusal, RefusalCode, Refusals, refusal
from domain.term import Term
from domain.workflow import (
    Action,
    Case,
    Effect,
    LeadsTo,
    Wish,
    Workflow,
    condition,
    form_is_filled,
    nothing_required_is_cleared,
)

MANUAL = "第四篇"


def _in_own_organisation(viewer: Viewer, record: Any) -> bool:
    return record is None or record.organisation_id == viewer.organisation_id


def _is_oneself(viewer: Viewer, record: Account | None) -> bool:
    return record is not None and record.id == viewer.user_id


def _is_an_administrator(viewer: Viewer, record: Account | None) -> bool:
    return record is not None and record.role is Role.ADMIN


THE_ADMINISTRATOR = OfAnyKind(
    "the_administrator",
    Words(zh="本单位管理员", en="an administrator of the organisation"),
    None,
    ADMINISTERING,
    _in_own_organisation,
)
THE_HOLDER = OfAnyKind("the_holder", Words(zh="本人", en="the person"), None, frozenset(Role), _is_oneself)
THE_ADMINISTRATOR_OF_CUSTOMS = Party(
    "the_administrator_of_customs",
    Words(zh="海关管理员（对各单位管理员）", en="an administrator of customs, for any organisation's administrators"),
    OrganisationKind.CUSTOMS,
    ADMINISTERING,
    _is_an_administrator,
)


# ── Conditions ─────────────────────────────────────────────────────────────────────────────────────────────────────


@condition(zh="用户名未被使用（不区分大小写）", en="nobody has this user name, whatever the case")
def username_is_free(case: "Case[Account, AccountFacts, NewAccountForm]") -> Refusals:
    if case.facts.username_is_taken:
        yield refusal(
            RefusalCode.DUPLICATE,
            zh="该用户名已被使用，请另选一个。",
            en="The user name is taken; choose another.",
            field="username",
        )


@condition(zh="角色适用于本单位：审核员仅限海关", en="the organisation has such a role: reviewers are of customs alone")
def role_fits_the_organisation(case: "Case[Account, AccountFacts, RoleForm]") -> Refusals:
    organisation = case.facts.organisation
    if case.form.role is Role.REVIEWER and organisation and organisation.kind is not OrganisationKind.CUSTOMS:
        yield refusal(
            RefusalCode.ROLE_NOT_ALLOWED,
            zh="只有海关设审核员，请选择管理员、操作员或查看员。",
            en="Only customs has reviewers; choose ADMIN, OPERATOR or VIEWER.",
            field="role",
        )


def beyond_own_power(field: str | None) -> Refusal:
    return refusal(
        RefusalCode.NOT_YOUR_ROLE,
        zh="以受委托的权限不得赋予超出本人角色的权限。",
        en="Power that was delegated to you gives nobody more than your own role has.",
        field=field,
    )


def _is_within_own_power(actor: Viewer, role: Role | None) -> bool:
    return actor.is_the_product or role is None or includes_power(actor.role, role)


@condition(zh="所赋予的角色不超出办理人本人的角色", en="the role given is within the own one of whoever gives it")
def role_is_within_own_power(case: "Case[Account, AccountFacts, RoleForm]") -> Refusals:
    if not _is_within_own_power(case.actor, case.form.role):
        yield beyond_own_power("role")


@condition(zh="账号的角色不超出办理人本人的角色", en="the account's role is within the own one of whoever does it")
def account_is_within_own_power(case: AccountCase) -> Refusals:
    if not _is_within_own_power(case.actor, case.record.role):
        yield beyond_own_power(None)


@condition(zh="不是本人的账号", en="the account is somebody else's")
def is_somebody_else(case: AccountCase) -> Refusals:
    if case.record.id == case.actor.user_id:
        yield refusal(
            RefusalCode.NOT_CHANGEABLE,
            zh="不能停用自己的账号，请由另一名管理员办理。",
            en="Nobody deactivates the own account; another administrator does.",
        )


def _last_administrator(field: str | None = None) -> Refusal:
    return refusal(
        RefusalCode.LAST_ADMINISTRATOR,
        zh="这是本单位最后一名可登录的管理员，请先指定另一名管理员。",
        en="This is the last administrator of the organisation who can sign in; appoint another first.",
        field=field,
    )


def _is_the_last_administrator(case: AccountCase) -> bool:
    record = case.record
    is_one = record.role is Role.ADMIN and record.status is AccountStatus.ACTIVE
    return is_one and case.facts.other_administrators == 0


@condition(zh="本单位仍有其他可登录的管理员", en="another administrator of the organisation can sign in")
def an_administrator_remains(case: AccountCase) -> Refusals:
    if _is_the_last_administrator(case):
        yield _last_administrator()


@condition(zh="本单位仍有可登录的管理员", en="an administrator of the organisation who can sign in remains")
def an_administrator_is_left(case: "Case[Account, AccountFacts, RoleForm]") -> Refusals:
    if case.form.role not in (None, Role.ADMIN) and _is_the_last_administrator(case):
        yield _last_administrator("role")


@condition(zh="角色与现有的不同", en="the role differs from the present one")
def role_changes(case: "Case[Account, AccountFacts, RoleForm]") -> Refusals:
    if case.form.role is case.record.role:
        yield refusal(
            RefusalCode.NOTHING_CHANGED,
            zh="该账号已是这一角色。",
            en="The account has this role already.",
            field="role",
        )


@condition(zh="至少有一项与现有内容不同", en="at least one field differs from what is on file")
def profile_changes(case: "Case[Account, AccountFacts, ProfileForm]") -> Refusals:
    if all(getattr(case.record, name) == value for name, value in _profile(case.form).items()):
        yield refusal(
            RefusalCode.NOTHING_CHANGED,
            zh="与现有内容相同，无需修改。",
            en="That is what it says already; change at least one field.",
        )


def activation_failed() -> Refusal:
    """What everybody hears whose code is not good, so that nobody learns which names exist."""
    return refusal(
        RefusalCode.ACTIVATION_FAILED,
        zh="用户名或一次性代码不正确，或代码已失效。请向管理员索取新的代码。",
        en="User name or one-time code is not correct, or the code is no longer good. Ask an administrator for a new one.",
    )


@condition(zh="有有效的一次性代码", en="a one-time code is good")
def a_code_waits(case: AccountCase) -> Refusals:
    if not case.record.code_is_good(case.now):
        yield activation_failed()


@condition(zh="一次性代码正确", en="the one-time code is the right one")
def code_is_right(case: "Case[Account, AccountFacts, ActivateForm]") -> Refusals:
    if case.record.code_is_good(case.now) and case.form.code_hash != case.record.code_hash:
        yield activation_failed()


@condition(zh="密码符合要求且不常见", en="the password is long enough, is not common and contains no name")
def password_is_acceptable(case: "Case[Account, AccountFacts, Any]") -> Refusals:
    if case.form.password is not None:
        yield from case.form.password.faults


@condition(zh="原密码正确", en="the old password is the right one")
def old_password_is_right(case: "Case[Account, AccountFacts, ChangePasswordForm]") -> Refusals:
    # It may have been changed since it was compared.
    if not case.form.is_proved or case.form.compared_with != case.record.password_hash:
        yield refusal(
            RefusalCode.SIGN_IN_FAILED, zh="原密码不正确。", en="The old password is not correct.", field="old_password"
        )


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


def _profile(form: ProfileForm) -> dict[str, Any]:
    sent = form.sent()
    return sent | ({"language": form.language.language} if form.language is not None else {})


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
    return Effect(changes=_profile(case.form))


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


END_SESSIONS = LeadsTo("session", "revoke", _every_session, Words(zh="该用户的登录全部失效", en="all its sessions end"))
END_OTHER_SESSIONS = LeadsTo(
    "session", "revoke", _every_other_session, Words(zh="该用户的其他登录全部失效", en="all its other sessions end")
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
            words=Words(zh="记录代码错误", en=f"Count a wrong one-time code; the {CODE_TRIES_MAX}th makes it worthless."),
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
