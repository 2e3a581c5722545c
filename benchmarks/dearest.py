"""The dearest operations that are let through, found by search: each list × what can be selected of its records, as
many of them as the cost allows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
    is_object_type,
    is_required_argument,
    parse,
)

from graph.cost import Prices
from graph.limits import Limits, refusal
from graph.schema.schema import SCHEMA
from storage.shelf import PAGE_MAX

DEPTH_MAX: Final = 3
"""So far below the records of a list is searched."""

LIMITS: Final = Limits()
SIZES: Final = (PAGE_MAX, 80, 60, 50, 40, 30, 25, 20, 15, 10, 5, 2, 1)
FILTERS: Final[Mapping[str, tuple[str, ...]]] = {"commissions": ("", "filter: {status: [DRAFT]}")}
"""Parts of a list that are dearer than the whole."""

_schema: Final = SCHEMA._schema
_prices: Final = Prices(_schema)
_prices.extent.share = 1.0


@dataclass(frozen=True)
class Candidate:
    """One list and what is selected of each record, `path` naming it for people."""

    root: str
    filter: str
    path: str
    selection: str

    def document(self, size: int, times: int) -> str:
        """As many pages, each of other records."""
        pages = (self._page(number, size) for number in range(times))
        return f"{{ {' '.join(pages)} }}"

    def _page(self, number: int, size: int) -> str:
        arguments = f"{self.filter} first: {size}" + (f" offset: {number * size}" if number else "")
        return f"a{number}: {self.root}({arguments}) {{ nodes {{ {self.selection} }} }}"

    @cached_property
    def name(self) -> str:
        return f"{self.root}{' (drafts)' if self.filter else ''}: {self.path}"

    def largest(self, points_max: int) -> tuple[str, int]:
        """The document that asks for most within the cost and the limits, and its points; at least one record."""
        size = next((n for n in SIZES if points_of(self.document(n, 1)) <= points_max), 1)
        times = min(LIMITS.aliases_max, points_max // points_of(self.document(size, 1)))
        while times > 1 and is_refused(self.document(size, times)):
            times -= 1
        document = self.document(size, times)
        return document, points_of(document)


def is_refused(document: str) -> bool:
    """Whether a document is beyond a limit."""
    try:
        parsed = parse(document, max_lexical_tokens=LIMITS.document_tokens_max)
    except GraphQLError:
        return True
    return len(document) > LIMITS.document_bytes_max or refusal(parsed, LIMITS) is not None


def points_of(document: str) -> int:
    """What the one operation of a document costs."""
    parsed = parse(document)
    operation = parsed.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return _prices.of(parsed, operation, {})


def candidates() -> Iterator[Candidate]:
    """Every list of the schema with every path below its records."""
    query = _schema.query_type
    assert query is not None
    for name, field in query.fields.items():
        if "first" not in field.args:
            continue
        connection: Any = get_named_type(field.type)
        record: Any = get_named_type(connection.fields["nodes"].type) if "nodes" in connection.fields else None
        if not is_object_type(record):
            continue
        for path, selection in _selections(record, DEPTH_MAX):
            for filter_ in FILTERS.get(name, ("",)):
                yield Candidate(name, filter_, path, selection)


def _selections(type_: GraphQLObjectType, depth: int, above: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """All simple fields together, each relation with all that is simple below it, and all of that at once."""
    leaves = [name for name, field in type_.fields.items() if _is_simple(field)]
    yield "*", " ".join(leaves)
    if depth == 0:
        return
    below = []
    for name, field in type_.fields.items():
        inner: Any = get_named_type(field.type)
        is_asked = (
            is_object_type(inner)
            and "first" not in field.args
            and not any(map(is_required_argument, field.args.values()))
        )
        if not is_asked or inner.name in above:
            continue
        for path, selection in _selections(inner, depth - 1, above | {type_.name}):
            if path == "*":
                below.append(f"{name} {{ {selection} }}")
            yield f"{name}.{path}", f"{name} {{ {selection} }}"
    if below:
        yield "**", " ".join([*leaves, *below])


def _is_simple(field: GraphQLField) -> bool:
    return is_leaf_type(get_named_type(field.type)) and not any(map(is_required_argument, field.args.values()))
