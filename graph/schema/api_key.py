"""API keys in public, to those who keep them."""

from domain.api_key.record import ApiKey, ApiKeyFilter, ApiKeyOrderField, scopes_of
from domain.api_key.scope import ApiKeyScope
from domain.language import Language
from domain.record import says
from graph.actions import FromPayload, described, input_of, mutations, payload_type
from graph.guidance import guidance
from graph.listing import Worded, list_of
from graph.publish import field, publish, term
from graph.resolvers import api_key as resolve
from storage.api_key import API_KEY, API_KEYS, DESK, api_keys

term(ApiKeyScope)
publish(
    ApiKey,
    field(resolve.scopes),
    field(resolve.organisation),
    field(resolve.last_used_at),
    *guidance(DESK),
)

SECRET_PAYLOAD = payload_type(
    "ApiKeySecretPayload",
    "What issuing and rotating a key answers.",
    FromPayload("api_key", ApiKey | None, "接口密钥. The key as it is now; null where there is none.", is_record=True),
    FromPayload(
        "secret",
        str | None,
        "密钥. The whole key, `psk_…`, to be sent as `Authorization: Bearer …`. It is told this once and kept nowhere: "
        "null when refused, and when the request is repeated.",
    ),
)
for resolver, action in ((resolve.api_key_issue, "issue"), (resolve.api_key_rotate, "rotate")):
    stanza = DESK.workflow[action]
    resolver.__annotations__ |= {"input": input_of(DESK, stanza), "return": SECRET_PAYLOAD | None}
    resolver.__doc__ = described(stanza)


def _scopes(key: ApiKey, language: Language) -> str:
    return ("、" if language is Language.ZH else ", ").join(each.label(language) for each in scopes_of(key.scope))


QUERIES = (
    list_of(
        API_KEYS,
        "api_keys",
        "接口密钥列表. The keys that the viewer keeps, latest first: an administrator those of the own organisation, "
        "one of customs all.",
        api_keys,
        ApiKeyFilter,
        {ApiKeyOrderField.ISSUED_AT: API_KEY.c.issued_at, ApiKeyOrderField.EXPIRES_AT: API_KEY.c.expires_at},
        worded=(Worded("scopes", says("范围", "What it opens."), _scopes),),
    ),
)
MUTATIONS = (
    field(resolve.api_key_issue),
    field(resolve.api_key_rotate),
    *mutations(DESK, but={"issue", "rotate"}),
)
