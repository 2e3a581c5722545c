"""Which question answers which field of the registry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry

from domain.institution import Institution, may_not_be_commissioned
from domain.record import says
from graph.context import Info
from graph.publish import publish, reading
from graph.relation import related
from graph.user_error import UserError, user_errors
from storage.institution import INSTITUTIONS
from storage.relation import by_id


def institution_named(words: str) -> Callable[..., Any]:
    """The resolver of a record's `institution_id`: the institution, where the viewer may see it."""
    return related(by_id(INSTITUTIONS), "institution_id", name="institution", words=words)


@dataclass(frozen=True, kw_only=True)
class InstitutionHint:
    """Whether an institution may be chosen for a commission today, and why not."""

    allowed: Annotated[bool, says("可否委托", "Whether it may be commissioned.")]
    refusals: Annotated[
        tuple[UserError, ...], says("原因", "The very reasons that submitting to it would give; empty when allowed.")
    ]


publish(InstitutionHint, node=False)


def hint(root: strawberry.Parent[Institution], info: Info) -> InstitutionHint:
    """检验机构提示. Whether it may be chosen for a commission today, and if not, why. 手册 第三篇 (manual)."""
    found = may_not_be_commissioned(root, "institution_id")
    refusals = () if found is None else tuple(user_errors([found], info.context.language))
    return InstitutionHint(allowed=found is None, refusals=refusals)


@reading("contact_name")
def contact_name(root: strawberry.Parent[Institution], info: Info) -> str | None:
    """联系人. The contact; for those who are signed in, null for others."""
    return None if info.context.viewer.is_anonymous else root.contact_name


@reading("contact_phone")
def contact_phone(root: strawberry.Parent[Institution], info: Info) -> str | None:
    """联系电话. Phone of the contact; for those who are signed in, null for others."""
    return None if info.context.viewer.is_anonymous else root.contact_phone


@reading("contact_email")
def contact_email(root: strawberry.Parent[Institution], info: Info) -> str | None:
    """联系邮箱. E-mail address of the contact; for those who are signed in, null for others."""
    return None if info.context.viewer.is_anonymous else root.contact_email


@reading("name_zh", "name_en")
def name(root: strawberry.Parent[Institution], info: Info) -> str:
    """检验机构名称. Its name in the viewer's language."""
    return root.name(info.context.language)
