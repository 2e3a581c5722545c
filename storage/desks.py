"""Every desk of the product, by the noun of its subject: a workflow without a desk here would go unverified."""

from typing import Any

from storage import (
    account_desk,
    annual_report,
    api_key,
    card,
    check,
    code,
    commission,
    delegation,
    disposition,
    filing,
    filing_change,
    institution,
    notice,
    pairing,
    passkey,
    quality_issue,
    regulation,
    rule,
    session,
    sign_in_attempt,
    totp,
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
        account_desk.DESK,
        delegation.DESK,
        card.DESK,
        passkey.DESK,
        totp.DESK,
        annual_report.DESK,
        sign_in_attempt.DESK,
        api_key.DESK,
    )
}
