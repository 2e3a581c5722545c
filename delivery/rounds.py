"""Rounds: whatever is due in the outbox is claimed, sent, and what came of it written down, until nothing is due.

Any number of processes may go their rounds at once. What one of them sent, but did not live to write down, is sent
again.
"""

import asyncio
import traceback
from collections import Counter
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path

import structlog

from delivery.email import Mail
from delivery.letter import Letter, NotSent, Sender
from delivery.sms import Sms
from domain.delivery import ATTEMPTS_MAX, Delivery, after_failure, after_success
from domain.notice import Channel, Notice
from storage.bell import Bell
from storage.clock import Clock
from storage.database import Database
from storage.delivery import LEASE, claim, lay_aside, settle

CLAIMED_AT_ONCE = 20
SENT_AT_ONCE = 5
ATTEMPT_SECONDS_MAX = 60
assert LEASE.total_seconds() > CLAIMED_AT_ONCE / SENT_AT_ONCE * ATTEMPT_SECONDS_MAX

IDLE_SECONDS_MAX = 15.0
"""A ring may be lost, and attempts fall due by themselves."""
PAUSE_SECONDS = 0.5
"""Between two looks, however often it rings."""
FAILED_SECONDS = 15.0
CLOSED_SECONDS = 60 * 60.0
"""Between two looks where no channel is open."""

OUTSIDE = (Channel.EMAIL, Channel.SMS)
Senders = Mapping[Channel, Sender]

log = structlog.get_logger(__name__)


def open_senders(smtp_url: str, mail_from: str, sms_url: str) -> dict[Channel, Sender]:
    """The channels that are set; an empty setting leaves one closed. Raises ValueError for one that makes no sense."""
    senders: dict[Channel, Sender] = {}
    if smtp_url:
        senders[Channel.EMAIL] = Mail.of(smtp_url, mail_from)
    if sms_url:
        senders[Channel.SMS] = Sms.of(sms_url)
    return senders


async def deliver(database: Database, senders: Senders, clock: Clock) -> Counter[str]:
    """One round; how many deliveries were SENT, FAILED, put off (WAITING), or laid aside (NOT_CONFIGURED).

    One that breaks is told to the log and holds up no other.
    """
    told: Counter[str] = Counter()
    closed = [channel for channel in OUTSIDE if channel not in senders]
    if closed and (count := await lay_aside(database, closed, clock().astimezone(UTC))):
        told["NOT_CONFIGURED"] = count
    at_once = asyncio.Semaphore(SENT_AT_ONCE)

    async def attempt(delivery: Delivery, notice: Notice) -> None:
        async with at_once:
            changes = await _attempted(senders[delivery.channel], delivery, notice, clock)
        if await settle(database, delivery, changes):
            told[str(changes.get("state", "WAITING"))] += 1

    while senders:
        claimed = await claim(database, tuple(senders), clock().astimezone(UTC), CLAIMED_AT_ONCE)
        if not claimed:
            break
        outcomes = await asyncio.gather(
            *(attempt(delivery, notice) for delivery, notice in claimed), return_exceptions=True
        )
        for (delivery, _), failure in zip(claimed, outcomes, strict=True):
            if isinstance(failure, Exception):
                # What came of it is not written down: it is claimed again when the lease ends.
                log.error("delivery_not_settled", delivery=str(delivery.id), failure=_said_of(failure))
            elif failure is not None:
                raise failure
    return told


async def _attempted(sender: Sender, delivery: Delivery, notice: Notice, clock: Clock) -> dict[str, object]:
    if delivery.attempts > ATTEMPTS_MAX:
        # Only those whose process ended before it wrote down what came of it get so far.
        return after_failure(delivery, "Nobody lived to tell what came of the attempts.", clock(), for_good=True)
    try:
        async with asyncio.timeout(ATTEMPT_SECONDS_MAX):
            await sender.send(Letter.of(delivery, notice))
    except NotSent as failure:
        return after_failure(delivery, failure.reason, clock().astimezone(UTC), for_good=failure.for_good)
    except TimeoutError:
        reason = f"No answer within {ATTEMPT_SECONDS_MAX} seconds."
        return after_failure(delivery, reason, clock().astimezone(UTC), for_good=False)
    except Exception as unexpected:
        # One letter that cannot even be written must not keep the others.
        log.error("delivery_broke", delivery=str(delivery.id), failure=_said_of(unexpected))
        return after_failure(delivery, type(unexpected).__name__, clock().astimezone(UTC), for_good=False)
    return after_success(clock().astimezone(UTC))


def _said_of(failure: Exception) -> str:
    """What a failure is and where it happened, without its text: that may name the addressee."""
    last = next(iter(reversed(traceback.extract_tb(failure.__traceback__))), None)
    return type(failure).__name__ + (f" in {last.name}, {Path(last.filename).name}:{last.lineno}" if last else "")


async def deliver_for_ever(database: Database, bell: Bell, senders: Senders, clock: Clock) -> None:
    """Rounds whenever it rings, and now and then; one that fails is reported, and the next finds what it left."""
    while True:
        # Before looking: what rings meanwhile is looked for again.
        strokes = bell.strokes()
        try:
            told = await deliver(database, senders, clock)
            if told:
                log.info("delivered", **told)
        except Exception:
            log.exception("round_failed")
            await asyncio.sleep(FAILED_SECONDS)
            continue
        if senders:
            await asyncio.sleep(PAUSE_SECONDS)
            await bell.next(strokes, IDLE_SECONDS_MAX)
        else:
            await asyncio.sleep(CLOSED_SECONDS)
