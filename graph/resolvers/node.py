"""Any record by its id: `node` and `nodes` ask the same shelves, as the same viewer, as every other question."""

import asyncio
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry

from graph.context import Context, Info
from graph.errors import ErrorCode, PublicError
from graph.ids import parts_of
from graph.publish import Node
from graph.seen import asking_once, one_seen
from storage.account import ACCOUNTS
from storage.annual_report import ANNUAL_REPORT_COUNTRIES, ANNUAL_REPORTS
from storage.api_key import API_KEYS
from storage.attachment import ATTACHMENTS
from storage.card import CARDS
from storage.check import CHECK_REVIEWS, CHECK_SUBMISSIONS, CHECK_VISITS, CHECKS
from storage.commission import CERTIFICATE_FACTS, CERTIFICATES, COMMISSIONS, GOODS_LINES
from storage.delegation import DELEGATIONS
from storage.delivery import DELIVERIES
from storage.disposition import DISPOSITIONS, REVIEWS, SUBMISSIONS
from storage.filing import FILINGS, ROWS
from storage.filing_change import CHANGED_FIELDS, FILING_CHANGES
from storage.institution import INSTITUTIONS
from storage.notice import NOTICES
from storage.organisation import ORGANISATIONS
from storage.pairing import PAIRINGS
from storage.passkey import PASSKEYS
from storage.quality_issue import QUALITY_ISSUES, QUALITY_QUESTIONS, QUALITY_REPLIES
from storage.register_line import REGISTER_LINES
from storage.regulation import REGULATIONS
from storage.rule import RULES
from storage.session import SESSIONS
from storage.shelf import PAGE_MAX, Shelf
from storage.sign_in_attempt import SIGN_IN_ATTEMPTS
from storage.totp import TOTPS

SHELVES: dict[str, Shelf[Any]] = {
    "annual_report": ANNUAL_REPORTS,
    "annual_report_country": ANNUAL_REPORT_COUNTRIES,
    "api_key": API_KEYS,
    "attachment": ATTACHMENTS,
    "card": CARDS,
    "certificate": CERTIFICATES,
    "certificate_facts": CERTIFICATE_FACTS,
    "changed_field": CHANGED_FIELDS,
    "check": CHECKS,
    "check_review": CHECK_REVIEWS,
    "check_submission": CHECK_SUBMISSIONS,
    "check_visit": CHECK_VISITS,
    "commission": COMMISSIONS,
    "delegation": DELEGATIONS,
    "disposition": DISPOSITIONS,
    "disposition_review": REVIEWS,
    "disposition_submission": SUBMISSIONS,
    "filing": FILINGS,
    "filing_change": FILING_CHANGES,
    "delivery": DELIVERIES,
    "goods_line": GOODS_LINES,
    "institution": INSTITUTIONS,
    "notice": NOTICES,
    "organisation": ORGANISATIONS,
    "passkey": PASSKEYS,
    "quality_issue": QUALITY_ISSUES,
    "quality_question": QUALITY_QUESTIONS,
    "quality_reply": QUALITY_REPLIES,
    "register_line": REGISTER_LINES,
    "regulation": REGULATIONS,
    "rule": RULES,
    "pairing": PAIRINGS,
    "session": SESSIONS,
    "account": ACCOUNTS,
    "sign_in_attempt": SIGN_IN_ATTEMPTS,
    "totp": TOTPS,
    **{str(shelf.table.name): shelf for shelf in ROWS.values()},
}


async def found(context: Context, type_name: str, record_id: UUID) -> Node | None:
    """The record of this type and id, where the viewer may see it."""
    shelf = SHELVES.get(type_name)
    if shelf is None:
        return None
    if shelf.scope is not None:  # of what no scope opens there is nothing, as for anybody
        context.needs(shelf.scope)
    return cast("Node | None", await one_seen(context, shelf, record_id))


@asking_once
async def node(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="标识. As it was given.")]
) -> Node | None:
    """按标识查询. The record with this id; null where there is none that the viewer may see."""
    return await found(info.context, *parts_of(id))


async def nodes(
    info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description=f"标识. At most {PAGE_MAX}.")]
) -> list[Node | None]:
    """按标识批量查询. The records with these ids, in the same order; null where there is none that the viewer may
    see."""
    if len(ids) > PAGE_MAX:
        raise PublicError(ErrorCode.BAD_USER_INPUT, zh=f"最多{PAGE_MAX}个标识。", en=f"At most {PAGE_MAX} ids.")
    return list(await asyncio.gather(*(found(info.context, *parts_of(each)) for each in ids)))
