"""Integration partners: who issues their keys, and their programs at a client of the public API."""

from datetime import timedelta
from typing import Any

from tests.office import Office
from tests.papers import USER_ERRORS, Payload
from tests.person import Person

KEY = """
fragment key on ApiKey {
  id version name prefix scopes status organisationId ratePerMinute issuedAt expiresAt rotatedAt formerGoodUntil
  revokedAt lastUsedAt
}
"""
EVERY_SCOPE = ("REGISTRY", "RULES", "REGULATIONS", "CERTIFICATES", "CHANGE_FEED")


async def acts(person: Person, mutation: str, **input: Any) -> tuple[Payload, str | None]:
    """One action on a key, and the secret that was told."""
    secret = "" if mutation == "apiKeyRevoke" else "secret"
    query = f"""mutation Acts($input: {mutation[0].upper() + mutation[1:]}Input!) {{
      payload: {mutation}(input: $input) {{ apiKey {{ ...key }} {secret} {USER_ERRORS} }}
    }}"""
    payload = (await person.asks(query + KEY, input=input))["payload"]
    return Payload(payload["apiKey"], payload["userErrors"]), payload.get("secret")


def a_key(office: Office, *scopes: str, **changes: Any) -> dict[str, Any]:
    """What an administrator types; a key for thirty days."""
    ends_at = (office.clock() + timedelta(days=30)).isoformat().replace("+00:00", "Z")
    return {"name": "港口系统", "scopes": list(scopes or EVERY_SCOPE), "expiresAt": ends_at} | changes


async def issued(office: Office, *scopes: str, by: Person | None = None, **changes: Any) -> tuple[Any, str]:
    """A key of the enterprise, and its secret."""
    payload, secret = await acts(by or admin(office), "apiKeyIssue", **a_key(office, *scopes, **changes))
    assert secret is not None, payload.user_errors
    return payload.done(), secret


async def a_program(office: Office, *scopes: str, **changes: Any) -> Person:
    """A program with a key of these scopes."""
    _, secret = await issued(office, *scopes, **changes)
    return Person(office, secret)


def admin(office: Office) -> Person:
    """An administrator of the enterprise."""
    return office.user("pujiang.admin")


async def is_let_in(office: Office, key: str) -> bool:
    """Whether a key, or a token, is taken."""
    answer = await Person(office, key).sends("{ version }")
    if "errors" in answer:
        assert [each["extensions"]["code"] for each in answer["errors"]] == ["UNAUTHENTICATED"]
    return "errors" not in answer


async def lists(person: Person, **wanted: Any) -> list[Any]:
    query = "query Lists($filter: ApiKeyFilter) { apiKeys(filter: $filter) { nodes { ...key } } }"
    nodes: list[Any] = (await person.asks(query + KEY, filter=wanted))["apiKeys"]["nodes"]
    return nodes
