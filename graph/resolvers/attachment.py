"""Files: taken in through the workflow of the record that they belong to, and read at an address of their own."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import strawberry

from domain.attachment import AttachForm, Attachment, AttachmentKind, DetachForm
from domain.refusal import Refusal, RefusalCode, refusal
from graph.actions import IDEMPOTENCY_WORDS, Payload, not_done
from graph.context import Context, Info
from graph.errors import ErrorCode, PublicError
from graph.ids import parts_of, public_id, record_id
from graph.publish import reading, term
from graph.relation import related
from graph.schema.scalars import Upload
from graph.user_error import user_errors
from storage.attachment import ATTACHMENTS, FILES
from storage.desk import Desk
from storage.desks import DESKS
from storage.perform import NOT_FOUND, Request, Transaction, Undone
from uploads.receive import ReceivedFile
from uploads.vault import key_of

term(AttachmentKind)  # before an input names it, or Strawberry publishes it without its words


@strawberry.input(description="上传附件. A file and the record that it belongs to.")
class AttachmentUploadInput:
    """Sent as a GraphQL multipart request."""

    subject_id: strawberry.ID = strawberry.field(description="所属记录. Id of the record that the file belongs to.")
    kind: AttachmentKind = strawberry.field(description="附件种类. What the file is.", default=AttachmentKind.OTHER)
    file: Upload = strawberry.field(description="文件. The file itself.")
    idempotency_key: str | None = strawberry.field(description=IDEMPOTENCY_WORDS, default=None)


@strawberry.input(description="批量上传附件. Files and the record that they belong to.")
class AttachmentsUploadInput:
    """Sent as a GraphQL multipart request."""

    subject_id: strawberry.ID = strawberry.field(description="所属记录. Id of the record that the files belong to.")
    kind: AttachmentKind = strawberry.field(description="附件种类. What the files are.", default=AttachmentKind.OTHER)
    files: list[Upload] = strawberry.field(description="文件. The files themselves; all are taken or none.")


@strawberry.input(description="删除附件. Which file to remove.")
class AttachmentRemoveInput:
    """One attachment."""

    id: strawberry.ID = strawberry.field(description="附件标识. Id of the attachment.")


async def attachment_upload(info: Info, input: AttachmentUploadInput) -> Payload:
    """上传随附单据. Add a file to a record: PDF, PNG, JPEG, DOCX, XLSX, ZIP or plain text, told by its content. Needs a
    multipart request with the header `apollo-require-preflight` or `x-requested-with`. 手册 1.4, 2.3 (manual)."""
    context = info.context
    viewer = context.signed_in()
    desk, subject_id = _desk_of(input.subject_id)
    if desk is None:
        return _not_found(info, "subject_id")
    form = await _kept(context, input.file, input.kind)
    key = key_of(form.file_id)
    wish = Request(form=form, subject_id=subject_id, idempotency_key=input.idempotency_key)
    outcome = await context.house.door.perform(desk, "attach", wish, viewer)
    if outcome.refusals:
        await context.house.vault.drop(key)
        if NOT_FOUND in outcome.refusals:
            return _not_found(info, "subject_id")
        return not_done(context, *outcome.refusals)
    seen = ATTACHMENTS.seen_by(viewer).where(ATTACHMENTS.id == outcome.effect_ids[0])
    attachment = await context.one(seen)
    if attachment is not None and attachment.file_id != form.file_id:
        # The same upload had been made before under its key; this copy is nobody's.
        await context.house.vault.drop(key)
    return Payload(None, [], {"attachment": attachment})


async def attachments_upload(info: Info, input: AttachmentsUploadInput) -> Payload:
    """批量上传附件. Add several files to a record: all of them, or none where one is refused; otherwise as
    `attachmentUpload`. 手册 1.4, 2.3 (manual)."""
    context = info.context
    viewer = context.signed_in()
    desk, subject_id = _desk_of(input.subject_id)
    if desk is None:
        return _not_found(info, "subject_id", attachments=[])
    forms = [await _kept(context, file, input.kind) for file in input.files]

    async def attach(transaction: Transaction) -> list[UUID] | list[Refusal]:
        made: list[UUID] = []
        for index, form in enumerate(forms):
            outcome = await transaction.perform(desk, "attach", Request(form=form, subject_id=subject_id), viewer)
            if outcome.refusals:
                raise Undone([_of_file(index, each) for each in outcome.refusals])
            made += outcome.effect_ids
        return made

    made = await context.house.door.together(attach)
    refusals = [each for each in made if isinstance(each, Refusal)]
    if refusals:
        for form in forms:
            await context.house.vault.drop(key_of(form.file_id))
        return Payload(None, user_errors(refusals, context.language), {"attachments": []})
    async with context.house.database.reading() as connection:
        seen = ATTACHMENTS.seen_by(viewer).where(ATTACHMENTS.id.in_(made))
        attachments = await seen.all(connection, ATTACHMENTS.uploaded_at, ATTACHMENTS.id)
    return Payload(None, [], {"attachments": attachments})


def _of_file(index: int, found: Refusal) -> Refusal:
    """Where a single upload says `file`, this one says which of the files."""
    if found.code is RefusalCode.NOT_FOUND:
        return Refusal(found.code, found.words, ("subject_id",))
    return Refusal(found.code, found.words, ("files", index)) if found.field == ("file",) else found


def _desk_of(subject_id: str) -> tuple[Desk[Any] | None, UUID]:
    """Where files come to this record; None where no files come to records of its type."""
    subject, record = parts_of(subject_id)
    desk = DESKS.get(subject)
    if desk is None or not any(action.name == "attach" for action in desk.workflow.actions):
        return None, record
    return desk, record


async def _kept(context: Context, file: object, kind: AttachmentKind) -> AttachForm:
    """Keeps a staged file in the vault. Raises BAD_USER_INPUT where the same part was kept before.

    Kept before the record: a file without a record is swept later, a record without its file would be a lie. For the
    same reason a failure drops nothing: it may have come after the commit.
    """
    assert isinstance(file, ReceivedFile)
    if file.staged_key in context.files_kept:
        raise PublicError(
            ErrorCode.BAD_USER_INPUT,
            zh="同一文件部分只能用于一个附件，请分别上传。",
            en="One file part makes one attachment; send it once for each.",
        )
    context.files_kept.add(file.staged_key)
    form = AttachForm(
        file_id=uuid4(),
        kind=kind,
        name=file.name,
        size_bytes=file.size_bytes,
        media_type=file.media_type,
        sha256=file.sha256,
    )
    await context.house.vault.keep(file.staged_key, key_of(form.file_id))
    return form


async def attachment_remove(info: Info, input: AttachmentRemoveInput) -> Payload:
    """删除随附单据. Remove a file that the viewer's own organisation uploaded; what nobody names any more is swept
    later. 手册 1.4, 2.3 (manual)."""
    context = info.context
    viewer = context.signed_in()
    attachment_id = record_id("attachment", input.id)
    attachment = await context.one(ATTACHMENTS.seen_by(viewer).where(ATTACHMENTS.id == attachment_id))
    if attachment is None:
        return _not_found(info, "id")
    desk = DESKS[attachment.subject_type]
    wish = Request(form=DetachForm(attachment_id=attachment_id), subject_id=attachment.subject_id)
    outcome = await context.house.door.perform(desk, "detach", wish, viewer)
    return not_done(context, *outcome.refusals)


def files(words: str, *, name: str = "attachments") -> Callable[..., Any]:
    """The resolver of a record's files that the viewer may see, in the order of uploading."""
    return related(FILES, "id", name=name, words=words)


async def files_of(context: Context, subject_id: UUID) -> list[Attachment]:
    """The files of a record that the viewer may see, in the order of uploading."""
    return list(await context.follow(FILES, (subject_id,)) or ())


@reading("id")
def url(root: strawberry.Parent[Attachment]) -> str:
    """下载地址. Path of the file on this server; it asks for the same authorisation as the record."""
    return f"/files/{public_id('attachment', root.id)}"


def _not_found(info: Info, field: str, **more: object) -> Payload:
    found = refusal(RefusalCode.NOT_FOUND, zh=NOT_FOUND.words.zh, en=NOT_FOUND.words.en, field=field)
    return Payload(None, user_errors([found], info.context.language), more)
