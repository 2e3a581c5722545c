"""Public ids: opaque to clients; inside, the type's name and the record's id, as `commission_0193…`."""

from functools import partial
from uuid import UUID

from domain.later import applied, asked

NOBODY = UUID(int=0)
"""The id that no record has: what an id of another type, or none at all, comes to."""


def public_id(type_name: str, record_id: UUID) -> str:
    return f"{type_name}_{record_id.hex}"


def record_id(type_name: str, public: str) -> UUID:
    """The record's id, or NOBODY: a malformed id names a record that does not exist."""
    found: UUID = applied(partial(_record_id, type_name), public)
    return found


def parts_of(public: str) -> tuple[str, UUID]:
    """The type's name and the record's id; ("", NOBODY) for what is no id of ours."""
    return asked(_type_name, public), applied(_any_record_id, public)


def _record_id(type_name: str, public: str) -> UUID:
    named, separator, digits = public.rpartition("_")
    return _uuid(digits) if separator and named == type_name else NOBODY


def _type_name(public: str) -> str:
    return public.rpartition("_")[0]


def _any_record_id(public: str) -> UUID:
    _, separator, digits = public.rpartition("_")
    return _uuid(digits) if separator else NOBODY


def _uuid(digits: str) -> UUID:
    if len(digits) != 32 or not digits.isascii() or not digits.isalnum():
        return NOBODY
    try:
        return UUID(hex=digits)
    except ValueError:
        return NOBODY
