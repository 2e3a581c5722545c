"""Demo annual reports: a dozen years of the first institution, some of the others; the last are still being written.

Each is taken through its own rules in memory, and all are written at once; where there are any already, none is added.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import uuid_utils.compat

from domain.annual_report.record import (
    AnnualReport,
    AnnualReportCountry,
    AnnualReportCountryDraft,
    AnnualReportDraft,
    AnnualReportFacts,
    ReturnForm,
    StartForm,
)
from domain.code import codes_in
from domain.institution import Institution, InstitutionStatus
from domain.party import THE_PRODUCT, Viewer
from domain.record import Form, changed
from storage.annual_report import ANNUAL_REPORTS, DESK
from storage.database import Database
from storage.demo.world import World
from storage.history import History, write, written
from storage.numbers import next_numbers

YEARS_OF_THE_FIRST = 12
"""So that a page of ten is full for the institution that the demo account belongs to."""

YEARS_OF_OTHERS = 3
ASKED_AGO = timedelta(days=40)
"""When reports on this year were asked for, so that they are being written now."""

COUNTRIES = ("JP", "DE", "US", "KR", "GB", "SG", "AU", "NL", "IT", "FR")
PLANS = (
    "增设两名机械专业检验员，更新一台便携式光谱仪。",
    "完善旧机电产品能效与排放检测能力，组织两次内部培训。",
    "Move the archive of inspection records to the new system by the third quarter.",
)
REASON = "不合格批次的处理情况未填写，请补充后重新提交。"


async def fill(database: Database, world: World, seed: int, now: datetime | None = None) -> int:
    """Adds the reports where there are none; returns how many were added."""
    async with database.reading() as connection:
        if await ANNUAL_REPORTS.seen_by(THE_PRODUCT).count(connection):
            return 0
    now = now or datetime.now(UTC)
    chance = random.Random(seed)
    stories = sorted(_stories(world, now), key=lambda story: story[0])
    async with database.writing() as connection:
        histories = []
        for started_at, year, institution, viewer in stories:
            (number,) = await next_numbers(connection, "annual_report", 1, started_at)
            teller = _Teller(world.officer, institution, viewer, year, chance, now)
            histories.append(teller.tell(number, started_at))
        await write(connection, written(DESK, histories))
    return len(histories)


def _stories(world: World, now: datetime) -> Iterator[tuple[datetime, int, Institution, Viewer]]:
    """Which institution reports on which year, and when customs asked for it: early in the year after, or now.

    An institution that was filed later than that is asked for the years before when it is filed.
    """
    this_year = (now - ASKED_AGO).year
    for position, (institution, viewer) in enumerate(world.institutions):
        wanted = YEARS_OF_OTHERS if position else YEARS_OF_THE_FIRST
        # Customs asks nothing more of an institution that was struck off.
        last = this_year - 1 if institution.status is not InstitutionStatus.REVOKED else this_year - 3
        for year in range(last - wanted + 1, last + 1):
            asked = datetime(year + 1, 1, 12, 4, tzinfo=UTC)
            yield max(asked, institution.filed_at + timedelta(days=1)), year, institution, viewer
        if institution.status is not InstitutionStatus.REVOKED:
            yield now - ASKED_AGO, this_year, institution, viewer


class _Teller:
    """Makes up the story of one report that its own rules allow."""

    def __init__(
        self,
        officer: Viewer,
        institution: Institution,
        viewer: Viewer,
        year: int,
        chance: random.Random,
        now: datetime,
    ) -> None:
        self.officer, self.institution, self.viewer, self.year = officer, institution, viewer, year
        self.chance, self.now = chance, now
        self.this_year = (now - ASKED_AGO).year

    def tell(self, number: str, at: datetime) -> History:
        """This year's report is being written, last year's is late with some; the years before are done."""
        chance = self.chance
        history = History(DESK, number, uuid_utils.compat.uuid7)
        form = StartForm.of(institution_id=self.institution.id, year=self.year)
        self._then(history, "start", form, self.officer, at)
        is_last = self.year == self.this_year - 1
        if self.year == self.this_year:
            if chance.random() < 0.4:
                self._then(history, "save_draft", self._filled(), self.viewer, self.now - timedelta(hours=30))
            return history
        if is_last and chance.random() < 0.1:
            return self._late(history)
        at += timedelta(days=10 + 30 * chance.random())
        self._then(history, "save_draft", self._filled(), self.viewer, at)
        if is_last and chance.random() < 0.1:
            return self._late(history)
        at += timedelta(days=1 + 9 * chance.random())
        self._then(history, "submit", Form(), self.viewer, at)
        if chance.random() < 0.2:
            at += timedelta(days=3)
            self._then(history, "return", ReturnForm.of(reason=REASON), self.officer, at)
            if is_last:
                return self._late(history)
            at += timedelta(days=5)
            mended = AnnualReportDraft.of(non_conformity_handling="均已监督退运，并报告海关。")
            self._then(history, "save_draft", mended, self.viewer, at)
            self._then(history, "submit", Form(), self.viewer, at + timedelta(hours=1))
        return history

    def _late(self, history: History) -> History:
        report = history.record
        assert isinstance(report, AnnualReport)
        passed = datetime(report.due_on.year, report.due_on.month, report.due_on.day, 16, 1, tzinfo=UTC)
        if passed < self.now:
            self._then(history, "mark_overdue", Form(), THE_PRODUCT, passed)
        return history

    def _filled(self) -> AnnualReportDraft:
        chance = self.chance
        countries = chance.sample(COUNTRIES, chance.randint(2, 5))
        rows = tuple(
            AnnualReportCountryDraft.of(
                country=country, batches=chance.randint(3, 90), value_usd=Decimal(chance.randint(50_000, 9_000_000))
            )
            for country in countries
        )
        batches = sum(row.batches for row in rows)
        draft: AnnualReportDraft = AnnualReportDraft.of(
            contact_name=self.institution.contact_name,
            contact_phone=self.institution.contact_phone,
            certificates_issued=batches - chance.randint(0, 3),
            certificates_withdrawn=chance.choice((0, 0, 0, 1)),
            non_conforming_batches=chance.randint(0, 4),
            training="检验员年度培训两次，共16学时。",
            complaints="无。",
            next_year_plan=chance.choice(PLANS),
            by_country=rows,
        )
        return draft

    def _then(self, history: History, action: str, form: Form, actor: Viewer, at: datetime) -> None:
        parts = history.parts.get("annual_report_country", ())
        rows = tuple(each for each in parts if isinstance(each, AnnualReportCountry))
        # All was well with it when it reported, whatever came later.
        institution = changed(self.institution, status=InstitutionStatus.NORMAL, disposition_ends_on=None)
        known = {(table, code) for part in (form, *rows) for _, table, code in codes_in(part)}
        facts = AnnualReportFacts(rows=rows, institution=institution, known_codes=frozenset(known))
        history.then(action, form, facts, actor, min(at, self.now))
