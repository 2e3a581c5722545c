"""What an operation selects, as graphql-core itself collects it: merged, in order, under its conditions.

Conditions are booleans, and booleans belong to the shape: so a selection is fixed for a plan.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_argument_values,
)
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from strawberry.types.field import StrawberryField

TYPENAME = "__typename"


class Selected(NamedTuple):
    """One field under one response key, with everything that is selected of it."""

    key: str
    name: str
    parent: GraphQLObjectType
    details: Sequence[Any]

    @property
    def is_typename(self) -> bool:
        return self.name == TYPENAME

    @property
    def node(self) -> FieldNode:
        node: FieldNode = self.details[0].node
        return node

    @property
    def field(self) -> GraphQLField:
        field: GraphQLField = self.parent.fields[self.name]
        return field

    @property
    def strawberry(self) -> StrawberryField:
        field: StrawberryField = self.field.extensions["strawberry-definition"]
        return field


class Selection:
    """The selections of one operation under one shape's conditions."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variable_values: VariableValues,
    ) -> None:
        self.schema, self._operation = schema, operation
        self.variable_values = variable_values
        self._fragments = {
            node.name.value: FragmentDetails(node)
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def roots(self) -> list[Selected]:
        root = self.schema.get_root_type(self._operation.operation)
        assert root is not None
        found = collect_fields(self.schema, self._fragments, self.variable_values, root, self._operation)
        return list(_selected(found.grouped_field_set, root))

    def below(self, selected: Selected, type_: GraphQLObjectType) -> list[Selected]:
        """What is selected of a field where its value is of this type."""
        found = collect_subfields(
            self.schema, self._fragments, self.variable_values, self._operation, type_, list(selected.details)
        )
        return list(_selected(found.grouped_field_set, type_))

    def arguments(self, selected: Selected, variable_values: VariableValues) -> dict[str, Any]:
        """The coerced arguments of a field. Raises GraphQLError."""
        return get_argument_values(selected.field, selected.node, variable_values)


def _selected(grouped: Mapping[str, Sequence[Any]], parent: GraphQLObjectType) -> Iterator[Selected]:
    for key, details in grouped.items():
        name = details[0].node.name.value
        # graphql-core leaves out what is no field.
        if name == TYPENAME or name in parent.fields or name.startswith("__"):
            yield Selected(key, name, parent, details)
