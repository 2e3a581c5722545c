"""Which question answers which field of a filing change."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import strawberry

from domain.filing.record import FilingDraft
from domain.filing_change.record import ChangedField, FilingChange
from domain.language import Language
from domain.record import camel, fields_of
from graph.context import Info
from graph.relation import related
from graph.resolvers.attachment import files
from storage.filing import FILINGS
from storage.filing_change import FIELDS_CHANGED, filing_changes_seen_by_id
from storage.relation import by_id

filing = related(by_id(FILINGS), "filing_id", name="filing", words="备案. The filing that changes, as it is now.")


changes = related(
    FIELDS_CHANGED,
    "id",
    name="changes",
    words="变更内容. What differs, field by field, as it was when the change was requested.",
)


attachments = files("相关材料. Its files in the order of uploading; at most 50.")


async def change_of(root: ChangedField, info: Info) -> FilingChange | None:
    """The change that a changed field is of, as far as the viewer sees it; it says who reads masked values in full."""
    viewer = info.context.viewer

    async def seen(connection: Any, ids: Sequence[UUID]) -> dict[UUID, FilingChange]:
        return await filing_changes_seen_by_id(connection, viewer, ids)

    return await info.context.loading.load(seen, root.filing_change_id, name="filing change")


def field_name(root: strawberry.Parent[ChangedField]) -> str:
    """字段. The field's name in `Filing`, as `nameZh`."""
    return camel(root.name)


def label(root: strawberry.Parent[ChangedField], info: Info) -> str:
    """名称. What the field is called, in the viewer's language."""
    says = fields_of(FilingDraft)[root.name].says
    assert says is not None
    if info.context.language is Language.ZH:
        return says.zh
    return root.name.replace("_", " ").capitalize()
