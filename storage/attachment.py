"""Attachments at rest: who may see a file is who may see the record that it belongs to."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.attachment import Attachment
from domain.party import Viewer
from storage.columns import table_of
from storage.shelf import Shelf

ATTACHMENT = table_of(Attachment, "attachment", Index(None, "subject_id", "uploaded_at", "id"), Index(None, "file_id"))

_SUBJECTS: dict[str, Shelf[Any]] = {}


def may_be_attached_to(subject: str, shelf: Shelf[Any]) -> None:
    """Says that records of this shelf have attachments."""
    _SUBJECTS[subject] = shelf


def _with_its_subject(viewer: Viewer) -> ColumnElement[bool]:
    return or_(
        false(),
        *(
            and_(
                ATTACHMENT.c.subject_type == subject,
                ATTACHMENT.c.subject_id.in_(select(shelf.table.c.id).where(shelf.visible(viewer))),
            )
            for subject, shelf in _SUBJECTS.items()
        ),
    )


ATTACHMENTS = Shelf(Attachment, ATTACHMENT, _with_its_subject)


async def attachments_of(
    connection: AsyncConnection, subject_ids: Sequence[UUID]
) -> dict[UUID, tuple[Attachment, ...]]:
    """The attachments of some records, in the order of uploading; whoever asks has seen the records already."""
    statement = (
        select(*ATTACHMENTS.columns)
        .where(ATTACHMENT.c.subject_id.in_(subject_ids))
        .order_by(ATTACHMENT.c.uploaded_at, ATTACHMENT.c.id)
    )
    found: dict[UUID, list[Attachment]] = {}
    for row in await connection.execute(statement):
        attachment = ATTACHMENTS.made_of(row)
        found.setdefault(attachment.subject_id, []).append(attachment)
    return {subject_id: tuple(some) for subject_id, some in found.items()}


async def known_files(connection: AsyncConnection, ids: Iterable[UUID]) -> set[UUID]:
    """Those of the files that an attachment names; the others are orphans."""
    statement = select(ATTACHMENT.c.file_id).where(ATTACHMENT.c.file_id.in_(list(ids)))
    return set((await connection.execute(statement)).scalars())
