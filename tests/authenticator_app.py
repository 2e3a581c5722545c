"""An authenticator app in software, and how somebody sets it up and signs in with it at a client of the public API."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyotp

from tests.office import Office
from tests.papers import USER_ERRORS, Payload
from tests.person import Person
from tests.signing_in import asks
from tests.world import PASSWORD

TOTP = """
fragment totp on Totp {
  id version status begunAt confirmedAt lastUsedAt revokedAt revokeReason recoveryCodesLeft account { username }
}
"""
BEGIN = f"mutation {{ payload: totpBegin {{ totp {{ ...totp }} setup {{ secret uri qrCode }} {USER_ERRORS} }} }}" + TOTP
CONFIRM = (
    f"""mutation C($input: TotpConfirmInput!) {{ payload: totpConfirm(input: $input) {{
      totp {{ ...totp }} recoveryCodes {USER_ERRORS}
    }} }}"""
    + TOTP
)
REVOKE = (
    f"""mutation R($input: TotpRevokeInput!) {{ payload: totpRevoke(input: $input) {{
      totp {{ ...totp }} {USER_ERRORS}
    }} }}"""
    + TOTP
)
_OPENED = """{
  session { token refreshToken } deviceToken secondFactorToken secondFactorExpiresAt viewer { account { username } }
  userErrors { code message field retryAfterSeconds }
}"""
SIGN_IN = f"mutation O($input: SessionOpenInput!) {{ sessionOpen(input: $input) {_OPENED} }}"
FINISH = f"mutation F($input: SessionConfirmInput!) {{ sessionConfirm(input: $input) {_OPENED} }}"


@dataclass
class App:
    """An app that was set up, and what its user was told with it."""

    office: Office
    id: str
    secret: str
    recovery_codes: list[str]

    def code(self, steps: int = 0) -> str:
        """What it shows now, or so many steps later."""
        return pyotp.TOTP(self.secret).at(self.office.clock() + timedelta(seconds=30 * steps))

    def wrong(self) -> str:
        """Six digits that are no code of these minutes."""
        good = {self.code(steps) for steps in range(-3, 4)}
        return next(typed for number in range(8) if (typed := f"{number:06}") not in good)

    def next_step(self) -> None:
        """Half a minute goes by, and the app shows another code."""
        self.office.clock.moves(seconds=30)


async def begins(person: Person) -> Any:
    """The whole answer."""
    return (await person.asks(BEGIN))["payload"]


async def confirms(person: Person, totp: Any, code: str | None, **more: Any) -> Payload:
    """The record has the recovery codes beside its own fields."""
    payload = (await person.asks(CONFIRM, input={"id": totp["id"], "oneTimeCode": code} | more))["payload"]
    found = payload["totp"] and payload["totp"] | {"recoveryCodes": payload["recoveryCodes"]}
    return Payload(found, payload["userErrors"])


async def revokes(person: Person, totp_id: str, **typed: Any) -> Payload:
    payload = (await person.asks(REVOKE, input={"id": totp_id} | typed))["payload"]
    return Payload(payload["totp"], payload["userErrors"])


async def sets_up(person: Person) -> App:
    """An app that is active; half a minute later, so that its code was not used yet."""
    begun = await begins(person)
    app = App(person.office, begun["totp"]["id"], begun["setup"]["secret"], [])
    app.recovery_codes = (await confirms(person, begun["totp"], app.code())).done()["recoveryCodes"]
    app.next_step()
    return app


async def tries(office: Office, code: str | None = None, address: str | None = None, **more: Any) -> Any:
    """Signing in as the enterprise's operator, unless somebody else is named."""
    typed = {"username": "enterprise", "password": PASSWORD} | more
    return await asks(office, SIGN_IN, address, **typed, **({} if code is None else {"oneTimeCode": code}))


async def finishes(office: Office, token: str, code: str, address: str | None = None, **more: Any) -> Any:
    return await asks(office, FINISH, address, secondFactorToken=token, oneTimeCode=code, **more)


async def waiting(office: Office, address: str | None = None, **more: Any) -> str:
    """The token of a sign-in that waits for its code."""
    payload = await tries(office, None, address, **more)
    token: str = payload["secondFactorToken"]
    assert token
    return token
