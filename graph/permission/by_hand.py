"""What a resolver or an address decides by itself, by name: which rule it keeps, and why.

A row here that no operation has, or an operation with neither action, list nor row, stops the product from starting.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.api_key.scope import ApiKeyScope
from domain.language import Words
from domain.term import Term
from storage.attachment import ATTACHMENTS
from storage.commission import CERTIFICATE_FACTS, COMMISSIONS
from storage.notice import NOTICES
from storage.register_line import REGISTER_LINES
from storage.rule import RULES
from storage.shelf import Shelf


class Rule(Term):
    """The vocabulary: by which rule it is decided who may call something."""

    ANYBODY = "任何人", "Whoever asks, API keys of any scope included."
    EACH_RECORD = "逐条", "Whoever asks; each record is given to those alone who see it, and to keys by its scope."
    PUBLIC = "公开", "Everybody; an API key needs the scope."
    PROOF = "出示凭证者", "Whoever shows what proves it: a password, a code, a signature, a secret. Not for API keys."
    KEY = "持密钥者", "Whoever shows an API key, of whatever scope."
    KNOWN = "表明身份者", "Whoever has signed in or shows an API key; all or none where the operator says so."
    ONESELF = "本人", "Whoever asks is told of oneself; of nobody and of a key there is nothing to tell."
    SIGNED_IN = "已登录", "Every user, whatever the role. Not for API keys."
    WHO_SEES_IT = "可见者", "Users, each answered from what the records' sentence shows. Not for API keys."
    PARTY = "办理人", "Users who are a party of the action in its table. Not for API keys."
    CUSTOMS_OR_SCOPE = "海关或密钥", "Users of customs, and API keys with the scope."


@dataclass(frozen=True)
class ByHand:
    """One row: the rule, the reason, and the scope and shelf that the rule asks."""

    rule: Rule
    reason: Words
    scope: ApiKeyScope | None = None
    shelf: Shelf[Any] | None = None


def _row(rule: Rule, zh: str, en: str, *, scope: ApiKeyScope | None = None, shelf: Shelf[Any] | None = None) -> ByHand:
    return ByHand(rule, Words(zh=zh, en=en), scope, shelf)


BY_HAND: Mapping[str, ByHand] = {
    "version": _row(Rule.ANYBODY, "不涉及任何记录", "it tells of no record"),
    "actionForm": _row(Rule.ANYBODY, "表单本身公开，办理另查", "forms are no secret; acting is another matter"),
    "codeTable": _row(Rule.ANYBODY, "参数表公开", "code tables are public"),
    "codeTables": _row(Rule.ANYBODY, "参数表公开", "code tables are public"),
    "node": _row(Rule.EACH_RECORD, "见“谁可见什么”", "as under “who sees what”"),
    "nodes": _row(Rule.EACH_RECORD, "见“谁可见什么”", "as under “who sees what”"),
    "viewer": _row(Rule.ONESELF, "当前用户本人", "the user who asks"),
    "pairing": _row(Rule.ANYBODY, "凭浏览器的配对密文", "by the secret of the browser's own request"),
    "pairingChanged": _row(Rule.ANYBODY, "凭浏览器的配对密文", "by the secret of the browser's own request"),
    "rule": _row(Rule.PUBLIC, "规则公开", "rules are public", scope=RULES.scope, shelf=RULES),
    "statistics": _row(Rule.SIGNED_IN, "统计各自可见的记录", "figures of what each may see"),
    "certificateFacts": _row(
        Rule.CUSTOMS_OR_SCOPE,
        "凭完整证书编号核验",
        "verified by the whole number of a certificate",
        scope=CERTIFICATE_FACTS.scope,
        shelf=CERTIFICATE_FACTS,
    ),
    "registryChanges": _row(Rule.CUSTOMS_OR_SCOPE, "名录变更", "the registry's changes", scope=ApiKeyScope.CHANGE_FEED),
    "registryChanged": _row(Rule.CUSTOMS_OR_SCOPE, "名录变更", "the registry's changes", scope=ApiKeyScope.CHANGE_FEED),
    "registerVerify": _row(
        Rule.WHO_SEES_IT, "可见该记录任一登记行者", "whoever sees a line of the record", shelf=REGISTER_LINES
    ),
    "commissionChanged": _row(Rule.WHO_SEES_IT, "可见该委托者", "whoever sees the commission", shelf=COMMISSIONS),
    "noticeReceived": _row(Rule.WHO_SEES_IT, "发给本单位或本方的公告", "what is meant for the user", shelf=NOTICES),
    "noticeMarkRead": _row(Rule.WHO_SEES_IT, "可见的公告，仅为本人标记", "notices that one sees", shelf=NOTICES),
    "noticeMarkAllRead": _row(Rule.SIGNED_IN, "仅为本人标记", "marked for oneself alone"),
    "captchaOpen": _row(Rule.PROOF, "登录之前", "before anybody has signed in"),
    "sessionOpen": _row(Rule.PROOF, "凭用户名、密码和验证码", "by user name, password and captcha"),
    "sessionConfirm": _row(Rule.PROOF, "凭动态口令", "by the code of the authenticator app"),
    "sessionRefresh": _row(Rule.PROOF, "凭刷新令牌", "by the refresh token"),
    "sessionOpenByCard": _row(Rule.PROOF, "凭卡介质签名", "by what the card has signed"),
    "sessionOpenByPasskey": _row(Rule.PROOF, "凭通行密钥签名", "by what the passkey has signed"),
    "cardChallengeOpen": _row(Rule.PROOF, "登录之前；绑定须已登录", "before signing in; to bind a card, signed in"),
    "passkeyChallengeOpen": _row(Rule.PROOF, "登录之前", "before anybody has signed in"),
    "passkeyRegistrationOpen": _row(Rule.SIGNED_IN, "仅为本人登记", "for oneself alone"),
    "pairingOpen": _row(Rule.PROOF, "登录之前", "before anybody has signed in"),
    "pairingUse": _row(Rule.PROOF, "凭配对密文，经手机确认", "by the secret, approved on the phone"),
    "accountActivate": _row(Rule.PROOF, "凭一次性代码", "by the one-time code"),
    "accountChangePassword": _row(
        Rule.PROOF,
        "已登录者本人凭原密码；密码过期者凭用户名和原密码",
        "by the old password; who cannot sign in, by name too",
    ),
}
"""Root fields by name."""

AS_THE_ACTION: Mapping[str, str] = {
    "attachmentsUpload": "attachmentUpload",
    "rulesImport": "ruleAnnounce",
    "codesImport": "codeAdd",
}
"""Mutations that take the action of another one, many times."""

OVER_HTTP: Mapping[str, ByHand] = {
    "/graphql": _row(Rule.ANYBODY, "逐项见上", "each operation as above"),
    "/exports/{file}": _row(Rule.EACH_RECORD, "逐项见下", "each export as below"),
    "/files/{id}": _row(
        Rule.PUBLIC, ATTACHMENTS.visible.words.zh, ATTACHMENTS.visible.words.en,
        scope=ATTACHMENTS.scope, shelf=ATTACHMENTS,
    ),
    "/schema.graphql": _row(Rule.KNOWN, "如 PRESHIP_INTROSPECTION 所定", "as PRESHIP_INTROSPECTION says"),
    "/oauth/token": _row(Rule.KEY, "凭密钥的前缀和密文", "by the key's prefix and secret"),
    "/.well-known/oauth-authorization-server": _row(Rule.ANYBODY, "公开的说明", "a public description"),
    "/explorer/static/{digest}/{name}": _row(Rule.ANYBODY, "页面文件", "files of the page"),
    "/healthz": _row(Rule.ANYBODY, "是否在运行", "whether the process runs"),
    "/metrics": _row(Rule.ANYBODY, "只有计数", "numbers alone"),
    "/readyz": _row(Rule.ANYBODY, "是否可用", "whether it can answer"),
}  # fmt: skip
"""Every address by its path; that of the exports stands for one row a list."""
