"""Deliveries: what becomes of a notice that goes by e-mail or SMS too; one for each notice and channel.

It is sent at least once: whoever is cut off before writing down that it was sent sends it again, under the same id.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.notice import Channel, Notice
from domain.record import Form, Part, hidden, says
from domain.term import Term

RETRY_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60))
"""How long is waited after each attempt that failed; after the last one comes one more attempt and no other."""

ATTEMPTS_MAX = len(RETRY_WAITS) + 1

CHANNEL_WAIT = timedelta(days=1)
"""How long a delivery waits for its channel to be opened; what is older then is not sent late all at once."""

ERROR_LENGTH_MAX = 500

ADDRESSES = {Channel.EMAIL: "contact_email", Channel.SMS: "contact_mobile"}
"""Where an organisation is reached by which channel."""


class DeliveryState(Term):
    """What has become of a delivery 发送状态."""

    WAITING = "待发送", "Not sent yet, or failed and to be tried again."
    SENT = "已发送", "Taken by the mail server or the SMS gateway."
    FAILED = "发送失败", "Given up: no such address, or tried as often as allowed."
    NOT_CONFIGURED = "渠道未开通", "Not sent, since this installation does not use the channel; no error."


@dataclass(frozen=True, kw_only=True)
class Delivery(Part):
    """One notice on its way by e-mail or SMS 通知发送."""

    channel: Annotated[Channel, says("通知渠道", "By which way it goes.")]
    state: Annotated[DeliveryState, says("发送状态", "What has become of it.")]
    address: Annotated[
        str | None,
        says("收件地址", "E-mail address or mobile phone; null where the organisation has none."),
        marks.text(254),
    ] = None
    attempts: Annotated[int, says("尝试次数", "How often it was tried.")] = 0
    last_error: Annotated[str | None, hidden, marks.text(ERROR_LENGTH_MAX)] = None
    """Why the last attempt failed, as the other side put it."""
    created_at: Annotated[datetime, says("创建时间", "When the notice was published.")]
    sent_at: Annotated[datetime | None, says("发送时间", "When it was taken.")] = None
    next_attempt_at: Annotated[datetime, hidden]
    """When it may be claimed; whoever claims it puts this off until well after the attempt."""
    notice_id: Annotated[UUID, hidden]
    organisation_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class DeliveryFilter(Form):
    """Which deliveries are wanted; conditions given together must all hold."""

    state: Annotated[tuple[DeliveryState, ...] | None, says("发送状态", "Any of these states.")] = None
    channel: Annotated[Channel | None, says("通知渠道", "By which way they go.")] = None


class DeliveryOrderField(Term):
    """What deliveries are sorted by."""

    CREATED_AT = "创建时间", "When the notice was published."


def deliveries_of(notices: Sequence[Notice], new_id: Callable[[], UUID]) -> list[Delivery]:
    """What is to be delivered of some notices; the address is the organisation's, for each channel one of its own."""
    return [
        Delivery(
            id=new_id(),
            channel=channel,
            state=DeliveryState.WAITING,
            created_at=notice.published_at,
            next_attempt_at=notice.published_at,
            notice_id=notice.id,
            organisation_id=notice.organisation_id,
        )
        for notice in notices
        if notice.organisation_id is not None
        for channel in channels_of(notice)
        if channel in ADDRESSES
    ]


def channels_of(notice: Notice) -> tuple[Channel, ...]:
    """By which ways a notice goes; it stands in the list whatever else it does."""
    wanted = {Channel.NOTICE: True, Channel.EMAIL: notice.by_email, Channel.SMS: notice.by_sms}
    return tuple(channel for channel, is_wanted in wanted.items() if is_wanted)


def without_address() -> dict[str, Any]:
    """What is different on a delivery to an organisation that has left no address: nobody can be reached."""
    return {"state": DeliveryState.FAILED, "last_error": "The organisation has left no address of this kind."}


def after_success(now: datetime) -> dict[str, Any]:
    """What changes on a delivery that was taken."""
    return {"state": DeliveryState.SENT, "sent_at": now, "last_error": None}


def after_failure(delivery: Delivery, reason: str, now: datetime, *, for_good: bool) -> dict[str, Any]:
    """What changes on a delivery whose attempt, already counted, has failed: another one later, or none any more."""
    said = " ".join(reason.split())[:ERROR_LENGTH_MAX]
    if for_good or delivery.attempts >= ATTEMPTS_MAX:
        return {"state": DeliveryState.FAILED, "last_error": said}
    return {"last_error": said, "next_attempt_at": now + RETRY_WAITS[delivery.attempts - 1]}
