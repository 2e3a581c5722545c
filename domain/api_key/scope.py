"""What a key may open. Kept apart from the record, for whoever asks is described with it."""

from domain.term import Term


class ApiKeyScope(Term):
    """What an API key opens 密钥范围. What no scope names is closed to every key."""

    REGISTRY = "备案名录", "The registry with its public fields: `institutions`, one by its id, and as an export."
    RULES = "业务规则", "The rules by HS code: `rules`, `rule`, their versions, and as an export."
    REGULATIONS = "法规文件", "Regulations with their files: `regulations`, `regulation`, downloads, and as an export."
    CERTIFICATES = "证书核验", "What a certificate says in public, by its exact number: `certificateFacts`."
    CHANGE_FEED = "名录变更", "What changes in the registry: `registryChanges` and `registryChanged`."
