"""Setting an authenticator app up and doing away with it. Secret and recovery codes are told once."""

from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

import strawberry

from domain.party import Viewer
from domain.record import says
from domain.totp import BeginTotpForm, ConfirmTotpForm, RevokeTotpForm, Totp, TotpStatus
from graph.actions import Payload
from graph.context import Context, Info
from graph.qr_code import svg_of
from graph.relation import related
from graph.resolvers.second_factor import weighed
from graph.user_error import user_errors
from identity.totp import new_recovery_codes, new_secret, uri_of
from storage.account import ACCOUNTS
from storage.perform import Outcome, Request, Transaction
from storage.relation import by_id
from storage.totp import DESK, TOTPS, going_on_of


@dataclass(frozen=True, kw_only=True)
class TotpSetup:
    """What an authenticator app is set up with, told this once."""

    secret: Annotated[str, says("密钥", "In base32, to be typed where nothing can be scanned.")]
    uri: Annotated[str, says("地址", "`otpauth://totp/…`, which opens an app on the same device.")]
    qr_code: Annotated[str, says("二维码", "The address as a QR image, as SVG, to be put into a page as it is.")]


async def totp_begin(info: Info) -> Payload:
    """登记动态口令. Make a secret for one's own authenticator app; show the image, then `totpConfirm` with a code. One
    that was begun before and not confirmed is replaced. 手册 第四篇 (manual)."""
    context = info.context
    viewer = context.signed_in()
    account = await context.one(ACCOUNTS.seen_by(viewer).where(ACCOUNTS.id == viewer.user_id))
    assert account is not None
    secret = new_secret()

    async def work(transaction: Transaction) -> Outcome[Totp]:
        there = await going_on_of(viewer).one(transaction.connection)
        wish = Request(form=BeginTotpForm(secret=secret), subject_id=None if there is None else there.id)
        if there is not None and there.status is TotpStatus.ACTIVE:
            # One more, which the table refuses with the reason.
            wish = replace(wish, subject_id=None)
        return await transaction.perform(DESK, "begin", wish, viewer)

    outcome = await context.house.door.together(work)
    context.forget()
    if outcome.refusals:
        return Payload(None, user_errors(outcome.refusals, context.language))
    uri = uri_of(secret, account.username)
    return Payload(outcome.record, [], {"setup": TotpSetup(secret=secret, uri=uri, qr_code=svg_of(uri))})


async def confirm(context: Context, request: Request) -> Payload:
    form = request.form
    assert isinstance(form, ConfirmTotpForm)
    codes, hashes = new_recovery_codes()
    wish = replace(request, form=replace(form, recovery_hashes=hashes))
    totp = await _own(context, request.subject_id, TotpStatus.PENDING)
    if totp is not None and form.one_time_code:
        proof = await weighed(context, totp, form.one_time_code, None)
        if isinstance(proof, tuple):
            return Payload(totp, user_errors(proof, context.language))
        wish = replace(wish, form=replace(form, recovery_hashes=hashes, proof=proof))
    outcome = await context.house.door.perform(DESK, "confirm", wish, context.viewer)
    context.forget()
    # A wish that was granted before under its key has other codes, which nobody is told twice.
    record = outcome.record
    is_told = not outcome.refusals and record is not None and record.recovery_hashes == hashes
    return Payload(
        record, user_errors(outcome.refusals, context.language), {"recovery_codes": codes if is_told else None}
    )


async def revoke(context: Context, request: Request) -> Payload:
    form = request.form
    assert isinstance(form, RevokeTotpForm)
    wish = request
    totp = await _own(context, request.subject_id, TotpStatus.ACTIVE)
    if totp is not None and form.one_time_code:
        proof = await weighed(context, totp, form.one_time_code, None)
        if isinstance(proof, tuple):
            return Payload(totp, user_errors(proof, context.language))
        wish = replace(request, form=replace(form, proof=proof))
    outcome = await context.house.door.perform(DESK, "revoke", wish, context.viewer)
    context.forget()
    return Payload(outcome.record, user_errors(outcome.refusals, context.language))


async def _own(context: Context, totp_id: UUID | None, status: TotpStatus) -> Totp | None:
    """The viewer's own in this status, whose codes are looked at."""
    totp = await context.one(TOTPS.seen_by(context.viewer).where(TOTPS.id == totp_id))
    is_own = totp is not None and totp.account_id == context.viewer.user_id and totp.status is status
    return totp if is_own else None


async def own_totp(root: strawberry.Parent[Viewer], info: Info) -> Totp | None:
    """动态口令. The viewer's own authenticator app, begun or active; null where there is none."""
    return await info.context.one(going_on_of(root))


account = related(by_id(ACCOUNTS), "account_id", name="account", words="账号. Whose it is.")
