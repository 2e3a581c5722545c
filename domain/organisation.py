"""Organisations 单位: the institutions, enterprises and customs offices at whose screens people sit."""

from dataclasses import dataclass
from typing import Annotated

from domain import marks
from domain.party import OrganisationKind
from domain.record import Record, says


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
