"""Every desk of the product, by the noun of its subject: a workflow without a desk here would go unverified."""

from typing import Any

from storage import (
    annual_report,
    commission,
    disposition,
    institution,
    rule,
    session,
)
from storage.desk import Desk

DESKS: dict[str, Desk[Any]] = {
    desk.workflow.subject: desk
    for desk in (
        institution.DESK,
        commission.DESK,
        disposition.DESK,
        rule.DESK,
        session.DESK,
        annual_report.DESK,
    )
}
