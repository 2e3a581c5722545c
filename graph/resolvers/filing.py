"""Which question answers which field of a filing."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import strawberry

from domain.attachment import Attachment
from domain.filing.lists import Department, Equipment, PastInspection, QualityCertificate, Signatory
from domain.filing.record import Filing
from domain.filing_change.record import FilingChange
from domain.institution import Institution
from graph.context import Info
from graph.resolvers.attachment import files_of
from storage.filing import ROWS_OF, filings_seen_by_number
from storage.filing_change import changes_of
from storage.institution import institutions_seen_by_number


async def signatories(root: strawberry.Parent[Filing], info: Info) -> list[Signatory]:
    """授权签字人. Who may sign certificates, in order; at most 50."""
    return await _rows(info, "signatories", root.id)


async def departments(root: strawberry.Parent[Filing], info: Info) -> list[Department]:
    """主要部门情况. The departments, in order; at most 100."""
    return await _rows(info, "departments", root.id)


async def equipment(root: strawberry.Parent[Filing], info: Info) -> list[Equipment]:
    """主要检测设备情况. What it inspects with, in order; at most 500 kinds."""
    return await _rows(info, "equipment", root.id)


async def quality_certificates(root: strawberry.Parent[Filing], info: Info) -> list[QualityCertificate]:
    """企业质量管理体系认证情况. Certificates of its quality management system, in order; at most 50."""
    return await _rows(info, "quality_certificates", root.id)


async def past_inspections(root: strawberry.Parent[Filing], info: Info) -> list[PastInspection]:
    """近三年实施装运前检验的情况. What it inspected, year by year; at most 3."""
    return await _rows(info, "past_inspections", root.id)


async def _rows(info: Info, name: str, filing_id: UUID) -> list[Any]:
    return list(await info.context.loading.load(ROWS_OF[name], filing_id) or ())


async def attachments(root: strawberry.Parent[Filing], info: Info) -> list[Attachment]:
    """相关材料. Its files in the order of uploading; at most 50."""
    return await files_of(info.context, root.id)


async def changes(root: strawberry.Parent[Filing], info: Info) -> list[FilingChange]:
    """备案变更. The latest 50 changes, latest first; `filingChanges` has all."""
    return list(await info.context.loading.load(changes_of, root.id) or ())


async def institution(root: strawberry.Parent[Filing], info: Info) -> Institution | None:
    """名录中的机构. What the registry shows under this filing's number; null where there is nothing, or no longer."""
    if root.filing_number is None:
        return None
    viewer = info.context.viewer

    async def seen(connection: Any, numbers: Sequence[str]) -> dict[str, Institution]:
        return await institutions_seen_by_number(connection, viewer, numbers)

    return await info.context.loading.load(seen, root.filing_number, name="institution by number")


async def filing_of_institution(root: strawberry.Parent[Institution], info: Info) -> Filing | None:
    """备案. The filing that it is in the registry by; for the institution itself and customs, null for others."""
    viewer = info.context.viewer

    async def seen(connection: Any, numbers: Sequence[str]) -> dict[str, Filing]:
        return await filings_seen_by_number(connection, viewer, numbers)

    return await info.context.loading.load(seen, root.filing_number, name="filing by number")
