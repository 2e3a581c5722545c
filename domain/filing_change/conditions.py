"""What must hold before an action on a filing change is taken, and when what was filled in is acceptable.

While the filing itself cannot be changed, nothing more is said of what was filled in.
"""

from domain.filing.conditions import not_declared, not_filled, senseless, without_rows
from domain.filing.effects import rows_after
from domain.filing.lists import LISTS
from domain.filing.record import Filing, FilingStatus
from domain.filing_change.effects import Requested, differences, wished_for
from domain.filing_change.record import FilingChangeCase, FilingChangeFacts
from domain.institution import Institution, InstitutionStatus
from domain.refusal import RefusalCode, Refusals, refusal
from domain.rows import not_own
from domain.workflow import condition


@condition(zh="该备案为本机构所有且现行有效", en="the filing is the one by which the institution is in the registry")
def filing_is_in_force(case: Requested) -> Refusals:
    yield from _not_in_force(case.facts)


def _not_in_force(facts: FilingChangeFacts) -> Refusals:
    filing, institution = facts.filing, facts.institution
    if filing is None:
        yield refusal(
            RefusalCode.UNKNOWN_REFERENCE, zh="没有这一备案。", en="There is no such filing.", field="filing_id"
        )
    elif filing.status is not FilingStatus.ACCEPTED:
        yield refusal(
            RefusalCode.NOT_CHANGEABLE,
            zh=f"备案状态为“{filing.status.words.zh}”，只有已受理的备案可以变更。",
            en=f"The filing is {filing.status.name}; only an accepted one can be changed.",
            field="filing_id",
        )
    elif not _is_current(filing, institution):
        yield refusal(
            RefusalCode.REFILING_REQUIRED,
            zh=f"备案{filing.certificate_number}已被撤销，不能变更，请重新备案。",
            en=f"Filing {filing.certificate_number} was revoked and cannot be changed; file anew.",
            field="filing_id",
        )


def _is_current(filing: Filing, institution: Institution | None) -> bool:
    return (
        institution is not None
        and institution.status is not InstitutionStatus.REVOKED
        and institution.filing_number == filing.certificate_number
    )


@condition(zh="该备案没有待审核的变更", en="no other change of the filing waits for review")
def no_other_change_is_open(case: Requested) -> Refusals:
    if case.facts.is_open:
        yield refusal(
            RefusalCode.ALREADY_OPEN,
            zh="该备案已有待审核的变更，请等待审核或先撤回。",
            en="Another change of the filing waits for review; wait for it or withdraw it.",
            field="filing_id",
        )


@condition(zh="修改的附表行属于该备案且不重复", en="every row to change is of the filing and named once")
def rows_are_own(case: Requested) -> Refusals:
    for name in LISTS:
        yield from not_own(case.facts.rows.get(name, ()), getattr(case.form, name), name)


@condition(
    zh="变更后必填项和附表仍填写完整，且附表内容无矛盾",
    en="after the change every required field and list is still filled, and no row contradicts itself",
)
def filing_stays_whole(case: Requested) -> Refusals:
    if any(_not_in_force(case.facts)):
        return
    filing, rows = wished_for(case)
    yield from not_filled(filing, rows)
    yield from without_rows(rows)
    yield from not_declared(filing)
    # Rows that are not sent may speak of years gone by: they were right when they were written.
    yield from senseless(rows_after(case.facts.rows, case.form, filing.id, case.new_id), case.now)


@condition(zh="至少有一项内容与备案不同", en="something differs from what is on file")
def something_changes(case: Requested) -> Refusals:
    if any(_not_in_force(case.facts)):
        return
    if next(differences(case), None) is None:
        yield refusal(
            RefusalCode.NOTHING_CHANGED,
            zh="没有任何内容与现有备案不同，请修改后再申请变更。",
            en="Nothing differs from what is on file; change something first.",
        )


@condition(zh="该备案未被撤销", en="the filing was not revoked meanwhile")
def filing_is_still_in_force(case: FilingChangeCase) -> Refusals:
    for found in _not_in_force(case.facts):
        yield refusal(found.code, zh=found.words.zh, en=found.words.en)
