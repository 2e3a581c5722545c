"""An HTTP client of the toy application, without any wire. It asks in English for the modern type by default."""

from typing import Any

import httpx

MODERN = "application/graphql-response+json"
LEGACY = "application/json"
PREFLIGHT = {"apollo-require-preflight": "1"}


def client_of(app: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(
        transport=transport, base_url="http://toy", headers={"accept": MODERN, "accept-language": "en"}
    )


async def post(client: httpx.AsyncClient, content: object, **headers: str) -> httpx.Response:
    return await client.post("/graphql", json=content, headers=headers)


def codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]
