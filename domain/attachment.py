"""Attachments 随附单据: files that belong to a record. The bytes rest in the vault, what is said of them here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.record import Form, Part, hidden, says
from domain.refusal import RefusalCode, Refusals, refusal
from domain.term import Term
from domain.workflow import Case, condition

ATTACHMENTS_MAX = 50
"""How many files one record may hold."""

MEDIA_TYPES = "PDF, PNG, JPEG, DOCX, XLSX, ZIP, TXT"


class AttachmentKind(Term):
    """What a file is 附件种类."""

    CONTRACT = "合同", "The contract of sale."
    INVOICE = "发票", "The commercial invoice."
    PACKING_LIST = "装箱单", "The packing list."
    PHOTO = "照片", "Photographs of the goods."
    INSPECTION_REPORT = "检验报告", "The institution's report of the inspection."
    CERTIFICATE = "检验证书", "The certificate itself, as a document."
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


@condition(zh=f"附件不超过{ATTACHMENTS_MAX}个", en=f"the record holds fewer than {ATTACHMENTS_MAX} attachments")
def there_is_room(case: Case[Any, Any, Any]) -> Refusals:
    if len(case.facts.attachments) >= ATTACHMENTS_MAX:
        yield refusal(
            RefusalCode.TOO_MANY_ATTACHMENTS,
            zh=f"最多{ATTACHMENTS_MAX}个附件。",
            en=f"A record holds at most {ATTACHMENTS_MAX} attachments.",
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
