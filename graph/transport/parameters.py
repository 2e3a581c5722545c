"""The parameters of a GraphQL request, read strictly from JSON: its document, as text (`query`), by the id under which
it is trusted (`documentId`) or by its hash (`extensions.persistedQuery`), and what it runs with. Only their shapes are
looked at here; a query that is no GraphQL is still a well-formed request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from domain.language import Language
from graph.errors import ErrorCode, PublicError
from graph.limits import Limits

ILL_FORMED: Final = 422
"""The status of JSON that is no GraphQL request; what is no JSON is 400."""

HASH: Final = re.compile(r"[0-9a-f]{64}")
DOCUMENT_ID: Final = re.compile(r"sha256:[0-9a-f]{64}|[A-Za-z0-9._~-]{1,128}")
"""A hash of the text, or a name (GraphQL over HTTP, persisted documents)."""

PERSISTED_QUERY_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Parameters:
    """At least one of `query`, `document_id` and `query_hash` is given, and never a `document_id` beside another."""

    query: str | None
    operation_name: str | None
    variables: dict[str, Any] | None
    extensions: dict[str, Any] | None
    document_id: str | None = None
    query_hash: str | None = None
    """SHA-256 of the text in lower-case hexadecimal, as automatic persisted queries send it."""
    body: bytes | None = None
    """What it was read from, where that was JSON."""
    asked: tuple[Language, bytes] | None = None
    """What tells the question in a language from others, where that was worked out before (`kept.py`)."""


def read_json(text: bytes | str, limits: Limits) -> object:
    """Strict UTF-8 JSON: no byte order mark, no NaN, no lone surrogates, no more than 1024 levels, no more than
    `brackets_max` lists and objects and `json_values_max` values. Else BAD_REQUEST."""
    signs = ("[", "{", ",") if isinstance(text, str) else (b"[", b"{", b",")
    lists, objects, separators = [text.count(sign) for sign in signs]  # type: ignore[arg-type]  # each of its own kind
    if lists + objects > limits.brackets_max:
        raise PublicError(
            ErrorCode.BAD_REQUEST,
            zh=f"内容中的列表和对象过多（上限{limits.brackets_max}）。",
            en=f"The content has too many lists and objects; {limits.brackets_max} at most.",
        )
    if lists + objects + separators > limits.json_values_max:
        raise PublicError(
            ErrorCode.BAD_REQUEST,
            zh=f"内容中的值过多（上限{limits.json_values_max}）。",
            en=f"The content has too many values; {limits.json_values_max} at most.",
        )
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        raise PublicError(
            ErrorCode.BAD_REQUEST, zh="内容不是 UTF-8 的 JSON。", en="The content is not JSON in UTF-8."
        ) from None


def read_parameters(content: object, body: bytes | None = None) -> Parameters:
    """The parameters in a JSON object; other keys are ignored, null is absent, wrong types are BAD_REQUEST."""
    if not isinstance(content, dict):
        raise ill_formed(
            "请求应为一个 JSON 对象，不支持批量请求。", "A request is one JSON object; batches are not supported."
        )
    query, document_id = _typed(content, "query", str), _typed(content, "documentId", str)
    extensions = _typed(content, "extensions", dict)
    query_hash = _query_hash(extensions)
    if document_id is not None and (query is not None or query_hash is not None):
        raise ill_formed("documentId 不得与 query 同时给出。", "Give `documentId` or `query`, not both.")
    if document_id is None and query is None and query_hash is None:
        raise ill_formed("缺少 query。", "`query` is missing.")
    if document_id is not None and not DOCUMENT_ID.fullmatch(document_id):
        raise ill_formed(
            "documentId 应为 sha256: 加 64 位小写十六进制数字，或由字母、数字、“-”“.”“_”“~”组成的名称。",
            "`documentId` is sha256: and 64 lower-case hexadecimal digits, or a name of letters, digits and -._~",
        )
    return Parameters(
        query,
        _typed(content, "operationName", str) or None,
        _typed(content, "variables", dict),
        extensions,
        document_id,
        query_hash,
        body,
    )


def ill_formed(zh: str, en: str) -> PublicError:
    return PublicError(ErrorCode.BAD_REQUEST, zh=zh, en=en, status=ILL_FORMED)


def _query_hash(extensions: Mapping[str, Any] | None) -> str | None:
    """The hash in `extensions.persistedQuery`, the way of Apollo's clients."""
    persisted = (extensions or {}).get("persistedQuery")
    if persisted is None:
        return None
    if isinstance(persisted, dict) and persisted.get("version") == PERSISTED_QUERY_VERSION:
        query_hash = persisted.get("sha256Hash")
        if isinstance(query_hash, str) and HASH.fullmatch(query_hash):
            return query_hash
    raise ill_formed(
        "extensions.persistedQuery 应含 version 1 和 64 位小写十六进制的 sha256Hash。",
        "`extensions.persistedQuery` has version 1 and a sha256Hash of 64 lower-case hexadecimal digits.",
    )


def _typed(content: Mapping[str, Any], name: str, type_: type) -> Any:
    value = content.get(name)
    if value is not None and not isinstance(value, type_):
        kinds = ("字符串", "a string") if type_ is str else ("对象", "an object")
        raise ill_formed(f"{name} 应为{kinds[0]}。", f"`{name}` must be {kinds[1]}.")
    return value
