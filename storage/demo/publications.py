"""What customs has published in the demo: regulations that exist, summed up in our own words, and made-up notices."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import select

from domain.notice import NoticeAudience
from domain.notice_workflow import NoticeForm
from domain.party import OrganisationKind
from domain.record import Form
from domain.regulation import RegulationForm
from storage.database import Database
from storage.demo import demo_customs
from storage.demo.world import acting
from storage.notice import DESK as NOTICE_DESK
from storage.notice import NOTICE
from storage.perform import Door, Request, Transaction
from storage.regulation import DESK as REGULATION_DESK
from storage.regulation import REGULATION
from storage.seed import read_rows

ONLY_A_SUMMARY = ("（演示摘要，以正式文本为准。）", " (A summary for the demonstration; the official text prevails.)")


async def publish(database: Database, door: Door) -> None:
    """Publishes what is missing; where customs has published anything of a kind, that kind is left alone."""
    async with database.reading() as connection:
        has_regulations = (await connection.execute(select(REGULATION.c.id).limit(1))).first()
        by_customs = select(NOTICE.c.id).where(NOTICE.c.audience.is_not(None)).limit(1)
        has_notices = (await connection.execute(by_customs)).first()
    officer = acting(demo_customs()[0].key, OrganisationKind.CUSTOMS)

    async def work(transaction: Transaction) -> None:
        if not has_regulations:
            requests = [Request(form=form) for form in regulations()]
            outcomes = await transaction.perform_all(REGULATION_DESK, "publish", requests, officer)
            assert not any(outcome.refusals for outcome in outcomes), "the demo's own regulations are in order"
        if has_notices:
            return
        for form, age, is_pinned in notices():
            then = _at(transaction, door.clock() - age)
            outcome = await then.perform(NOTICE_DESK, "publish", Request(form=form), officer)
            assert outcome.record is not None
            if is_pinned:
                await then.perform(NOTICE_DESK, "pin", Request(form=Form(), subject_id=outcome.record.id), officer)

    await door.together(work)


def _at(transaction: Transaction, moment: datetime) -> Transaction:
    """The same transaction, at another time."""
    return Transaction(transaction.connection, lambda: moment)


def regulations() -> Iterator[RegulationForm]:
    """As customs would type them, the oldest first."""
    for row in read_rows("storage.demo", "regulations.csv"):
        yield RegulationForm.of(
            title_zh=row["title_zh"],
            title_en=row["title_en"],
            document_number=row["document_number"] or None,
            issued_by=row["issued_by"],
            published_on=date.fromisoformat(row["published_on"]),
            body_zh=row["body_zh"] + ONLY_A_SUMMARY[0],
            body_en=row["body_en"] + ONLY_A_SUMMARY[1],
        )


def notices() -> Iterator[tuple[NoticeForm, timedelta, bool]]:
    """As customs would type them, how long ago, and whether they are pinned."""
    for row in read_rows("storage.demo", "notices.csv"):
        form = NoticeForm.of(
            title_zh=row["title_zh"],
            title_en=row["title_en"],
            body_zh=row["body_zh"],
            body_en=row["body_en"],
            audience=NoticeAudience[row["audience"]],
        )
        yield form, timedelta(days=int(row["days_ago"])), row["pinned"] == "true"
