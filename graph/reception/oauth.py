"""OAuth 2.0 client credentials (RFC 6749, 4.4): a program exchanges its API key for a token that soon ends.

Errors are those of RFC 6749, 5.2, in its own form and in English, for here clients of other makes read them.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from domain.api_key.record import written
from domain.api_key.scope import ApiKeyScope
from domain.party import ShownKey
from graph.context import House
from graph.errors import ErrorCode, PublicError, reference_of
from graph.limits import Limits
from graph.reception.address import address_of
from graph.transport.http import body_of
from graph.transport.negotiation import media_type
from identity import api_key
from storage.api_key import key_shown
from storage.api_key_use import keep_token
from storage.database import DatabaseAway

TOKEN_PATH: Final = "/oauth/token"
METADATA_PATH: Final = "/.well-known/oauth-authorization-server"
LIMITS: Final = Limits(body_bytes_max=10_000)
PARAMETERS_MAX: Final = 20
NO_STORE: Final = {"cache-control": "no-store", "pragma": "no-cache", "x-content-type-options": "nosniff"}
CHALLENGE: Final = {"www-authenticate": 'Basic realm="preship", charset="UTF-8"'}
GRANT: Final = "client_credentials"

log = structlog.get_logger(__name__)


class TokenRefused(Exception):
    """An error of RFC 6749, 5.2."""

    def __init__(
        self, error: str, description: str, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(error, description)
        self.error, self.description, self.status, self.headers = error, description, status, headers or {}


def oauth_routes(house: House) -> list[BaseRoute]:
    """`POST /oauth/token`, and what there is to know of it beforehand."""
    return [
        Route(TOKEN_PATH, TokenEndpoint(house).answer, methods=["POST"]),
        Route(METADATA_PATH, _metadata, methods=["GET"]),
    ]


class TokenEndpoint:
    """Gives tokens to whoever shows a key's two halves: its prefix as `client_id`, its secret as `client_secret`."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def answer(self, request: Request) -> Response:
        try:
            return await self._given(request)
        except TokenRefused as refused:
            content = {"error": refused.error, "error_description": refused.description}
            return JSONResponse(content, refused.status, {**NO_STORE, **refused.headers})
        except ClientDisconnect:
            return Response()
        except DatabaseAway as failure:
            reference = reference_of(failure, path=TOKEN_PATH)
            content = {"error": "temporarily_unavailable", "error_description": f"Try again in a moment: {reference}"}
            return JSONResponse(content, ErrorCode.DATABASE_AWAY.status, NO_STORE)
        except Exception as failure:  # the last door: nothing leaves unmasked, everything is logged
            reference = reference_of(failure, path=TOKEN_PATH)
            content = {"error": "server_error", "error_description": f"Something failed on our side: {reference}"}
            return JSONResponse(content, 500, NO_STORE)

    async def _given(self, request: Request) -> Response:
        form = await _form_of(request)
        if "grant_type" not in form:
            raise TokenRefused("invalid_request", "grant_type is missing")
        key = await self._client(request, form)
        headers = await self._counted(key)
        if form["grant_type"] != GRANT:
            raise TokenRefused("unsupported_grant_type", f"grant_type must be {GRANT}", headers=headers)
        scopes = _wanted(form.get("scope"), key, headers)
        now = self._house.door.clock()
        # A token does not outlive what it was got by.
        expires_at = min(now + self._house.settings.api_token_lasts, key.expires_at)
        token = api_key.new_access_token()
        async with self._house.database.writing() as connection:
            await keep_token(connection, key.id, api_key.hash_of(token), scopes, expires_at, now)
        content = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int((expires_at - now).total_seconds()),
            "scope": written(scopes),
        }
        return JSONResponse(content, headers={**NO_STORE, **headers})

    async def _client(self, request: Request, form: Mapping[str, str]) -> ShownKey:
        client_id, client_secret = _credentials(request, form)
        parts = api_key.client_in(client_id, client_secret)
        key = None
        if parts is not None:
            async with self._house.database.reading() as connection:
                key = await key_shown(connection, parts.prefix, parts.secret_hash, self._house.door.clock())
        if key is None:
            address = address_of(request, self._house.settings.networks_trusted)
            for refused in await self._house.gate.turns_away(address):
                seconds = str(refused.retry_after_seconds)
                description = f"too many wrong clients from this address; try again in {seconds} seconds"
                raise TokenRefused(
                    "invalid_request", description, ErrorCode.RATE_LIMITED.status, {"retry-after": seconds}
                )
            raise _unknown_client("the client is unknown, or its secret is not good any more")
        return replace(key, rate_per_minute=min(key.rate_per_minute, self._house.settings.api_key_rate_max))

    async def _counted(self, key: ShownKey) -> dict[str, str]:
        """Asking for a token is a use of the key like any other."""
        try:
            return (await self._house.rates.count(self._house.database, key, self._house.door.clock())).headers()
        except PublicError as limited:
            # RFC 6749 has no error of its own for this; the status says it.
            raise TokenRefused("invalid_request", limited.message, limited.status, limited.headers) from None


async def _form_of(request: Request) -> dict[str, str]:
    """The parameters, each given once; one without a value is as if it were absent (RFC 6749, 3.2)."""
    if request.query_params:
        raise TokenRefused("invalid_request", "parameters belong into the body; addresses are logged and passed on")
    type_, charset = media_type(request.headers.get("content-type"))
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if (type_, charset, encoding) != ("application/x-www-form-urlencoded", "utf-8", "identity"):
        raise TokenRefused("invalid_request", "send application/x-www-form-urlencoded in UTF-8")
    try:
        body = (await body_of(request, LIMITS)).decode("ascii")
        pairs = parse_qsl(
            body, keep_blank_values=True, strict_parsing=bool(body), errors="strict", max_num_fields=PARAMETERS_MAX
        )
    except PublicError as unread:
        raise TokenRefused("invalid_request", unread.message, unread.status, {"connection": "close"}) from None
    except ValueError:
        raise TokenRefused("invalid_request", "the body is not form encoded") from None
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise TokenRefused("invalid_request", "each parameter may be given only once")
    return {name: value for name, value in pairs if value}


def _credentials(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    """The client's name and secret, by Basic or in the body and not by both (RFC 6749, 2.3)."""
    header = request.headers.get("authorization")
    if header is None:
        if "client_id" not in form or "client_secret" not in form:
            raise _unknown_client("client_id and client_secret are missing")
        return form["client_id"], form["client_secret"]
    client_id, client_secret = _basic(header)
    if "client_secret" in form or form.get("client_id", client_id) != client_id:
        raise TokenRefused("invalid_request", "the client may show who it is in one way only")
    return client_id, client_secret


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise _unknown_client("Authorization must be Basic here")
    try:
        client_id, separator, client_secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise _unknown_client("Authorization is not well-formed") from None
    if not separator:
        raise _unknown_client("Authorization is not well-formed")
    return unquote_plus(client_id), unquote_plus(client_secret)


def _wanted(scope: str | None, key: ShownKey, headers: Mapping[str, str]) -> frozenset[ApiKeyScope]:
    """The scopes asked for, which the key must have; all of the key's where none is named."""
    if scope is None:
        return key.scopes
    names = scope.split(" ")
    known = {each.name: each for each in key.scopes}
    strange = [name for name in names if name not in known]
    if strange:
        raise TokenRefused("invalid_scope", f"the key's scopes are: {written(key.scopes)}", headers=headers)
    return frozenset(known[name] for name in names)


def _unknown_client(description: str) -> TokenRefused:
    return TokenRefused("invalid_client", description, ErrorCode.UNAUTHENTICATED.status, CHALLENGE)


async def _metadata(request: Request) -> Response:
    """What clients find out by themselves (RFC 8414)."""
    issuer = str(request.base_url).rstrip("/")
    content = {
        "issuer": issuer,
        "token_endpoint": f"{issuer}{TOKEN_PATH}",
        "grant_types_supported": [GRANT],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": [each.name for each in ApiKeyScope],
    }
    return JSONResponse(content, headers={"cache-control": "no-store", "x-content-type-options": "nosniff"})
