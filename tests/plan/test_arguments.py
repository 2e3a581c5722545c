"""Arguments come out as graphql-core and Strawberry read and convert them, however a document gives them."""

from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from graphql import (
    GraphQLError,
    GraphQLSyntaxError,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    get_argument_values,
    get_named_type,
    get_variable_values,
    is_leaf_type,
    parse,
    validate,
)
from strawberry.types.arguments import convert_arguments

from graph.plan.arguments import Arguments
from graph.plan.selection import Selected, Selection
from graph.schema.schema import SCHEMA
from tests.plan.writer import ByChance, Known, Writer

ROUNDS = 12
KNOWN = Known(ids=["commission_0193aaaabbbb7cccaddd000000000001"], texts=["海关", "A"])
CONVERTER = SCHEMA.schema_converter


def told(arguments: Any, values: Any) -> Any:
    """What they come to, or what is wrong with them."""
    try:
        return shown(arguments(values))
    except (GraphQLError, ValueError) as failure:
        return str(failure)


def shown(value: Any) -> Any:
    """All that there is of a value; which fields of a form were given does not count where forms are compared."""
    if is_dataclass(value):
        return type(value), {each.name: shown(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, dict):
        return {name: shown(each) for name, each in value.items()}
    return [shown(each) for each in value] if isinstance(value, list | tuple) else value


def plainly(selected: Selected, values: Any) -> dict[str, Any]:
    coerced = get_argument_values(selected.field, selected.node, values)
    return convert_arguments(coerced, selected.strawberry.arguments, CONVERTER.scalar_registry, CONVERTER.config)


@pytest.mark.parametrize("kind", ["query", "mutation"])
def test_they_are_what_the_libraries_make_of_them(kind: str) -> None:
    root = SCHEMA._schema.get_root_type(OperationType(kind))
    assert root is not None
    plain, written_out, all_of_them = 0, 0, 0
    for seed in range(ROUNDS):
        for name, field in root.fields.items():
            if not field.args:
                continue
            writer = Writer(SCHEMA._schema, KNOWN, ByChance(seed))
            text = f"{name}{writer._arguments(field, name)}"
            heading = f"({', '.join(writer._definitions)})" if writer._definitions else ""
            below = "" if is_leaf_type(get_named_type(field.type)) else "{ __typename }"
            try:
                document = parse(f"{kind} Q{heading} {{ {text} {below} }}")
            except GraphQLSyntaxError:
                continue  # some of what is written none should send
            if validate(SCHEMA._schema, document):
                continue
            (operation,) = document.definitions
            assert isinstance(operation, OperationDefinitionNode)
            values = get_variable_values(SCHEMA._schema, operation.variable_definitions or (), dict(writer._given))
            if isinstance(values, list):
                continue
            (selected,) = Selection(SCHEMA._schema, document, operation, values).roots()
            arguments = Arguments(selected, CONVERTER)
            assert told(arguments.given, values) == told(lambda some, of=selected: plainly(of, some), values), text
            if arguments.are_plain is not None:
                plain += 1
                written_out += any(isinstance(each.value, ObjectValueNode) for each in selected.node.arguments or ())
            all_of_them += 1
    assert all_of_them > 100
    # Or it would be one way that is compared with itself.
    assert plain > all_of_them / 10, (plain, all_of_them)
    assert written_out > (5 if kind == "mutation" else 0), written_out
