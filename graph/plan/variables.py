"""Variables on the fast way: what of them decides the plan goes into its key, everything else into slots.

Written once for each operation from the types of its variables. Whatever is not of the plain kind that its type names
steps aside: only graphql-core coerces what is unusual, and only it says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, Final

from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    Node,
    OperationDefinitionNode,
    VariableNode,
    get_named_type,
    is_required_input_field,
)
from graphql.utilities import type_from_ast

from graph.plan.aside import Reason, StepAside

INT_MAX: Final = 2**31 - 1
ABSENT: Final = "absent"
NULL: Final = "null"
PRESENT: Final = "present"

SIZES: Final = frozenset({"first", "last"})
"""Arguments whose values are written into the statement: a database plans a page of unknown size badly."""

PARSED: Final = frozenset({"Decimal", "Date", "DateTime"})

Reads = Callable[[Any, list[Any]], Hashable]
"""Puts the values of an input into slots, in their order, and gives what of it belongs to the key."""

Overlays = Callable[[Any, Any, Callable[[Any], Any]], Any]
"""The coerced value with its slots put through a function, in the same order."""


class Kind:
    """One input type: how it is read, and how a coerced value is overlaid."""

    __slots__ = ("overlay", "read")

    def __init__(self, read: Reads, overlay: Overlays) -> None:
        self.read, self.overlay = read, overlay


class Variables:
    """The variables of one operation."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        definitions = operation.variable_definitions or ()
        types: list[Any] = [type_from_ast(schema, each.type) for each in definitions]
        sizes = _sizes(document) if any(get_named_type(each) is GraphQLInt for each in types) else frozenset()
        self._kinds: list[tuple[str, Kind, bool]] = []
        for definition, type_ in zip(definitions, types, strict=True):
            name = definition.variable.name.value
            is_required = isinstance(type_, GraphQLNonNull) and definition.default_value is None
            self._kinds.append((name, _kind(type_, is_size=name in sizes), is_required))

    def read(self, given: Mapping[str, Any], slots: list[Any]) -> Hashable:
        """The key of these variables; their values are added to the slots."""
        key: list[Hashable] = []
        for name, kind, is_required in self._kinds:
            if name in given:
                key.append(kind.read(given[name], slots))
            elif is_required:
                raise StepAside(Reason.VARIABLES)
            else:
                key.append(ABSENT)
        return tuple(key)

    def overlaid(
        self, given: Mapping[str, Any], coerced: Mapping[str, Any], put: Callable[[Any], Any]
    ) -> dict[str, Any]:
        """The coerced variables, with all that has a slot put through a function in the order of the slots."""
        found = dict(coerced)
        for name, kind, _ in self._kinds:
            if name in given:
                found[name] = kind.overlay(given[name], coerced[name], put)
        return found


def _kind(type_: Any, *, is_size: bool) -> Kind:
    if isinstance(type_, GraphQLNonNull):
        return _not_null(_kind(type_.of_type, is_size=is_size))
    return _nullable(_bare(type_, is_size=is_size))


def _not_null(kind: Kind) -> Kind:
    def read(raw: Any, slots: list[Any]) -> Hashable:
        if raw is None:
            raise StepAside(Reason.VARIABLES)
        return kind.read(raw, slots)

    return Kind(read, kind.overlay)


def _nullable(kind: Kind) -> Kind:
    def read(raw: Any, slots: list[Any]) -> Hashable:
        return NULL if raw is None else kind.read(raw, slots)

    def overlay(raw: Any, coerced: Any, put: Callable[[Any], Any]) -> Any:
        return None if raw is None else kind.overlay(raw, coerced, put)

    return Kind(read, overlay)


def _bare(type_: Any, *, is_size: bool) -> Kind:
    if isinstance(type_, GraphQLList):
        return _list(_kind(type_.of_type, is_size=is_size))
    if isinstance(type_, GraphQLInputObjectType):
        return _object(type_)
    if type_ in (GraphQLString, GraphQLID):
        return _slot(lambda raw: raw if type(raw) is str else _unusual())
    if type_ is GraphQLInt:
        return _literal(_whole) if is_size else _slot(_whole)
    if type_ is GraphQLBoolean:
        return _literal(lambda raw: raw if type(raw) is bool else _unusual())
    if isinstance(type_, GraphQLEnumType):
        names = frozenset(type_.values)
        return _literal(lambda raw: raw if type(raw) is str and raw in names else _unusual())
    if isinstance(type_, GraphQLScalarType) and type_.name in PARSED:
        return _slot(_parser(type_))
    return _literal(_unusual)


def _unusual(raw: Any = None) -> Any:
    raise StepAside(Reason.VARIABLES)


def _whole(raw: Any) -> Any:
    return raw if type(raw) is int and -INT_MAX - 1 <= raw <= INT_MAX else _unusual()


def _parser(type_: GraphQLScalarType) -> Callable[[Any], Any]:
    parse = type_.parse_value

    def parsed(raw: Any) -> Any:
        try:
            return parse(raw)
        except Exception:  # graphql-core will say what is wrong with it
            return _unusual()

    return parsed


def _slot(value_of: Callable[[Any], Any]) -> Kind:
    def read(raw: Any, slots: list[Any]) -> Hashable:
        slots.append(value_of(raw))
        return PRESENT

    return Kind(read, lambda _, coerced, put: put(coerced))


def _literal(value_of: Callable[[Any], Any]) -> Kind:
    return Kind(lambda raw, _: (value_of(raw),), lambda _, coerced, __: coerced)


def _list(item: Kind) -> Kind:
    def read(raw: Any, slots: list[Any]) -> Hashable:
        if type(raw) is not list:
            raise StepAside(Reason.VARIABLES)
        return tuple(item.read(each, slots) for each in raw)

    def overlay(raw: Any, coerced: Any, put: Callable[[Any], Any]) -> Any:
        return [item.overlay(each, of, put) for each, of in zip(raw, coerced, strict=True)]

    return Kind(read, overlay)


def _object(type_: GraphQLInputObjectType) -> Kind:
    # Made when first needed: an input type may hold itself.
    fields: dict[str, tuple[Kind, str]] = {}
    required: list[str] = []

    def known() -> dict[str, tuple[Kind, str]]:
        if not fields:
            for name, field in type_.fields.items():
                fields[name] = (_kind(field.type, is_size=False), field.out_name or name)
                if is_required_input_field(field):
                    required.append(name)
        return fields

    def read(raw: Any, slots: list[Any]) -> Hashable:
        kinds = known()
        if type(raw) is not dict or not raw.keys() <= kinds.keys() or not all(name in raw for name in required):
            raise StepAside(Reason.VARIABLES)
        if type_.is_one_of and (len(raw) != 1 or None in raw.values()):
            raise StepAside(Reason.VARIABLES)
        # In one order, whatever the request's.
        return tuple((name, kind.read(raw[name], slots)) for name, (kind, _) in kinds.items() if name in raw)

    def overlay(raw: Any, coerced: Any, put: Callable[[Any], Any]) -> Any:
        found = dict(coerced)
        for name, (kind, out) in known().items():
            if name in raw:
                found[out] = kind.overlay(raw[name], coerced[out], put)
        return found

    return Kind(read, overlay)


def _sizes(document: DocumentNode) -> frozenset[str]:
    """The variables that are page sizes somewhere in the document."""
    return frozenset(
        node.value.name.value
        for node in _nodes(document)
        if isinstance(node, ArgumentNode) and node.name.value in SIZES and isinstance(node.value, VariableNode)
    )


def _nodes(document: DocumentNode) -> Iterator[Node]:
    left: list[Node] = [document]
    while left:
        node = left.pop()
        yield node
        for key in node.keys:
            value = getattr(node, key)
            if isinstance(value, Node):
                left.append(value)
            elif isinstance(value, tuple | list):
                left += value
