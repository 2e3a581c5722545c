"""The people of the demo world: all of them active, but for one who is invited and one who has left."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from domain.account.record import AccountFacts, AccountLanguage, AddForm, InviteForm, IssuedCode
from domain.organisation import Organisation
from domain.party import THE_PRODUCT, Role, Viewer
from domain.password import WeighedPassword
from domain.record import Form
from storage.account_desk import DESK
from storage.demo import DemoUser, demo_id, demo_users
from storage.history import History

NOBODYS_CODE = IssuedCode("", timedelta(hours=72))
"""No code comes to this hash: an administrator gives out another."""


def users(password_hash: str, now: datetime, organisations: Sequence[Organisation]) -> list[History]:
    """Everybody's account, with its first line in the register and perhaps another."""
    by_id = {each.id: each for each in organisations}
    return [_user(each, by_id[demo_id(each.organisation)], password_hash, now) for each in demo_users()]


def _user(each: DemoUser, organisation: Organisation, password_hash: str, now: datetime) -> History:
    history = History(DESK, "", partial(demo_id, f"user.{each.username}"))
    facts = AccountFacts(organisation=organisation, other_administrators=1)
    person: dict[str, Any] = {
        "username": each.username,
        "display_name": each.display_name,
        "role": Role[each.role],
        "language": AccountLanguage.EN if each.language == "en" else AccountLanguage.ZH,
    }
    if each.status == "INVITED":
        history.then("invite", InviteForm(**person, code=NOBODYS_CODE), facts, _administrator(organisation), now)
        return history
    password = WeighedPassword(password_hash)
    form = AddForm(**person, organisation_id=organisation.id, password=password)
    history.then("add", form, facts, THE_PRODUCT, now)
    if each.status == "DEACTIVATED":
        history.then("deactivate", Form(), facts, _administrator(organisation), now)
    return history


def _administrator(organisation: Organisation) -> Viewer:
    of_it = (each for each in demo_users() if each.role == "ADMIN" and demo_id(each.organisation) == organisation.id)
    return Viewer(
        kind=organisation.kind,
        user_id=demo_id(f"user.{next(of_it).username}"),
        organisation_id=organisation.id,
        role=Role.ADMIN,
    )
