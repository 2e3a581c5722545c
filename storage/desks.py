"""Every desk of the product, by the noun of its subject: a workflow without a desk here would go unverified."""

from typing import Any

from storage import code, commission, institution, notice, regulation, rule, session
from storage.desk import Desk

DESKS: dict[str, Desk[Any]] = {
    desk.workflow.subject: desk
    for desk in (
        institution.DESK,
        commission.DESK,
        rule.DESK,
        regulation.DESK,
        notice.DESK,
        code.DESK,
        session.DESK,
    )
}
