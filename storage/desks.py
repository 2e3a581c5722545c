"""Every desk of the product, by the noun of its subject: a workflow without a desk here would go unverified."""

from typing import Any

from storage import (
    annual_report,
    api_key,
    check,
    code,
    commission,
    disposition,
    filing,
    filing_change,
    institution,
    notice,
    pairing,
    quality_issue,
    regulation,
    rule,
    session,
)
from storage.desk import Desk

DESKS: dict[str, Desk[Any]] = {
    desk.workflow.subject: desk
    for desk in (
        institution.DESK,
        filing.DESK,
        filing_change.DESK,
        commission.DESK,
        disposition.DESK,
        quality_issue.DESK,
        check.DESK,
        rule.DESK,
        regulation.DESK,
        notice.DESK,
        code.DESK,
        session.DESK,
        pairing.DESK,
        annual_report.DESK,
        api_key.DESK,
    )
}
