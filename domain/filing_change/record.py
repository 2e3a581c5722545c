"""What a filing change is: its statuses, what is filled in, what is kept, and the facts that its rules weigh."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.attachment import Attachment
from domain.filing.lists import Row
from domain.filing.record import Filing, FilingDraft, FilingForm
from domain.institution import Institution
from domain.personal import IN_FULL_FOR_THE_TASK, Masked, whose_task_needs_it
from domain.record import (
    Form,
    Part,
    Record,
    fields_of,
    hidden,
    personal,
    required,
    says,
    sealed,
    sealed_and_found,
)
from domain.term import Term
from domain.workflow import Case

Text = str | None

MATERIAL = frozenset(
    {"name_zh", "name_en", "registered_address", "legal_representative", "investor", "ownership", "signatories"}
)
"""What the institution was filed for: a change of it is reviewed as a new filing would be. Contacts never are."""


class FilingChangeStatus(Term):
    """Where a filing change stands 备案变更状态."""

    PENDING = "待审核", "Requested; customs has not decided yet."
    APPROVED = "已通过", "Approved; the filing and the registry show it."
    REFUSED = "未通过", "Refused; the filing is as it was."
    WITHDRAWN = "已撤回", "Taken back by the institution; the filing is as it was."


@dataclass(frozen=True, kw_only=True)
class FilingChangeDraft(FilingDraft):
    """What should stand in the filing instead: only what changes is sent, and of a list that changes all rows."""

    filing_id: Annotated[
        UUID, says("备案", "The filing: the one by which the institution is in the registry."), marks.id_of("filing")
    ]


@dataclass(frozen=True, kw_only=True)
class ApproveForm(Form):
    """What the reviewer has to say of an approval, if anything."""

    opinion: Annotated[Text, says("审核意见", "Anything that the institution should know."), marks.text(1000)] = None


@dataclass(frozen=True, kw_only=True)
class RefuseForm(Form):
    """Why a change is refused."""

    opinion: Annotated[Text, says("审核意见", "Why the filing stays as it was."), marks.text(1000), required] = None


def _as_its_field_is(part: "ChangedField", value: str) -> str:
    mask = fields_of(FilingForm)[part.name].mask if part.name in fields_of(FilingForm) else None
    return mask.shown(part, value) if mask else value


AS_ITS_FIELD = Masked(whose_task_needs_it(FilingChangeStatus.PENDING), _as_its_field_is, IN_FULL_FOR_THE_TASK)
"""What the filing shows masked, its changes show masked."""


@dataclass(frozen=True, kw_only=True)
class ChangedField(Part):
    """One field of a filing as it was and as it should be 变更内容."""

    line_number: Annotated[int, says("序号", "Position in the change, from 1.")]
    name: Annotated[str, marks.text(64)]
    before: Annotated[
        Text,
        says("变更前", "What was on file, as text; a list as JSON; null where empty. Masked as it is in the filing."),
        personal,
        sealed_and_found,
        AS_ITS_FIELD,
    ]
    after: Annotated[
        Text,
        says("变更后", "What should be, as text; a list as JSON; null where empty. Masked as it is in the filing."),
        personal,
        sealed_and_found,
        AS_ITS_FIELD,
    ]
    is_material: Annotated[bool, says("重要事项", "Whether a change of this field is reviewed as a new filing.")]
    filing_change_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class FilingChange(Record):
    """A change of what is on file, as requested and decided on 备案变更."""

    status: Annotated[FilingChangeStatus, says("状态", "Where the change stands.")]
    requires_refiling: Annotated[
        bool,
        says(
            "涉及重新备案事项",
            "Whether name, registered address, legal representative, investor, ownership or signatories change, which "
            "customs reviews as it would a new filing. The filing number stays.",
        ),
    ] = False
    opinion: Annotated[Text, says("审核意见", "What customs said of it."), marks.text(1000)] = None
    requested_at: Annotated[datetime, says("申请时间", "When it was requested.")]
    decided_at: Annotated[datetime | None, says("审核时间", "When customs decided on it.")] = None
    erasure_reason: Annotated[
        Text, says("个人信息删除原因", "Why a person's data was erased from it, if it was."), marks.text(1000)
    ] = None
    filing_id: Annotated[UUID, says("备案", "The filing that changes."), marks.id_of("filing")]
    salt: Annotated[Text, hidden, sealed] = None
    """Of the digests in the register; erased with the person's data."""
    organisation_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class FilingChangeFilter(Form):
    """Which changes are wanted; conditions given together must all hold."""

    filing_id: Annotated[UUID | None, says("备案", "The filing that changes."), marks.id_of("filing")] = None
    status: Annotated[tuple[FilingChangeStatus, ...] | None, says("状态", "Any of these statuses.")] = None
    requires_refiling: Annotated[
        bool | None,
        says("涉及重新备案事项", "True for changes of what the institution was filed for, false for others."),
    ] = None


class FilingChangeOrderField(Term):
    """What changes are sorted by."""

    REQUESTED_AT = "申请时间", "When it was requested."


@dataclass(frozen=True, kw_only=True)
class FilingChangeFacts:
    """What the conditions need to know beside the record itself.

    `filing` is the one that changes, None where the actor may not see it; `rows` are its lists as they are kept, by
    field; `institution` is its organisation's place in the registry; `is_open` whether another change of it waits;
    `customs_offices` are told of a request (fetched only where something is done).
    """

    filing: Filing | None = None
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    institution: Institution | None = None
    is_open: bool = False
    customs_offices: tuple[UUID, ...] = ()
    changes: tuple[ChangedField, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    known_codes: frozenset[tuple[str, str]] = frozenset()


FilingChangeCase = Case[FilingChange, FilingChangeFacts, Any]
