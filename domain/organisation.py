"""Organisations and their users: who sits at the screens of institutions, enterprises and customs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from domain import marks
from domain.language import Language
from domain.party import OrganisationKind, Role
from domain.record import Record, hidden, says


@dataclass(frozen=True, kw_only=True)
class Organisation(Record):
    """An institution, an enterprise or a customs office, as the owner of accounts."""

    kind: Annotated[OrganisationKind, says("类别", "On which side of the table it sits.")]
    name_zh: Annotated[str, says("中文名称", "Its name in Chinese."), marks.text(200)]
    name_en: Annotated[str, says("英文名称", "Its name in English."), marks.text(200)]
    uscc: Annotated[
        str | None,
        says("统一社会信用代码", "Unified social credit code, 18 characters; Chinese organisations only."),
        marks.a_uscc,
    ] = None
    contact_name: Annotated[str | None, says("联系人", "Contact."), marks.text(100)] = None
    contact_phone: Annotated[str | None, says("联系电话", "Phone of the contact."), marks.a_phone] = None
    contact_mobile: Annotated[str | None, says("联系手机", "Mobile phone of the contact."), marks.a_mobile] = None
    contact_email: Annotated[str | None, says("联系邮箱", "E-mail address of the contact."), marks.an_email] = None
    contact_address: Annotated[str | None, says("联系地址", "Postal address of the contact."), marks.text(300)] = None


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
