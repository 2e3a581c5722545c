"""Why something may not be done. A refusal is an answer, not an exception; all that stand in the way come at once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.language import Words
from domain.term import Term

Path = tuple[str | int, ...]


class RefusalCode(Term):
    """Stands for the reason in programs; the sentence beside it is for people."""

    NOT_FOUND = "不存在", "There is no such record, or it is not yours to see."
    NOT_YOUR_ROLE = (
        "无权操作",
        "Your organisation, its relation to this record, or your role does not include this action.",
    )
    WRONG_STATUS = "状态不符", "The record's present status does not allow this action."
    STALE_VERSION = "版本已过期", "Somebody changed the record since the version that you name."
    IDEMPOTENCY_KEY_REUSED = "幂等键重复", "This key was already used for a different request."
    REQUIRED = "必填", "A field that must be filled before this action is empty."
    INVALID_FORMAT = "格式错误", "The value is not written as this field asks."
    TOO_LONG = "过长", "The text is longer than the field holds."
    TOO_MANY = "数量超限", "The list holds more items than allowed."
    OUT_OF_RANGE = "超出范围", "The number is below or above what the field allows."
    TOO_PRECISE = "小数位过多", "The number has more decimal places than the field keeps."
    DATE_IN_FUTURE = "日期晚于今天", "The date must not lie after today (China standard time)."
    DATE_NOT_IN_FUTURE = "日期须晚于今天", "The date must lie after today (China standard time)."
    DATE_IN_PAST = "日期早于今天", "The date must not lie before today (China standard time)."
    UNKNOWN_CODE = "代码不存在", "The code is not in the code table of this field."
    UNKNOWN_HS_CODE = "HS编码不存在", "No rule in force names this HS code."
    UNKNOWN_REFERENCE = "引用不存在", "The id refers to nothing that may be named here."
    DUPLICATE = "重复", "The same value or id stands more than once, or is already taken."
    NO_GOODS_LINES = "无产品信息", "At least one goods line is needed."
    IMPORT_PROHIBITED = "禁止进口", "A goods line may not be imported at all."
    INSTITUTION_NOT_REGISTERED = "机构未备案", "The institution is not in the registry."
    INSTITUTION_UNDER_DISPOSITION = (
        "机构处于处置期",
        "The institution is under a disposition and may not act or be commissioned.",
    )
    INSTITUTION_NOT_REVOKED = "机构未被撤销备案", "Only work of a revoked institution may be moved to another."
    MISSING_ROWS = "缺少明细", "A list of the form needs at least one row."
    NOT_DECLARED = "未作声明", "A declaration that the form asks for was not made."
    DATES_OUT_OF_ORDER = "日期顺序错误", "One date must lie after another."
    TERM_TOO_LONG = "期限超过上限", "The period is longer than the ground allows."
    ALREADY_OPEN = "已有未办结的同类记录", "Something of the same kind is still open and must be finished first."
    REFILING_BARRED = "不予重新备案", "A disposition bars the institution from filing anew."
    REFILING_REQUIRED = "须重新备案", "A change of this field needs a new filing."
    NOTHING_CHANGED = "无变更内容", "Nothing differs from what is on file."
    NOT_CHANGEABLE = "不可变更", "This cannot be changed in this way."
    NO_ATTACHMENT = "无附件", "At least one attachment is needed."
    TOO_MANY_ATTACHMENTS = "附件过多", "The record already holds as many attachments of the organisation as allowed."
    ALREADY_SENT = "已提交", "What was sent to customs with a reply or submission stays as it was."
    FILE_EMPTY = "空文件", "The file holds nothing."
    FILE_TYPE_NOT_ALLOWED = "文件类型不允许", "The file's content is of no allowed type."
    PAIRING_OVER = "配对无效", "The pairing is unknown, too late, used, or not approved."
    NUMBER_DIFFERS = "核对数字不符", "The number typed is not the one that the browser shows."
    TOO_MANY_PAIRINGS = "配对请求过多", "Too many browsers wait to be signed in by a phone."
    PASSWORD_EXPIRED = "密码已过期", "The password has stood longer than allowed; it must be changed before signing in."
    PASSWORD_TOO_SHORT = "密码过短", "The new password has fewer characters than asked for."
    PASSWORD_TOO_COMMON = "密码过于常见", "The new password is among those that are guessed first."
    PASSWORD_CONTAINS_NAME = "密码含名称", "The new password contains the user name or the organisation's name."
    ACTIVATION_FAILED = "激活失败", "User name and one-time code do not match, or the code is no longer good."
    ROLE_NOT_ALLOWED = "角色不适用", "Organisations of this kind have no such role."
    LAST_ADMINISTRATOR = "最后一名管理员", "An organisation keeps at least one administrator who can sign in."
    SIGN_IN_FAILED = "登录失败", "What was shown does not prove to be the user of an active account."
    NOT_OFFERED = "未开通", "This installation does not offer this way of signing in."
    CHALLENGE_NOT_VALID = "挑战无效", "The challenge is unknown, used, expired, or was given for something else."
    NOT_PROVED = "未证明持有", "It was not proved that the card or passkey is at hand."
    CARD_NOT_TRUSTED = "证书不受信任", "No issuer that is trusted here stands behind the card's certificate."
    CARD_NOT_SUITABLE = "证书用途不符", "The card's certificate is not one for signing in."
    CARD_KEY_TOO_WEAK = "密钥强度不足", "The card's key is too short or of a kind that is not accepted."
    CARD_NOT_YET_VALID = "证书尚未生效", "The card's certificate is not valid yet."
    CARD_EXPIRED = "证书已过期", "The card's certificate is not valid any more."
    CARD_REVOKED = "证书已被吊销", "The issuer has revoked the card's certificate."
    CARD_STATUS_UNKNOWN = "吊销状态无法确认", "There is no current list of what the issuer has revoked."
    CAPTCHA_REQUIRED = (
        "请填写验证码",
        "A captcha is needed for this user name: the text of its picture, or a proof of work.",
    )
    CAPTCHA_WRONG = "验证码错误", "The captcha is not answered rightly, has expired, was used, or is for somebody else."
    SECOND_FACTOR_REQUIRED = "需要动态口令", "A code of the account's authenticator app, or a recovery code, is needed."
    SECOND_FACTOR_WRONG = "动态口令错误", "The code is wrong, too old, or was used already."
    SECOND_FACTOR_OVER = "登录步骤已失效", "The sign-in that waits for its code is unknown, too late, or over."
    TOO_MANY_ATTEMPTS = "尝试次数过多", "There were too many attempts; the next is looked at after `retryAfterSeconds`."
    TOO_BUSY = "系统繁忙", "Too many are waiting already; try again after `retryAfterSeconds`."


@dataclass(frozen=True)
class Refusal:
    """One reason. `field` is the path within the form, in Python names: ("goods_lines", 2, "hs_code")."""

    code: RefusalCode
    words: Words
    field: Path | None = None
    retry_after_seconds: int | None = None
    """When asking again may help, where waiting is all that helps."""

    def below(self, *prefix: str | int) -> "Refusal":
        """The same reason seen from the form that contains this one."""
        return replace(self, field=(*prefix, *(self.field or ())))


Refusals = Iterable[Refusal]


def refusal(
    code: RefusalCode, *, zh: str, en: str, field: Path | str | None = None, retry_after_seconds: int | None = None
) -> Refusal:
    """A refusal worded in both languages; each sentence says what would be right."""
    return Refusal(code, Words(zh=zh, en=en), (field,) if isinstance(field, str) else field, retry_after_seconds)
