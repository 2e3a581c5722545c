"""Accounts 账号: the people who act for an organisation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from domain import marks
from domain.language import Language
from domain.party import Role
from domain.record import Record, hidden, says


@dataclass(frozen=True, kw_only=True)
class Account(Record):
    """A person's account in one organisation 账号."""

    username: Annotated[
        str, says("用户名", "The name typed to sign in, as shown beside the organisation."), marks.text(64)
    ]
    display_name: Annotated[str, says("姓名", "The person's name."), marks.text(100)]
    role: Annotated[Role, says("角色", "What the person may do within the organisation.")]
    organisation_id: Annotated[UUID, hidden]
    language: Annotated[Language, hidden] = Language.ZH
    is_active: Annotated[bool, hidden] = True
    created_at: Annotated[datetime, says("创建时间", "When the account was made.")]
    password_hash: Annotated[str, hidden]
