"""Every list of objects says how long it is expected to be, so that none is counted as one object."""

from typing import Any

from graphql import (
    get_named_type,
    is_composite_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from graph.schema.schema import SCHEMA
from graph.weights import LENGTHS, LENGTHS_BY_NAME, PAGED, SCANS, WEIGHTS, length_of, paged_by

TYPES = {name: type_ for name, type_ in SCHEMA._schema.type_map.items() if is_object_type(type_)}


def _is_list(type_: Any) -> bool:
    return is_list_type(type_.of_type) if is_non_null_type(type_) else is_list_type(type_)


def test_every_list_of_objects_has_an_expected_length_or_a_page() -> None:
    bare = [
        f"{name}.{field_name}"
        for name, type_ in TYPES.items()
        for field_name, field in type_.fields.items()
        if _is_list(field.type) and is_composite_type(get_named_type(field.type))
        if length_of(name, field_name) is None and not paged_by(type_, field_name) and "ids" not in field.args
    ]
    assert not bare, f"graph/weights.py does not say how long these are: {bare}"


def test_weights_and_lengths_name_fields_that_there_are() -> None:
    named = {*WEIGHTS, *LENGTHS, *SCANS, *(f"{type_}.{field}" for type_, field in PAGED.items())}
    fields = {f"{name}.{field}" for name, type_ in TYPES.items() for field in type_.fields}
    assert named <= fields
    assert set(LENGTHS_BY_NAME) <= {each.rpartition(".")[2] for each in fields}


def test_what_makes_a_field_go_through_all_there_is_can_be_asked_for() -> None:
    for name, scan in SCANS.items():
        parent, _, field = name.partition(".")
        if scan.argument:
            asked: Any = get_named_type(TYPES[parent].fields[field].args[scan.argument].type)
            assert scan.names <= set(asked.fields if is_input_object_type(asked) else asked.values), name
