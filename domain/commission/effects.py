"""What each action changes on a commission. Nothing here decides; every function is pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from domain import marks
from domain.certificate import Certificate, CertificateStatus
from domain.commission.record import (
    Commission,
    CommissionCase,
    CommissionDraft,
    CommissionFacts,
    CommissionStatus,
    CompleteForm,
    GoodsLine,
    MoveForm,
    ReturnForm,
)
from domain.record import changed, fields_of
from domain.rows import merged
from domain.rule import Rule
from domain.term import Term
from domain.workflow import Case, Effect


def as_saved(case: "Case[Commission, CommissionFacts, CommissionDraft]") -> Effect:
    """The fields that were sent; with goods lines, also the flags of each and the totals."""
    sent = {name: value for name, value in case.form.sent().items() if name in fields_of(Commission)}
    if "goods_lines" not in case.form.given:
        return Effect(changes=sent)
    rows = merged(
        case.facts.lines,
        case.form.goods_lines,
        lambda: GoodsLine(id=case.new_id(), line_number=0, commission_id=case.record.id),
    )
    lines = tuple(flagged(line, case.facts.rules) for line in rows)
    return Effect(changes=sent | totals(lines), replaces={GoodsLine: lines})


def flagged(line: GoodsLine, rules: Mapping[str, Rule]) -> GoodsLine:
    """The line with the three flags as the rule in force today sets them, and with that rule's id."""
    rule = rules.get(line.hs_code or "")
    if rule is None:
        return changed(line, inspection_required=None, inspection_exempt=None, import_prohibited=None, rule_id=None)
    return changed(
        line,
        inspection_required=rule.inspection_required,
        inspection_exempt=rule.inspection_exempt,
        import_prohibited=rule.import_prohibited,
        rule_id=rule.id,
    )


def totals(lines: Sequence[GoodsLine]) -> dict[str, Any]:
    """What the form shows greyed out: sums of the lines. Mixed units are added as the manual does, and said."""
    return {
        "total_quantity": sum((line.quantity or Decimal(0) for line in lines), Decimal(0)),
        "total_amount": sum((line.amount or Decimal(0) for line in lines), Decimal(0)),
        "units_mixed": len({line.unit for line in lines if line.unit}) > 1,
    }


def as_submitted(case: CommissionCase) -> Effect:
    """The flags are those of the day of submission, however long the draft has waited."""
    lines = tuple(flagged(line, case.facts.rules) for line in case.facts.lines)
    return Effect(
        changes={"submitted_at": case.now, "submitted_to_id": case.record.institution_id, "return_reason": None},
        replaces={GoodsLine: lines} if lines != case.facts.lines else {},
    )


def as_withdrawn(case: CommissionCase) -> Effect:
    return Effect(changes={"submitted_to_id": None, "submitted_at": None})


def as_accepted(case: CommissionCase) -> Effect:
    return Effect(changes={"accepted_at": case.now})


def as_returned(case: "Case[Commission, CommissionFacts, ReturnForm]") -> Effect:
    return Effect(changes={"return_reason": case.form.reason})


def as_completed(case: "Case[Commission, CommissionFacts, CompleteForm]") -> Effect:
    form, commission = case.form, case.record
    assert form.certificate_number is not None
    assert form.valid_until is not None
    assert commission.submitted_to_id is not None
    certificate = Certificate(
        id=case.new_id(),
        number=form.certificate_number.strip(),
        issued_on=marks.today_in_china(case.now),
        valid_until=form.valid_until,
        signatory=form.signatory,
        conclusion=form.conclusion,
        status=CertificateStatus.VALID,
        commission_id=commission.id,
        institution_id=commission.submitted_to_id,
    )
    return Effect(changes={"completed_at": case.now}, adds=(certificate,))


def as_expired(case: CommissionCase) -> Effect:
    return Effect(
        replaces={
            Certificate: tuple(changed(each, status=CertificateStatus.EXPIRED) for each in case.facts.certificates)
        }
    )


def as_moved(case: "Case[Commission, CommissionFacts, MoveForm]") -> Effect:
    successor = case.form.institution_id
    return Effect(
        changes={
            "institution_id": successor,
            "submitted_to_id": successor,
            "submitted_at": case.now,
            "accepted_at": None,
        }
    )


def blank_commission(case: CommissionCase, status: Term | None) -> Commission:
    assert case.actor.organisation_id is not None
    assert isinstance(status, CommissionStatus)
    return Commission(
        id=case.new_id(),
        number=case.fresh_number,
        status=status,
        commissioned_at=case.now,
        enterprise_id=case.actor.organisation_id,
        enterprise_name=case.facts.enterprise_name,
    )
