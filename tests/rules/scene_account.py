"""Accounts as the grid lays them out: that of an operator of the enterprise, with a one-time code that is good."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from domain.account.record import (
    Account,
    AccountFacts,
    AccountLanguage,
    AccountStatus,
    ActivateForm,
    AddForm,
    ChangePasswordForm,
    InviteForm,
    IssuedCode,
    ProfileForm,
    ResetForm,
    RoleForm,
)
from domain.account.workflow import WORKFLOW
from domain.organisation import Organisation
from domain.party import OrganisationKind, Role, Viewer
from domain.password import WeighedPassword
from domain.record import Form, Record
from domain.term import Term
from domain.workflow import Action, Case, Decision, decide
from tests.rules import desk
from tests.rules.scene import Scene

CODE = IssuedCode("code", timedelta(hours=72))
GOOD = WeighedPassword("hash of the new one")
PERSON: dict[str, Any] = {"username": "li.na", "display_name": "李娜", "role": Role.OPERATOR}


def organisation(kind: OrganisationKind = OrganisationKind.ENTERPRISE) -> Organisation:
    assert desk.ENTERPRISE.organisation_id is not None
    return Organisation(id=desk.ENTERPRISE.organisation_id, kind=kind, name_zh="浦江重工", name_en="Pujiang")


def account(status: AccountStatus = AccountStatus.ACTIVE, **changes: Any) -> Account:
    """The account of the operator ENTERPRISE."""
    return Account(
        **{
            "id": desk.ENTERPRISE.user_id,
            "version": 3,
            "username": "zhou",
            "display_name": "周海涛",
            "role": Role.OPERATOR,
            "status": status,
            "organisation_id": desk.ENTERPRISE.organisation_id,
            "created_at": desk.NOW,
            "name_key": "zhou",
            "password_hash": "hash",
            "code_hash": CODE.hash,
            "code_expires_at": desk.NOW + CODE.lasts,
            **changes,
        }
    )


def form_for(action: str) -> Form:
    """What is filled in or was found out for the action, acceptable."""
    forms: dict[str, Form] = {
        "invite": InviteForm.of(**PERSON, code=CODE),
        "add": AddForm.of(**PERSON, organisation_id=uuid4(), password=GOOD),
        "activate": ActivateForm(code_hash=CODE.hash, password=GOOD),
        "change_role": RoleForm.of(role=Role.VIEWER),
        "reset_password": ResetForm(code=IssuedCode("another", CODE.lasts)),
        "change_password": ChangePasswordForm(is_proved=True, compared_with="hash", password=GOOD),
        "update_profile": ProfileForm.of(display_name="周海洋", language=AccountLanguage.EN),
    }
    return forms.get(action, Form())


def facts(**changes: Any) -> AccountFacts:
    known: dict[str, Any] = {"organisation": organisation(), "other_administrators": 1}
    return AccountFacts(**known | changes)


def case_of(record: Any, actor: Viewer, form: Form, known: AccountFacts) -> Case[Any, Any, Any]:
    return Case(record=record, facts=known, actor=actor, form=form, now=desk.NOW, new_id=uuid4)


def decides(
    action: str, record: Account | None, actor: Viewer, form: Form | None = None, **changed_facts: Any
) -> Decision:
    """What becomes of an action on an account."""
    case = case_of(record, actor, form or form_for(action), facts(**changed_facts))
    return decide(WORKFLOW, WORKFLOW[action], case, record=record)


def _in_status(status: Term) -> Record:
    assert isinstance(status, AccountStatus)
    return account(status)


def _laid(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    return case_of(record, actor, form_for(action.name), facts())


SCENE = Scene(WORKFLOW, _in_status, _laid, AccountFacts(organisation=organisation(), username_is_taken=True))
PARTIES: dict[str, tuple[set[str], set[str]]] = {
    "the_person": ({"operator of the enterprise"}, set()),
    # Whom the account of an operator does not concern.
    "the_administrator_of_customs": (set(), set()),
}
