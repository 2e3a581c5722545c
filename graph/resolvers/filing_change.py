"""Which question answers which field of a filing change."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import strawberry

from domain.attachment import Attachment
from domain.filing.record import Filing, FilingDraft
from domain.filing_change.record import ChangedField, FilingChange
from domain.language import Language
from domain.record import camel, fields_of
from graph.context import Info
from graph.resolvers.attachment import files_of
from storage.filing import filings_seen_by_id
from storage.filing_change import fields_changed_by, filing_changes_seen_by_id


async def filing(root: strawberry.Parent[FilingChange], info: Info) -> Filing | None:
    """备案. The filing that changes, as it is now."""
    viewer = info.context.viewer

    async def seen(connection: Any, ids: Sequence[UUID]) -> dict[UUID, Filing]:
        return await filings_seen_by_id(connection, viewer, ids)

    return await info.context.loading.load(seen, root.filing_id, name="filing")


async def changes(root: strawberry.Parent[FilingChange], info: Info) -> list[ChangedField]:
    """变更内容. What differs, field by field, as it was when the change was requested."""
    return list(await info.context.loading.load(fields_changed_by, root.id) or ())


async def attachments(root: strawberry.Parent[FilingChange], info: Info) -> list[Attachment]:
    """相关材料. Its files in the order of uploading; at most 50."""
    return await files_of(info.context, root.id)


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
