"""The demo's quality issues and checks: each status occurs, the register holds, and whoever asks twice gets one."""

from collections import Counter
from datetime import UTC, datetime

from domain.check.record import CheckStatus, CheckType
from domain.marks import today_in_china
from domain.party import THE_PRODUCT
from domain.quality_issue.record import QualityIssueStatus, QualitySeverity
from storage.bell import ProcessBell
from storage.check import CHECKS
from storage.database import Database
from storage.demo.supervision import supervise
from storage.demo.world import settle
from storage.perform import Door
from storage.quality_issue import QUALITY_ISSUES
from storage.verify import verify
from tests.keys import RING


async def test_every_status_of_issues_and_checks_has_an_example(engine_url: str) -> None:
    database = Database(engine_url, RING)
    try:
        world = await settle(database, Door(database, ProcessBell()), "")
        await supervise(database, world)
        async with database.reading() as connection:
            issues = await QUALITY_ISSUES.seen_by(THE_PRODUCT).all(connection)
            checks = await CHECKS.seen_by(THE_PRODUCT).all(connection)
        assert {each.status for each in issues} == set(QualityIssueStatus)
        assert {each.severity for each in issues} == set(QualitySeverity)
        assert {each.status for each in checks} == set(CheckStatus)
        assert {each.type for each in checks} == set(CheckType)
        # The named demo account has something to do.
        toei = world.institutions[0][0].id
        assert Counter(each.status for each in issues if each.institution_id == toei).keys() == set(QualityIssueStatus)
        today = today_in_china(datetime.now(UTC))
        waiting = [each for each in checks if each.status not in (CheckStatus.UNDER_REVIEW, CheckStatus.COMPLETED)]
        assert any(each.overdue for each in waiting)
        assert all(each.overdue is (each.due_on < today) for each in waiting)
        assert not any(each.overdue for each in checks if each not in waiting)

        await supervise(database, world)
        async with database.reading() as connection:
            assert await QUALITY_ISSUES.seen_by(THE_PRODUCT).count(connection) == len(issues)
            assert await CHECKS.seen_by(THE_PRODUCT).count(connection) == len(checks)
        assert [flaw async for flaw in verify(database)] == []
    finally:
        await database.close()
