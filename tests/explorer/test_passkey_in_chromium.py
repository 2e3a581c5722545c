"""A passkey in a real browser: Chromium makes it with an authenticator of its own and signs in with it.

The steps are those of the guide, taken on a page of the product at http://localhost, which browsers trust without TLS.
"""

import json
import socket
from collections.abc import Iterator
from typing import Any, Final

import pytest

from graph.app import create_app
from graph.cli.demo import PASSWORD
from graph.settings import Settings
from tests.explorer.chromium import Page
from tests.explorer.conftest import served

DEVICE: Final = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
"""As a telephone or laptop has one."""

STEPS: Final = """
(() => {
  const ask = async (query, variables, token) => {
    const headers = {'content-type': 'application/json', ...(token && {authorization: `Bearer ${token}`})};
    const answer = await fetch(location.pathname, {method: 'POST', headers, body: JSON.stringify({query, variables})});
    const {data, errors} = await answer.json();
    if (errors) throw new Error(JSON.stringify(errors));
    return Object.values(data)[0];
  };
  const challenge = 'challenge { id options } userErrors { code message }';
  const register = async (token) => {
    const opened = (await ask(`mutation { passkeyRegistrationOpen { ${challenge} } }`, {}, token)).challenge;
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(opened.options));
    const credential = JSON.stringify((await navigator.credentials.create({publicKey})).toJSON());
    const input = {challengeId: opened.id, credential, name: 'Chromium'};
    return ask(`mutation($input: PasskeyRegisterInput!) {
      passkeyRegister(input: $input) { passkey { id name status } userErrors { code } }
    }`, {input}, token);
  };
  const signIn = async () => {
    const opened = (await ask(`mutation { passkeyChallengeOpen { ${challenge} } }`)).challenge;
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(opened.options));
    const credential = JSON.stringify((await navigator.credentials.get({publicKey})).toJSON());
    return ask(`mutation($input: SessionOpenByPasskeyInput!) {
      sessionOpenByPasskey(input: $input) { session { token } viewer { account { username } } userErrors { code } }
    }`, {input: {challengeId: opened.id, credential}});
  };
  window.steps = {ask, register, signIn};
})()
"""
SIGN_IN: Final = "mutation($input: SessionOpenInput!) { sessionOpen(input: $input) { session { token } } }"
OWN: Final = "{ viewer { account { username } passkeys { name lastUsedAt } } }"


@pytest.fixture(scope="module")
def local_product(settings: Settings) -> Iterator[str]:
    """The product as a site of this machine's own, where passkeys are offered."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    offered = {"passkey_site": "localhost", "passkey_origins": (f"http://localhost:{port}",)}
    with served(create_app(settings.model_copy(update=offered)), lifespan="on", at=listening):
        yield f"http://localhost:{port}/graphql"


class Visit:
    """Somebody's page of the product, with the steps of the guide at hand."""

    def __init__(self, page: Page, url: str) -> None:
        self._page = page
        page.call("WebAuthn.enable")
        self.device: str = page.call("WebAuthn.addVirtualAuthenticator", options=DEVICE)["authenticatorId"]
        page.open(url)
        page.evaluate(STEPS)

    def does(self, step: str, *arguments: Any) -> Any:
        return self._page.evaluate(f"steps.{step}({', '.join(map(json.dumps, arguments))})")

    def credentials(self) -> list[Any]:
        found: list[Any] = self._page.call("WebAuthn.getCredentials", authenticatorId=self.device)["credentials"]
        return found


def test_a_passkey_made_in_a_browser_signs_in_there(page: Page, local_product: str) -> None:
    visit = Visit(page, local_product)
    token = visit.does("ask", SIGN_IN, {"input": {"username": "enterprise", "password": PASSWORD}})["session"]["token"]
    registered = visit.does("register", token)
    assert (registered["passkey"]["name"], registered["userErrors"]) == ("Chromium", [])
    (kept,) = visit.credentials()
    assert (kept["isResidentCredential"], kept["rpId"]) == (True, "localhost")
    # Twice, for the authenticator counts and the second time has to go on.
    opened = [visit.does("signIn") for _ in range(2)]
    for each in opened:
        assert (each["userErrors"], each["viewer"]) == ([], {"account": {"username": "enterprise"}})
    own = visit.does("ask", OWN, {}, opened[-1]["session"]["token"])
    assert [each["name"] for each in own["passkeys"]] == ["Chromium"]
    assert own["passkeys"][0]["lastUsedAt"]
    assert page.complaints == []


def test_a_device_that_does_not_verify_its_user_signs_nobody_in(page: Page, local_product: str) -> None:
    visit = Visit(page, local_product)
    token = visit.does("ask", SIGN_IN, {"input": {"username": "institution", "password": PASSWORD}})["session"]["token"]
    assert visit.does("register", token)["userErrors"] == []
    page.call("WebAuthn.setUserVerified", authenticatorId=visit.device, isUserVerified=False)
    assert page.evaluate("steps.signIn().then(() => 'in', (refused) => refused.name)") == "NotAllowedError"
