"""The arguments of a field as its resolver takes them: how they are read and converted is decided once.

graphql-core and Strawberry ask of every value anew of which type it is. Here that is asked when a plan is made, and
whatever is not of the plain kind goes their way.
"""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLNonNull,
    ObjectValueNode,
    Undefined,
    VariableNode,
    get_argument_values,
    is_required_input_field,
)
from graphql.execution.values import VariableValues
from graphql.utilities.coerce_input_value import coerce_default_value
from strawberry.relay.types import GlobalID
from strawberry.scalars import is_scalar
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import InputContext, StrawberryArgument, convert_argument
from strawberry.types.base import StrawberryMaybe, StrawberryOptional, has_object_definition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.unset import UNSET

from graph.plan.selection import Selected

Takes = Callable[[Any], Any]
"""A coerced value as a resolver takes it."""
Reads = Callable[[Mapping[str, Any]], Any]
"""A coerced value of coerced variables. Raises Unusual."""


class Unusual(Exception):
    """Only graphql-core reads it."""


class Arguments:
    """The arguments of one field, as a document gives them."""

    def __init__(self, selected: Selected, converter: GraphQLCoreConverter) -> None:
        self._field, self._node = selected.field, selected.node
        name_of = converter.config.name_converter.from_argument
        self._taken = [
            (name, each.python_name, _takes(each, name, converter))
            for each in selected.strawberry.arguments
            if (name := name_of(each))
        ]
        self._read = _reads_all(selected)

    def given(self, variable_values: VariableValues) -> dict[str, Any]:
        """As the resolver takes them. Raises GraphQLError."""
        if self._read is not None:
            try:
                return self.taken({name: read(variable_values.coerced) for name, read in self._read})
            except Unusual:
                pass
        return self.taken(get_argument_values(self._field, self._node, variable_values))

    def taken(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Coerced values as the resolver takes them."""
        return {python_name: takes(values[name]) for name, python_name, takes in self._taken if name in values}


def _takes(argument: StrawberryArgument, name: str, converter: GraphQLCoreConverter) -> Takes:
    registry, config = converter.scalar_registry, converter.config
    type_: Any = argument.type
    while isinstance(type_, StrawberryOptional) and not isinstance(type_, StrawberryMaybe):
        type_ = type_.of_type
    if isinstance(type_, StrawberryEnumDefinition) or (type_ is not GlobalID and is_scalar(type_, registry)):
        return _as_it_is
    if has_object_definition(type_) and (make := type_.__strawberry_definition__.from_input) is not None:
        context = InputContext(info=None, config=config, scalar_registry=registry, path=(name,))
        return lambda value: value if value is None or value is UNSET else make(type_, value, context)
    return lambda value: convert_argument(value, argument.type, registry, config, path=(name,))


def _as_it_is(value: Any) -> Any:
    return value


def _reads_all(selected: Selected) -> list[tuple[str, Reads]] | None:
    """How each argument is read, in order; None where one is not of the plain kind."""
    nodes = {each.name.value: each.value for each in selected.node.arguments or ()}
    read = []
    for name, argument in selected.field.args.items():
        reads = _reads(nodes[name], argument.type) if name in nodes and argument.out_name in (None, name) else None
        if reads is None:
            return None
        read.append((name, reads))
    return read


def _reads(node: Any, type_: Any) -> Reads | None:
    if isinstance(node, VariableNode):
        return _variable(node.name.value, may_be_null=not isinstance(type_, GraphQLNonNull))
    bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(node, ObjectValueNode) and isinstance(bare, GraphQLInputObjectType):
        return _object(node, bare)
    return None


def _variable(name: str, *, may_be_null: bool) -> Reads:
    def read(coerced: Mapping[str, Any]) -> Any:
        value = coerced.get(name)
        if value is None and not (may_be_null and name in coerced):
            raise Unusual
        return value

    return read


def _object(node: ObjectValueNode, type_: GraphQLInputObjectType) -> Reads | None:
    nodes = {each.name.value: each.value for each in node.fields}
    if type_.is_one_of or not nodes.keys() <= type_.fields.keys():
        return None
    fields: list[tuple[str, Reads]] = []
    for name, field in type_.fields.items():
        if name in nodes:
            reads = _reads(nodes[name], field.type)
            if reads is None:
                return None
            fields.append((field.out_name or name, reads))
        elif is_required_input_field(field) or coerce_default_value(field) is not Undefined:
            return None
    return lambda coerced: type_.out_type({name: reads(coerced) for name, reads in fields})
