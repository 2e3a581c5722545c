"""Demo filings: by which each institution is in the registry, and some that customs has not accepted, in every status.

What happened years ago told its people then; no notices of it are left.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.attachment import AttachForm, AttachmentKind
from domain.code import codes_in
from domain.filing.lists import (
    LISTS,
    DepartmentDraft,
    EquipmentDraft,
    PastInspectionDraft,
    QualityCertificateDraft,
    Row,
    SignatoryDraft,
)
from domain.filing.record import Filing, FilingDraft, FilingFacts, RejectForm, SupplementForm
from domain.filing_change.record import FilingChangeDraft, FilingChangeFacts
from domain.institution import Institution
from domain.marks import today_in_china
from domain.party import OrganisationKind, Role, Viewer
from domain.record import Form
from storage.demo import DemoApplicant, DemoFile, demo_applicants, demo_id, demo_institutions, demo_users
from storage.filing import DESK, ROWS
from storage.filing_change import DESK as CHANGE_DESK
from storage.history import History, write, written
from storage.numbers import FILING_NUMBERS, next_numbers, next_of

REVIEW_TAKES = timedelta(days=21)
FILES_ANEW, CHANGES = "I17", "I03"
"""A revoked institution that has filed again, and one that asks for a change."""


async def file_them(
    connection: AsyncConnection, institutions: Mapping[str, Institution], file: DemoFile, now: datetime
) -> None:
    """Writes every demo filing and change. The counters go on behind the last number of each year."""
    clerk = _Clerk(connection, file)
    accepted = {}
    for each in sorted(demo_institutions(), key=lambda each: each.filed_at):
        accepted[each.key] = await clerk.accepted(each, each.filing_number, each.filed_at.astimezone(UTC))
    newcomer, waiting = demo_applicants()
    again = next(each for each in demo_institutions() if each.key == FILES_ANEW)
    others = [
        await clerk.rejected(newcomer, now - timedelta(days=40)),
        await clerk.drafted(newcomer, "draft", now - timedelta(days=10)),
        await clerk.submitted(waiting, now - timedelta(days=3)),
        await clerk.sent_back(again, institutions[FILES_ANEW], now - timedelta(days=6)),
    ]
    await write(connection, written(DESK, [each.history for each in (*accepted.values(), *others)]))
    change = _change(accepted[CHANGES], institutions[CHANGES], now - timedelta(days=2))
    await write(connection, written(CHANGE_DESK, [change]))


@dataclass
class _Story:
    """One filing on its way."""

    history: History
    actor: Viewer
    institution: Institution | None = None

    def then(self, action: str, form: Form, actor: Viewer, now: datetime) -> None:
        codes = frozenset((table, code) for part in (form, self.history.record) for _, table, code in _codes(part))
        rows, attachments = _rows(self.history), self.history.parts.get("attachment", ())
        facts = FilingFacts(rows=rows, attachments=_any(attachments), institution=self.institution, known_codes=codes)
        self.history.then(action, form, facts, actor, now)

    @property
    def filing(self) -> Filing:
        assert isinstance(self.history.record, Filing)
        return self.history.record


@dataclass(frozen=True)
class _Clerk:
    """Writes filings up, each with the next number of its year."""

    connection: AsyncConnection
    file: DemoFile

    async def drafted(
        self, demo: DemoApplicant, which: str, now: datetime, institution: Institution | None = None
    ) -> _Story:
        (number,) = await next_numbers(self.connection, "filing", 1, now)
        history = History(DESK, number, _ids(f"{demo.key}.{which}"))
        story = _Story(history, _acting(demo.key), institution)
        story.then("save_draft", _filled(demo, today_in_china(now)), story.actor, now)
        return story

    async def submitted(
        self, demo: DemoApplicant, now: datetime, which: str = "filing", institution: Institution | None = None
    ) -> _Story:
        story = await self.drafted(demo, which, now - timedelta(hours=2), institution)
        story.then("attach", self._attached(), story.actor, now - timedelta(hours=1))
        story.then("submit", Form(), story.actor, now)
        return story

    async def accepted(self, demo: DemoApplicant, filing_number: str, now: datetime) -> _Story:
        story = await self.submitted(demo, now - REVIEW_TAKES)
        await next_of(self.connection, FILING_NUMBERS, 1, now)
        story.history.number = filing_number
        story.then("accept", Form(), _reviewer(), now)
        story.history.notices.clear()
        return story

    async def rejected(self, demo: DemoApplicant, now: datetime) -> _Story:
        story = await self.submitted(demo, now - REVIEW_TAKES, "rejected")
        story.then("reject", RejectForm.of(reason="未提供 ISO/IEC 17020 认可证书（演示）。"), _reviewer(), now)
        return story

    async def sent_back(self, demo: DemoApplicant, institution: Institution, now: datetime) -> _Story:
        story = await self.submitted(demo, now - timedelta(days=4), "again", institution)
        reason = "请补充撤销备案后的整改说明和设备校准证书（演示）。"
        story.then("request_supplement", SupplementForm.of(reason=reason), _reviewer(), now)
        return story

    def _attached(self) -> AttachForm:
        form: AttachForm = AttachForm.of(
            file_id=self.file.file_id,
            kind=AttachmentKind.QUALIFICATION,
            name=self.file.name,
            size_bytes=self.file.size_bytes,
            media_type=self.file.media_type,
            sha256=self.file.sha256,
        )
        return form


def _filled(demo: DemoApplicant, today: date) -> FilingDraft:
    """What the institution says of itself, with rows in every list."""
    form: FilingDraft = FilingDraft.of(
        name_zh=demo.name_zh,
        name_en=demo.name_en,
        country=demo.country,
        registered_address=demo.registered_place,
        office_address=demo.registered_address,
        legal_form=demo.legal_form,
        registration_number=f"DEMO-{demo.country}-{demo.key}",
        legal_representative=demo.contact_name,
        contact_name=demo.contact_name,
        contact_phone=demo.contact_phone,
        contact_email=demo.contact_email,
        independence_declared=True,
        accreditation_number=f"17020-{demo.key}",
        accreditation_body="演示认可机构",
        accreditation_valid_until=date(today.year + 3, 12, 31),
        signatories=(SignatoryDraft.of(name=demo.contact_name, title="授权签字人"),),
        departments=(
            DepartmentDraft.of(
                name="机电检验部", scale="两个检验组", headcount=18, head=demo.contact_name, phone=demo.contact_phone
            ),
            DepartmentDraft.of(
                name="质量管理部", scale="一个小组", headcount=4, head=demo.contact_name, phone=demo.contact_phone
            ),
        ),
        equipment=(
            EquipmentDraft.of(name="超声波探伤仪", model="UT-60", quantity=Decimal(3)),
            EquipmentDraft.of(name="绝缘电阻测试仪", model="IR-5000", quantity=Decimal(5)),
        ),
        quality_certificates=(
            QualityCertificateDraft.of(
                standard="ISO 9001",
                number=f"QMS-{demo.key}",
                issuer="演示认证机构",
                issued_on=date(today.year - 1, 3, 1),
                valid_until=date(today.year + 2, 2, 28),
            ),
        ),
        past_inspections=tuple(
            PastInspectionDraft.of(
                year=today.year - back,
                batches=160 - 20 * back,
                value_usd=Decimal(2_400_000 - 300_000 * back),
                countries=demo.country,
                goods="工程机械、机床",
                non_conforming_batches=back,
            )
            for back in (1, 2, 3)
        ),
    )
    return form


def _change(story: _Story, institution: Institution, now: datetime) -> History:
    """A new head and a new telephone."""
    history = History(CHANGE_DESK, "", _ids(f"{CHANGES}.filing_change"))
    filing = story.filing
    form = FilingChangeDraft.of(filing_id=filing.id, legal_representative="Mia Lawson", contact_phone="+61 2 5550 4321")
    facts = FilingChangeFacts(filing=filing, rows=_rows(story.history), institution=institution)
    history.then("request", form, facts, story.actor, now)
    return history


def _rows(history: History) -> dict[str, tuple[Row, ...]]:
    return {name: _any(history.parts.get(str(ROWS[name].table.name), ())) for name in LISTS}


def _any(parts: Any) -> tuple[Any, ...]:
    return tuple(parts)


def _codes(written: object | None) -> Any:
    return () if written is None else codes_in(written)


def _ids(key: str) -> Callable[[], UUID]:
    number = count()
    return lambda: demo_id(f"{key}.{next(number)}")


def _acting(key: str) -> Viewer:
    user = next(each for each in demo_users() if each.organisation == key and each.role in ("OPERATOR", "ADMIN"))
    return Viewer(
        kind=OrganisationKind.INSTITUTION,
        user_id=demo_id(f"user.{user.username}"),
        organisation_id=demo_id(key),
        role=Role[user.role],
    )


def _reviewer() -> Viewer:
    user = next(each for each in demo_users() if each.role == "REVIEWER")
    return Viewer(
        kind=OrganisationKind.CUSTOMS,
        user_id=demo_id(f"user.{user.username}"),
        organisation_id=demo_id(user.organisation),
        role=Role.REVIEWER,
    )
