"""What must hold for a key to be issued, rotated or ended."""

from domain.api_key.record import ACTIVE_KEYS_MAX, ApiKeyCase, ApiKeyFacts, ApiKeyIssueForm
from domain.api_key.record import ApiKey as Key
from domain.party import OrganisationKind
from domain.refusal import RefusalCode, Refusals, refusal
from domain.workflow import Case, condition

Issuing = Case[Key, ApiKeyFacts, ApiKeyIssueForm]


@condition(zh="单位为本单位，或由海关指定", en="the organisation is one's own, or named by customs")
def organisation_may_be_named(case: Issuing) -> Refusals:
    named, actor = case.form.organisation_id, case.actor
    if named is None or named == actor.organisation_id:
        return
    if actor.kind is not OrganisationKind.CUSTOMS or not case.facts.organisation_is_known:
        yield refusal(
            RefusalCode.UNKNOWN_REFERENCE,
            zh="没有这一单位，或您不能为其签发密钥。",
            en="There is no such organisation, or its keys are not yours to issue.",
            field="organisation_id",
        )


@condition(zh="至少选择一个范围", en="at least one scope is given")
def a_scope_is_given(case: Issuing) -> Refusals:
    if not case.form.scopes:
        yield refusal(RefusalCode.REQUIRED, zh="请至少选择一个范围。", en="Give at least one scope.", field="scopes")


@condition(zh="到期时间在今后，且不超过最长期限", en="it expires in the future, and not later than keys may last")
def it_expires_in_time(case: Issuing) -> Refusals:
    ends_at, terms = case.form.expires_at, case.form.terms
    if ends_at is None:
        return
    if ends_at <= case.now:
        yield refusal(
            RefusalCode.DATE_NOT_IN_FUTURE,
            zh="到期时间须晚于现在。",
            en="The end must lie in the future.",
            field="expires_at",
        )
    if terms is not None and ends_at > case.now + terms.lasts_max:
        days = terms.lasts_max.days
        yield refusal(
            RefusalCode.TERM_TOO_LONG,
            zh=f"密钥最长有效{days}天。",
            en=f"A key lasts for at most {days} days.",
            field="expires_at",
        )


@condition(zh="每分钟次数不超过上限", en="the rate is not above the cap")
def rate_is_allowed(case: Issuing) -> Refusals:
    rate, terms = case.form.rate_per_minute, case.form.terms
    if rate is not None and terms is not None and rate > terms.rate_max:
        yield refusal(
            RefusalCode.OUT_OF_RANGE,
            zh=f"每分钟最多{terms.rate_max}次。",
            en=f"At most {terms.rate_max} a minute.",
            field="rate_per_minute",
        )


@condition(zh="该单位的有效密钥未达上限", en="the organisation does not have too many active keys")
def keys_are_not_too_many(case: Issuing) -> Refusals:
    if case.facts.active_keys >= ACTIVE_KEYS_MAX:
        yield refusal(
            RefusalCode.TOO_MANY,
            zh=f"该单位已有{case.facts.active_keys}个有效密钥，最多{ACTIVE_KEYS_MAX}个，请先吊销不用的密钥。",
            en=f"The organisation has {case.facts.active_keys} active keys, {ACTIVE_KEYS_MAX} at most; "
            "revoke those out of use.",
        )


@condition(zh="密钥未到期", en="its end has not come")
def its_end_has_not_come(case: ApiKeyCase) -> Refusals:
    if case.now >= case.record.expires_at:
        yield refusal(
            RefusalCode.WRONG_STATUS,
            zh="密钥已到期，请签发新的密钥。",
            en="The key has come to its end; issue a new one.",
        )


@condition(zh="密钥已到期", en="its end has come")
def its_end_has_come(case: ApiKeyCase) -> Refusals:
    if case.now < case.record.expires_at:
        yield refusal(RefusalCode.WRONG_STATUS, zh="密钥尚未到期。", en="The key has not come to its end.")
