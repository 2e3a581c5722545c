"""The formats that every record checks at each save: telephones, e-mail, HS codes, identity and official numbers.

A check never raises and never trims: a blank or a full-width digit is told to the person who typed it, because a number
that was silently repaired here would still be wrong in the letter from which it was copied.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import PhoneNumberType
from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidComponent

# Every limit is looked at before anything else, so that a text of any size is refused at once.
PHONE_LENGTH_MAX = 40
EMAIL_LENGTH_MAX = 254
REMEMBERED_MAX = 1000
FILING_NUMBER_LENGTH_MAX = 16
ID_CARD_LENGTH = 18

HS_CODE = re.compile(r"[0-9]{10}")
OFFICIAL_NUMBER = re.compile(r"20[0-9]{16}")
FILING_NUMBER = re.compile(r"JJD20[0-9]{2}[0-9]{3,}")
# Without I, O, S, V and Z, which the alphabet of GB 32100 leaves out.
CREDIT_CODE = re.compile(r"[0-9]{8}[0-9A-HJ-NPQRTUWXY]{10}")
# A province, the rest of the division, a birth year since 1800, day and month, a counter, the check digit.
ID_CARD = re.compile(
    r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])[0-9]{4}(?:18|19|20)[0-9]{6}[0-9]{3}[0-9Xx]"
)
MAINLAND_MOBILE = re.compile(r"1[3-9][0-9]{9}")
MAINLAND_CODE = 86
# phonenumbers reads letters as keys and full-width digits as digits; an officer means neither.
PHONE = re.compile(r"(?P<number>\+?[0-9(][0-9() .-]*[0-9])(?:(?:-|转| ?ext\.? ?)(?P<extension>[0-9]{1,6}))?")
EXTENSION_AFTER_HYPHEN = re.compile(r"(?P<number>0[0-9]{2,3}-[0-9]{7,8})-[0-9]{1,6}")
EMAIL = re.compile(r"[!-~]+")

MOBILE_TYPES = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


@dataclass(frozen=True, slots=True)
class FormatCheck:
    """What a check found: true in a condition when the format holds.

    `zh` and `en` say in either case what would be right, as a whole sentence.
    """

    valid: bool
    zh: str
    en: str

    def __bool__(self) -> bool:
        return self.valid


def is_phone(text: str) -> FormatCheck:
    """A telephone of any kind, with or without extension; the mainland may leave +86 out, elsewhere + is needed."""
    return FormatCheck(
        _is_phone(text),
        zh="请填写有效的电话号码：境内号码带区号，如021-58300001；境外号码以+和国家代码开头，如+81 45 123 4567。",
        en="Give a valid telephone number: on the mainland with area code, as 021-58300001; "
        "elsewhere with + and country code, as +81 45 123 4567.",
    )


def is_mobile(text: str) -> FormatCheck:
    """A mobile telephone: eleven mainland digits, or an international number with + that can be a mobile's.

    North American numbers do not show whether they are mobile and are taken.
    """
    return FormatCheck(
        _is_mobile(text),
        zh="请填写有效的手机号码：境内为1开头的11位数字；境外号码以+和国家代码开头。",
        en="Give a valid mobile number: on the mainland 11 digits, the first a 1; elsewhere with + and country code.",
    )


def is_email(text: str) -> FormatCheck:
    """An e-mail address of ASCII characters, at most 254; whether anybody reads it is not asked."""
    return FormatCheck(
        _is_email(text),
        zh="请填写有效的电子邮件地址，如name@company.com，长度不超过254个字符。",
        en="Give a valid e-mail address, as name@company.com, of at most 254 characters.",
    )


def is_hs_code(text: str) -> FormatCheck:
    """HS编码: ten digits, without dots; whether the tariff has it is another question."""
    return FormatCheck(
        _matches(HS_CODE, text, 10),
        zh="HS编码应为10位数字，不含小数点和空格。",
        en="An HS code has 10 digits, without dots or spaces.",
    )


def is_id_card(text: str) -> FormatCheck:
    """身份证号 (GB 11643): province, date of birth and check digit are verified; the last may be a small x.

    The county is not: it is that of the first registration, often years after birth, so that comparing both would turn
    real people away.
    """
    if "*" in text[:ID_CARD_LENGTH]:
        return FormatCheck(
            False,
            zh="“*”代替的是未显示的数字：不修改身份证号时请勿发送本项，修改时请填写完整号码。",
            en="The asterisks stand for digits that are not shown: leave the field out to keep the number, or send all "
            "18 characters of a new one.",
        )
    return FormatCheck(
        _is_id_card(text),
        zh="身份证号应为18位，且出生日期和校验码正确。",
        en="An identity card number has 18 characters; its date of birth and its check digit must be right.",
    )


def is_uscc(text: str) -> FormatCheck:
    """统一社会信用代码 (GB 32100): 18 digits and capitals with a check digit."""
    return FormatCheck(
        _matches(CREDIT_CODE, text, 18) and uscc.is_valid(text),
        zh="统一社会信用代码应为18位数字或大写字母，且校验码正确。",
        en="A unified social credit code has 18 digits or capital letters, and its check digit must be right.",
    )


def is_filing_number(text: str) -> FormatCheck:
    """备案编号: JJD, the year, and a counter of at least three digits."""
    return FormatCheck(
        _matches(FILING_NUMBER, text, FILING_NUMBER_LENGTH_MAX),
        zh="备案编号由JJD、4位年份和至少3位流水号组成，如JJD2020004。",
        en="A filing number is JJD, the year in 4 digits and a counter of at least 3, as JJD2020004.",
    )


def is_official_number(text: str) -> FormatCheck:
    """业务编号, 备案申请号, 报告编号 …: 18 digits, of which the first four are a year of this century."""
    return FormatCheck(
        _matches(OFFICIAL_NUMBER, text, 18),
        zh="编号应为18位数字，前4位为年份。",
        en="The number has 18 digits, the first 4 of which are the year.",
    )


def _matches(pattern: re.Pattern[str], text: str, length_max: int) -> bool:
    return len(text) <= length_max and pattern.fullmatch(text) is not None


def _is_phone(text: str) -> bool:
    if len(text) > PHONE_LENGTH_MAX:
        return False
    found = EXTENSION_AFTER_HYPHEN.fullmatch(text) or PHONE.fullmatch(text)
    if found is None:
        return False
    return _is_valid_number(found["number"])


# A draft is saved many times with the same contact; what was found once is remembered, texts of bounded length only.
@lru_cache(REMEMBERED_MAX)
def _is_valid_number(text: str) -> bool:
    number = _parsed(text)
    return number is not None and phonenumbers.is_valid_number(number)


def _is_mobile(text: str) -> bool:
    if len(text) > PHONE_LENGTH_MAX:
        return False
    if not text.startswith("+"):
        return MAINLAND_MOBILE.fullmatch(text) is not None
    found = PHONE.fullmatch(text)
    if found is None or found["extension"] is not None or (number := _parsed(text)) is None:
        return False
    if number.country_code == MAINLAND_CODE:
        return MAINLAND_MOBILE.fullmatch(str(number.national_number)) is not None
    return phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in MOBILE_TYPES


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return None


def _is_id_card(text: str) -> bool:
    if not _matches(ID_CARD, text, ID_CARD_LENGTH):
        return False
    try:
        ric.get_birth_date(text)
    except InvalidComponent:
        return False
    return ric.calc_check_digit(text) == text[-1].upper()


def _is_email(text: str) -> bool:
    return _matches(EMAIL, text, EMAIL_LENGTH_MAX) and _is_valid_email(text)


@lru_cache(REMEMBERED_MAX)
def _is_valid_email(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return False
    return True
