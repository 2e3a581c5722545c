"""What may be verified of a certificate by whoever holds its number, and nothing else of the commission behind it."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain.api_key.scope import ApiKeyScope
from domain.certificate import CertificateFacts, CertificateStatus
from domain.institution import Institution
from graph.context import Info
from graph.seen import asking_once
from storage.commission import CERTIFICATE
from storage.commission import certificate_facts as facts_of
from storage.institution import institutions_by_id
from storage.shelf import Order, Window

FOUND_MAX = 50
"""Institutions that gave the same number to a certificate of theirs."""


@asking_once
async def certificate_facts(
    info: Info,
    number: Annotated[str, strawberry.argument(description="证书编号. All of it, as it stands on the certificate.")],
    filing_number: Annotated[
        str | None,
        strawberry.argument(description="备案编号. Of the institution that issued it; absent for any institution."),
    ] = None,
) -> list[CertificateFacts]:
    """证书核验. What certificates of this number say in public: each institution numbers its own, so there may be
    several (the latest 50), and none where it is nobody's. For customs and for keys with CERTIFICATES."""
    context = info.context
    viewer = context.customs_or(ApiKeyScope.CERTIFICATES)
    seen = facts_of(viewer, number.strip(), None if filing_number is None else filing_number.strip().upper())
    page = await context.page(seen, Order("ISSUED_ON", CERTIFICATE.c.issued_on, descending=True), Window(FOUND_MAX))
    return list(page.nodes)


def status(root: strawberry.Parent[CertificateFacts], info: Info) -> CertificateStatus:
    """状态. Whether it may be relied on today (China standard time)."""
    return root.status_on(info.context.today)


async def institution_name(root: strawberry.Parent[CertificateFacts], info: Info) -> str:
    """检验机构名称. The name of the institution in the viewer's language, be it in the registry or no longer."""
    return (await _institution(root, info)).name(info.context.language)


async def filing_number(root: strawberry.Parent[CertificateFacts], info: Info) -> str:
    """备案编号. The number that the institution is, or was last, in the registry by."""
    return (await _institution(root, info)).filing_number


async def _institution(facts: CertificateFacts, info: Info) -> Institution:
    async def known(connection: Any, ids: Sequence[UUID]) -> dict[UUID, Institution]:
        return await institutions_by_id(connection, ids)

    found = await info.context.loading.load(known, facts.institution_id, name="issuer")
    assert found is not None, "a certificate names an institution that there is"
    return found
