"""The four parameters of a GraphQL request (query, operationName, variables, extensions), read strictly from JSON.
Only their shapes are looked at here; a query that is no GraphQL is still a well-formed request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from graph.errors import ErrorCode, PublicError


@dataclass(frozen=True, slots=True)
class Parameters:
    query: str
    operation_name: str | None
    variables: dict[str, Any] | None
    extensions: dict[str, Any] | None


def read_json(text: bytes | str) -> object:
    """Strict UTF-8 JSON: no byte order mark, no NaN, no lone surrogates, no more than 1024 levels. Else BAD_REQUEST."""
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        raise PublicError(
            ErrorCode.BAD_REQUEST, zh="内容不是 UTF-8 的 JSON。", en="The content is not JSON in UTF-8."
        ) from None


def read_parameters(content: object) -> Parameters:
    """The parameters in a JSON object; other keys are ignored, null is absent, wrong types are BAD_REQUEST."""
    if not isinstance(content, dict):
        raise PublicError(
            ErrorCode.BAD_REQUEST,
            zh="请求应为一个 JSON 对象，不支持批量请求。",
            en="A request is one JSON object; batches are not supported.",
        )
    query = _typed(content, "query", str)
    if query is None:
        raise PublicError(ErrorCode.BAD_REQUEST, zh="缺少 query。", en="`query` is missing.")
    return Parameters(
        query,
        _typed(content, "operationName", str) or None,
        _typed(content, "variables", dict),
        _typed(content, "extensions", dict),
    )


def _typed(content: Mapping[str, Any], name: str, type_: type) -> Any:
    value = content.get(name)
    if value is not None and not isinstance(value, type_):
        kinds = ("字符串", "a string") if type_ is str else ("对象", "an object")
        raise PublicError(ErrorCode.BAD_REQUEST, zh=f"{name} 应为{kinds[0]}。", en=f"`{name}` must be {kinds[1]}.")
    return value
