"""What administrators and users do with accounts and delegations, at a client of the public API."""

import json
from typing import Any

from sqlalchemy import select

from storage.demo.world import demo_id
from storage.register import REGISTER
from tests.office import Office
from tests.papers import USER_ERRORS, Payload, id_of
from tests.person import Person

ACCOUNT = """
fragment account on Account {
  id version username displayName role status email mobile language createdAt organisation { nameZh }
}
"""
DELEGATION = """
fragment delegation on Delegation {
  id version status delegatorName substituteName startsOn endsOn reason endedAt
  delegator { username } substitute { username }
}
"""
WITH_CODE = {"accountInvite", "accountResetPassword"}
VIEWER = "{ viewer { role roles delegatedBy { username } account { username } } }"
NEW_PASSWORD = "杜鹃 在  雨里 唱着歌呢"
FAILED = [("ACTIVATION_FAILED", None)]


def administrator(office: Office) -> Person:
    """Of 浦江, the enterprise whose operator is `enterprise`."""
    return office.user("pujiang.admin")


def account_id(username: str) -> str:
    """The public id of an account of the demo world."""
    return f"account_{demo_id(f'user.{username}').hex}"


async def acts(person: Person, mutation: str, **input: Any) -> Payload:
    """One action on an account; a one-time code stands beside the account's own fields."""
    more = "oneTimeCode oneTimeCodeExpiresAt" if mutation in WITH_CODE else ""
    query = f"""mutation Acts($input: {mutation[0].upper() + mutation[1:]}Input!) {{
      payload: {mutation}(input: $input) {{ account {{ ...account }} {more} {USER_ERRORS} }}
    }}"""
    payload = (await person.asks(query + ACCOUNT, input=input))["payload"]
    account = payload["account"]
    if account is not None:
        account |= {name: payload[name] for name in more.split()}
    return Payload(account, payload["userErrors"])


async def invites(person: Person, username: str = "li.na", **fields: Any) -> Payload:
    return await acts(
        person, "accountInvite", username=username, **{"displayName": "李娜", "role": "OPERATOR"} | fields
    )


async def activates(office: Office, username: str, code: str, password: str = NEW_PASSWORD) -> Payload:
    return await acts(office.anybody, "accountActivate", username=username, oneTimeCode=code, password=password)


async def does(person: Person, mutation: str, username: str, **fields: Any) -> Payload:
    """An action on an account of the demo world."""
    return await acts(person, mutation, id=account_id(username), **fields)


async def grants(person: Person, substitute: str, **fields: Any) -> Payload:
    """Hands work to a colleague, from the office's first day for a fortnight where nothing else is said."""
    typed = {"startsOn": "2026-06-01", "endsOn": "2026-06-14", "reason": "年休假"} | fields
    return await _on_delegation(person, "delegationGrant", substituteId=account_id(substitute), **typed)


async def takes_back(person: Person, delegation: Any) -> Payload:
    return await _on_delegation(person, "delegationRevoke", id=id_of(delegation))


async def _on_delegation(person: Person, mutation: str, **input: Any) -> Payload:
    query = f"""mutation Acts($input: {mutation[0].upper() + mutation[1:]}Input!) {{
      payload: {mutation}(input: $input) {{ delegation {{ ...delegation }} {USER_ERRORS} }}
    }}"""
    payload = (await person.asks(query + DELEGATION, input=input))["payload"]
    return Payload(payload["delegation"], payload["userErrors"])


async def signs_in(office: Office, username: str, password: str) -> Person | str:
    """Whoever has signed in, or the code of the refusal."""
    opening = f"""mutation In($input: SessionOpenInput!) {{
      sessionOpen(input: $input) {{ session {{ token }} {USER_ERRORS} }}
    }}"""
    opened = (await office.anybody.asks(opening, input={"username": username, "password": password}))["sessionOpen"]
    if opened["session"] is None:
        (refusal,) = opened["userErrors"]
        return str(refusal["code"])
    return Person(office, opened["session"]["token"])


async def signed_in(office: Office, username: str, password: str) -> Person:
    person = await signs_in(office, username, password)
    assert isinstance(person, Person), person
    return person


async def is_signed_in(person: Person) -> bool:
    answer = await person.sends(VIEWER)
    if "errors" not in answer:
        return True
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    return False


async def lines_of(office: Office, public_id: str) -> list[tuple[str, dict[str, Any]]]:
    """What the register says of a record: each action and what it changed."""
    digits = public_id.rpartition("_")[2]
    async with office.database.reading() as connection:
        rows = await connection.execute(select(REGISTER).order_by(REGISTER.c.version))
        return [(row.action, json.loads(row.changes)) for row in rows if row.subject_id.hex == digits]
