"""Every desk of the product, by the noun of its subject: a workflow without a desk here would go unverified."""

from typing import Any

from storage import check, commission, institution, quality_issue, rule, session
from storage.desk import Desk

DESKS: dict[str, Desk[Any]] = {
    desk.workflow.subject: desk
    for desk in (
        institution.DESK,
        commission.DESK,
        quality_issue.DESK,
        check.DESK,
        rule.DESK,
        session.DESK,
    )
}
