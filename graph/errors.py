"""What may go wrong at the top level of an answer: one catalogue of codes with HTTP status and words in both languages.
Anything else is a failure of ours: it is logged whole under a random reference, and only the reference leaves."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import lru_cache
from typing import Any, Final

import structlog
from graphql import FieldNode, GraphQLError
from strawberry.exceptions import StrawberryInputCoercionError

from domain.language import Language
from domain.personal import without_numbers
from storage.database import DatabaseAway, StatementTooLong
from storage.keys import KeyUnknown

REFERENCE_BYTES: Final = 8
HEADERS_KEPT_MAX: Final = 256
"""So many texts of `Accept-Language` are read once: clients send the same with each request."""

_KEY_ZH: Final = "请将该密钥加入本进程的PRESHIP_PERSONAL_KEYS（各进程一致）并重新启动，再运行 preship keys rotate。"
_KEY_EN: Final = (
    "Add this key to PRESHIP_PERSONAL_KEYS of this process and of every other, and start them again; a server that "
    "reads its keys from `file:` finds a new one in the file by itself. Only then rotate."
)

log = structlog.get_logger(__name__)


class ErrorCode(Enum):
    """A top-level code: what stands in `extensions.code`, the HTTP status of an answer without data, default words."""

    status: int
    zh: str
    en: str

    def __init__(self, status: int, zh: str, en: str) -> None:
        self.status = status
        self.zh = zh
        self.en = en

    BAD_REQUEST = 400, "请求格式不正确。", "The request is not a well-formed GraphQL request."
    UNAUTHENTICATED = 401, "请先登录。", "Sign in first."
    FORBIDDEN = 403, "无权访问。", "That is not open to you."
    SECOND_FACTOR_NEEDED = (
        403,
        "您的角色须有第二步验证：请用totpBegin登记动态口令并以totpConfirm确认，或登记通行密钥后以其登录，或以卡登录。",
        "Your role asks for a second factor: set up an app (totpBegin, totpConfirm), or sign in by passkey or card.",
    )
    ORIGIN_NOT_ALLOWED = 403, "不允许从该网站连接。", "Connections from that site are not allowed."
    INTROSPECTION_NOT_ALLOWED = 403, "登录后方可查看模式。", "Sign in to read the schema."
    DOCUMENT_NOT_TRUSTED = (
        403,
        "未登录时只能执行已登记的文档，请登录。",
        "Without signing in only trusted documents are run; sign in.",
    )
    NOT_FOUND = 404, "没有找到该记录。", "There is no such record."
    DOCUMENT_NOT_FOUND = 404, "没有登记该 documentId 的文档。", "There is no trusted document of that documentId."
    # Said to a program, and some (urql) know it by these words alone.
    PERSISTED_QUERY_NOT_FOUND = 404, "PersistedQueryNotFound", "PersistedQueryNotFound"
    METHOD_NOT_ALLOWED = 405, "此地址不接受该 HTTP 方法。", "This address does not take that HTTP method."
    NOT_ACCEPTABLE = (
        406,
        "只能以 application/graphql-response+json 或 application/json 应答。",
        "Answers come as application/graphql-response+json or application/json.",
    )
    REQUEST_TIMEOUT = 408, "请求内容传输过慢。", "The request's body arrived too slowly."
    PAYLOAD_TOO_LARGE = 413, "请求内容过大。", "The request's body is too large."
    URI_TOO_LONG = 414, "地址过长，请改用 POST。", "The address is too long; use POST."
    HEADERS_TOO_LARGE = 431, "请求头过大。", "The request's headers are too large."
    UNSUPPORTED_MEDIA_TYPE = (
        415,
        "请以 UTF-8 的 application/json 发送，不要压缩。",
        "Send application/json in UTF-8, not compressed.",
    )
    CSRF_PREFLIGHT_REQUIRED = (
        400,
        "请附带 apollo-require-preflight 或 x-requested-with 请求头。",
        "Send the header apollo-require-preflight or x-requested-with.",
    )
    UPLOAD_REFUSED = 400, "上传的文件未被接受。", "The upload was refused."
    GRAPHQL_PARSE_FAILED = 400, "GraphQL 文档有语法错误。", "The document is not GraphQL."
    GRAPHQL_VALIDATION_FAILED = 422, "GraphQL 文档与模式不符。", "The document does not fit the schema."
    BAD_USER_INPUT = 422, "变量或参数的值不正确。", "A variable or argument has a wrong value."
    PERSISTED_QUERY_HASH_MISMATCH = (
        422,
        "sha256Hash 与 query 不符。",
        "The sha256Hash is not that of `query`.",
    )
    OPERATION_RESOLUTION_FAILURE = (
        422,
        "请用 operationName 指明要执行的操作。",
        "Name the operation to run with operationName.",
    )
    SUBSCRIPTION_NEEDS_STREAM = (
        422,
        "订阅请使用 WebSocket（graphql-transport-ws）或 text/event-stream。",
        "Subscriptions travel over a websocket (graphql-transport-ws) or as text/event-stream.",
    )
    DOCUMENT_TOO_LARGE = 422, "GraphQL 文档过长。", "The document is too long."
    QUERY_TOO_DEEP = 422, "查询嵌套过深。", "The query is nested too deeply."
    INPUT_TOO_DEEP = 422, "输入值嵌套过深。", "An input value is nested too deeply."
    TOO_MANY_FIELDS = 422, "查询的字段过多。", "The query selects too many fields."
    TOO_MANY_ALIASES = 422, "查询的别名过多。", "The query uses too many aliases."
    TOO_MANY_DIRECTIVES = 422, "查询的指令过多。", "The query uses too many directives."
    TOO_MANY_MUTATIONS = 422, "一次请求中的变更操作过多。", "Too many mutations in one operation."
    TOO_MANY_SIGN_INS = 422, "一次请求中只能登录一次。", "One operation may hold one sign-in at most."
    COST_TOO_HIGH = 422, "该操作的成本过高。", "The operation costs too much."
    COST_EXHAUSTED = 429, "查询总成本已达上限，请稍后再试。", "Too much was asked for in a short time; wait a moment."
    RATE_LIMITED = 429, "请求过于频繁，请稍后再试。", "Too many requests in a minute; wait before the next."
    TOO_MANY_OPERATIONS = 429, "同时进行的操作过多。", "Too many operations at once."
    PERSONAL_KEY_MISSING = (
        503,
        "系统正在更换个人信息密钥，暂时无法读取。请稍后再试，或将编号告知系统管理员。",
        "The keys of personal data are being changed; try again later, or give the operator the reference.",
    )
    DATABASE_AWAY = (
        503,
        "数据库暂时无法访问，请稍后再试；变更可能已经办成，请查询后再办，或以同一 idempotencyKey 重发。",
        "The database is out of reach; try again soon. A change may have been made: look, or reuse its idempotencyKey.",
    )
    OPERATION_TIMEOUT = 504, "办理时间过长，已中止。", "The operation took too long and was stopped."
    INTERNAL = 500, "系统内部错误，请提供编号以便查询。", "Something failed on our side; quote the reference."


class PublicError(GraphQLError):
    """An error whose words are meant for the client; everything else is masked.

    `zh` and `en` replace the catalogue's words when something more exact can be said; give both or neither.
    `headers` are those of an HTTP answer that is nothing but this error.
    """

    code: ErrorCode
    words: Mapping[Language, str]
    headers: Mapping[str, str]

    def __init__(
        self,
        code: ErrorCode,
        *,
        zh: str | None = None,
        en: str | None = None,
        extensions: Mapping[str, Any] | None = None,
        status: int | None = None,
        at: GraphQLError | None = None,
    ) -> None:
        if (zh is None) != (en is None):
            raise TypeError("words come in both languages or not at all")
        self.code = code
        self.status = status or code.status
        self.headers = {}
        self.words = {Language.ZH: code.zh if zh is None else zh, Language.EN: code.en if en is None else en}
        super().__init__(
            self.words[Language.EN],
            nodes=at.nodes if at else None,
            source=at.source if at else None,
            positions=at.positions if at else None,
            path=at.path if at else None,
            extensions={"code": code.name, **(extensions or {})},
        )

    def with_headers(self, headers: Mapping[str, str]) -> PublicError:
        """The same error; an HTTP answer with it has these headers beside its own."""
        self.headers = {**headers, **self.headers}
        return self

    @classmethod
    def of(cls, code: ErrorCode, error: GraphQLError) -> PublicError:
        """graphql-core's own words about a document or a value, which exist in English only."""
        return cls(code, zh=error.message, en=error.message, at=error)


def present(errors: Iterable[GraphQLError], language: Language) -> list[dict[str, Any]]:
    """The errors of one answer as JSON; each has `extensions.code`. Unexpected ones are logged and masked."""
    references: dict[int, str] = {}
    return [_presented(error, language, references) for error in errors]


def reference_of(failure: BaseException, **where: object) -> str:
    """Log a failure whole and return the reference under which it can be found."""
    reference = secrets.token_hex(REFERENCE_BYTES)
    if isinstance(failure, KeyUnknown):
        log.error("personal_key_missing", reference=reference, key=failure.key_id, zh=_KEY_ZH, en=_KEY_EN, **where)
    elif isinstance(failure, DatabaseAway):
        log.error("database_away", reference=reference, reason=str(failure), **where)
    else:
        log.error("unexpected_failure", reference=reference, exc_info=failure, **where)
    return reference


def internal(failure: BaseException, **where: object) -> PublicError:
    """A failure outside any field, logged and masked."""
    return PublicError(_code_of(failure), extensions={"reference": reference_of(failure, **where)})


@lru_cache(HEADERS_KEPT_MAX)
def preferred_language(accept_language: str | None, otherwise: Language = Language.ZH) -> Language:
    """The one of the two languages that is asked for more strongly; `otherwise` where neither is asked for."""
    weights = dict.fromkeys(Language, 0.0)
    for item in (accept_language or "").split(",")[:20]:
        tag, _, parameters = item.strip().lower().partition(";")
        weight = _quality(parameters)
        for language, heaviest in weights.items():
            if tag == language or tag.startswith(f"{language}-"):
                weights[language] = max(heaviest, weight)
    if not any(weights.values()):
        return otherwise
    return Language.EN if weights[Language.EN] > weights[Language.ZH] else Language.ZH


def _presented(error: GraphQLError, language: Language, references: dict[int, str]) -> dict[str, Any]:
    original = error.original_error
    if isinstance(error, PublicError):
        return _written(error.words[language], error.extensions, error)
    if isinstance(original, PublicError):
        return _written(original.words[language], original.extensions, error)
    if isinstance(original, StrawberryInputCoercionError) or _is_about_an_argument(error):
        return _written(error.message, {"code": ErrorCode.BAD_USER_INPUT.name}, error)
    failure = original or error
    # One broken resolver fails once per list item: one line in the log and one reference are enough.
    if id(failure) not in references:
        references[id(failure)] = reference_of(failure, path=error.path)
    code = _code_of(failure)
    return _written(getattr(code, language), {"code": code.name, "reference": references[id(failure)]}, error)


def _code_of(failure: BaseException) -> ErrorCode:
    if isinstance(failure, DatabaseAway):
        return ErrorCode.DATABASE_AWAY
    if isinstance(failure, StatementTooLong):
        return ErrorCode.OPERATION_TIMEOUT
    return ErrorCode.PERSONAL_KEY_MISSING if isinstance(failure, KeyUnknown) else ErrorCode.INTERNAL


def _is_about_an_argument(error: GraphQLError) -> bool:
    """Values that only fail while running (an absent variable where none may be) point at the value, never a field."""
    innermost = error
    while isinstance(innermost.original_error, GraphQLError):
        innermost = innermost.original_error
    nodes = innermost.nodes or ()
    return innermost.original_error is None and bool(nodes) and not any(isinstance(node, FieldNode) for node in nodes)


def _written(message: str, extensions: Mapping[str, Any] | None, where: GraphQLError) -> dict[str, Any]:
    # graphql-core quotes the values that it refuses.
    written: dict[str, Any] = {"message": without_numbers(message)}
    if where.locations:
        written["locations"] = [location.formatted for location in where.locations]
    if where.path is not None:
        written["path"] = where.path
    written["extensions"] = dict(extensions or {})
    return written


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
