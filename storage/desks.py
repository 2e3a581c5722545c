"""Every desk of the product, by the noun of its subject: a workflow without a desk here would go unverified."""

from typing import Any

from storage import commission, filing, filing_change, institution, rule, session
from storage.desk import Desk

DESKS: dict[str, Desk[Any]] = {
    desk.workflow.subject: desk
    for desk in (
        institution.DESK,
        filing.DESK,
        filing_change.DESK,
        commission.DESK,
        rule.DESK,
        session.DESK,
    )
}
