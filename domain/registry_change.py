"""Changes of the registry 名录变更, as integration partners follow them: the register's lines in words of their own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from domain import marks
from domain.institution import Institution
from domain.record import says
from domain.term import Term


class RegistryChangeKind(Term):
    """What happened to an institution's place in the registry 变更种类."""

    ENTERED = "列入名录", "Entered in the registry; or again, after it had been struck off."
    UPDATED = "信息更新", "What the registry says of it was updated."
    STATUS_CHANGED = "状态变化", "Its status changed, or the day on which that ends."
    STRUCK_OFF = "撤销备案", "Struck off the registry."


KINDS = {
    "enter": RegistryChangeKind.ENTERED,
    "update": RegistryChangeKind.UPDATED,
    "erase": RegistryChangeKind.UPDATED,
    "restore": RegistryChangeKind.STATUS_CHANGED,
    "suspend_recognition": RegistryChangeKind.STATUS_CHANGED,
    "await_rectification": RegistryChangeKind.STATUS_CHANGED,
    "strike_off": RegistryChangeKind.STRUCK_OFF,
}
"""What each action of the registry's workflow is to those who follow it."""


@dataclass(frozen=True, kw_only=True)
class RegistryChange:
    """One committed change of the registry."""

    cursor: Annotated[str, says("游标", "Hand it on as `after` to resume behind this change.")]
    at: Annotated[datetime, says("时间", "When it was made.")]
    kind: Annotated[RegistryChangeKind, says("变更种类", "What happened.")]
    institution_id: Annotated[
        UUID, says("机构标识", "The institution, in the registry or no longer."), marks.id_of("institution")
    ]
    filing_number: Annotated[str, says("备案编号", "The number that it is, or was last, in the registry by.")]
    institution: Institution | None
