"""Starts annual reports for one, several or all institutions through the door: every one of them, or none at all.

Thousands are started in portions of one transaction, so that nobody else's request waits for the thinking of all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, select

from domain.annual_report.conditions import everybody_has_one, institutions_unclear
from domain.annual_report.record import AnnualReport, StartForm
from domain.party import Viewer
from domain.refusal import Refusal
from domain.workflow import first_look
from storage.annual_report import ANNUAL_REPORT, DESK
from storage.institution import INSTITUTION, LISTED
from storage.perform import Door, Outcome, Request, Transaction, Undone

AT_ONCE = 500
SHOWN_MAX = 100
"""How many of the reports started, and of the reasons against it, are shown."""


@dataclass(frozen=True, kw_only=True)
class AnnualReportRound:
    """For which institutions and which year reports are wanted: those named, or all of the registry that have none."""

    institution_ids: tuple[UUID, ...] | None = None
    all_institutions: bool = False
    year: int
    due_on: date | None = None

    def form_for(self, institution_id: UUID) -> StartForm:
        form: StartForm = StartForm.of(institution_id=institution_id, year=self.year, due_on=self.due_on)
        return form


@dataclass(frozen=True)
class Started:
    """What came of it: how many were started and the first of them, or why none was."""

    count: int = 0
    first: tuple[AnnualReport, ...] = ()
    refusals: tuple[Refusal, ...] = ()


async def start(door: Door, wanted: AnnualReportRound, actor: Viewer) -> Started:
    """Starts them all; a single institution that may not be asked for a report means that none is."""
    # Whoever may not start any learns nothing of institutions.
    action = DESK.workflow["start"]
    refused = first_look(action, wanted.form_for(UUID(int=0)), actor, record=None) or tuple(
        institutions_unclear(wanted.institution_ids, all_of_them=wanted.all_institutions)
    )
    if refused:
        return Started(refusals=refused[:SHOWN_MAX])

    async def work(transaction: Transaction) -> Started:
        ids = wanted.institution_ids or await _without_one(transaction, wanted.year)
        if not ids:
            return Started(refusals=tuple(everybody_has_one(wanted.year)))
        count, first, refusals = 0, list[AnnualReport](), list[Refusal]()
        for begin in range(0, len(ids), AT_ONCE):
            requests = [Request(form=wanted.form_for(each)) for each in ids[begin : begin + AT_ONCE]]
            outcomes = await transaction.perform_all(DESK, "start", requests, actor)
            refusals += _placed(outcomes, begin, named=wanted.institution_ids is not None)
            count += len(outcomes)
            first += [each.record for each in outcomes[: SHOWN_MAX - len(first)] if each.record is not None]
        if refusals:
            # What is wrong with the year is wrong for all of them, and said once.
            raise Undone(Started(refusals=tuple(dict.fromkeys(refusals))[:SHOWN_MAX]))
        return Started(count, tuple(first))

    return await door.together(work)


async def _without_one(transaction: Transaction, year: int) -> Sequence[UUID]:
    """The institutions of the registry that have no report of the year yet."""
    c = ANNUAL_REPORT.c
    has_one = exists().where(c.institution_id == INSTITUTION.c.id, c.year == year)
    statement = select(INSTITUTION.c.id).where(LISTED, ~has_one).order_by(INSTITUTION.c.filing_number)
    return (await transaction.connection.execute(statement)).scalars().all()


def _placed(outcomes: Sequence[Outcome[AnnualReport]], begin: int, *, named: bool) -> list[Refusal]:
    """The refusals of a portion; those about an institution point to it where it was named."""
    return [
        Refusal(each.code, each.words, ("institution_ids", position) if named else None)
        if each.field == ("institution_id",)
        else each
        for position, outcome in enumerate(outcomes, start=begin)
        for each in outcome.refusals
    ]
