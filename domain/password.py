"""What a new password must be, by NIST SP 800-63B: long enough, and not what everybody tries first.

Capitals, digits or signs are not asked for, and none expires unless an operator wants it so.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.refusal import Refusal, RefusalCode, refusal

PASSWORD_LENGTH_LEAST = 8
"""No setting allows shorter ones. Where the password is all that is asked for, NIST recommends at least 15."""

PASSWORD_LENGTH_USUAL = 12
"""Where no setting says otherwise (OWASP ASVS 2.1.1)."""

PASSWORD_LENGTH_MAX = 128
"""Of a new one; none is cut (OWASP ASVS 2.1.2)."""

PASSWORD_TYPED_MAX = 256
"""Of one that is compared: some were set when 256 characters were allowed."""

_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class WeighedPassword:
    """A new password that was looked at already, off the event loop: its hash, and what is wrong with it.

    The password itself goes no further, so that nothing can write it down.
    """

    hash: str = field(repr=False)
    faults: tuple[Refusal, ...] = ()


def password_faults(
    password: str, *, username: str, names: Iterable[str], length_min: int, is_common: bool, field: str
) -> Iterator[Refusal]:
    """Why a password, in its normal form, may not be set; `names` are those of the user's organisation."""
    # Blanks one after another count as one: a row of them is no longer to guess.
    if len(_BLANKS.sub(" ", password)) < length_min:
        yield refusal(
            RefusalCode.PASSWORD_TOO_SHORT,
            zh=f"密码至少{length_min}个字符，可使用空格和汉字。",
            en=f"A password has at least {length_min} characters; blanks and Chinese are welcome.",
            field=field,
        )
    if len(password) > PASSWORD_LENGTH_MAX:
        yield refusal(
            RefusalCode.TOO_LONG,
            zh=f"密码最多{PASSWORD_LENGTH_MAX}个字符。",
            en=f"A password has at most {PASSWORD_LENGTH_MAX} characters.",
            field=field,
        )
    if is_common:
        yield refusal(
            RefusalCode.PASSWORD_TOO_COMMON,
            zh="该密码过于常见，容易被猜中，请另选一个。",
            en="That password is among the most common ones and is guessed at once; choose another.",
            field=field,
        )
    folded = password.casefold()
    if any(name and name.casefold() in folded for name in (username, *names)):
        yield refusal(
            RefusalCode.PASSWORD_CONTAINS_NAME,
            zh="密码不得包含用户名或单位名称。",
            en="A password must not contain the user name or the organisation's name.",
            field=field,
        )


def has_expired(changed_at: datetime | None, lasts: timedelta | None, now: datetime) -> bool:
    """Whether a password has stood longer than the operator lets any stand; `lasts` is None where that is for ever."""
    return lasts is not None and (changed_at is None or changed_at + lasts <= now)


def password_expired() -> Refusal:
    return refusal(
        RefusalCode.PASSWORD_EXPIRED,
        zh="密码已过期，请先通过 accountChangePassword（用户名、原密码、新密码）修改密码。",
        en="The password has expired: change it first with accountChangePassword (user name, old and new password).",
    )


def password_known_to_all() -> Refusal:
    """For a right password that was set before it was among the common ones."""
    return refusal(
        RefusalCode.PASSWORD_TOO_COMMON,
        zh="该密码已列入常见密码，请先通过 accountChangePassword（用户名、原密码、新密码）修改密码。",
        en="The password is among the most common ones by now: change it first with accountChangePassword (user name, "
        "old and new password).",
    )
