"""Opening captchas: anybody may, and whom one is for decides what it asks for."""

from dataclasses import dataclass
from datetime import datetime

import strawberry

from domain.captcha import ALGORITHM
from graph.actions import Payload, not_done
from graph.context import Info
from graph.ids import public_id
from graph.reception.gate import Claim
from storage.session import account_by_name


@dataclass(frozen=True)
class ProofOfWork:
    """Work that stands for the text of the picture: find a nonce (at most 64 characters) for which the digest of prefix
    and nonce, written one after the other in UTF-8, begins with as many zero bits as the difficulty says."""

    algorithm: str
    prefix: str
    difficulty: int


@dataclass(frozen=True)
class Captcha:
    """A captcha 验证码, good for one attempt to sign in. Its picture's text is enough, or its work."""

    id: str
    image: str | None
    proof_of_work: ProofOfWork
    expires_at: datetime


@strawberry.input(description="获取验证码. Who is about to sign in.")
class CaptchaOpenInput:
    """Whom the captcha is for."""

    username: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="用户名. The name that will be typed. Absent: for any at which few have failed lately.",
    )
    device_token: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="设备令牌. What `sessionOpen` gave this device before: then no more is asked than usual.",
    )


async def captcha_open(info: Info, input: CaptchaOpenInput) -> Payload:
    """获取验证码. A captcha to sign in with: answer it by the text of its picture, or by a proof of work. Good for one
    attempt. 手册 第四篇 (manual)."""
    context = info.context
    claim = Claim(name=input.username or "", address=context.client.address, device_token=input.device_token or None)
    if claim.name and claim.device_token:
        async with context.house.database.reading() as connection:
            known = await account_by_name(connection, claim.name, context.house.door.clock())
        claim = Claim(
            name=claim.name,
            address=claim.address,
            device_token=claim.device_token,
            account_id=known[0].id if known else None,
        )
    opened = await context.house.gate.open_captcha(claim)
    if isinstance(opened, tuple):
        return not_done(context, *opened)
    kept = opened.kept
    captcha = Captcha(
        id=public_id("captcha", kept.id),
        image=opened.image,
        proof_of_work=ProofOfWork(ALGORITHM, kept.prefix, kept.difficulty),
        expires_at=kept.expires_at,
    )
    return Payload(None, [], {"captcha": captcha})
