"""Imports rules from a CSV file through the door: what differs ends the open version and announces the next one.

All of a file or none of it, unless it is asked to be partial; a file that was imported already changes nothing.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from os import PathLike
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import text

from domain.marks import today_in_china
from domain.party import THE_PRODUCT, Viewer
from domain.record import Form
from domain.refusal import Refusal, RefusalCode, refusal
from domain.rule import WORKFLOW, Rule, RuleEndForm, RuleFacts, RuleForm, RuleStatus, says_the_same
from domain.workflow import Case, decide
from storage.perform import Door, Request, Transaction, Undone
from storage.rule import DESK, versions_of
from storage.rule_sheet import RuleRow, RuleSheet, read
from storage.sheet import RejectedRow

__all__ = ["RejectedRow", "RuleReport", "import_rules", "read"]

ROWS_AT_ONCE = 1000

Progress = Callable[[int, int], None]
"""Hears how many rows were looked at, and of how many."""


@dataclass(frozen=True)
class RuleReport:
    """What came of a file. `superseded` counts the open rules that were ended; `ignored_columns` mean nothing to us."""

    rows: int
    announced: int
    superseded: int
    unchanged: int
    rejected: tuple[RejectedRow, ...]
    ignored_columns: tuple[str, ...] = ()


def silently(looked_at: int, total: int) -> None:
    """Nobody waits to hear."""


async def import_rules(
    door: Door,
    file: BinaryIO | PathLike[str] | str,
    *,
    actor: Viewer = THE_PRODUCT,
    partial: bool = False,
    progress: Progress = silently,
) -> RuleReport:
    """Imports a file. Unless `partial`, a single rejected row means that nothing is written.

    `actor` must be one who may announce and end rules. A row without a first day starts today (China standard time).
    A column for English names that is absent keeps them.
    """
    sheet = await asyncio.to_thread(read, file)

    async def work(transaction: Transaction) -> RuleReport:
        await _alone(transaction)
        tally = _Tally(rejected=list(sheet.rejected))
        done = len(sheet.rejected)
        for start in range(0, len(sheet.rows), ROWS_AT_ONCE):
            some = sheet.rows[start : start + ROWS_AT_ONCE]
            plans = await _plans(transaction, door, sheet, some, tally)
            if partial or not tally.rejected:
                await _carry_out(transaction, plans, sheet, tally, actor)
            else:
                for plan in plans:
                    tally.reject(plan.row, sheet, _asked(plan, (), door.clock()))
            done += len(some)
            progress(done, sheet.size)
        if tally.rejected and not partial:
            raise Undone(tally.report(sheet, undone=True))
        return tally.report(sheet, undone=False)

    return await door.together(work)


@dataclass
class _Tally:
    rejected: list[RejectedRow] = field(default_factory=list)
    announced: int = 0
    superseded: int = 0
    unchanged: int = 0

    def reject(self, row: RuleRow, sheet: RuleSheet, refusals: Sequence[Refusal]) -> None:
        for each in refusals:
            name = str(each.field[0]) if each.field else None
            if name == "valid_to" and "valid_to" not in sheet.columns:
                name = "valid_from"
            self.rejected.append(RejectedRow(row.line, sheet.columns.get(name, name) if name else None, each.words))

    def report(self, sheet: RuleSheet, *, undone: bool) -> RuleReport:
        return RuleReport(
            rows=sheet.size,
            announced=0 if undone else self.announced,
            superseded=0 if undone else self.superseded,
            unchanged=self.unchanged,
            rejected=tuple(sorted(self.rejected, key=lambda each: each.line)),
            ignored_columns=sheet.ignored_columns,
        )


@dataclass(frozen=True)
class _Plan:
    """What one row asks for: the open rule to end and when, the rule to announce, and when that one ends."""

    row: RuleRow
    ends: Rule | None = None
    on: date | None = None
    announces: RuleForm | None = None
    until: date | None = None


async def _alone(transaction: Transaction) -> None:
    """Nobody else announces or ends a rule until this is over; reading goes on. SQLite has one writer anyway."""
    if transaction.connection.dialect.name == "postgresql":
        await transaction.connection.execute(text("lock table rule in share row exclusive mode"))


async def _plans(
    transaction: Transaction, door: Door, sheet: RuleSheet, rows: Sequence[RuleRow], tally: _Tally
) -> list[_Plan]:
    now = door.clock()
    versions = await versions_of(transaction.connection, (row.form.hs_code for row in rows if row.form.hs_code))
    plans = []
    for row in rows:
        form = row.form
        former = versions.get(form.hs_code or "", [])
        open_rule = next((rule for rule in former if rule.status is RuleStatus.OPEN), None)
        filled: dict[str, Any] = {} if "valid_from" in form.given else {"valid_from": today_in_china(now)}
        if "name_en" not in sheet.columns and open_rule is not None:
            filled["name_en"] = open_rule.name_en
        if filled:
            form = replace(form, **filled, given=form.given | filled.keys())
        plan = _plan(row, form, former, open_rule)
        if plan is None:
            tally.unchanged += 1
            continue
        refusals = [*_never_applies(plan), *(_asked(plan, former, now) if former else ())]
        tally.reject(row, sheet, refusals)
        if not refusals:
            plans.append(plan)
    return plans


def _plan(row: RuleRow, form: RuleForm, former: Sequence[Rule], open_rule: Rule | None) -> _Plan | None:
    """None where there is nothing to do."""
    if open_rule is not None and says_the_same(open_rule, form):
        return None if row.valid_to is None else _Plan(row, ends=open_rule, on=row.valid_to)
    if row.valid_to is not None and any(
        says_the_same(rule, form) and rule.valid_to == row.valid_to
        for rule in former
        if rule.status is RuleStatus.ENDED
    ):
        return None
    if open_rule is None:
        return _Plan(row, announces=form, until=row.valid_to)
    assert form.valid_from is not None
    return _Plan(row, ends=open_rule, on=form.valid_from - timedelta(days=1), announces=form, until=row.valid_to)


def _never_applies(plan: _Plan) -> Iterator[Refusal]:
    """A rule for no day: only a file, with first and last day in one row, can ask for it."""
    first = plan.announces.valid_from if plan.announces is not None else None
    if first is None:
        return
    if plan.until is not None and plan.until < first:
        yield refusal(
            RefusalCode.OUT_OF_RANGE,
            zh=f"失效日期不得早于生效日期{first}。",
            en=f"The last day must not lie before the first, {first}.",
            field="valid_to",
        )


def _asked(plan: _Plan, former: Sequence[Rule], now: datetime) -> list[Refusal]:
    """What the actions would refuse. The door asks again; but no rule is to be ended whose follower is refused."""
    found: list[Refusal] = []
    ended = [rule for rule in former if rule is not plan.ends]
    facts = RuleFacts(versions={rule.hs_code: ended for rule in ended})
    asks: list[tuple[str, Form | None, Rule | None]] = [("announce", plan.announces, None)]
    if plan.ends is not None:
        asks.append(("end", RuleEndForm.of(valid_to=plan.on), plan.ends))
    for action_name, form, record in asks:
        if form is not None:
            case: Case[Any, Any, Any] = Case(
                record=record, facts=facts, actor=THE_PRODUCT, form=form, now=now, new_id=lambda: UUID(int=0)
            )
            decision = decide(WORKFLOW, WORKFLOW[action_name], case, record=record)
            found += decision if isinstance(decision, tuple) else ()
    return found


async def _carry_out(
    transaction: Transaction, plans: Sequence[_Plan], sheet: RuleSheet, tally: _Tally, actor: Viewer
) -> None:
    ends = [(plan.ends.id, plan.on) for plan in plans if plan.ends is not None]
    await _end(transaction, ends, actor)
    tally.superseded += len(ends)
    announcing = [(plan, plan.announces) for plan in plans if plan.announces is not None]
    while announcing:
        requests = [Request(form=form) for _, form in announcing]
        outcomes = await transaction.perform_all(DESK, "announce", requests, actor)
        if not any(outcome.refusals for outcome in outcomes):
            await _end(
                transaction,
                [
                    (outcome.record.id, plan.until)
                    for (plan, _), outcome in zip(announcing, outcomes, strict=True)
                    if plan.until is not None and outcome.record is not None
                ],
                actor,
            )
            tally.announced += len(outcomes)
            return
        for (plan, _), outcome in zip(announcing, outcomes, strict=True):
            assert not (outcome.refusals and plan.ends), "it was asked before, and nobody else writes rules now"
            tally.reject(plan.row, sheet, outcome.refusals)
        announcing = [each for each, outcome in zip(announcing, outcomes, strict=True) if not outcome.refusals]


async def _end(transaction: Transaction, ends: Sequence[tuple[UUID, date | None]], actor: Viewer) -> None:
    requests = [Request(form=RuleEndForm.of(valid_to=on), subject_id=rule_id) for rule_id, on in ends]
    if requests:
        outcomes = await transaction.perform_all(DESK, "end", requests, actor)
        assert not any(outcome.refusals for outcome in outcomes), (
            "it was asked before, and nobody else writes rules now"
        )
