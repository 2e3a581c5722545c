"""Which question answers which field of a filing."""

import strawberry

from domain.filing.record import Filing
from domain.filing_change.record import FilingChange
from graph.context import Info
from graph.relation import related
from graph.resolvers.attachment import files
from storage.filing import FILING_NUMBERED, INSTITUTION_NUMBERED, ROWS_OF
from storage.filing_change import changes_of

signatories = related(
    ROWS_OF["signatories"],
    "id",
    name="signatories",
    words="授权签字人. Who may sign certificates, in order; at most 50.",
)


departments = related(
    ROWS_OF["departments"], "id", name="departments", words="主要部门情况. The departments, in order; at most 100."
)


equipment = related(
    ROWS_OF["equipment"],
    "id",
    name="equipment",
    words="主要检测设备情况. What it inspects with, in order; at most 500 kinds.",
)


quality_certificates = related(
    ROWS_OF["quality_certificates"],
    "id",
    name="quality_certificates",
    words="企业质量管理体系认证情况. Certificates of its quality management system, in order; at most 50.",
)


past_inspections = related(
    ROWS_OF["past_inspections"],
    "id",
    name="past_inspections",
    words="近三年实施装运前检验的情况. What it inspected, year by year; at most 3.",
)


attachments = files("相关材料. Its files in the order of uploading; at most 50.")


async def changes(root: strawberry.Parent[Filing], info: Info) -> list[FilingChange]:
    """备案变更. The latest 50 changes, latest first; `filingChanges` has all."""
    return list(await info.context.loading.load(changes_of, root.id) or ())


institution = related(
    INSTITUTION_NUMBERED,
    "certificate_number",
    name="institution",
    words="名录中的机构. What the registry shows under this filing's number; null where there is "
    "nothing, or no longer.",
)


filing_of_institution = related(
    FILING_NUMBERED,
    "filing_number",
    name="filing",
    words="备案. The filing that it is in the registry by; for the institution itself and customs, null for others.",
)
