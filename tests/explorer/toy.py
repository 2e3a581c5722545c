"""A toy of the API for the explorer to talk to: look-ups, signing in and out, and a subscription."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import strawberry
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import Info

from graph.explorer import explorer_page, explorer_routes

PASSWORD = "只给演示用 <b>"
TOKEN = "toy-token"


@strawberry.type
class UserError:
    """Why something was refused."""

    code: str
    message: str


@strawberry.type
class Organisation:
    """Whom an account acts for."""

    name_zh: str


@strawberry.type
class Account:
    """Who acts."""

    display_name: str


@strawberry.type
class Viewer:
    """The account signed in, and its organisation."""

    account: Account
    organisation: Organisation


@strawberry.type
class Session:
    """A token and its time."""

    token: str
    expires_at: datetime


@strawberry.type
class SessionOpenPayload:
    """The answer to signing in."""

    session: Session | None
    device_token: str | None
    second_factor_token: str | None = None
    viewer: Viewer | None
    user_errors: list[UserError]


@strawberry.type
class SessionClosePayload:
    """The answer to signing out."""

    user_errors: list[UserError]


@strawberry.input
class SessionOpenInput:
    """User name and password."""

    username: str
    password: str
    captcha_id: strawberry.ID | None = None
    captcha_proof: str | None = None
    device_token: str | None = None


@strawberry.input
class SessionConfirmInput:
    """The code beside a password."""

    second_factor_token: str
    one_time_code: str
    device_token: str | None = None


@strawberry.type
class ProofOfWork:
    """Work that stands for a picture."""

    prefix: str
    difficulty: int


@strawberry.type
class Captcha:
    """A captcha that is answered by work."""

    id: strawberry.ID
    proof_of_work: ProofOfWork


@strawberry.type
class CaptchaOpenPayload:
    """The answer to opening a captcha."""

    captcha: Captcha | None
    user_errors: list[UserError]


@strawberry.input
class CaptchaOpenInput:
    """Whom it is for."""

    username: str | None = None
    device_token: str | None = None


@strawberry.type
class Query:
    """What can be asked."""

    @strawberry.field
    def greeting(self, name: str) -> str:
        return f"你好, {name}"

    @strawberry.field
    def authorization(self, info: Info) -> str | None:
        found: str | None = info.context["request"].headers.get("authorization")
        return found


@strawberry.type
class Mutation:
    """What can be done."""

    @strawberry.mutation
    def session_open(self, input: SessionOpenInput) -> SessionOpenPayload:
        if input.password != PASSWORD:
            refusal = UserError(code="WRONG_PASSWORD", message="用户名或密码不正确")
            return SessionOpenPayload(session=None, device_token=None, viewer=None, user_errors=[refusal])
        return SessionOpenPayload(
            session=Session(token=TOKEN, expires_at=datetime.now(UTC) + timedelta(hours=8)),
            device_token="toy-device",
            viewer=Viewer(
                account=Account(display_name=input.username), organisation=Organisation(name_zh="大中华企业")
            ),
            user_errors=[],
        )

    @strawberry.mutation
    def session_confirm(self, input: SessionConfirmInput) -> SessionOpenPayload:
        """No code is ever asked for here."""
        return SessionOpenPayload(session=None, device_token=None, viewer=None, user_errors=[])

    @strawberry.mutation
    def captcha_open(self, input: CaptchaOpenInput) -> CaptchaOpenPayload:
        """None is ever asked for here."""
        return CaptchaOpenPayload(captcha=None, user_errors=[])

    @strawberry.mutation
    def session_close(self) -> SessionClosePayload:
        return SessionClosePayload(user_errors=[])


@strawberry.type
class Subscription:
    """What can be watched."""

    @strawberry.subscription
    async def counted(self, info: Info, to: int) -> AsyncIterator[str]:
        for number in range(1, to + 1):
            yield f"{number} of {to} for {info.context['connection_params'].get('authorization')}"
        await asyncio.Event().wait()


class Guarded:
    """The toy behind the check of tokens that the product makes: a bad one is 401, none at all is anonymous."""

    def __init__(self, toy: ASGIApp) -> None:
        self._toy = toy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if Headers(scope=scope).get("authorization", f"Bearer {TOKEN}") == f"Bearer {TOKEN}":
            return await self._toy(scope, receive, send)
        error = {"message": "登录已过期", "extensions": {"code": "UNAUTHENTICATED"}}
        return await JSONResponse({"errors": [error]}, status_code=401)(scope, receive, send)


def toy_application() -> Starlette:
    """Return an application that serves the toy and the explorer at `/graphql`, as the product does."""
    toy = GraphQL[None, None](
        strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription),
        graphql_ide=None,
        subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
    )
    return Starlette(
        routes=[
            Route("/graphql", explorer_page, methods=["GET"]),
            Route("/graphql", Guarded(toy), methods=["POST"]),
            WebSocketRoute("/graphql", toy),
            *explorer_routes(),
        ]
    )
