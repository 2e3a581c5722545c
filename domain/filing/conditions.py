"""What must hold before an action on a filing is taken, and when what was filled in is acceptable."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from domain.code import unknown_codes
from domain.disposition.record import DispositionType
from domain.filing.effects import rows_after
from domain.filing.lists import LISTS, YEARS_BACK, PastInspection, QualityCertificate, Row, Rows
from domain.filing.record import Filing, FilingCase, FilingDraft, FilingFacts
from domain.institution import InstitutionStatus
from domain.marks import today_in_china
from domain.record import left_empty
from domain.refusal import RefusalCode, Refusals, refusal
from domain.rows import not_own
from domain.workflow import Case, condition

ASKED_FOR = {"signatories": "授权签字人", "departments": "主要部门情况", "equipment": "主要检测设备情况"}
"""The lists that need a row, and what they are called."""


@condition(zh="必填项均已填写（含各附表）", en="every required field is filled, of the lists too")
def everything_is_filled(case: FilingCase) -> Refusals:
    yield from not_filled(case.record, case.facts.rows)


def not_filled(filing: Filing, rows: Rows) -> Refusals:
    """What a submission still lacks of a filing and its rows."""
    yield from left_empty(filing)
    for name in LISTS:
        for index, row in enumerate(rows.get(name, ())):
            for found in left_empty(row):
                yield found.below(name, index)


@condition(
    zh="授权签字人、主要部门、主要检测设备各至少一行", en="signatories, departments and equipment have at least one row"
)
def there_are_rows(case: FilingCase) -> Refusals:
    yield from without_rows(case.facts.rows)


def without_rows(rows: Rows) -> Refusals:
    """A refusal for every list that needs a row and has none."""
    for name, called in ASKED_FOR.items():
        if not rows.get(name):
            yield refusal(
                RefusalCode.MISSING_ROWS,
                zh=f"请至少填写一行{called}。",
                en=f"Add at least one row to {name}.",
                field=name,
            )


@condition(zh="至少有一个相关材料", en="there is at least one attachment")
def there_is_an_attachment(case: FilingCase) -> Refusals:
    if not case.facts.attachments:
        yield refusal(
            RefusalCode.NO_ATTACHMENT,
            zh="请先上传相关材料。",
            en="Upload at least one attachment first.",
            field="attachments",
        )


@condition(zh="已作独立性声明", en="independence is declared")
def independence_is_declared(case: FilingCase) -> Refusals:
    yield from not_declared(case.record)


def not_declared(filing: Filing) -> Refusals:
    if filing.independence_declared is False:
        yield refusal(
            RefusalCode.NOT_DECLARED,
            zh="须声明本机构的独立性。",
            en="The institution must declare its independence.",
            field="independence_declared",
        )


@condition(zh="代码均现行有效", en="every code may still be chosen")
def codes_may_be_chosen(case: FilingCase) -> Refusals:
    yield from unknown_codes(case.record, case.facts.known_codes)


@condition(zh=f"检验年度均为近{YEARS_BACK}年", en=f"past inspections are of the last {YEARS_BACK} years")
def years_are_recent(case: FilingCase) -> Refusals:
    yield from _out_of_date(case.facts.rows.get("past_inspections", ()), case.now)


@condition(zh="本机构没有其他未办结的备案申请", en="no other filing of the institution is open")
def no_other_filing_is_open(case: FilingCase) -> Refusals:
    if case.facts.open_elsewhere is not None:
        yield refusal(
            RefusalCode.ALREADY_OPEN,
            zh=f"备案申请{case.facts.open_elsewhere}尚未办结，请先办结该申请。",
            en=f"Filing {case.facts.open_elsewhere} is still open; it must be finished first.",
        )


@condition(
    zh="本机构未备案，或已被撤销备案且没有不予认可或限期整改的处置",
    en="the institution is not in the registry, or was revoked and no non-recognition or rectification runs",
)
def registry_has_room(case: FilingCase) -> Refusals:
    institution = case.facts.institution
    if institution is None:
        return
    # A revocation hides the others in the registry and lifts none: what restricts is the union of all.
    restricted_by = {each.type for each in case.facts.dispositions}
    if institution.status is InstitutionStatus.NORMAL:
        yield refusal(
            RefusalCode.NOT_CHANGEABLE,
            zh=f"贵机构已备案（备案编号：{institution.filing_number}），如需修改请办理备案变更。",
            en=f"The institution is in the registry already ({institution.filing_number}); "
            "request a change of its filing instead.",
        )
    if DispositionType.NON_RECOGNITION in restricted_by:
        yield refusal(
            RefusalCode.REFILING_BARRED,
            zh="不予认可处置期间不予重新备案",
            en="No new filing is accepted while the institution's results are not recognised.",
        )
    if DispositionType.RECTIFICATION in restricted_by:
        yield refusal(
            RefusalCode.REFILING_BARRED,
            zh="请完成限期整改后重新备案",
            en="Complete the rectification that was ordered, then file anew.",
        )


# ── What is filled in ──────────────────────────────────────────────────────────────────────────────────────────────


@condition(zh="修改的附表行属于本申请且不重复", en="every row to change is of this filing and named once")
def rows_are_own(case: "Case[Filing, FilingFacts, FilingDraft]") -> Refusals:
    for name in LISTS:
        yield from not_own(case.facts.rows.get(name, ()), getattr(case.form, name), name)


@condition(
    zh=f"证书有效期晚于发证日期；检验年度为近{YEARS_BACK}年且不重复；不合格批次不多于检验批次",
    en="certificates are valid after their issue; past inspections are of recent years, each once, and no more batches "
    "failed than were inspected",
)
def rows_make_sense(case: "Case[Filing, FilingFacts, FilingDraft]") -> Refusals:
    yield from senseless(rows_after(case.facts.rows, case.form, case.record.id, case.new_id), case.now)


def senseless(rows: Rows, now: datetime) -> Refusals:
    """What contradicts itself within the rows."""
    certificates: Sequence[Any] = rows.get("quality_certificates", ())
    yield from _valid_too_early(certificates)
    years: Sequence[Any] = rows.get("past_inspections", ())
    yield from _out_of_date(years, now)
    yield from _named_twice(years)
    yield from _failed_too_many(years)


def _valid_too_early(certificates: Iterable[QualityCertificate]) -> Refusals:
    for index, each in enumerate(certificates):
        if each.issued_on is not None and each.valid_until is not None and each.valid_until <= each.issued_on:
            yield refusal(
                RefusalCode.DATES_OUT_OF_ORDER,
                zh=f"有效期须晚于发证日期（{each.issued_on}）。",
                en=f"It must be valid beyond its date of issue ({each.issued_on}).",
                field=("quality_certificates", index, "valid_until"),
            )


def _out_of_date(rows: Iterable[Row], now: datetime) -> Refusals:
    this_year = today_in_china(now).year
    first, last = this_year - YEARS_BACK, this_year - 1
    for index, each in enumerate(rows):
        assert isinstance(each, PastInspection)
        if each.year is not None and not first <= each.year <= last:
            yield refusal(
                RefusalCode.OUT_OF_RANGE,
                zh=f"年度须在{first}与{last}之间。",
                en=f"The year must be one of {first} to {last}.",
                field=("past_inspections", index, "year"),
            )


def _named_twice(years: Sequence[PastInspection]) -> Refusals:
    named = Counter(each.year for each in years if each.year is not None)
    for index, each in enumerate(years):
        if each.year is not None and named[each.year] > 1:
            yield refusal(
                RefusalCode.DUPLICATE,
                zh=f"{each.year}年度出现多次，每个年度填写一行。",
                en=f"The year {each.year} stands more than once; give each year one row.",
                field=("past_inspections", index, "year"),
            )


def _failed_too_many(years: Iterable[PastInspection]) -> Refusals:
    for index, each in enumerate(years):
        batches, failed = each.batches, each.non_conforming_batches
        if batches is not None and failed is not None and failed > batches:
            yield refusal(
                RefusalCode.OUT_OF_RANGE,
                zh=f"不合格批次不得多于检验批次（{batches}）。",
                en=f"No more batches can have failed than were inspected ({batches}).",
                field=("past_inspections", index, "non_conforming_batches"),
            )
