"""The marks that fields carry: how a value must be written, checked at every save, of drafts too."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from domain import formats
from domain.record import CodeOf, Format, IdOf
from domain.refusal import Refusal, RefusalCode, refusal

CHINA = timezone(timedelta(hours=8), "UTC+08:00")
"""Days begin and end by China standard time, wherever the person sits."""

QUANTITY_PLACES = 4
AMOUNT_PLACES = 2


def text(length_max: int) -> Format:
    """Free text of at most so many characters."""

    def check(value: str) -> Refusal | None:
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
        exponent = value.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > places:
            return refusal(RefusalCode.TOO_PRECISE, zh=f"最多{places}位小数。", en=f"At most {places} decimal places.")
        return None

    return Format(check, places=places)


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


def _written(is_right: Callable[[str], bool], length_max: int, *, zh: str, en: str) -> Format:
    def check(value: str) -> Refusal | None:
        if value == "" or is_right(value):
            return None
        return refusal(RefusalCode.INVALID_FORMAT, zh=zh, en=en)

    return Format(check, text_max=length_max)


a_phone = _written(
    formats.is_phone,
    32,
    zh="请填写有效的电话号码，例如 021-68890000 或 +81 45-671-7128。",
    en="Write a phone number that exists, such as 021-68890000 or +81 45-671-7128.",
)
a_mobile = _written(
    formats.is_mobile,
    32,
    zh="请填写有效的手机号码，例如 13800138000。",
    en="Write a mobile number, such as 13800138000.",
)
an_email = _written(
    formats.is_email,
    254,
    zh="请填写有效的电子邮件，例如 name@example.com。",
    en="Write an e-mail address, such as name@example.com.",
)
an_hs_code = _written(formats.is_hs_code, 10, zh="HS编码须为10位数字。", en="An HS code has 10 digits.")
an_id_card = _written(
    formats.is_id_card, 18, zh="身份证号不正确。", en="The number of the identity card is not correct (18 characters)."
)
a_uscc = _written(
    formats.is_uscc,
    18,
    zh="统一社会信用代码不正确。",
    en="The unified social credit code is not correct (18 characters).",
)

quantity = decimal(QUANTITY_PLACES, above="0", most="99999999999.9999")
amount = decimal(AMOUNT_PLACES, least="0", most="9999999999999.99")
sum_of_quantities = decimal(QUANTITY_PLACES, least="0", most="99999999999999.9999")
sum_of_amounts = decimal(AMOUNT_PLACES, least="0", most="9999999999999999.99")


def code_of(table: str) -> CodeOf:
    return CodeOf(table)


def id_of(type_name: str) -> IdOf:
    return IdOf(type_name)


def today_in_china(now: datetime) -> date:
    return now.astimezone(CHINA).date()
