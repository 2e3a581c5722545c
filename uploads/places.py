"""The two JSON parts of an upload: the operations, and the map that says where in them each file belongs. Both are read
strictly, as a lenient reader would let two programs see two different requests in the same bytes."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson

from uploads.limits import UploadLimits
from uploads.refusal import UploadRefusalCode, UploadRefused

_INDEX = re.compile(r"0|[1-9][0-9]{0,5}")


@dataclass(frozen=True)
class Place:
    """A null in the operations, waiting for its file."""

    holder: dict[str, Any] | list[Any]
    at: str | int

    def put(self, value: object) -> None:
        """Replaces the null."""
        self.holder[self.at] = value  # type: ignore[index]


def operations_from(data: bytes, limits: UploadLimits) -> dict[str, Any]:
    """The one GraphQL request. Raises UploadRefused: OPERATIONS_MALFORMED, OPERATIONS_BATCHED."""
    operations = _strict_json(data, limits, _operations_malformed)
    if isinstance(operations, list):
        raise UploadRefused(
            UploadRefusalCode.OPERATIONS_BATCHED,
            zh="operations 只能是一个请求，不接受批量列表",
            en="operations must be one request; a batch is not accepted",
        )
    if not isinstance(operations, dict):
        _operations_malformed("operations 必须是 JSON 对象", "operations must be a JSON object")
    return operations


def places_from(data: bytes, operations: dict[str, Any], limits: UploadLimits) -> dict[str, list[Place]]:
    """The places of each part, by the part's name.

    Raises UploadRefused: MAP_MALFORMED, TOO_MANY_FILES, PATH_UNKNOWN.
    """
    mapped = _strict_json(data, limits, _map_malformed)
    if not isinstance(mapped, dict):
        _map_malformed("map 必须是 JSON 对象", "map must be a JSON object")
    if len(mapped) > limits.files_max:
        raise UploadRefused(
            UploadRefusalCode.TOO_MANY_FILES,
            zh=f"一次最多上传 {limits.files_max} 个文件",
            en=f"At most {limits.files_max} files may be sent at once",
            status=413,
        )
    taken: set[str] = set()
    places: dict[str, list[Place]] = {}
    for name, paths in mapped.items():
        if name in ("operations", "map") or not isinstance(paths, list) or not paths:
            _map_malformed("map 的每一项必须是非空的路径列表", "Every entry of map must be a list of at least one path")
        for path in paths:
            if not isinstance(path, str) or path in taken:
                _map_malformed("map 的路径必须是互不相同的字符串", "The paths of map must be strings, each named once")
            taken.add(path)
        if len(taken) > limits.paths_max:
            _map_malformed(f"map 最多 {limits.paths_max} 个路径", f"map may hold at most {limits.paths_max} paths")
        places[name] = [_place(path, operations, limits) for path in paths]
    return places


def _place(path: str, operations: dict[str, Any], limits: UploadLimits) -> Place:
    first, *steps = path.split(".")
    if first != "variables" or not 1 <= len(steps) < limits.operations_depth_max:
        _path_unknown(path)
    holder: Any = operations
    at: str | int = first
    for step in steps:
        holder = _step(holder, at, path)
        if isinstance(holder, list):
            if not _INDEX.fullmatch(step):
                _path_unknown(path)
            at = int(step)
        else:
            at = step
    if _step(holder, at, path) is not None:
        _path_unknown(path)
    return Place(holder, at)


def _step(holder: Any, at: str | int, path: str) -> Any:
    if isinstance(holder, dict) and at in holder:
        return holder[at]
    if isinstance(holder, list) and isinstance(at, int) and at < len(holder):
        return holder[at]
    return _path_unknown(path)


def _strict_json(data: bytes, limits: UploadLimits, refuse: Callable[[str, str], NoReturn]) -> Any:
    """orjson checks UTF-8, surrogates and numbers; the second reading is for what it lets pass: a key said twice."""
    # An upper bound, as text may hold these signs too; a megabyte of `[],[],` would else hold up everybody for 0.3 s.
    if data.count(b",") + data.count(b"[") + data.count(b"{") > limits.operations_values_max:
        refuse(
            f"JSON 中的值不得超过 {limits.operations_values_max} 个",
            f"JSON may hold at most {limits.operations_values_max} values",
        )
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        refuse("不是有效的 JSON", "This is not valid JSON")
    level = [value]
    for _ in range(limits.operations_depth_max):
        level = [child for holder in level for child in _children(holder) if isinstance(child, dict | list)]
        if not level:
            break
    else:
        refuse(
            f"JSON 嵌套不得超过 {limits.operations_depth_max} 层",
            f"JSON may nest at most {limits.operations_depth_max} levels deep",
        )

    def distinct(pairs: list[tuple[str, Any]]) -> None:
        if len({name for name, _ in pairs}) < len(pairs):
            refuse("JSON 对象中的键不得重复", "A JSON object must not name a key twice")

    json.loads(data, object_pairs_hook=distinct, parse_int=str, parse_float=str)
    return value


def _children(holder: Any) -> Any:
    if isinstance(holder, dict):
        return holder.values()
    return holder if isinstance(holder, list) else ()


def _operations_malformed(zh: str, en: str) -> NoReturn:
    raise UploadRefused(UploadRefusalCode.OPERATIONS_MALFORMED, zh=f"operations：{zh}", en=f"operations: {en}")


def _map_malformed(zh: str, en: str) -> NoReturn:
    raise UploadRefused(UploadRefusalCode.MAP_MALFORMED, zh=f"map：{zh}", en=f"map: {en}")


def _path_unknown(path: str) -> NoReturn:
    shown = path if len(path) <= 100 else path[:100] + "…"
    raise UploadRefused(
        UploadRefusalCode.PATH_UNKNOWN,
        zh=f"map 的路径“{shown}”必须指向 variables 中值为 null 的位置",
        en=f"The path “{shown}” of map must lead to a null within variables",
    )
