"""Demo quality issues and checks in every status: each row of a file is a story, as far as its cells are filled."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import uuid_utils.compat
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.check.record import (
    CheckFacts,
    CheckStatus,
    CheckType,
    FailForm,
    FailVisitForm,
    OrderForm,
    PassForm,
    PassVisitForm,
    SubmissionForm,
)
from domain.institution import Institution, InstitutionStatus
from domain.marks import today_in_china
from domain.party import THE_PRODUCT, OrganisationKind, Role, Viewer
from domain.quality_issue.record import (
    AskAgainForm,
    CloseForm,
    QualityIssueFacts,
    QualitySeverity,
    RaiseForm,
    ReplyForm,
)
from domain.record import Form
from storage.check import DESK as CHECK_DESK
from storage.database import Database
from storage.demo import demo_customs, demo_institutions, demo_users
from storage.demo.world import World, demo_id
from storage.history import History, write, written
from storage.numbers import next_numbers
from storage.quality_issue import DESK as QUALITY_ISSUE_DESK
from storage.quality_issue import QUALITY_ISSUES
from storage.seed import read_rows

STEPS_TAKE = timedelta(hours=20)

Row = Mapping[str, str]


async def supervise(database: Database, world: World) -> None:
    """Adds the issues and checks where there are none yet."""
    now = datetime.now(UTC)
    async with database.writing() as connection:
        if await QUALITY_ISSUES.seen_by(THE_PRODUCT).count(connection):
            return
        sides = {
            demo.key: (replace(each, status=InstitutionStatus.NORMAL, disposition_ends_on=None), viewer)
            for demo, (each, viewer) in zip(demo_institutions(), world.institutions, strict=True)
        }
        for desk, file, tell in (
            (QUALITY_ISSUE_DESK, "quality_issues.csv", _tell_issue),
            (CHECK_DESK, "checks.csv", _tell_check),
        ):
            rows = sorted(read_rows("storage.demo", file), key=lambda row: -int(row["days_ago"]))
            told = []
            for number, row in zip(await _numbers(connection, desk.counter, rows, now), rows, strict=True):
                history = History(desk, number, uuid_utils.compat.uuid7)
                tell(history, row, *sides[row["institution"]], now)
                told.append(history)
            await write(connection, written(desk, told))


async def _numbers(
    connection: AsyncConnection, counter: str | None, rows: Sequence[Row], now: datetime
) -> Sequence[str]:
    assert counter is not None
    return await next_numbers(connection, counter, len(rows), now)


def _of_customs(role: Role) -> Viewer:
    """The first of the demo's customs people who has this role."""
    (office,) = demo_customs()
    user = next(each for each in demo_users() if each.organisation == office.key and each.role == role.name)
    return Viewer(
        kind=OrganisationKind.CUSTOMS,
        user_id=demo_id(f"user.{user.username}"),
        organisation_id=demo_id(office.key),
        role=role,
    )


def _times(row: Row, now: datetime) -> Iterator[datetime]:
    """When one step after the other was taken; a story begins in the past and never runs ahead of now."""
    at = now - timedelta(days=int(row["days_ago"]))
    while True:
        yield min(at, now)
        at += STEPS_TAKE


def _tell_issue(history: History, row: Row, institution: Institution, replies: Viewer, now: datetime) -> None:
    asks, at = _of_customs(Role.OPERATOR), _times(row, now)

    def then(action: str, form: Form, actor: Viewer) -> None:
        parts: dict[str, Any] = history.parts
        facts = QualityIssueFacts(
            replies=tuple(parts.get("quality_reply", ())),
            questions=tuple(parts.get("quality_question", ())),
            institution=institution,
            named=institution,
        )
        history.then(action, form, facts, actor, next(at))

    severity = QualitySeverity[row["severity"]]
    then("raise", RaiseForm.of(institution_id=institution.id, content=row["content"], severity=severity), asks)
    if row["reply"]:
        then("reply", ReplyForm.of(text=row["reply"]), replies)
    if row["question"]:
        then("ask_again", AskAgainForm.of(question=row["question"]), asks)
    if row["second_reply"]:
        then("reply", ReplyForm.of(text=row["second_reply"]), replies)
    if row["closing_remark"]:
        then("close", CloseForm.of(closing_remark=row["closing_remark"]), asks)


def _tell_check(history: History, row: Row, institution: Institution, submits: Viewer, now: datetime) -> None:
    orders, reviews, times = _of_customs(Role.OPERATOR), _of_customs(Role.REVIEWER), _times(row, now)

    def then(action: str, form: Form, actor: Viewer, at: datetime) -> None:
        parts: dict[str, Any] = history.parts
        facts = CheckFacts(
            submissions=tuple(parts.get("check_submission", ())),
            reviews=tuple(parts.get("check_review", ())),
            visits=tuple(parts.get("check_visit", ())),
            institution=institution,
            named=institution,
        )
        history.then(action, form, facts, actor, at)

    ordered_at = next(times)
    due_on = today_in_china(ordered_at) + timedelta(days=int(row["due_after"]))
    order = OrderForm.of(institution_id=institution.id, content=row["content"], due_on=due_on)
    is_on_site = CheckType[row["type"]] is CheckType.ON_SITE
    then("order_on_site" if is_on_site else "order_document", order, orders, ordered_at)
    if row["findings"]:
        _visit(then, row, orders, next(times))
    if row["explanation"]:
        then("submit", SubmissionForm.of(explanation=row["explanation"]), submits, next(times))
        if row["fail_opinion"]:
            then("fail", FailForm.of(opinion=row["fail_opinion"]), reviews, next(times))
    if row["supplement"]:
        then("submit", SubmissionForm.of(explanation=row["supplement"]), submits, next(times))
    if row["pass_opinion"] and not _has_ended(history):
        then("pass", PassForm.of(opinion=row["pass_opinion"]), reviews, next(times))
    if _status(history) in CHECK_DESK.workflow.due_in and due_on < today_in_china(now):
        then("mark_overdue", Form(), THE_PRODUCT, now)


def _visit(then: Any, row: Row, visitor: Viewer, at: datetime) -> None:
    seen = {
        "visited_on": today_in_china(at),
        "inspectors": "钱志远、唐若彤",
        "place": row["place"],
        "findings": row["findings"],
    }
    if row["fail_opinion"]:
        then("fail_visit", FailVisitForm.of(**seen, opinion=row["fail_opinion"]), visitor, at)
    else:
        then("pass_visit", PassVisitForm.of(**seen, opinion=row["pass_opinion"]), visitor, at)


def _status(history: History) -> CheckStatus:
    status = getattr(history.record, "status", None)
    assert isinstance(status, CheckStatus)
    return status


def _has_ended(history: History) -> bool:
    return _status(history) is CheckStatus.COMPLETED
