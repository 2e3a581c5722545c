"""Finds out who is asking: by the token or key in a header, or by a cookie where a browser was given one.

A token in a header must be good. A cookie that is no longer good counts for nothing and is taken back, for a browser
sends it with whatever it asks, signing in again included.
"""

import asyncio
from dataclasses import replace
from functools import lru_cache
from uuid import UUID

import structlog
from starlette.requests import HTTPConnection

from domain.marks import UNREADABLE
from domain.party import ANONYMOUS, Viewer
from domain.session import DEVICE_LENGTH_MAX
from graph.context import Client, Context, House
from graph.errors import ErrorCode, PublicError, preferred_language
from graph.reception.address import address_of
from graph.reception.cookies import REFRESH, TOKEN, forgotten, is_own_site, read
from graph.reception.presumption import Holders, Presumption
from graph.reception.strength import weighed_by
from identity import api_key
from storage.api_key import key_shown
from storage.api_key_use import key_behind
from storage.session_token import hash_of_token, holder_of, note_use

TOKEN_LENGTH_MAX = 512
"""Characters; ours have far fewer, and longer ones are refused without a look into the database."""

AGENTS_KEPT_MAX = 256
"""So many names of devices are read once: clients send the same with each request."""

PLACES_OF_LEAKED_TOKENS = frozenset(
    {"access_token", "token", "authorization", "bearer", "api_key", "apikey", "api-key", "key", "client_secret"}
)
"""Parameters of an address under which clients like to send what belongs into a header."""

log = structlog.get_logger(__name__)


class Reception:
    """Who is asking, from what a request or a socket brings (`Host`)."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._holders = Holders()
        self._noting: set[asyncio.Task[None]] = set()

    async def context(
        self,
        *,
        authorization: str | None,
        accept_language: str | None,
        connection: HTTPConnection,
        presuming: bool = False,
    ) -> Context:
        """Raises UNAUTHENTICATED for a token in a header that is not good, BAD_REQUEST for one in the address, and
        RATE_LIMITED for a key that asks too often: each HTTP request counts, whatever becomes of it."""
        if _has_leaked(connection):
            raise PublicError(
                ErrorCode.BAD_REQUEST,
                zh="令牌不得写在地址中（地址会被记录和转发），请放在 Authorization 头中。",
                en="Addresses are logged and passed on, so a token does not belong there; send it as `Authorization`.",
            )
        settings = self._house.settings
        cookie = None if authorization else self._cookie(TOKEN, connection)
        token = cookie or _bearer(authorization)
        presumption = self._presumption(token) if presuming else None
        if presumption is not None:
            viewer = weighed_by(settings, presumption.known)
        else:
            viewer = await (self._by_cookie(cookie) if cookie else self._by_header(authorization))
            presumption = self._presumption(token, is_proved=True) if presuming else None
        context = Context(
            self._house,
            viewer,
            preferred_language(accept_language, viewer.language),
            Client(
                device=_device(connection.headers.get("user-agent", "")),
                address=address_of(connection, settings.networks_trusted),
                takes_cookies=connection.scope["type"] == "http",
                refresh_token=self._cookie(REFRESH, connection),
            ),
            presumption,
        )
        if connection.scope["type"] == "http":
            try:
                await context.count_use()
            except PublicError:
                await context.certain()
                raise
        if cookie and viewer.is_anonymous:
            context.cookies.append(forgotten(TOKEN, settings))
        return context

    async def viewer(self, connection: HTTPConnection) -> Viewer:
        """Who is asking, where nothing else is wanted of the request."""
        authorization = connection.headers.get("authorization")
        cookie = None if authorization else self._cookie(TOKEN, connection)
        return await (self._by_cookie(cookie) if cookie else self._by_header(authorization))

    async def close(self) -> None:
        """Waits for what is still being noted."""
        await self._holders.close()
        await asyncio.gather(*self._noting, return_exceptions=True)

    def _cookie(self, name: str, connection: HTTPConnection) -> str | None:
        if "cookie" not in connection.headers or not is_own_site(connection, self._house.settings.origins_allowed):
            return None
        return read(name, connection, self._house.settings)

    async def _by_header(self, authorization: str | None) -> Viewer:
        if not authorization:
            return ANONYMOUS
        token = _bearer(authorization)
        if token is None:
            raise PublicError(ErrorCode.UNAUTHENTICATED)
        is_a_key = (parts := api_key.key_in(token)) is not None or api_key.is_access_token(token)
        viewer = await (self._program_behind(token, parts) if is_a_key else self._holder_of(token))
        if viewer is None and (is_a_key or api_key.looks_like_one(token)):
            raise PublicError(
                ErrorCode.UNAUTHENTICATED,
                zh="密钥或其令牌无效、已到期、已被轮换或吊销。",
                en="The key, or the token got by one, is not good: unknown, at its end, rotated or revoked.",
            )
        if viewer is None:
            raise PublicError(
                ErrorCode.UNAUTHENTICATED, zh="登录已失效，请重新登录。", en="The session has ended; sign in again."
            )
        return viewer

    async def _program_behind(self, token: str, parts: api_key.KeyParts | None) -> Viewer | None:
        """By which key a program asks: by the key itself, or by a token that it got by one."""
        now = self._house.door.clock()
        async with self._house.database.reading() as connection:
            if parts is None:
                key = await key_behind(connection, api_key.hash_of(token), now)
            else:
                key = await key_shown(connection, parts.prefix, parts.secret_hash, now)
        if key is None:
            return None
        # A cap that was lowered since holds for the keys that there are.
        rate = min(key.rate_per_minute, self._house.settings.api_key_rate_max)
        return Viewer(key=replace(key, rate_per_minute=rate))

    async def _by_cookie(self, token: str) -> Viewer:
        return (await self._holder_of(token) if len(token) <= TOKEN_LENGTH_MAX else None) or ANONYMOUS

    def _presumption(self, token: str | None, *, is_proved: bool = False) -> Presumption | None:
        """That the token is held by whom it was; proved already where that was only just asked."""
        if token is None:
            return None
        token_hash = hash_of_token(token)
        known = self._holders.find(token_hash)
        if known is None:
            return None
        presumption = Presumption(self._holders, token, token_hash, known, self._house.door.clock(), self._note)
        presumption.is_proved = is_proved
        return presumption

    async def _holder_of(self, token: str) -> Viewer | None:
        known = await holder_of(self._house.database, token, self._house.door.clock())
        self._holders.keep(hash_of_token(token), known)
        if known is None:
            return None
        if known.is_to_be_noted:
            self._note(known.viewer)
        return weighed_by(self._house.settings, known)

    def _note(self, viewer: Viewer) -> None:
        """Nobody waits for it: a long import may hold the one writer of SQLite."""
        assert viewer.session_id is not None
        task = asyncio.create_task(self._noted(viewer.session_id), name="session_use")
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)

    async def _noted(self, session_id: UUID) -> None:
        try:
            async with self._house.database.writing() as connection:
                await note_use(connection, session_id, self._house.door.clock())
        except Exception:
            log.exception("session_use_not_noted")


def _bearer(authorization: str | None) -> str | None:
    """The token in a header; None where there is none that could be one."""
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and 0 < len(token) <= TOKEN_LENGTH_MAX else None


def _has_leaked(connection: HTTPConnection) -> bool:
    return bool(connection.scope["query_string"]) and any(
        name.lower() in PLACES_OF_LEAKED_TOKENS or api_key.looks_like_one(value)
        for name, value in connection.query_params.multi_items()
    )


@lru_cache(AGENTS_KEPT_MAX)
def _device(agent: str) -> str | None:
    named = UNREADABLE.sub("", agent).strip()
    return named[:DEVICE_LENGTH_MAX] or None
