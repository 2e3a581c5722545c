"""A person 个人 whose identity card number a filing holds: which texts are theirs, and what is left of them.

The number is that of a filing's contact. Theirs are the number, the contact's name, phone, fax and e-mail address, and
the same texts wherever else they stand in the filing, its lists, its changes and the registry.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from domain import marks
from domain.personal import without_numbers
from domain.record import Field, Form, Part, fields_of, hidden, required, says
from domain.refusal import RefusalCode, Refusals, refusal
from domain.workflow import Case, condition

ERASED = "已删除"
"""Stands where a name was; what is written in a form of its own (a number, an address) is left empty."""

NUMBER = "identity_card_number"
OF_THE_CONTACT = (NUMBER, "contact_name", "contact_phone", "contact_fax", "contact_email")


@dataclass(frozen=True, kw_only=True)
class EraseForm(Form):
    """Whose data is erased, by the texts that are theirs, and why."""

    texts: Annotated[frozenset[str], hidden] = frozenset()
    reason: Annotated[
        str | None,
        says("删除原因", "Why, without naming the person; the register keeps it."),
        marks.text(1000),
        required,
    ] = None


@condition(zh="删除原因不含被删除的个人信息", en="the reason names nothing of what is erased")
def reason_names_nobody(case: "Case[Any, Any, EraseForm]") -> Refusals:
    reason = case.form.reason or ""
    if without_numbers(reason) != reason or any(text in reason for text in case.form.texts):
        yield refusal(
            RefusalCode.INVALID_FORMAT,
            zh="删除原因会长期保存在登记簿中，请勿写入姓名、号码等个人信息。",
            en="The register keeps the reason for good: write it without the person's name and numbers.",
            field="reason",
        )


def texts_of(contact: Any, number: str) -> frozenset[str]:
    """What belongs to the person of this number, of a record or mapping that has a contact with it; else nothing."""
    said = contact if isinstance(contact, dict) else {name: getattr(contact, name) for name in OF_THE_CONTACT}
    if (said.get(NUMBER) or "").strip().upper() != number:
        return frozenset()
    return frozenset(text for name in OF_THE_CONTACT if (text := said.get(name)))


def held(part: Part, texts: Iterable[str]) -> dict[str, str]:
    """The fields of a record that are one of these texts."""
    wanted = frozenset(texts)
    return {name: getattr(part, name) for name in _written(part) if getattr(part, name) in wanted}


def erased(part: Part, texts: Iterable[str]) -> dict[str, str | None]:
    """The same fields as they stand when the texts are erased."""
    known = fields_of(type(part))
    return {name: ERASED if _takes_words(known[name]) else None for name in held(part, texts)}


def _written(part: Part) -> list[str]:
    return [
        name
        for name, each in fields_of(type(part)).items()
        if each.type is str and each.nullable and not each.is_hidden and each.code_table is None
    ]


def _takes_words(field: Field) -> bool:
    return all(mark.check(ERASED) is None for mark in field.formats)
