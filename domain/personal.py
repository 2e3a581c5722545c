"""Marks of personal data: what rests sealed, what is shown in part, and to whom in full; and what a person's number is.

A number is 身份证号 (GB 11643). Whoever works on the record reads it in full; all others read `110101**********12`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain import formats
from domain.language import Words
from domain.party import CUSTOMS_REVIEWER, WORKING, OrganisationKind, Viewer
from domain.term import Term

FIRST_SHOWN = 6
LAST_SHOWN = 2
WITHHELD = "(withheld)"
SALT_IDS = 4
"""Each id has at least 32 bits that nobody can work out from another one; together 128."""

# Looser than the check of a number: one with a wrong check digit is as personal, and an official number is no birthday.
NUMBER = re.compile(
    # That no digit stands before the first is looked at behind it, or every place of a text would be.
    r"[1-9](?<!\d\d)\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)",
    re.ASCII,
)


@dataclass(frozen=True)
class Personal:
    """Personal data: for those who may see the record, and never in the register's readable part."""


@dataclass(frozen=True)
class Sealed:
    """Rests encrypted. Where `is_found`, whoever holds the keys can look for a number that it holds."""

    is_found: bool = False


@dataclass(frozen=True)
class Masked:
    """Read as `shown(record, value)` by all but those of whom `in_full(viewer, record)` is true.

    Of a part of a record, `in_full` is asked with the record; it answers for None too.
    """

    in_full: Callable[[Viewer, Any], bool]
    shown: Callable[[Any, str], str]
    words: Words
    """By whom it is read in full."""


def whose_task_needs_it(under_review: Term) -> Callable[[Viewer, Any], bool]:
    """The institution's working people on its own record, substitutes too; customs' reviewers while it is reviewed."""

    def in_full(viewer: Viewer, record: Any) -> bool:
        if record is None:
            return False
        if viewer.kind is OrganisationKind.INSTITUTION:
            return viewer.has_role_in(WORKING) and viewer.organisation_id == record.organisation_id
        return CUSTOMS_REVIEWER.includes(viewer, record) and record.status is under_review

    return in_full


IN_FULL_FOR_THE_TASK = Words(
    zh="备案机构的管理员和操作员；海关审核人员在审核期间",
    en="administrators and operators of the institution; reviewers of customs while it is under review",
)


def masked(text: str) -> str:
    """`110101**********12`; of a text no longer than what is shown, nothing."""
    hidden = len(text) - FIRST_SHOWN - LAST_SHOWN
    if hidden <= 0:
        return "*" * len(text)
    return text[:FIRST_SHOWN] + "*" * hidden + text[-LAST_SHOWN:]


def masked_number(record: Any, value: str) -> str:
    """A number masked, of whichever record; a word that stands in its place is shown."""
    return masked(value) if any(map(str.isdigit, value)) else value


def number_in(text: str) -> str | None:
    """The identity card number that a text is, as everybody writes it; None where it is none."""
    written = text.strip().upper()
    return written if formats.is_id_card(written) else None


def without_numbers(text: str) -> str:
    """A text for logs and messages: whatever looks like an identity card number is withheld."""
    return NUMBER.sub(WITHHELD, text)


def salt(new_id: Callable[[], UUID]) -> str:
    """What nobody can guess, 128 hexadecimal digits. Kept sealed in a record, it goes into the record's digest, which
    then confirms no guess of what else the record holds."""
    return "".join(new_id().hex for _ in range(SALT_IDS))


def salt_of(record: object) -> str | None:
    """The salt of a record that has one by now."""
    return getattr(record, "salt", None)
