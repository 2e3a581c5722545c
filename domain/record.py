"""How a record is written once: its fields carry words and marks; types, inputs, tables and checks are made from them.

A field reads `phone: Annotated[str | None, says("联系电话", "Phone of the contact."), a_phone, required] = None`.
A field without words is kept but not published. Anything else in `Annotated` is refused when the record is first read.
"""

import types
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from operator import attrgetter, methodcaller
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain.language import Words
from domain.personal import Masked, Personal, Sealed
from domain.refusal import Refusal, RefusalCode, refusal
from domain.term import Term


@dataclass(frozen=True)
class Says(Words):
    """What a field is: the manual's Chinese term, then English sentences."""

    def __str__(self) -> str:
        return f"{self.zh}. {self.en}"


def says(zh: str, en: str) -> Says:
    return Says(zh=zh, en=en)


@dataclass(frozen=True)
class Required:
    """Must be filled when the form is submitted; a draft may lack it."""


@dataclass(frozen=True)
class Hidden:
    """Is kept with the record but printed neither in the schema nor in the register's readable part."""


@dataclass(frozen=True)
class IdOf:
    """The value is the id of a record of this type."""

    type_name: str


@dataclass(frozen=True)
class CodeOf:
    """The value is a code of this code table; whether it is there is a fact, checked at the door."""

    table: str


@dataclass(frozen=True)
class Format:
    """A check on one value, made at every save. `text_max` sizes the column, `places` is the scale of a decimal."""

    check: Callable[[Any], Refusal | None]
    text_max: int | None = None
    places: int | None = None


@dataclass(frozen=True)
class Formerly:
    """The name that the field was first written under: digests in the register keep it, or old lines would not hold."""

    name: str


Class = type[Any]
"""Named, because a field too has a `type`."""

DAY_MIN, DAY_MAX = date(1900, 1, 1), date(2100, 12, 31)
"""No form takes a day outside of these: it is a slip of the pen, and computing with it goes wrong."""

required = Required()
hidden = Hidden()
personal = Personal()
sealed = Sealed()
sealed_and_found = Sealed(is_found=True)
Mark = Says | Required | Hidden | Personal | Sealed | Masked | IdOf | CodeOf | Format | Formerly


@dataclass(frozen=True)
class Field:
    """One field of a record as it was written: `type` without `None`, `item` the record within a list of records."""

    name: str
    type: Any
    nullable: bool
    item: Class | None
    says: Says | None
    marks: tuple[Mark, ...]
    default: Any

    # Asked for at every check of every value, so each is worked out once.
    @cached_property
    def is_required(self) -> bool:
        return required in self.marks

    @cached_property
    def is_hidden(self) -> bool:
        return hidden in self.marks

    @cached_property
    def is_personal(self) -> bool:
        return personal in self.marks

    @cached_property
    def digest_name(self) -> str:
        """What the field is called in the digests of records."""
        return next((mark.name for mark in self.marks if isinstance(mark, Formerly)), self.name)

    @cached_property
    def sealed(self) -> Sealed | None:
        """How the value rests, if it rests encrypted."""
        return next((mark for mark in self.marks if isinstance(mark, Sealed)), None)

    @cached_property
    def mask(self) -> Masked | None:
        """Who reads the value in full and what others read, if not all read the same."""
        return next((mark for mark in self.marks if isinstance(mark, Masked)), None)

    @cached_property
    def formats(self) -> tuple[Format, ...]:
        return tuple(mark for mark in self.marks if isinstance(mark, Format))

    @cached_property
    def code_table(self) -> str | None:
        """The code table that the value is a code of, if it is one."""
        return next((mark.table for mark in self.marks if isinstance(mark, CodeOf)), None)

    @cached_property
    def id_of(self) -> str | None:
        """The type of the record that the value is the id of, if it is one."""
        return next((mark.type_name for mark in self.marks if isinstance(mark, IdOf)), None)


class MisspeltRecord(TypeError):
    """A record's own definition is wrong; found when the program starts."""


def fields_of(record: type[Any]) -> Mapping[str, Field]:
    """The fields of a record in the order in which they were written."""
    return _fields_of(record)  # type: ignore[arg-type]  # classes can be hashed, whatever their instances


@cache
def _fields_of(record: Hashable) -> Mapping[str, Field]:
    assert isinstance(record, type)
    hints = get_type_hints(record, include_extras=True)
    return {f.name: _read(record, f.name, hints[f.name], f.default) for f in fields(record) if f.name != "given"}


def _read(record: type[Any], name: str, hint: Any, default: Any) -> Field:
    metadata: tuple[Any, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        metadata = tuple(extras)
    for mark in metadata:
        if not isinstance(mark, Mark):
            raise MisspeltRecord(f"{record.__name__}.{name}: {mark!r} is not a mark")
    choices = [hint]
    if get_origin(hint) in (Union, types.UnionType):
        choices = [choice for choice in get_args(hint) if choice is not type(None)]
    if len(choices) != 1:
        raise MisspeltRecord(f"{record.__name__}.{name}: one type, optionally with None")
    item = get_args(choices[0])[0] if get_origin(choices[0]) is tuple else None
    return Field(
        name=name,
        type=choices[0],
        nullable=choices[0] is not hint,
        item=item,
        says=next((mark for mark in metadata if isinstance(mark, Says)), None),
        marks=tuple(mark for mark in metadata if not isinstance(mark, Says)),
        default=None if default is MISSING else default,
    )


@dataclass(frozen=True, kw_only=True)
class Form:
    """What a person fills in. `given` names the fields sent: absent keeps, null clears, a given list replaces."""

    given: frozenset[str] = field(default=frozenset(), compare=False, repr=False)

    @classmethod
    def of(cls, **values: Any) -> Any:
        """The form with just these fields given."""
        return cls(given=frozenset(values), **values)

    def sent(self) -> dict[str, Any]:
        """The fields that were sent, with their values."""
        return {name: getattr(self, name) for name in fields_of(type(self)) if name in self.given}


@dataclass(frozen=True, kw_only=True)
class Part:
    """Anything with an identity that lives and changes with the record that it belongs to."""

    id: Annotated[UUID, says("标识", "Opaque id of this record.")]


P = TypeVar("P", bound=Part)


@dataclass(frozen=True, kw_only=True)
class Record(Part):
    """Anything that has a history of its own. `version` counts the lines that the register holds of it."""

    version: Annotated[
        int, says("版本", "How many actions this record has been through; send it back as `expectedVersion`.")
    ] = 0


def badly_written(form: object, *, given: frozenset[str] | None = None) -> Iterator[Refusal]:
    """What every save checks: the format of each filled field, in lists too."""
    for each in fields_of(type(form)).values():
        value = getattr(form, each.name)
        if value is None or (given is not None and each.name not in given):
            continue
        found = next((bad for mark in each.formats if (bad := mark.check(value))), None)
        found = found or (_out_of_time(value) if each.type is date else None)
        if found is not None:
            yield found.below(each.name)
        elif each.item is not None and is_dataclass(each.item):
            for index, item in enumerate(value):
                for bad in badly_written(item):
                    yield bad.below(each.name, index)


def _out_of_time(day: date) -> Refusal | None:
    if DAY_MIN <= day <= DAY_MAX:
        return None
    return refusal(
        RefusalCode.OUT_OF_RANGE,
        zh=f"日期须在{DAY_MIN}与{DAY_MAX}之间。",
        en=f"The date must lie between {DAY_MIN} and {DAY_MAX}.",
    )


def overfull(form: object) -> Iterator[Refusal]:
    """Lists with more items than they may have; asked first, for what is too much to look at is not looked at."""
    for each in fields_of(type(form)).values():
        value = getattr(form, each.name)
        if each.item is not None and value is not None:
            yield from (bad.below(each.name) for mark in each.formats if (bad := mark.check(value)))


def left_empty(record: object) -> Iterator[Refusal]:
    """What a submission checks: every required field is filled, and not with blanks alone."""
    for each in fields_of(type(record)).values():
        value = getattr(record, each.name)
        if each.is_required and (value is None or (isinstance(value, str) and not value.strip())):
            yield refusal(
                RefusalCode.REQUIRED,
                zh=f"请填写{each.says.zh if each.says else each.name}。",
                en=f"Fill in `{camel(each.name)}`.",
                field=each.name,
            )


def camel(name: str) -> str:
    """`save_draft` as clients write it: `saveDraft`."""
    first, *others = name.split("_")
    return first + "".join(each.capitalize() for each in others)


def made(record: type[P], values: Iterable[tuple[str, Any]]) -> P:
    """A record of the values of all of its fields, as its constructor makes it but without setting each by itself."""
    part = object.__new__(record)
    part.__dict__.update(values)
    return part


T = TypeVar("T")


def changed(part: T, **changes: Any) -> T:
    """The record with some fields changed: `dataclasses.replace`, but not setting every field of a frozen record."""
    copy = object.__new__(type(part))
    copy.__dict__.update(part.__dict__)
    copy.__dict__.update(changes)
    return copy


def to_scale(part: P) -> P:
    """The record with its decimals at the scale that is kept, so that it reads alike before and after being written."""
    exact = {
        name: value.quantize(Decimal(1).scaleb(-places)) + 0  # no database keeps minus nought
        for name, places in _scales(type(part)).items()  # type: ignore[arg-type]  # as above
        if (value := getattr(part, name)) is not None and value.as_tuple().exponent != -places
    }
    return changed(part, **exact) if exact else part


@cache
def _scales(record: Hashable) -> Mapping[str, int]:
    assert isinstance(record, type)
    return {
        name: mark.places
        for name, each in fields_of(record).items()
        for mark in each.formats
        if mark.places is not None
    }


def plain(value: object) -> Any:
    """A value as JSON would hold it, always written the same way, so that equal records have equal digests."""
    how = WRITERS[type(value)]
    return value if how is None else how(value)


class _ByType(dict[type[Any], Callable[[Any], Any] | None]):
    """How the values of a type are written, None for as they are: which it is, is asked of no value but the first."""

    def __missing__(self, kind: type[Any]) -> Callable[[Any], Any] | None:
        how = self[kind] = next((how for of, how in _BY_KIND if issubclass(kind, of)), _plain_record)
        return how


WRITERS: Mapping[type[Any], Callable[[Any], Any] | None] = _ByType()
"""What `plain` does with the values of a type, for those who ask often."""


def _plain_decimal(value: Decimal) -> str:
    return format(value.normalize() + 0, "f")  # minus nought is nought, as in every database


_BY_KIND: tuple[tuple[type[Any] | tuple[type[Any], ...], Callable[[Any], Any] | None], ...] = (
    ((types.NoneType, str, int), None),
    (UUID, attrgetter("hex")),
    (date, methodcaller("isoformat")),
    (Decimal, _plain_decimal),
    (Term, attrgetter("_name_")),  # their `code`, without a call for each
    ((tuple, list), lambda value: [plain(item) for item in value]),
)


def _plain_record(value: object) -> dict[str, Any]:
    """Its keys in order, as digests want them."""
    return {
        name: getattr(value, name) if is_plain else plain(getattr(value, name))
        for name, is_plain in _plain_already(type(value))  # type: ignore[arg-type]  # as above
    }


@cache
def _plain_already(record: Hashable) -> tuple[tuple[str, bool], ...]:
    assert isinstance(record, type)
    return tuple((name, each.type in (str, int, bool)) for name, each in sorted(fields_of(record).items()))
