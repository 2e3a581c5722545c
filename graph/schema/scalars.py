"""The scalars of the public schema: amounts, dates, instants and files; strict on the way in, uniform on the way out.
String and ID are graphql-core's own, not to be redefined: `graph/limits.py` refuses NUL, which no text may carry."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

# Public specifications that stay where they are; what is narrower here is told in docs/api/scalars.md.
RFC_3339: Final = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6"
XML_SCHEMA_DECIMAL: Final = "https://www.w3.org/TR/xmlschema11-2/#decimal"
GRAPHQL_MULTIPART: Final = "https://github.com/jaydenseric/graphql-multipart-request-spec"

DECIMAL_DIGITS_MAX: Final = 38
"""What NUMERIC columns hold on every engine; counted after an exponent is written out."""

DECIMAL_TEXT_MAX: Final = 80

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))"
)


def parse_decimal(value: object) -> Decimal:
    """Text such as `"1234.50"`; a JSON number is refused, for it has been a binary fraction somewhere on its way."""
    if not isinstance(value, str) or len(value) > DECIMAL_TEXT_MAX or not _DECIMAL.fullmatch(value):
        raise GraphQLError('A Decimal is text of digits, such as "1234.50".')
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise GraphQLError('A Decimal is text of digits, such as "1234.50".') from None
    if _digits_written_out(number) > DECIMAL_DIGITS_MAX:
        raise GraphQLError(f"A Decimal has at most {DECIMAL_DIGITS_MAX} digits.")
    return number or number.copy_abs()


def serialize_decimal(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"not a decimal: {type(value).__name__}")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("not a finite decimal")
    return format(number or number.copy_abs(), "f")


def parse_date(value: object) -> date:
    """`"2026-03-01"`: a day of the calendar, without a time zone."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise GraphQLError('A Date is text such as "2026-03-01".')
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise GraphQLError(f'There is no day "{value}".') from None


def serialize_date(value: object) -> str:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TypeError(f"not a date: {type(value).__name__}")
    return value.isoformat()


def parse_datetime(value: object) -> datetime:
    """RFC 3339 with its offset; kept in UTC to the microsecond, so nanoseconds lose their last three digits."""
    matched = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if not matched:
        raise GraphQLError(
            'A DateTime is text with an offset, such as "2026-03-01T08:30:00Z" or "2026-03-01T16:30:00+08:00".'
        )
    day, clock, fraction, _, sign, hours, minutes = matched.groups()
    try:
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        if int(minutes or 0) > 59 or int(hours or 0) > 23:
            raise ValueError("no such offset")
        local = datetime.fromisoformat(f"{day}T{clock}").replace(
            microsecond=int((fraction or "0")[:6].ljust(6, "0")), tzinfo=timezone(-offset if sign == "-" else offset)
        )
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise GraphQLError(f'There is no instant "{value}".') from None


def serialize_datetime(value: object) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError("not an instant with a time zone")
    seconds = (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat()[: -len("+00:00")]
    return f"{seconds.rstrip('0') if '.' in seconds else seconds}Z"


def parse_upload(value: object) -> object:
    """Whatever the multipart reader put in place of the null; JSON cannot be a file."""
    if value is None or isinstance(value, str | bytes | bool | int | float | list | tuple | dict):
        raise GraphQLError("An Upload is a file part of a multipart request.")
    return value


def serialize_upload(value: object) -> str:
    raise TypeError("an Upload is never answered")


def _digits_written_out(number: Decimal) -> int:
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int), "NaN and Infinity do not match the pattern"
    return max(len(digits) + max(exponent, 0), -exponent)


def _scalar(name: str, description: str, specification: str, **functions: Any) -> ScalarDefinition:
    definition: ScalarDefinition = strawberry.scalar(
        name=name, description=description, specified_by_url=specification, **functions
    )
    return definition


Upload = NewType("Upload", object)
"""Stands for a file in annotations; values are what the multipart reader makes of a part."""

SCALAR_MAP: Final[dict[object, ScalarDefinition]] = {
    Decimal: _scalar(
        "Decimal",
        "十进制数，以文本书写；输出不用指数。"
        f' A decimal number as text, e.g. `"1234.50"`; at most {DECIMAL_DIGITS_MAX} digits.',
        XML_SCHEMA_DECIMAL,
        parse_value=parse_decimal,
        serialize=serialize_decimal,
    ),
    date: _scalar(
        "Date",
        '日期，如 `"2026-03-01"`。 A day of the calendar (RFC 3339 full-date), without a time zone.',
        RFC_3339,
        parse_value=parse_date,
        serialize=serialize_date,
    ),
    datetime: _scalar(
        "DateTime",
        "时刻（RFC 3339），输入须带时区偏移，输出为 UTC。"
        " An instant (RFC 3339): an offset is required, answers are in UTC with `Z`.",
        RFC_3339,
        parse_value=parse_datetime,
        serialize=serialize_datetime,
    ),
    Upload: _scalar(
        "Upload",
        "上传的文件（GraphQL multipart 请求的一个部分）。 A file part of a GraphQL multipart request; input only.",
        GRAPHQL_MULTIPART,
        parse_value=parse_upload,
        serialize=serialize_upload,
    ),
}
"""For `StrawberryConfig(scalar_map=SCALAR_MAP)`; annotate with `Decimal`, `date`, `datetime` and `Upload`."""
