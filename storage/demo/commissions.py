"""Demo commissions in every status: each is taken through its own rules in memory, then many are written at once."""

import asyncio
import multiprocessing
import os
import random
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import uuid_utils.compat

from domain.attachment import AttachForm, AttachmentKind
from domain.code import codes_in
from domain.commission.record import (
    CommissionDraft,
    CommissionFacts,
    CommissionStatus,
    CompleteForm,
    GoodsLine,
    GoodsLineDraft,
    ReturnForm,
)
from domain.institution import Institution, InstitutionStatus
from domain.marks import CHINA, today_in_china
from domain.party import THE_PRODUCT, Viewer
from domain.record import Form
from domain.rule import Rule
from storage.commission import DESK
from storage.database import Database
from storage.demo import (
    DemoEnterprise,
    DemoFile,
    demo_consignees,
    demo_goods,
    demo_places,
    demo_remarks,
    demo_return_reasons,
)
from storage.demo.world import World
from storage.history import History, Written, write, written
from storage.numbers import next_numbers
from storage.rule import RULES, in_force

COMMISSIONS_AT_ONCE = 500
BATCHES_WORTH_PROCESSES = 4
LINES_EACH = 4
STRETCHED_OVER = timedelta(days=700)

S = CommissionStatus
SHARE = {S.COMPLETED: 60, S.IN_PROGRESS: 12, S.PENDING: 10, S.DRAFT: 9, S.SUPPLEMENT_REQUIRED: 6, S.CANCELLED: 3}
"""How many of a hundred stand where."""

WITH_THE_FALLEN = 0.15
"""How much of the work in hand lies with institutions that came under a disposition since."""


async def fill(database: Database, world: World, file: DemoFile, count: int, seed: int) -> AsyncIterator[int]:
    """Adds so many commissions, `LINES_EACH` lines each; yields how many are written so far."""
    async with database.writing() as connection:
        numbers = await next_numbers(connection, "commission", count, datetime.now(UTC))
        found = await RULES.seen_by(THE_PRODUCT).where(in_force(today_in_china(datetime.now(UTC)))).all(connection)
    source = _Source(world, file, {rule.hs_code: rule for rule in found})
    batches = [numbers[start : start + COMMISSIONS_AT_ONCE] for start in range(0, count, COMMISSIONS_AT_ONCE)]
    done = 0
    async for rows in _told(source, batches, seed):
        async with database.writing() as connection:
            await write(connection, rows)
        done += len(rows.tables[0][1])
        yield done


async def _told(source: "_Source", batches: Sequence[list[str]], seed: int) -> AsyncIterator[Written]:
    """The batches in order: thought out by every core when there are many, here and now when there are few."""
    if len(batches) < BATCHES_WORTH_PROCESSES:
        for position, numbers in enumerate(batches):
            yield _tell(source, numbers, seed + position)
        return
    loop, cores = asyncio.get_running_loop(), os.cpu_count() or 1
    waiting: deque[asyncio.Future[Written]] = deque()
    with ProcessPoolExecutor(cores, multiprocessing.get_context("spawn")) as pool:
        for position, numbers in enumerate(batches):
            waiting.append(loop.run_in_executor(pool, _tell, source, numbers, seed + position))
            if len(waiting) > cores + 1:
                yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()


@dataclass(frozen=True)
class _Source:
    """What stories are made of."""

    world: World
    file: DemoFile
    rules: Mapping[str, Rule]


def _tell(source: _Source, numbers: Sequence[str], seed: int) -> Written:
    teller = _Teller(source.world, source.file, source.rules, random.Random(seed))
    return written(DESK, [teller.tell(number) for number in numbers])


class _Teller:
    """Makes up stories of commissions that their own rules allow."""

    def __init__(self, world: World, file: DemoFile, rules: Mapping[str, Rule], chance: random.Random) -> None:
        self.world, self.file, self.rules, self.chance = world, file, rules, chance
        self.now = datetime.now(UTC)
        self.open_institutions = [pair for pair in world.institutions if pair[0].status is InstitutionStatus.NORMAL]
        # Commissioned while all was well with them; their work in hand is what the rules of dispositions are about.
        self.fallen_institutions = [
            (replace(each, status=InstitutionStatus.NORMAL, disposition_ends_on=None), viewer)
            for each, viewer in world.institutions
            if each.status is not InstitutionStatus.NORMAL
        ]
        # The named demo accounts should have something to do.
        self.enterprise_weights = [6, 3, *[1] * (len(world.enterprises) - 2)]
        self.institution_weights = [6, 3, *[1] * (len(self.open_institutions) - 2)]

    def tell(self, number: str) -> History:
        chance = self.chance
        demo, enterprise = chance.choices(self.world.enterprises, self.enterprise_weights)[0]
        institution, inspector = chance.choices(self.open_institutions, self.institution_weights)[0]
        target = chance.choices(list(SHARE), list(SHARE.values()))[0]
        if target in (S.PENDING, S.IN_PROGRESS) and chance.random() < WITH_THE_FALLEN:
            institution, inspector = chance.choice(self.fallen_institutions)
        history = History(DESK, number, uuid_utils.compat.uuid7)
        at = self.now - timedelta(hours=6) - STRETCHED_OVER * chance.random() ** 2
        draft = self._draft(demo, institution)
        history.then("save_draft", draft, self._facts(draft, demo, None, history), enterprise, at)
        if target is S.CANCELLED:
            history.then(
                "cancel", Form(), self._facts(None, demo, institution, history), enterprise, at + _hours(chance, 9)
            )
        if target in (S.DRAFT, S.CANCELLED):
            return history
        at += _hours(chance, 5)
        history.then("submit", Form(), self._facts(None, demo, institution, history), enterprise, at)
        if target is S.PENDING:
            return history
        at = min(at + _hours(chance, 40), self.now)
        facts = self._facts(None, demo, institution, history, commissioned=True)
        if target is S.SUPPLEMENT_REQUIRED:
            reason = chance.choice(demo_return_reasons()).text
            history.then("return", ReturnForm.of(reason=reason), facts, inspector, at)
            return history
        history.then("accept", Form(), facts, inspector, at)
        if target is S.COMPLETED:
            self._complete(history, demo, institution, inspector, min(at + _hours(chance, 240), self.now), number)
        return history

    def _complete(
        self,
        history: History,
        demo: DemoEnterprise,
        institution: Institution,
        inspector: Viewer,
        at: datetime,
        number: str,
    ) -> None:
        report = AttachForm.of(kind=AttachmentKind.INSPECTION_REPORT, **vars(self.file))
        history.then("attach", report, self._facts(None, demo, institution, history, commissioned=True), inspector, at)
        result = CompleteForm.of(
            certificate_number=f"{institution.filing_number}-{number[:4]}-{int(number[4:])}",
            valid_until=today_in_china(at) + timedelta(days=self.chance.choice((183, 365))),
            signatory=institution.contact_name,
            conclusion="经检验，货物与申报相符，符合中国安全、卫生、环境保护要求。",
        )
        facts = self._facts(None, demo, institution, history, commissioned=True)
        history.then("complete", result, facts, inspector, at)
        assert result.valid_until is not None
        expired_at = datetime.combine(result.valid_until + timedelta(days=1), time.min, CHINA).astimezone(UTC)
        if expired_at <= self.now:
            facts = self._facts(None, demo, institution, history, commissioned=True)
            history.then("expire_certificate", Form(), facts, THE_PRODUCT, expired_at)

    def _draft(self, demo: DemoEnterprise, institution: Institution) -> CommissionDraft:
        chance = self.chance
        draft = CommissionDraft.of(
            contact_phone=demo.contact_phone,
            contact_mobile=demo.contact_mobile,
            contact_email=demo.contact_email,
            contact_address=demo.contact_address,
            consignee_name=chance.choice(demo_consignees()),
            product_use=demo.product_use,
            goods_location=chance.choice(demo_places()).place,
            domestic_destination=demo.destination,
            destination_port=demo.destination_port,
            destination_customs=demo.destination_customs,
            entry_customs=demo.entry_customs,
            remarks=chance.choice(demo_remarks()).text if chance.random() < 0.3 else None,
            institution_id=institution.id,
            goods_lines=tuple(self._line() for _ in range(LINES_EACH)),
        )
        assert isinstance(draft, CommissionDraft)
        return draft

    def _line(self) -> GoodsLineDraft:
        chance = self.chance
        goods = chance.choice(demo_goods())
        quantity = chance.choice((1, 1, 1, 2, 3, 5, 10))
        low, high = int(goods.unit_price_usd_min), int(goods.unit_price_usd_max)
        line = GoodsLineDraft.of(
            product_name=goods.product_name,
            model=goods.model,
            hs_code=goods.hs_code,
            manufactured_on=today_in_china(self.now) - timedelta(days=chance.randint(900, 7000)),
            quantity=Decimal(quantity),
            unit=goods.unit,
            amount=Decimal(quantity * chance.randint(low, high)),
            brand=goods.brand,
        )
        assert isinstance(line, GoodsLineDraft)
        return line

    def _facts(
        self,
        form: CommissionDraft | None,
        demo: DemoEnterprise,
        institution: Institution | None,
        history: History,
        *,
        commissioned: bool = False,
    ) -> CommissionFacts:
        parts = history.parts
        named = next((each for each, _ in self.world.institutions if form and each.id == form.institution_id), None)
        facts = CommissionFacts(
            institution=institution,
            commissioned=institution if commissioned else None,
            named=named,
            rules=self.rules,
            known_codes=frozenset(
                (table, code)
                for part in (form, history.record, *parts.get("goods_line", ()))
                if part is not None
                for _, table, code in codes_in(part)
            ),
            enterprise_name=demo.name_zh,
        )
        return replace(
            facts,
            lines=tuple(each for each in parts.get("goods_line", ()) if isinstance(each, GoodsLine)),
            attachments=tuple(parts.get("attachment", ())),  # type: ignore[arg-type]  # the table holds nothing else
            certificates=tuple(parts.get("certificate", ())),  # type: ignore[arg-type]
        )


def _hours(chance: random.Random, most: float) -> timedelta:
    return timedelta(hours=most * chance.random())
