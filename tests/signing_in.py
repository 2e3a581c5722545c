"""Signing in through the gate: from any address, with captchas answered, and every comparison counted."""

import hashlib
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

import identity.captcha
import identity.password
from tests.office import Office
from tests.world import PASSWORD

OPEN = """mutation Open($input: SessionOpenInput!) { sessionOpen(input: $input) {
  session { token } deviceToken viewer { account { username } }
  userErrors { code message field retryAfterSeconds }
} }"""
CAPTCHA = """mutation Captcha($input: CaptchaOpenInput!) { captchaOpen(input: $input) {
  captcha { id image proofOfWork { algorithm prefix difficulty } expiresAt }
  userErrors { code message field retryAfterSeconds }
} }"""
TEXT = "ACDEF"
"""What every picture says in these tests."""

GUARDED = {"captcha": "on", "captcha_difficulty": 6, "captcha_difficulty_max": 12, "secret_key": "for the tests alone"}
BEHIND_A_PROXY = {"proxies_trusted": ("127.0.0.1",)}


@dataclass
class Comparisons:
    """The passwords that were compared, in order; comparing costs nothing here."""

    made: list[str] = field(default_factory=list)

    def compare(self, password_hash: str, password: str) -> bool:
        self.made.append(password)
        return password == PASSWORD and password_hash not in ("", identity.password._NOBODYS_HASH)


@pytest.fixture
def comparisons(monkeypatch: pytest.MonkeyPatch) -> Comparisons:
    counted = Comparisons()
    monkeypatch.setattr(identity.password, "_compare", counted.compare)
    return counted


@pytest.fixture
def pictures_say(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(identity.captcha, "new_text", lambda: TEXT)
    return TEXT


async def asks(office: Office, query: str, address: str | None = None, **input: Any) -> Any:
    """The payload of one mutation; `address` is what the proxy before the server says."""
    headers = {} if address is None else {"x-forwarded-for": address}
    body = {"query": query, "variables": {"input": input}}
    content = (await office.client.post("/graphql", json=body, headers=headers)).json()
    assert "errors" not in content, content["errors"]
    (payload,) = content["data"].values()
    return payload


async def opens_captcha(office: Office, username: str | None = None, address: str | None = None, **more: Any) -> Any:
    """A captcha, which must be given."""
    payload = await asks(office, CAPTCHA, address, username=username, **more)
    assert payload["userErrors"] == []
    return payload["captcha"]


async def tries(
    office: Office, username: str = "enterprise", password: str = PASSWORD, address: str | None = None, **more: Any
) -> Any:
    return await asks(office, OPEN, address, username=username, password=password, **more)


async def does_the_work_and_tries(
    office: Office, username: str = "enterprise", password: str = PASSWORD, address: str | None = None, **more: Any
) -> Any:
    """As a client does that cannot see."""
    captcha = await opens_captcha(office, username, address, **more)
    more |= {"captchaId": captcha["id"], "captchaProof": proof(captcha)}
    return await tries(office, username, password, address, **more)


def proof(captcha: Any) -> str:
    prefix, difficulty = captcha["proofOfWork"]["prefix"], captcha["proofOfWork"]["difficulty"]
    return next(nonce for nonce in map(str, count()) if zero_bits(prefix + nonce) >= difficulty)


def zero_bits(text: str) -> int:
    """How many bits of the digest are nought, counted one by one from the first."""
    digits = "".join(f"{byte:08b}" for byte in hashlib.sha256(text.encode()).digest())
    return len(digits) - len(digits.lstrip("0"))


def codes(payload: Any) -> list[tuple[str, list[str] | None]]:
    """Why something was refused, and at which field."""
    return [(each["code"], each["field"]) for each in payload["userErrors"]]


def is_in(payload: Any) -> bool:
    return bool(payload["session"] and payload["session"]["token"])
