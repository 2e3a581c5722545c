"""Whether contenders return equal data for equal questions, and keep from each viewer what is not theirs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from benchmarks.contenders.driving import Asked, answer, asked
from benchmarks.contenders.load import World
from benchmarks.contenders.questions import Question, customs_list, questions
from benchmarks.contenders.servers import Contender
from benchmarks.serving import Server

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
_NOBODYS_TOKEN = {"authorization": "Bearer nobody-holds-this", "content-type": "application/json"}


class Differs(Exception):
    """Contenders do not answer alike."""


def compare(world: World, servers: Mapping[str, tuple[Contender, Server]]) -> int:
    """How many answers were compared. Raises Differs at the first that is not like those of the first contender."""
    compared = 0
    for question in (*questions(world), *_probes(world)):
        expected: list[Any] = []
        for name, (contender, server) in servers.items():
            for at, request in enumerate(asked(contender, world, question)):
                found = plain(answer(server, request))
                if at == len(expected):
                    expected.append(found)
                elif found != expected[at]:
                    raise Differs(f"{question.name}, {name}: {difference(expected[at], found)}")
                compared += 1
        if question.name == "hidden" and any(each["commission"] is not None for each in expected):
            raise Differs("a commission is shown to an enterprise that it does not belong to")
        if question.name != "hidden" and not all(map(_has_something, expected)):
            raise Differs(f"{question.name}: nothing is there to be asked about")
    for name, (contender, server) in servers.items():
        _refuses_strangers(name, server, asked(contender, world, questions(world)[0])[0])
    return compared


def _probes(world: World) -> Sequence[Question]:
    """Another enterprise's commission, and longer and shorter pages."""
    one = next(each for each in questions(world) if each.name == "commission")
    others = [{"number": f"1990{n:014}"} for n in (1, 2, 23)]
    return (replace(one, name="hidden", variables=others), customs_list(1), customs_list(100))


def _refuses_strangers(name: str, server: Server, request: Asked) -> None:
    try:
        answer(server, replace(request, headers=_NOBODYS_TOKEN))
    except RuntimeError:
        return
    raise Differs(f"{name} answers whoever comes with any token")


def plain(value: Any, key: str = "") -> Any:
    """An answer without what may differ: the inside of ids and cursors, and how an instant is written."""
    if isinstance(value, dict):
        return {name: plain(each, name) for name, each in value.items() if name != "endCursor"}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if not isinstance(value, str):
        return value
    if key == "id":
        return value.rpartition("_")[2].replace("-", "")
    return datetime.fromisoformat(value).astimezone(UTC) if _INSTANT.fullmatch(value) else value


def difference(expected: Any, found: Any, path: str = "") -> str:
    """Where two answers differ first."""
    if isinstance(expected, dict) and isinstance(found, dict) and expected.keys() == found.keys():
        pairs = [(f"{path}.{name}", expected[name], found[name]) for name in expected]
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = [(f"{path}[{at}]", *both) for at, both in enumerate(zip(expected, found, strict=True))]
    else:
        return f"{path}: {expected!r:.200} and {found!r:.200}"
    return next((difference(one, other, where) for where, one, other in pairs if one != other), "no difference")


def _has_something(value: Any) -> bool:
    """Whether no list of an answer is empty, and no record is missing."""
    if isinstance(value, dict):
        return all(_has_something(each) for name, each in value.items() if name in _ROOTS or name == "nodes")
    return bool(value)


_ROOTS = {"commissions", "commission", "notices", "viewer", "institutions", "rule"}
