"""Attachments in public."""

from domain.attachment import Attachment
from graph.actions import FromPayload, payload_type
from graph.publish import field, publish
from graph.resolvers import attachment as resolve

publish(Attachment, field(resolve.url))

UPLOAD_PAYLOAD = payload_type(
    "AttachmentUploadPayload",
    "What uploading a file answers.",
    FromPayload("attachment", Attachment | None, "附件. The attachment as it is kept; null when refused."),
)
UPLOADS_PAYLOAD = payload_type(
    "AttachmentsUploadPayload",
    "What uploading several files answers.",
    FromPayload("attachments", list[Attachment], "附件. The attachments as they are kept; none when refused."),
)
REMOVE_PAYLOAD = payload_type("AttachmentRemovePayload", "What removing a file answers.")

resolve.attachment_upload.__annotations__["return"] = UPLOAD_PAYLOAD | None
resolve.attachments_upload.__annotations__["return"] = UPLOADS_PAYLOAD | None
resolve.attachment_remove.__annotations__["return"] = REMOVE_PAYLOAD | None

MUTATIONS = (field(resolve.attachment_upload), field(resolve.attachments_upload), field(resolve.attachment_remove))
