"""Root fields asked many at a time, with the same documents for everybody, and what each of them came to.

An error of a field that is never null takes the whole answer with it; then each is asked again by itself.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLObjectType

from graph.schema.schema import SCHEMA
from tests.office import Office
from tests.papers import PREFLIGHT
from tests.permission.people import Seat

AN_EMPTY_FILE = object()
"""Where a file goes, in variables. Whoever may upload is told that it is empty."""


@dataclass(frozen=True)
class Ask:
    """One root field with its arguments."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    selection: str = ""


@dataclass(frozen=True)
class Told:
    """What came of one root field: its value, and the codes of its errors."""

    value: Any
    codes: tuple[str, ...] = ()


def document(kind: str, asks: Sequence[Ask]) -> tuple[str, dict[str, Any]]:
    """One operation for all of them, and its variables."""
    root = SCHEMA._schema.get_type(kind.capitalize())
    assert isinstance(root, GraphQLObjectType)
    heads, fields, variables = [], [], {}
    for at, each in enumerate(asks):
        given = []
        for name, value in each.arguments.items():
            heads.append(f"$a{at}_{name}: {root.fields[each.name].args[name].type}")
            given.append(f"{name}: $a{at}_{name}")
            variables[f"a{at}_{name}"] = value
        listed = f"({', '.join(given)})" if given else ""
        fields.append(f"a{at}: {each.name}{listed} {each.selection}")
    head = f"({', '.join(heads)})" if heads else ""
    return f"{kind} Asks{head} {{ {' '.join(fields)} }}", variables


async def asked(office: Office, seat: Seat, kind: str, asks: Sequence[Ask]) -> list[Told]:
    """What each of them comes to, asked together."""
    query, variables = document(kind, asks)
    answer = await _answer(office, seat, query, variables)
    data, errors = answer.get("data"), answer.get("errors", [])
    if data is None and len(asks) > 1:
        if any("path" not in each for each in errors):  # the operation was refused, and with it each of its fields
            return [Told(None, tuple(_code(each) for each in errors))] * len(asks)
        return [(await asked(office, seat, kind, [each]))[0] for each in asks]
    codes = [(each.get("path", ["a0"])[0], _code(each)) for each in errors]
    aliases = [f"a{at}" for at in range(len(asks))]
    return [Told((data or {}).get(alias), tuple(code for at, code in codes if at == alias)) for alias in aliases]


def _code(error: Any) -> str:
    code: str = error["extensions"]["code"]
    assert code not in ("GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "INTERNAL"), error
    return code


async def _answer(office: Office, seat: Seat, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    places = list(_places(variables, "variables"))
    if not places:
        content = {"query": query, "variables": variables}
        answer = await office.client.post("/graphql", json=content, headers=seat.headers)
    else:
        answer = await office.client.post(
            "/graphql",
            data={
                "operations": json.dumps({"query": query, "variables": variables}, default=lambda _: None),
                "map": json.dumps({str(at): [place] for at, place in enumerate(places)}),
            },
            files={str(at): ("空.pdf", b"", "application/pdf") for at in range(len(places))},
            headers=seat.headers | PREFLIGHT,
        )
    found: dict[str, Any] = answer.json()
    return found


def _places(value: Any, path: str) -> Iterator[str]:
    """Where in the variables files go."""
    if value is AN_EMPTY_FILE:
        yield path
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _places(each, f"{path}.{name}")
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _places(each, f"{path}.{at}")
