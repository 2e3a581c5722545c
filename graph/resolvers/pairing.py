"""How a browser asks to be signed in by a phone, follows what becomes of it, and comes in, once."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import strawberry

from domain.pairing import ApproveForm, Pairing, PairingStatus
from domain.party import THE_PRODUCT
from domain.record import Form, says
from domain.refusal import Refusal, RefusalCode, refusal
from domain.session import SignInMethod
from graph.actions import Payload, not_done
from graph.context import Context, Info
from graph.errors import ErrorCode, PublicError
from graph.ids import record_id
from graph.qr_code import svg_of
from graph.resolvers.opening import Opening, cookie, opened, refreshable
from graph.user_error import user_errors
from storage.pairing import DESK, Progress, ask, progress_of
from storage.perform import Request, Transaction
from storage.session import viewer_of_account

QR_PREFIX = "preship:pair?code="
"""What stands before the code in the QR image, so that a companion knows it for ours."""

SECRET_LENGTH_MAX = 128


@dataclass(frozen=True, kw_only=True)
class OpenedPairing:
    """What a browser shows, and what it keeps to itself."""

    code: Annotated[str, says("配对码", f"What the phone scans; the QR image says `{QR_PREFIX}` and this.")]
    qr_code: Annotated[str, says("二维码", "The QR image, as SVG, to be put into a page as it is.")]
    number: Annotated[str, says("核对数字", "Two digits to show beside the image; the user types them at the phone.")]
    secret: Annotated[str, says("凭据", "Follows the pairing and comes in by it; for this browser alone, never shown.")]
    expires_at: Annotated[datetime, says("失效时间", "Until when it can be finished.")]


@dataclass(frozen=True, kw_only=True)
class PairingProgress:
    """How far it has come, for the browser that asked."""

    status: Annotated[PairingStatus | None, says("状态", "Where it stands; null while no phone has scanned the code.")]
    expires_at: Annotated[datetime, says("失效时间", "Until when it can be finished.")]


@strawberry.input(description="浏览器登录. By which a browser comes in that was let in.")
class PairingUseInput:
    """The browser's own secret."""

    secret: str = strawberry.field(description="凭据. The secret that `pairingOpen` gave; it is good once.")
    refreshable: bool = refreshable()
    cookie: bool = cookie()


@strawberry.input(description="确认登录. That the browser is the one before the user's eyes.")
class PairingApproveInput:
    """The pairing and the number that the browser shows."""

    id: strawberry.ID = strawberry.field(description="标识. The pairing.")
    number: str = strawberry.field(description="核对数字. The two digits that the browser shows; there is one try.")


async def pairing_open(info: Info) -> Payload:
    """登录移动端. Ask to be signed in here by a phone where the user is signed in already: show the image and the
    number, follow `pairingChanged`, and come in by `pairingUse`. For anybody. 手册 第四篇 (manual)."""
    context = info.context
    client, now = context.client, context.house.door.clock()
    async with context.house.database.writing() as connection:
        asked = await ask(connection, client.device, client.known_address, now, context.house.settings.pairing_lasts)
    if asked is None:
        return not_done(context, _too_many())
    shown = OpenedPairing(
        code=asked.code,
        qr_code=svg_of(QR_PREFIX + asked.code),
        number=asked.request.number,
        secret=asked.secret,
        expires_at=asked.request.expires_at,
    )
    return Payload(None, [], {"opened": shown})


async def pairing_approve(info: Info, input: PairingApproveInput) -> Payload:
    """确认登录. Let the browser in, as oneself. By the user who scanned the code. Another number than the browser's
    refuses it for good. 手册 第四篇 (manual)."""
    context = info.context
    viewer, door = context.signed_in(), context.house.door
    pairing_id = record_id("pairing", input.id)
    wish = Request(form=ApproveForm.of(number=input.number), subject_id=pairing_id)

    async def work(transaction: Transaction) -> tuple[Pairing | None, tuple[Refusal, ...]]:
        outcome = await transaction.perform(DESK, "approve", wish, viewer)
        if any(each.code is RefusalCode.NUMBER_DIFFERS for each in outcome.refusals):
            other_number = Request(form=Form(), subject_id=pairing_id)
            after = await transaction.perform(DESK, "refuse_other_number", other_number, THE_PRODUCT)
            return after.record or outcome.record, outcome.refusals
        return outcome.record, outcome.refusals

    pairing, refusals = await door.together(work)
    context.forget()
    return Payload(pairing, user_errors(refusals, context.language))


async def pairing_use(info: Info, input: PairingUseInput) -> Payload:
    """浏览器登录. Come in, the user having approved it on the phone: a session of one's own for this browser, once.
    手册 第四篇 (manual)."""
    context = info.context
    progress = await _progress(context, input.secret)
    pairing = None if progress is None else progress.pairing
    if pairing is None or context.house.door.clock() >= pairing.expires_at:
        return not_done(context, _not_let_in())
    async with context.house.database.reading() as connection:
        viewer = await viewer_of_account(connection, pairing.user_id, context.house.door.clock())
    if viewer is None:
        return not_done(context, _not_let_in())

    async def first(transaction: Transaction) -> tuple[Refusal, ...]:
        wish = Request(form=Form(), subject_id=pairing.id)
        outcome = await transaction.perform(DESK, "use", wish, THE_PRODUCT)
        return (_not_let_in(),) if outcome.refusals else ()

    opening = Opening(SignInMethod.COMPANION, is_refreshable=input.refreshable, by_cookie=input.cookie)
    payload = await opened(context, viewer, opening, is_proved=True, first=first, vouched_by=pairing.phone_session_id)
    if payload.more is None:
        return not_done(context, _not_let_in())
    return payload


async def pairing(
    info: Info,
    secret: Annotated[str, strawberry.argument(description="The secret that `pairingOpen` gave.")],
) -> PairingProgress | None:
    """登录移动端进度. How far a browser's request has come, for one that cannot follow it; null where the secret is
    nobody's, or long past."""
    progress = await _progress(info.context, secret)
    return None if progress is None else _shown(progress, info.context)


async def pairing_changed(
    info: Info,
    secret: Annotated[str, strawberry.argument(description="The secret that `pairingOpen` gave.")],
) -> AsyncGenerator[PairingProgress, None]:
    """登录移动端进度. How far a browser's request has come: as it is now, then every change, until it is let in,
    refused or too late. NOT_FOUND where the secret is nobody's."""
    context = info.context
    found = await _progress(context, secret)
    if found is None:
        raise PublicError(ErrorCode.NOT_FOUND)
    async with context.house.stream.topic(found.request.id) as topic:
        told: PairingProgress | None = None
        while True:
            topic.calm()
            progress = await _progress(context, secret) or found
            shown = _shown(progress, context)
            if shown != told:
                yield shown
                told = shown
            if shown.status not in (None, PairingStatus.SCANNED):
                return
            left = (progress.request.expires_at - context.house.door.clock()).total_seconds()
            try:
                async with asyncio.timeout(max(left, 0)):
                    await topic.news()
            except TimeoutError:
                continue


def is_nearby(root: strawberry.Parent[Pairing], info: Info) -> bool:
    """是否同一网络. Whether browser and phone come from one network address: if not, look twice before approving."""
    return root.address is not None and root.address == info.context.client.known_address


async def _progress(context: Context, secret: str) -> Progress | None:
    if len(secret) > SECRET_LENGTH_MAX:
        return None
    async with context.house.database.reading() as connection:
        return await progress_of(connection, secret)


def _shown(progress: Progress, context: Context) -> PairingProgress:
    """What is over shows as such before the clock has come by."""
    status = None if progress.pairing is None else progress.pairing.status
    is_over = context.house.door.clock() >= progress.request.expires_at
    if is_over and status in (None, PairingStatus.SCANNED, PairingStatus.APPROVED):
        status = PairingStatus.EXPIRED
    return PairingProgress(status=status, expires_at=progress.request.expires_at)


def _not_let_in() -> Refusal:
    return refusal(
        RefusalCode.PAIRING_OVER,
        zh="登录请求未经确认、已使用或已过期，请重新扫码。",
        en="The browser was not let in, came in already, or is too late; show a new code.",
        field="secret",
    )


def _too_many() -> Refusal:
    return refusal(
        RefusalCode.TOO_MANY_PAIRINGS,
        zh="待扫码的登录请求过多，请稍后再试。",
        en="Too many browsers wait to be let in; try again in a moment.",
    )
