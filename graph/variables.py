"""Large variables are looked over as a whole before graphql-core coerces them value by value, for a quarter of a second
where there are many: what it would refuse in the end is refused at once. Small ones are left to its better words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLSchema,
    OperationDefinitionNode,
    get_nullable_type,
    type_from_ast,
)

from graph.errors import ErrorCode, PublicError

LONG: Final = 100
"""Lists of so many items are still coerced without another look."""

IDS_MAX: Final = 4_000
"""No list of ids is longer, whatever it is for; most may hold far fewer."""


def misfit(schema: GraphQLSchema, operation: OperationDefinitionNode, values: Mapping[str, Any]) -> PublicError | None:
    """Why these variables cannot fit the operation's, or None where that is not seen at once."""
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        given = values.get(name)
        if isinstance(given, list | dict) and not _may_fit(type_from_ast(schema, definition.type), given):
            return PublicError(
                ErrorCode.BAD_USER_INPUT,
                zh=f"变量 ${name} 不符合其类型。",
                en=f"The variable ${name} is not of its type.",
            )
    return None


def _may_fit(type_: Any, given: list[Any] | dict[str, Any]) -> bool:
    type_ = get_nullable_type(type_)
    if isinstance(type_, GraphQLList):
        if isinstance(given, dict):
            return _may_fit(type_.of_type, given)
        return len(given) <= LONG or _may_hold(get_nullable_type(type_.of_type), given)
    if isinstance(type_, GraphQLInputObjectType) and isinstance(given, dict) and len(given) <= len(type_.fields):
        inside = [(type_.fields[name].type, each) for name, each in given.items() if name in type_.fields]
        return all(_may_fit(inner, each) for inner, each in inside if isinstance(each, list | dict))
    return len(given) <= LONG


def _may_hold(item: object, given: list[Any]) -> bool:
    """Whether a long list may be one of such items."""
    if item is GraphQLID:
        return len(given) <= IDS_MAX
    if isinstance(item, GraphQLEnumType):
        try:
            return set(given).issubset(item.values)
        except TypeError:  # of items that have no hash, as no name of an enumeration
            return False
    return True
