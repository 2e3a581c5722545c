"""What the records of supervision share when asked: the names of those who wrote, and the files sent with it."""

from uuid import UUID

from domain.attachment import Attachment
from graph.context import Context
from graph.resolvers.attachment import files_of
from storage.organisation import both_names_of


async def name_of(context: Context, organisation_id: UUID) -> str | None:
    """An organisation's name in the viewer's language; whoever asks has seen the record that names it."""
    names = await context.loading.load(both_names_of, organisation_id)
    return None if names is None else names.in_(context.language)


async def files_sent_with(context: Context, subject_id: UUID, part_id: UUID) -> list[Attachment]:
    """The files of a record that were sent with one part of it."""
    return [each for each in await files_of(context, subject_id) if each.sent_with_id == part_id]
