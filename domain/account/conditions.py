"""What must hold before an action on an account is taken, and when what was filled in is acceptable.

What gives somebody lasting power is done by one's own role: a substitute cannot make oneself an administrator.
"""

from typing import Any

from domain.account.record import (
    Account,
    AccountCase,
    AccountFacts,
    AccountStatus,
    ActivateForm,
    ChangePasswordForm,
    NewAccountForm,
    ProfileForm,
    RoleForm,
    profile_of,
)
from domain.party import OrganisationKind, Role, Viewer, includes_power
from domain.refusal import Refusal, RefusalCode, Refusals, refusal
from domain.workflow import Case, condition


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


def _is_the_last_administrator(case: "Case[Account, AccountFacts, Any]") -> bool:
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
    if all(getattr(case.record, name) == value for name, value in profile_of(case.form).items()):
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
        en="User name or one-time code is not correct, or the code has expired; ask an administrator for another.",
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
