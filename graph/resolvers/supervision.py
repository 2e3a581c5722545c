"""What the records of supervision share when asked: the names of those who wrote, and the files sent with it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from domain.attachment import Attachment
from domain.language import Words
from domain.organisation import Organisation
from graph.context import Context
from graph.relation import related
from graph.resolvers.attachment import files_of
from storage.organisation import OFFICE_NAMED


def office_named(by: str, *, name: str, words: str) -> Callable[..., Any]:
    """The resolver of an organisation's name in the viewer's language; whoever asks has seen the record that names
    it."""
    return related(OFFICE_NAMED, by, name=name, words=words, told=_name, reads=("name_zh", "name_en"), gives=str | None)


def _name(organisation: Organisation | None, context: Context) -> str | None:
    if organisation is None:
        return None
    return Words(zh=organisation.name_zh, en=organisation.name_en).in_(context.language)


async def files_sent_with(context: Context, subject_id: UUID, part_id: UUID) -> list[Attachment]:
    """The files of a record that were sent with one part of it."""
    return [each for each in await files_of(context, subject_id) if each.sent_with_id == part_id]
