"""Deliveries, on both engines: each notice once by each channel, again after a failure, by two processes not twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from delivery.letter import Letter, NotSent
from delivery.rounds import Senders, deliver, open_senders
from domain.delivery import ATTEMPTS_MAX, CHANNEL_WAIT, RETRY_WAITS
from domain.notice import Channel
from storage.database import Database
from storage.delivery import DELIVERY, LEASE, claim
from storage.demo.world import demo_id
from storage.organisation import ORGANISATION
from tests.annual_reports import TOEI, draft, officer, starts
from tests.delivery.outside import FROM, Gateway, MailServer
from tests.office import Office
from tests.registry import add_institutions

MOBILE, MAIL = "+819012345678", "k.sato@toei-harbour.example"
SECONDS_MAX = 20


async def has_mobile(office: Office, key: str = "I01", mobile: str | None = MOBILE) -> None:
    async with office.database.writing() as connection:
        whose = ORGANISATION.c.id == demo_id(key)
        await connection.execute(update(ORGANISATION).where(whose).values(contact_mobile=mobile))


async def states(office: Office) -> Counter[tuple[str, str, int]]:
    """How many deliveries are of which channel and state, after how many attempts."""
    async with office.database.reading() as connection:
        rows = await connection.execute(select(DELIVERY.c.channel, DELIVERY.c.state, DELIVERY.c.attempts))
        return Counter((row.channel.code, row.state.code, row.attempts) for row in rows)


async def reasons(office: Office) -> list[str | None]:
    async with office.database.reading() as connection:
        return list((await connection.execute(select(DELIVERY.c.last_error).order_by(DELIVERY.c.id))).scalars())


async def goes_round(office: Office, senders: Senders) -> Counter[str]:
    return await deliver(office.database, senders, office.clock)


def both(mail: MailServer, sms: Gateway) -> Senders:
    return open_senders(mail.url, FROM, sms.url)


@pytest.mark.manual(79)
async def test_a_notice_by_three_channels_arrives_once_by_e_mail_and_once_by_sms(
    office: Office, mail: MailServer, sms: Gateway
) -> None:
    await has_mobile(office)
    report = await draft(office)
    assert await goes_round(office, both(mail, sms)) == {"SENT": 2}
    assert await goes_round(office, both(mail, sms)) == {}

    (message,) = mail.taken
    assert mail.recipients == [MAIL]
    title = f"年度报告填写通知，（报告编号：{report['number']}），请尽快完成提交确认"
    assert (message["Subject"], message["From"], message["To"]) == (title, FROM, MAIL)
    content = message.get_content()
    assert "请填写2025年度工作报告" in content
    assert f"Annual report {report['number']} is to be filled in" in content
    async with office.database.reading() as connection:
        ids = {row.channel: row.id.hex for row in await connection.execute(select(DELIVERY.c.channel, DELIVERY.c.id))}
    assert mail.ids == [f"<{ids[Channel.EMAIL]}@preship.example>"]
    (text,) = sms.taken
    assert (text["to"], text["id"]) == (MOBILE, ids[Channel.SMS])
    assert text["text"].startswith(title)
    assert await states(office) == {("EMAIL", "SENT", 1): 1, ("SMS", "SENT", 1): 1}


async def test_what_was_not_taken_is_tried_again_later_under_the_same_id(
    office: Office, mail: MailServer, sms: Gateway
) -> None:
    await has_mobile(office)
    await draft(office)
    mail.answers += ["451 4.3.0 try again later"]
    sms.answers += [503]
    assert await goes_round(office, both(mail, sms)) == {"WAITING": 2}
    assert await reasons(office) == ["451 4.3.0 try again later", "503 no such number"]
    office.clock.moves(seconds=RETRY_WAITS[0].total_seconds() - 1)
    assert await goes_round(office, both(mail, sms)) == {}
    office.clock.moves(seconds=1)
    assert await goes_round(office, both(mail, sms)) == {"SENT": 2}
    assert await reasons(office) == [None, None]
    assert await states(office) == {("EMAIL", "SENT", 2): 1, ("SMS", "SENT", 2): 1}


async def test_a_server_that_is_away_is_tried_as_often_as_allowed_and_then_given_up(office: Office) -> None:
    nobody_listens = open_senders("smtp://127.0.0.1:9", FROM, "")
    await has_mobile(office, mobile=None)
    await draft(office)
    for attempt in range(1, ATTEMPTS_MAX):
        assert await goes_round(office, nobody_listens) == {"WAITING": 1}, attempt
        assert await goes_round(office, nobody_listens) == {}
        office.clock.moves(seconds=RETRY_WAITS[attempt - 1].total_seconds())
    assert await goes_round(office, nobody_listens) == {"FAILED": 1}
    office.clock.moves(days=30)
    assert await goes_round(office, nobody_listens) == {}
    assert (await states(office))["EMAIL", "FAILED", ATTEMPTS_MAX] == 1
    assert "127.0.0.1" in ((await reasons(office))[0] or "")


async def test_an_address_that_does_not_exist_fails_at_once_with_the_reason(
    office: Office, mail: MailServer, sms: Gateway
) -> None:
    await has_mobile(office)
    await draft(office)
    mail.refused[MAIL] = "550 5.1.1 no such user"
    sms.answers += [422]
    assert await goes_round(office, both(mail, sms)) == {"FAILED": 2}
    assert await reasons(office) == ["550 5.1.1 no such user", "422 no such number"]
    office.clock.moves(days=30)
    assert await goes_round(office, both(mail, sms)) == {}
    assert (mail.taken, sms.taken) == ([], [])


async def test_a_recipient_refused_for_now_is_tried_again(office: Office, mail: MailServer) -> None:
    await draft(office)
    mail.refused[MAIL] = "450 4.2.1 mailbox busy"
    senders = open_senders(mail.url, FROM, "")
    assert await goes_round(office, senders) == {"WAITING": 1}
    mail.refused.clear()
    office.clock.moves(minutes=1)
    assert await goes_round(office, senders) == {"SENT": 1}


async def test_who_left_no_address_cannot_be_reached_and_that_is_said(
    office: Office, mail: MailServer, sms: Gateway
) -> None:
    await has_mobile(office, mobile=None)
    await draft(office)
    assert await states(office) == {("EMAIL", "WAITING", 0): 1, ("SMS", "FAILED", 0): 1}
    assert await goes_round(office, both(mail, sms)) == {"SENT": 1}
    assert sms.taken == []
    assert "The organisation has left no address of this kind." in await reasons(office)


async def test_one_letter_that_is_refused_keeps_no_other(office: Office, mail: MailServer) -> None:
    reports = (await starts(officer(office))).done()
    mail.refused[MAIL] = "550 5.1.1 no such user"
    told = await goes_round(office, open_senders(mail.url, FROM, ""))
    assert told == {"FAILED": 1, "SENT": len(reports) - 1}


@dataclass
class Odd:
    """A sender whose reason for one address cannot be written down; it takes every other letter."""

    address: str
    taken: list[str] = field(default_factory=list)

    async def send(self, letter: Letter) -> None:
        if letter.address == self.address:
            raise NotSent(f"550 \udcff {letter.address}")
        self.taken.append(letter.address)


async def test_what_breaks_is_told_to_the_log_without_the_addressee_and_keeps_no_other(office: Office) -> None:
    await add_institutions(office.database, 60)
    reports = (await starts(officer(office), year=2024)).done()
    due = (await states(office))["EMAIL", "WAITING", 0]
    assert due >= 60 < len(reports)
    sender = Odd(MAIL)
    with capture_logs() as logs:
        assert await goes_round(office, {Channel.EMAIL: sender}) == {"SENT": due - 1}
    assert len(sender.taken) == due - 1
    async with office.database.reading() as connection:
        (broken,) = (await connection.execute(select(DELIVERY.c.id).where(DELIVERY.c.address == MAIL))).scalars()
    (entry,) = [each for each in logs if each["event"] == "delivery_not_settled"]
    assert entry["delivery"] == str(broken)
    assert "Error" in entry["failure"]
    assert MAIL not in str(logs)
    assert await goes_round(office, {Channel.EMAIL: sender}) == {}
    office.clock.moves(seconds=LEASE.total_seconds())
    sender.address = ""
    assert await goes_round(office, {Channel.EMAIL: sender}) == {"SENT": 1}


async def test_every_organisation_of_the_demo_can_be_reached_by_both_channels(office: Office) -> None:
    (await starts(officer(office))).done()
    assert {(channel, state) for channel, state, _ in await states(office)} == {
        ("EMAIL", "WAITING"),
        ("SMS", "WAITING"),
    }


async def test_two_processes_at_once_send_nothing_twice(office: Office, mail: MailServer) -> None:
    await add_institutions(office.database, 60)
    (await starts(officer(office), year=2024)).done()
    due = (await states(office))["EMAIL", "WAITING", 0]
    assert due > 60
    senders = open_senders(mail.url, FROM, "")
    others = [Database(str(office.database.url.render_as_string(hide_password=False))) for _ in range(2)]
    try:
        told = await asyncio.gather(*(deliver(each, senders, office.clock) for each in (office.database, *others)))
    finally:
        await asyncio.gather(*(each.close() for each in others))
    assert sum(each["SENT"] for each in told) == due
    assert len(mail.ids) == len(set(mail.ids)) == due


async def test_what_a_process_left_undone_is_sent_by_another_when_the_lease_ends(
    office: Office, mail: MailServer
) -> None:
    await draft(office)
    ((taken, notice),) = await claim(office.database, [Channel.EMAIL], office.clock().astimezone(UTC), 10)
    senders = open_senders(mail.url, FROM, "")
    await senders[Channel.EMAIL].send(Letter.of(taken, notice))  # and the process ends before it writes that down
    assert await goes_round(office, senders) == {}
    office.clock.moves(seconds=LEASE.total_seconds())
    assert await goes_round(office, senders) == {"SENT": 1}
    assert len(mail.ids) == 2
    assert len(set(mail.ids)) == 1


async def test_a_notice_that_breaks_every_process_is_given_up(office: Office, mail: MailServer) -> None:
    await draft(office)
    for _ in range(ATTEMPTS_MAX):
        assert len(await claim(office.database, [Channel.EMAIL], office.clock().astimezone(UTC), 10)) == 1
        office.clock.moves(seconds=LEASE.total_seconds())
    assert await goes_round(office, open_senders(mail.url, FROM, "")) == {"FAILED": 1}
    assert mail.taken == []


async def test_a_channel_that_is_not_set_is_no_error_and_sends_nothing_late_all_at_once(
    office: Office, mail: MailServer, sms: Gateway
) -> None:
    await has_mobile(office)
    await draft(office)
    assert await goes_round(office, {}) == {}
    assert await states(office) == {("EMAIL", "WAITING", 0): 1, ("SMS", "WAITING", 0): 1}
    office.clock.moves(seconds=(CHANNEL_WAIT - timedelta(minutes=1)).total_seconds())
    assert await goes_round(office, open_senders(mail.url, FROM, "")) == {"SENT": 1}
    office.clock.moves(minutes=1)
    assert await goes_round(office, open_senders(mail.url, FROM, "")) == {"NOT_CONFIGURED": 1}
    assert await goes_round(office, both(mail, sms)) == {}
    assert sms.taken == []


async def test_only_notices_that_ask_for_it_leave_the_house(office: Office, mail: MailServer) -> None:
    await office.completed()
    async with office.unchanged():
        assert (await starts(officer(office), "I01", year=2030)).codes == ["OUT_OF_RANGE"]
    assert await states(office) == {}


@pytest.mark.parametrize(
    ("smtp_url", "mail_from", "sms_url"),
    [
        ("127.0.0.1:25", FROM, ""),
        ("http://127.0.0.1", FROM, ""),
        ("smtp://", FROM, ""),
        ("smtp://mail.example", "", ""),
        ("smtp://mail.example", "nobody", ""),
        ("", "", "sms.example/send"),
        ("", "", "ftp://sms.example"),
    ],
)
def test_a_setting_that_makes_no_sense_stops_the_start(smtp_url: str, mail_from: str, sms_url: str) -> None:
    with pytest.raises(ValueError):
        open_senders(smtp_url, mail_from, sms_url)


def test_user_and_password_of_a_mail_server_may_hold_any_sign() -> None:
    found: Any = open_senders("smtps://office%40preship.example:p%3A%2F@mail.example", FROM, "")[Channel.EMAIL]
    assert (found.username, found.password, found.port) == ("office@preship.example", "p:/", 465)
    assert found.is_encrypted


# ── As the application does it, and as its users see it ────────────────────────────────────────────────────────────

SEEN = """query Seen { notices(first: 5) { nodes { channels deliveries { channel state sentAt address reason } } } }"""
LISTED = """query Listed($filter: DeliveryFilter) { deliveries(filter: $filter) {
  totalCount nodes { channel state attempts reason organisation { nameZh } }
} }"""


@asynccontextmanager
async def _open(
    open_office: Callable[..., AbstractAsyncContextManager[Office]], mail: MailServer, sms: Gateway
) -> AsyncIterator[Office]:
    async with open_office(smtp_url=mail.url, mail_from=FROM, sms_url=sms.url) as office:
        await has_mobile(office)
        yield office


async def test_the_application_sends_what_was_committed_without_being_asked(
    open_office: Callable[..., AbstractAsyncContextManager[Office]], mail: MailServer, sms: Gateway
) -> None:
    async with _open(open_office, mail, sms) as office:
        await draft(office)
        async with asyncio.timeout(SECONDS_MAX):
            await asyncio.gather(mail.has_taken.wait(), sms.has_taken.wait())
    assert (len(mail.taken), len(sms.taken)) == (1, 1)


async def test_an_organisation_and_customs_see_what_became_of_a_notice_and_others_do_not(
    office: Office, mail: MailServer
) -> None:
    for key in ("I01", "I02"):
        await has_mobile(office, key, mobile=None)
    await draft(office)
    mail.refused["sally.chan@gci-hk.example"] = "550 5.1.1 no such user"
    await draft(office, "I02")
    await goes_round(office, open_senders(mail.url, FROM, ""))
    (notice,) = (await office.institution.asks(SEEN))["notices"]["nodes"]
    assert notice["channels"] == ["NOTICE", "EMAIL", "SMS"]
    assert notice["deliveries"] == [
        {"channel": "EMAIL", "state": "SENT", "sentAt": "2026-06-01T02:00:00Z", "address": MAIL, "reason": None},
        {"channel": "SMS", "state": "FAILED", "sentAt": None, "address": None, "reason": None},
    ]
    everything = (await office.customs.asks(LISTED))["deliveries"]
    assert everything["totalCount"] == 4
    failed = {"filter": {"state": ["FAILED"], "channel": "EMAIL"}}
    (found,) = (await office.customs.asks(LISTED, **failed))["deliveries"]["nodes"]
    assert found["reason"] == "550 5.1.1 no such user"
    assert found["organisation"]["nameZh"] != TOEI
    assert (await office.institution.asks(LISTED, **failed))["deliveries"]["totalCount"] == 0
    (own,) = (await office.other_institution.asks(LISTED, **failed))["deliveries"]["nodes"]
    assert own["reason"] is None
    assert (await office.enterprise.asks(LISTED))["deliveries"]["totalCount"] == 0
    assert await office.anybody.is_told(LISTED) == "UNAUTHENTICATED"
    pending = await office.pending()
    (plain, _) = (await office.institution.asks(SEEN))["notices"]["nodes"]
    assert (plain["channels"], plain["deliveries"]) == (["NOTICE"], [])
    assert pending["status"] == "PENDING"


async def test_deliveries_cost_a_page_of_notices_one_statement(office: Office) -> None:
    for year in (2021, 2022, 2023, 2024, 2025):
        await draft(office, year=year)
    costs = []
    query = "query Costs($first: Int) { notices(first: $first) { nodes { channels deliveries { state } } } }"
    for first in (1, 5):
        await office.institution.asks(query, first=first)
        with office.statements() as sent:
            await office.institution.asks(query, first=first)
        costs.append(len(sent))
    assert costs == [1, 1]  # who asks is asked with the notices and their deliveries
