"""The table of API keys 接口密钥. The secret is made beside it and told once; here are its hashes, which change."""

from domain.api_key import conditions, effects
from domain.api_key.parties import KEEPERS
from domain.api_key.record import ApiKey, ApiKeyIssueForm, ApiKeyRotateForm, ApiKeyStatus
from domain.language import Words
from domain.party import THE_CLOCK
from domain.workflow import Action, Workflow, form_is_filled

S = ApiKeyStatus

WORKFLOW = Workflow(
    subject="api_key",
    words=Words(zh="接口密钥", en="API keys"),
    manual="第四篇",
    record=ApiKey,
    statuses=ApiKeyStatus,
    blank=effects.blank_key,
    actions=(
        Action(
            name="issue",
            words=Words(zh="签发密钥", en="Issue a key for an organisation's programs; its secret is told this once."),
            manual="第四篇",
            creates=S.ACTIVE,
            by=KEEPERS,
            form=ApiKeyIssueForm,
            accepts=(
                form_is_filled,
                conditions.a_scope_is_given,
                conditions.organisation_may_be_named,
                conditions.it_expires_in_time,
                conditions.rate_is_allowed,
                conditions.keys_are_not_too_many,
            ),
            then=effects.as_issued,
        ),
        Action(
            name="rotate",
            words=Words(
                zh="轮换密钥",
                en="Give it a new secret, told this once; the one before stays good for a while, any older one ends.",
            ),
            manual="第四篇",
            start=(S.ACTIVE,),
            by=KEEPERS,
            provided=(conditions.its_end_has_not_come,),
            form=ApiKeyRotateForm,
            then=effects.as_rotated,
        ),
        Action(
            name="revoke",
            words=Words(zh="吊销密钥", en="Take it back at once; whoever is connected by it is shown out."),
            manual="第四篇",
            start=(S.ACTIVE,),
            to=S.REVOKED,
            by=KEEPERS,
            then=effects.as_revoked,
        ),
        Action(
            name="expire",
            words=Words(zh="密钥到期", en="End it, its time being over."),
            manual="第四篇",
            start=(S.ACTIVE,),
            to=S.EXPIRED,
            by=(THE_CLOCK,),
            provided=(conditions.its_end_has_come,),
        ),
    ),
)
