"""The arguments of a field as its resolver takes them: how they are read and converted is decided once.

graphql-core and Strawberry ask of every value anew of which type it is. Here that is asked when a plan is made, and
whatever is not of the plain kind goes their way.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
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
Gives = Callable[[Mapping[str, Any]], Any]
"""What coerced variables give for one value. Raises Unusual."""


class Unusual(Exception):
    """Only graphql-core reads it."""


class Arguments:
    """The arguments of one field, as a document gives them."""

    def __init__(self, selected: Selected, converter: GraphQLCoreConverter) -> None:
        name_of = converter.config.name_converter.from_argument
        self._taken = [
            (name, each.python_name, _takes(each, name, converter))
            for each in selected.strawberry.arguments
            if (name := name_of(each))
        ]
        self._selected = selected

    def given(self, variable_values: VariableValues) -> dict[str, Any]:
        """As the resolver takes them. Raises GraphQLError."""
        if self.are_plain is not None:
            try:
                return self.taken({name: give(variable_values.coerced) for name, give in self.are_plain})
            except Unusual:
                pass
        return self.taken(get_argument_values(self._selected.field, self._selected.node, variable_values))

    @cached_property
    def are_plain(self) -> Sequence[tuple[str, Gives]] | None:
        """How each is read, in order; None where one is not of the plain kind."""
        nodes = {each.name.value: each.value for each in self._selected.node.arguments or ()}
        plain = []
        for name, argument in self._selected.field.args.items():
            give = _given_by(nodes[name], argument.type) if name in nodes else None
            if give is None:
                return None
            plain.append((argument.out_name or name, give))
        return plain

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


def _given_by(node: Any, type_: Any) -> Gives | None:
    if isinstance(node, VariableNode):
        return _variable(node.name.value, may_be_null=not isinstance(type_, GraphQLNonNull))
    bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(node, ObjectValueNode) and isinstance(bare, GraphQLInputObjectType):
        return _object(node, bare)
    return None


def _variable(name: str, *, may_be_null: bool) -> Gives:
    def give(coerced: Mapping[str, Any]) -> Any:
        value = coerced.get(name)
        if value is None and not (may_be_null and name in coerced):
            raise Unusual
        return value

    return give


def _object(node: ObjectValueNode, type_: GraphQLInputObjectType) -> Gives | None:
    nodes = {each.name.value: each.value for each in node.fields}
    if not nodes.keys() <= type_.fields.keys():
        return None
    fields: list[tuple[str, Gives]] = []
    for name, field in type_.fields.items():
        if name in nodes:
            give = _given_by(nodes[name], field.type)
            if give is None:
                return None
            fields.append((field.out_name or name, give))
        elif is_required_input_field(field) or coerce_default_value(field) is not Undefined:
            return None
    # Strawberry says there as well what is wrong where one field is to be given and no more.
    return lambda coerced: type_.out_type({name: give(coerced) for name, give in fields})
