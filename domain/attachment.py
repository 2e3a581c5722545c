"""Attachments 随附单据: files that belong to a record. The bytes rest in the vault, what is said of them here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.language import Words
from domain.party import Party
from domain.record import Form, Part, changed, hidden, says
from domain.refusal import RefusalCode, Refusals, refusal
from domain.term import Term
from domain.workflow import Action, Case, Effect, condition

ATTACHMENTS_MAX = 50
"""How many files of one organisation a record may hold: no side can use up the other's."""

SENT_WITH_A_PART = frozenset({"quality_issue", "check", "disposition"})
"""The subjects to which an institution sends its files with a reply or submission; until then they are its own."""

MEDIA_TYPES = "PDF, PNG, JPEG, DOCX, XLSX, ZIP, TXT"


class AttachmentKind(Term):
    """What a file is 附件种类."""

    CONTRACT = "合同", "The contract of sale."
    INVOICE = "发票", "The commercial invoice."
    PACKING_LIST = "装箱单", "The packing list."
    PHOTO = "照片", "Photographs of the goods."
    INSPECTION_REPORT = "检验报告", "The institution's report of the inspection."
    CERTIFICATE = "检验证书", "The certificate itself, as a document."
    QUALIFICATION = "资质材料", "Licences, accreditations and other proof of what an institution is."
    EXPLANATION = "说明材料", "What goes with a reply or explanation to customs."
    RECTIFICATION = "整改材料", "Proof that something was put right."
    OTHER = "其他", "Anything else."


@dataclass(frozen=True, kw_only=True)
class Attachment(Part):
    """A file that belongs to a record 随附单据."""

    name: Annotated[str, says("文件名", "Its name for people, without any path."), marks.text(200)]
    size_bytes: Annotated[int, says("大小", "Its size in bytes.")]
    media_type: Annotated[str, says("类型", "Media type as found in its content, never as claimed."), marks.text(100)]
    kind: Annotated[AttachmentKind, says("附件种类", "What it is.")]
    sha256: Annotated[str, says("摘要", "SHA-256 of the content, 64 hexadecimal digits."), marks.text(64)]
    uploaded_at: Annotated[datetime, says("上传时间", "When it was uploaded.")]
    file_id: Annotated[UUID, hidden]
    organisation_id: Annotated[UUID, hidden]
    subject_type: Annotated[str, hidden]
    subject_id: Annotated[UUID, hidden]
    sent_with_id: Annotated[UUID | None, hidden] = None
    """The reply or submission within the record that it was sent with; None while it belongs to the record alone."""


@dataclass(frozen=True, kw_only=True)
class AttachForm(Form):
    """A file that has arrived: what was found in it, and the id under which the vault keeps it.

    `media_type` is None when its content is of no allowed type.
    """

    file_id: Annotated[UUID, hidden]
    kind: AttachmentKind = AttachmentKind.OTHER
    name: str
    size_bytes: int
    media_type: str | None
    sha256: str


@dataclass(frozen=True, kw_only=True)
class DetachForm(Form):
    """Which file goes."""

    attachment_id: UUID


@condition(zh="文件不为空且类型在允许之列", en="the file is not empty and of an allowed type")
def file_is_acceptable(case: Case[Any, Any, AttachForm]) -> Refusals:
    if case.form.size_bytes == 0:
        yield refusal(RefusalCode.FILE_EMPTY, zh="文件为空。", en="The file is empty.", field="file")
    elif case.form.media_type is None:
        yield refusal(
            RefusalCode.FILE_TYPE_NOT_ALLOWED,
            zh=f"文件内容不是允许的类型，允许：{MEDIA_TYPES}。",
            en=f"The file's content is of no allowed type. Allowed: {MEDIA_TYPES}.",
            field="file",
        )


@condition(
    zh=f"本单位的附件不超过{ATTACHMENTS_MAX}个",
    en=f"the record holds fewer than {ATTACHMENTS_MAX} attachments of the same organisation",
)
def there_is_room(case: Case[Any, Any, Any]) -> Refusals:
    own = [each for each in case.facts.attachments if each.organisation_id == case.actor.organisation_id]
    if len(own) >= ATTACHMENTS_MAX:
        yield refusal(
            RefusalCode.TOO_MANY_ATTACHMENTS,
            zh=f"每个单位最多上传{ATTACHMENTS_MAX}个附件。",
            en=f"A record holds at most {ATTACHMENTS_MAX} attachments of each organisation.",
        )


@condition(zh="附件由本单位上传", en="the attachment was uploaded by the same organisation")
def attachment_is_own(case: Case[Any, Any, DetachForm]) -> Refusals:
    owner = {each.id: each.organisation_id for each in case.facts.attachments}.get(case.form.attachment_id)
    if owner != case.actor.organisation_id:
        yield refusal(
            RefusalCode.UNKNOWN_REFERENCE,
            zh="只能删除本单位上传的附件。",
            en="Only attachments that your own organisation uploaded may be removed.",
            field="id",
        )


def as_attached(subject: str) -> Callable[[Case[Any, Any, AttachForm]], Effect]:
    """The effect of adding a file to a record of this subject."""

    def effect(case: Case[Any, Any, AttachForm]) -> Effect:
        form, actor = case.form, case.actor
        assert form.media_type is not None
        assert actor.organisation_id is not None
        attachment = Attachment(
            id=case.new_id(),
            file_id=form.file_id,
            name=form.name,
            size_bytes=form.size_bytes,
            media_type=form.media_type,
            kind=form.kind,
            sha256=form.sha256,
            uploaded_at=case.now,
            organisation_id=actor.organisation_id,
            subject_type=subject,
            subject_id=case.record.id,
        )
        return Effect(adds=(attachment,))

    return effect


def as_detached(case: Case[Any, Any, DetachForm]) -> Effect:
    return Effect(removes=tuple(each for each in case.facts.attachments if each.id == case.form.attachment_id))


def sent_with(part_id: UUID, case: Case[Any, Any, Any]) -> tuple[Attachment, ...]:
    """All files of the record, those that the actor's organisation has uploaded since it last sent some now with it."""
    own = case.actor.organisation_id
    return tuple(
        changed(each, sent_with_id=part_id) if each.organisation_id == own and each.sent_with_id is None else each
        for each in case.facts.attachments
    )


@condition(zh="附件尚未随回复或材料提交", en="the attachment was not yet sent with a reply or submission")
def attachment_is_not_sent(case: Case[Any, Any, DetachForm]) -> Refusals:
    found = next((each for each in case.facts.attachments if each.id == case.form.attachment_id), None)
    if found is not None and found.sent_with_id is not None:
        yield refusal(
            RefusalCode.ALREADY_SENT,
            zh="附件已提交，不能删除。",
            en="The attachment was sent already and stays.",
            field="id",
        )


def attaching(
    subject: str, *, manual: str, words: Words, start: tuple[Term, ...], by: tuple[Party, ...]
) -> tuple[Action, Action]:
    """The two actions by which files come to a record and go again; `words` say what is uploaded."""
    return (
        Action(
            name="attach",
            published_as="attachmentUpload",
            words=Words(zh=f"上传{words.zh}", en=f"Add a file: {words.en}."),
            manual=manual,
            start=start,
            by=by,
            provided=(there_is_room,),
            form=AttachForm,
            accepts=(file_is_acceptable,),
            then=as_attached(subject),
        ),
        Action(
            name="detach",
            published_as="attachmentRemove",
            words=Words(zh=f"删除{words.zh}", en="Remove one of its own files from it."),
            manual=manual,
            start=start,
            by=by,
            form=DetachForm,
            accepts=(attachment_is_own, attachment_is_not_sent),
            then=as_detached,
        ),
    )
