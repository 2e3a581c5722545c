"""The ASGI application: the only place where the parts are put together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from delivery.rounds import deliver_for_ever, open_senders
from domain.attachment import Attachment
from domain.party import THE_PRODUCT
from graph import public_questions
from graph.context import Context, House
from graph.errors import ErrorCode, PublicError, internal, preferred_language, present
from graph.examined import memory_of
from graph.execution import Executor
from graph.explorer import explorer_page, explorer_routes, signing_operations
from graph.export.endpoint import Exports
from graph.garbage import Aside, set_all_aside
from graph.ids import record_id
from graph.introspection import Introspection
from graph.metrics import Metrics
from graph.permission.table import permissions, prove_addresses
from graph.plan.plans import Plans
from graph.reception.budget import Budgets
from graph.reception.gate import Gate
from graph.reception.oauth import oauth_routes
from graph.reception.reception import Reception
from graph.reception.strength import refuse_the_weak
from graph.schema.schema import SCHEMA
from graph.schema_text import PATH as SCHEMA_PATH
from graph.schema_text import SchemaText, printed
from graph.settings import Settings
from graph.transport.answers import Manner, refusal
from graph.transport.documents import Intake
from graph.transport.guards import Guards
from graph.transport.http import Multipart
from graph.transport.kept import KeptAnswers
from graph.transport.negotiation import AnswerType
from graph.transport.routes import PATH, Straight, graphql_routes
from graph.trusted_documents import Trusted, open_documents
from graph.weights import REFERENCE
from identity.card import open_cards
from identity.passkey import open_passkeys
from storage.attachment import ATTACHMENTS, known_files
from storage.bell import open_bell
from storage.challenge import forget_challenges
from storage.clock import Clock, wall_clock
from storage.commission import COMMISSIONS
from storage.database import Database
from storage.desks import DESKS
from storage.idempotency import forget
from storage.perform import Door
from storage.reseal import prove
from storage.sign_in_attempt import tell_for_ever
from storage.stream import Stream
from storage.timekeeper import keep_time_for_ever
from uploads.receive import receive
from uploads.send import StoredFileDiffers, send
from uploads.sweep import sweep
from uploads.vault import identifier_of, key_of, open_vault

FIRST_SWEEP_SECONDS = 60
"""A start that fails, because the port is taken say, is over before anything is swept."""

log = structlog.get_logger(__name__)


def create_app(settings: Settings | None = None, clock: Clock = wall_clock) -> Starlette:
    """The product on one database and one vault; `clock` lets tests move time. Raises KeysWrong."""
    settings = settings or Settings()
    database = Database(settings.database_url, settings.ring(), settings.connections)
    bell = open_bell(settings.bell_url or None, settings.database_url)
    vault = open_vault(settings.uploads_url)
    senders = open_senders(settings.smtp_url, settings.mail_from, settings.sms_url)
    cards = open_cards(
        settings.card_issuers, settings.card_revocations, stale_allowed=settings.card_stale_revocations_allowed
    )
    door = Door(database, bell, clock)
    house = House(
        settings,
        database,
        door,
        bell,
        Stream(database, bell),
        vault,
        senders,
        cards,
        open_passkeys(settings.passkey_site, settings.passkey_origins),
        Gate(settings, door),
        Budgets(settings.cost_rate, settings.cost_max),
    )
    permissions()  # an operation without one stops us here
    limits = settings.request_limits
    memory = memory_of(SCHEMA, limits)
    reception = Reception(house)
    introspection = Introspection(settings.introspection)
    plans = Plans(SCHEMA, database)
    executor = Executor(
        SCHEMA,
        limits,
        suggestions=settings.suggestions,
        introspection=introspection,
        memory=memory,
        plans=plans if settings.plans == "on" else None,
    )
    intake = Intake(
        executor,
        limits,
        Trusted(open_documents(settings.documents_file, database), own=[signing_operations()]),
        strangers_need_trust=settings.anonymous_documents == "trusted",
    )
    at_graphql = graphql_routes(
        executor,
        reception,
        limits=limits,
        multipart=_multipart(house, reception),
        explorer=partial(explorer_page, introspection=introspection),
        origins_allowed=settings.origins_allowed,
        intake=intake,
        cache_seconds=settings.cache_seconds,
        kept=KeptAnswers(
            partial(public_questions.state_of, house),
            public_questions.fields(),
            bytes_max=settings.public_answers_bytes_max,
        ),
    )
    app = _Product(
        routes=[
            *at_graphql,
            *explorer_routes(),
            Route(SCHEMA_PATH, SchemaText(printed(SCHEMA), reception, introspection).answer),
            Route("/files/{id}", Files(house, reception).send),
            Route("/exports/{file}", Exports(house, reception, executor, limits)),
            *oauth_routes(house),
            Route("/healthz", _is_alive),
            Route("/readyz", Readiness(house).answer),
            Route("/metrics", Metrics(plans.counts).answer),
        ],
        around=[
            Middleware(Guards, origins_allowed=settings.origins_allowed, hsts_seconds=settings.hsts_seconds),
            Middleware(Straight, path=PATH, endpoint=at_graphql[0].app),
        ],
        exception_handlers={HTTPException: _worded},
        lifespan=lambda _: _living(house, reception, executor),
    )
    # Starlette sends who adds a slash to whatever host the request named; here that is an address like any other.
    app.router.redirect_slashes = False
    prove_addresses(getattr(route, "path", "") for route in app.routes)
    app.state.house, app.state.reception = house, reception
    app.state.memory, app.state.plans = memory, plans
    return app


class _Product(Starlette):
    """Starlette, and around all that it wraps itself what our own middleware does: its answers to failures are guarded
    too, and what goes straight past it passes nothing of it."""

    def __init__(self, *, around: Sequence[Middleware], **parts: Any) -> None:
        super().__init__(**parts)
        self._around = around

    def build_middleware_stack(self) -> ASGIApp:
        app = super().build_middleware_stack()
        for middleware, args, kwargs in reversed(self._around):
            app = middleware(app, *args, **kwargs)
        return app


def create_lasting_app() -> Starlette:
    """As `create_app`, for a process that serves nothing else and ends with it."""
    app = create_app()
    set_all_aside()
    for memory in (app.state.memory, app.state.plans):
        memory.remembers = Aside().remembers
    return app


@asynccontextmanager
async def _living(house: House, reception: Reception, executor: Executor) -> AsyncIterator[None]:
    await prove(house.database)
    await _measure(house, executor)
    await house.bell.open()
    await house.stream.open()
    deliverer = deliver_for_ever(house.database, house.bell, house.senders, house.door.clock)
    workers = [
        asyncio.create_task(_sweep_now_and_then(house, executor), name="sweeper"),
        asyncio.create_task(deliverer, name="deliverer"),
    ]
    if every := timedelta(seconds=house.settings.clock_seconds):
        timekeeper = keep_time_for_ever(house.door, DESKS.values(), every)
        workers.append(asyncio.create_task(timekeeper, name="timekeeper"))
        workers.append(asyncio.create_task(tell_for_ever(house.door, every), name="teller"))
    try:
        yield
    finally:
        for worker in workers:
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker
        await reception.close()
        await house.door.close()
        await house.stream.close()
        await house.bell.close()
        await house.database.close()


async def _measure(house: House, executor: Executor) -> None:
    """What goes through all commissions costs as much as there are."""
    async with house.database.reading() as connection:
        executor.measured(await COMMISSIONS.seen_by(THE_PRODUCT).count(connection) / REFERENCE)


async def _sweep_now_and_then(house: House, executor: Executor) -> None:
    """Files that no record names, from uploads cut off between the vault and the register; keys too old to repeat."""
    await asyncio.sleep(FIRST_SWEEP_SECONDS)
    while True:
        try:
            swept = await sweep(house.vault, _known_to(house), house.settings.orphan_lasts)
            async with house.database.writing() as connection:
                forgotten = await forget(connection, house.door.clock() - house.settings.idempotency_lasts)
                await forget_challenges(connection, house.door.clock())
            swept_at_the_gate = await house.gate.sweep()
            await _measure(house, executor)
            log.info("swept", **vars(swept), keys_forgotten=forgotten, **swept_at_the_gate)
        except Exception:
            log.exception("sweep_failed")
        await asyncio.sleep(timedelta(minutes=house.settings.sweep_minutes).total_seconds())


def _known_to(house: House) -> Callable[[Sequence[str]], Awaitable[set[str]]]:
    async def known(keys: Sequence[str]) -> set[str]:
        async with house.database.reading() as connection:
            ids: set[UUID] = await known_files(connection, [identifier_of(key) for key in keys])
        return {key for key in keys if identifier_of(key) in ids}

    return known


def _multipart(house: House, reception: Reception) -> Multipart:
    limits = house.settings.limits_of_uploads

    @asynccontextmanager
    async def receiving(request: Request) -> AsyncIterator[object]:
        # Only whoever is signed in may fill the vault, and is asked before the first byte is taken.
        viewer = await reception.viewer(request)
        if viewer.key is not None:
            raise PublicError(ErrorCode.FORBIDDEN, extensions={"reason": "READ_ONLY"})
        if viewer.is_anonymous:
            raise PublicError(ErrorCode.UNAUTHENTICATED)
        refuse_the_weak(viewer)
        content_type = request.headers.get("content-type", "")
        async with receive(request.stream(), content_type, vault=house.vault, limits=limits) as content:
            yield content

    return receiving


class Files:
    """Downloads: whoever may see the record may read its files; to all others there is no such file."""

    def __init__(self, house: House, reception: Reception) -> None:
        self._house, self._reception = house, reception

    async def send(self, request: Request) -> Response:
        """The file, or a part of it; else an error in JSON as GraphQL words it."""
        language = preferred_language(request.headers.get("accept-language"))
        try:
            context = await self._reception.context(
                authorization=request.headers.get("authorization"),
                accept_language=request.headers.get("accept-language"),
                connection=request,
            )
            try:
                response = await self._found(request, context)
            except PublicError as refused:
                raise refused.with_headers(context.headers) from None
            response.headers.update(context.headers)
            return response
        except PublicError as refused:
            return JSONResponse({"errors": present([refused], language)}, refused.status, dict(refused.headers))

    async def _found(self, request: Request, context: Context) -> Response:
        viewer = context.viewer
        refuse_the_weak(viewer)
        context.needs(ATTACHMENTS.scope)
        attachment_id = record_id("attachment", request.path_params["id"])
        attachment = await context.one(ATTACHMENTS.seen_by(viewer).where(ATTACHMENTS.id == attachment_id))
        if attachment is None:
            is_nobody = viewer.is_anonymous and viewer.key is None
            raise PublicError(ErrorCode.UNAUTHENTICATED if is_nobody else ErrorCode.NOT_FOUND)
        return await self._sent(attachment, request)

    async def _sent(self, attachment: Attachment, request: Request) -> Response:
        try:
            return await send(
                self._house.vault,
                key_of(attachment.file_id),
                name=attachment.name,
                media_type=attachment.media_type,
                size_bytes=attachment.size_bytes,
                sha256=attachment.sha256,
                request=request,
            )
        except (FileNotFoundError, StoredFileDiffers) as lost:
            raise internal(lost, attachment=str(attachment.id)) from lost


async def _worded(request: Request, failure: Exception) -> Response:
    """What the router has to say, such as that there is nothing at an address, in the words of all errors."""
    assert isinstance(failure, HTTPException)
    if failure.status_code == ErrorCode.NOT_FOUND.status:
        error = PublicError(ErrorCode.NOT_FOUND, zh="没有这个地址。", en="There is nothing at this address.")
    elif failure.status_code == ErrorCode.METHOD_NOT_ALLOWED.status:
        error = PublicError(ErrorCode.METHOD_NOT_ALLOWED)
    else:
        error = PublicError(ErrorCode.BAD_REQUEST, status=failure.status_code)
    language = preferred_language(request.headers.get("accept-language"))
    return refusal(error, Manner(AnswerType.JSON, language), failure.headers)


async def _is_alive(request: Request) -> Response:
    return JSONResponse({"status": "alive"})


class Readiness:
    """Whether requests can be answered: the database does."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def answer(self, request: Request) -> Response:
        try:
            ready = await self._house.database.is_ready()
        except Exception:
            log.exception("not_ready")
            ready = False
        return JSONResponse({"status": "ready" if ready else "not ready"}, 200 if ready else 503)
