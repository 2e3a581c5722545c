"""Attachments at rest: who may see a file is who may see the record that it belongs to.

The exception: what an institution will send with a reply or submission is its own until it has sent it.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, and_, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.api_key.scope import ApiKeyScope
from domain.attachment import SENT_WITH_A_PART, Attachment
from domain.party import OrganisationKind, Viewer
from storage.columns import table_of
from storage.organisation import ORGANISATION
from storage.question import Asks
from storage.relation import many
from storage.shelf import Shelf
from storage.sight import Extent, extent, looked_up, sight

ATTACHMENT = table_of(Attachment, "attachment", Index(None, "subject_id", "uploaded_at", "id"), Index(None, "file_id"))

_SUBJECTS: dict[str, Shelf[Any]] = {}


def may_be_attached_to(subject: str, shelf: Shelf[Any]) -> None:
    """Says that records of this shelf have attachments."""
    _SUBJECTS[subject] = shelf


@sight(
    zh="可见所属记录者；随回复或材料提交的文件，提交前只有上传单位可见",
    en="whoever sees the record that it belongs to; what is to go with a reply or submission is its own "
    "organisation's until it is sent",
)
def _with_its_subject(viewer: Viewer) -> ColumnElement[bool]:
    open_to_viewer = ((subject, shelf, shelf.open_to(viewer)) for subject, shelf in _SUBJECTS.items())
    return or_(
        false(),
        *(
            and_(
                ATTACHMENT.c.subject_type == subject,
                looked_up(select(shelf.id).where(shelf.id == ATTACHMENT.c.subject_id, open_), ATTACHMENT),
                _is_sent(viewer) if subject in SENT_WITH_A_PART else true(),
            )
            for subject, shelf, open_ in open_to_viewer
            if extent([open_]) is not Extent.NOTHING
        ),
    )


def _is_sent(viewer: Viewer) -> ColumnElement[bool]:
    """What customs adds is sent with being there; what others add is their own until it is sent with something."""
    if viewer.is_the_product:
        return true()
    customs = select(ORGANISATION.c.id).where(ORGANISATION.c.kind == OrganisationKind.CUSTOMS)
    by_customs = ATTACHMENT.c.organisation_id.in_(customs)
    own = ATTACHMENT.c.organisation_id == viewer.organisation_id if viewer.organisation_id else false()
    return or_(ATTACHMENT.c.sent_with_id.is_not(None), own, by_customs)


# Of public records, only regulations have files.
ATTACHMENTS = Shelf(Attachment, ATTACHMENT, _with_its_subject, scope=ApiKeyScope.REGULATIONS)
FILES = many(ATTACHMENTS, ATTACHMENT.c.subject_id, order=(ATTACHMENT.c.uploaded_at,))
"""The attachments of a record, in the order of uploading."""


async def attachments_of(connection: Asks, subject_ids: Sequence[UUID]) -> dict[UUID, tuple[Attachment, ...]]:
    """All attachments of some records, in the order of uploading, for the rules that weigh them."""
    return await FILES.parts(connection, subject_ids)


async def known_files(connection: AsyncConnection, ids: Iterable[UUID]) -> set[UUID]:
    """Those of the files that an attachment names; the others are orphans."""
    statement = select(ATTACHMENT.c.file_id).where(ATTACHMENT.c.file_id.in_(list(ids)))
    return set((await connection.execute(statement)).scalars())
