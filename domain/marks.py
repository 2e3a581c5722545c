"""The marks that fields carry: how a value must be written, checked at every save, of drafts too."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from domain import formats
from domain.later import applied
from domain.record import CodeOf, Format, IdOf
from domain.refusal import Refusal, RefusalCode, refusal

CHINA = timezone(timedelta(hours=8), "UTC+08:00")
"""Days begin and end by China standard time, wherever the person sits."""

# Control characters but for tabs and line ends, and those that turn the direction of writing: they could make a notice
# read otherwise than it was written.
UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", re.ASCII)

USERNAME = re.compile(r"[A-Za-z0-9._-]{3,64}", re.ASCII)
USERNAME_LENGTH_MAX = 64

QUANTITY_PLACES = 4
AMOUNT_PLACES = 2


def text(length_max: int) -> Format:
    """Free text of at most so many characters."""

    def check(value: str) -> Refusal | None:
        if UNREADABLE.search(value):
            return refusal(
                RefusalCode.INVALID_FORMAT,
                zh="含有不可见的控制字符，请删除。",
                en="It holds control characters that nobody can see; remove them.",
            )
        if len(value) > length_max:
            return refusal(
                RefusalCode.TOO_LONG,
                zh=f"最多填写{length_max}个字符，现有{len(value)}个。",
                en=f"At most {length_max} characters; there are {len(value)}.",
            )
        return None

    return Format(check, text_max=length_max)


def decimal(places: int, *, least: str | None = None, above: str | None = None, most: str) -> Format:
    """A decimal with at most so many places, at least `least` or more than `above`, at most `most`."""

    def check(value: Decimal) -> Refusal | None:
        if not value.is_finite() or value > Decimal(most):
            return refusal(RefusalCode.OUT_OF_RANGE, zh=f"不得大于{most}。", en=f"At most {most}.")
        if least is not None and value < Decimal(least):
            return refusal(RefusalCode.OUT_OF_RANGE, zh=f"不得小于{least}。", en=f"At least {least}.")
        if above is not None and value <= Decimal(above):
            return refusal(RefusalCode.OUT_OF_RANGE, zh=f"须大于{above}。", en=f"More than {above}.")
        if _places_of(value) > places:
            return refusal(RefusalCode.TOO_PRECISE, zh=f"最多{places}位小数。", en=f"At most {places} decimal places.")
        return None

    return Format(check, places=places)


def _places_of(value: Decimal) -> int:
    """Decimal places of a finite number less trailing zeros; counted, since `normalize` rounds a long number first."""
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    significant = "".join(map(str, digits)).rstrip("0")
    return -exponent - (len(digits) - len(significant)) if significant else 0


def whole(*, least: int, most: int) -> Format:
    """A whole number within bounds."""

    def check(value: int) -> Refusal | None:
        if least <= value <= most:
            return None
        return refusal(RefusalCode.OUT_OF_RANGE, zh=f"须在{least}与{most}之间。", en=f"Between {least} and {most}.")

    return Format(check)


def at_most(items_max: int) -> Format:
    """A list of at most so many items."""

    def check(value: tuple[object, ...]) -> Refusal | None:
        if len(value) > items_max:
            return refusal(
                RefusalCode.TOO_MANY,
                zh=f"最多{items_max}项，现有{len(value)}项。",
                en=f"At most {items_max} items; there are {len(value)}.",
            )
        return None

    return Format(check)


def _check_code(value: str) -> Refusal | None:
    if CODE.fullmatch(value):
        return None
    return refusal(
        RefusalCode.INVALID_FORMAT,
        zh="代码由字母、数字和“.”“_”“-”组成，以字母或数字开头，最多32位。",
        en="A code has letters, digits, `.`, `_` and `-`, starts with a letter or digit, and has at most 32.",
    )


def _check_username(value: str) -> Refusal | None:
    if USERNAME.fullmatch(value):
        return None
    return refusal(
        RefusalCode.INVALID_FORMAT,
        zh="用户名由3至64位字母、数字和“.”“_”“-”组成。",
        en="A user name has 3 to 64 letters of the English alphabet, digits, `.`, `_` and `-`.",
    )


def _written(check: Callable[[str], formats.FormatCheck], length_max: int) -> Format:
    def refuse(value: str) -> Refusal | None:
        found = check(value)
        return None if value == "" or found else refusal(RefusalCode.INVALID_FORMAT, zh=found.zh, en=found.en)

    return Format(refuse, text_max=length_max)


a_phone = _written(formats.is_phone, formats.PHONE_LENGTH_MAX)
a_mobile = _written(formats.is_mobile, formats.PHONE_LENGTH_MAX)
an_email = _written(formats.is_email, formats.EMAIL_LENGTH_MAX)
an_hs_code = _written(formats.is_hs_code, 10)
a_uscc = _written(formats.is_uscc, 18)
an_id_card = _written(formats.is_id_card, 18)
a_code = Format(_check_code, text_max=32)
a_username = Format(_check_username, text_max=USERNAME_LENGTH_MAX)

quantity = decimal(QUANTITY_PLACES, above="0", most="99999999999.9999")
amount = decimal(AMOUNT_PLACES, least="0", most="9999999999999.99")
sum_of_quantities = decimal(QUANTITY_PLACES, least="0", most="99999999999999.9999")
sum_of_amounts = decimal(AMOUNT_PLACES, least="0", most="9999999999999999.99")


def code_of(table: str) -> CodeOf:
    return CodeOf(table)


ANY_RECORD = "record"
"""What an id is of where it may be that of any record."""


def id_of(type_name: str) -> IdOf:
    return IdOf(type_name)


def today_in_china(now: datetime) -> date:
    return now.astimezone(CHINA).date()


def start_of_day(day: date) -> datetime:
    """Midnight in China."""
    midnight: datetime = applied(lambda each: datetime.combine(each, time.min, CHINA), day)
    return midnight
