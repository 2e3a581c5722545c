"""The public schema: `schema.graphql` is the code, printed; what clients rely on does not vanish without notice."""

import re
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from graphql import (
    BreakingChangeType,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_specified_scalar_type,
)

from graph.schema.schema import SCHEMA

ROOT = Path(__file__).parents[2]
FILE = ROOT / "schema.graphql"
NOTICE = re.compile(r"^Use `[^`]+`\. Removal on ([0-9]{4}-[0-9]{2}-[0-9]{2})\.$")
REMOVALS = {
    BreakingChangeType.FIELD_REMOVED,
    BreakingChangeType.VALUE_REMOVED_FROM_ENUM,
    BreakingChangeType.ARG_REMOVED,
}
DIRECTIVE = ' @deprecated(reason: "Use `b`. Removal on {}.")'


def printed() -> str:
    return SCHEMA.as_str() + "\n"


def published() -> str:
    """The schema as it was last committed, or as it lies there where there is no history."""
    shown = subprocess.run(["git", "show", "HEAD:schema.graphql"], cwd=ROOT, capture_output=True, check=False)
    return shown.stdout.decode() if shown.returncode == 0 else FILE.read_text(encoding="utf-8")


def unannounced(old: GraphQLSchema, new: GraphQLSchema, today: date) -> list[str]:
    """Breaking changes that clients were not told of in time: removals are allowed from the day that was named on."""
    return [
        change.description
        for change in find_breaking_changes(old, new)
        if change.type not in REMOVALS or not _was_announced(old, change.description, today)
    ]


def _was_announced(old: GraphQLSchema, description: str, today: date) -> bool:
    """graphql-core describes a removal in words only; the first dotted name in them is what went."""
    for type_name, member in re.findall(r"(\w+)\.(\w+)", description) or re.findall(
        r"(\w+) was removed .* (\w+)\.", description
    ):
        kind = old.type_map.get(type_name) or old.type_map.get(member)
        found = None
        if isinstance(kind, GraphQLEnumType):
            found = kind.values.get(type_name) or kind.values.get(member)
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            found = kind.fields.get(member)
        notice = NOTICE.match((found and found.deprecation_reason) or "")
        if notice and date.fromisoformat(notice[1]) <= today:
            return True
    return False


def types() -> Iterator[GraphQLNamedType]:
    for name, kind in SCHEMA._schema.type_map.items():
        if not name.startswith("__") and not is_specified_scalar_type(kind):
            yield kind


def test_the_committed_schema_is_the_code() -> None:
    assert FILE.read_text(encoding="utf-8") == printed(), (
        "schema.graphql differs from the code: run `make schema`, read its diff and tell clients in CHANGELOG.md"
    )


def test_nothing_that_clients_rely_on_vanishes_without_notice() -> None:
    breaking = unannounced(build_schema(published()), build_schema(printed()), date.today())  # noqa: DTZ011 - a calendar's day
    assert breaking == [], (
        'deprecate first: @deprecated(reason: "Use `x`. Removal on DATE."), and remove from that day on'
    )


@pytest.mark.parametrize(
    ("old", "new", "is_allowed"),
    [
        ("type Query { a: Int b: Int }", "type Query { b: Int }", False),
        ('type Query { a: Int @deprecated(reason: "Obsolete") b: Int }', "type Query { b: Int }", False),
        (f"type Query {{ a: Int{DIRECTIVE.format('2026-07-01')} b: Int }}", "type Query { b: Int }", False),
        (f"type Query {{ a: Int{DIRECTIVE.format('2026-06-01')} b: Int }}", "type Query { b: Int }", True),
        ("enum E { A B } type Query { a: E }", "enum E { B } type Query { a: E }", False),
        (
            f"enum E {{ A{DIRECTIVE.format('2026-06-01')} B }} type Query {{ a: E }}",
            "enum E { B } type Query { a: E }",
            True,
        ),
        ("type Query { a: Int! }", "type Query { a: Int }", False),
        ("type Query { a(x: Int): Int }", "type Query { a(x: Int, y: Int!): Int }", False),
        ("type Query { a: Int }", "type Query { a: Int b: Int }", True),
        ("type T { a: Int } type Query { a: T b: Int }", "type Query { a: Int b: Int }", False),
    ],
    ids=[
        "field",
        "without a date",
        "too early",
        "field in time",
        "value",
        "value in time",
        "null",
        "argument",
        "new",
        "type",
    ],
)
def test_a_removal_is_announced_with_its_day_and_a_change_of_meaning_never_happens(
    old: str, new: str, is_allowed: bool
) -> None:
    found = unannounced(build_schema(old), build_schema(new), date(2026, 6, 15))
    assert (found == []) is is_allowed, found


def test_everything_in_the_schema_is_described() -> None:
    bare = []
    for kind in types():
        if not kind.description:
            bare.append(kind.name)
        if isinstance(kind, GraphQLEnumType):
            bare += [f"{kind.name}.{name}" for name, value in kind.values.items() if not value.description]
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, each in kind.fields.items():
                if not each.description:
                    bare.append(f"{kind.name}.{name}")
                bare += [
                    f"{kind.name}.{name}({argument})"
                    for argument, one in getattr(each, "args", {}).items()
                    if not one.description and argument != "input"
                ]
    assert bare == []


def test_a_value_of_an_enumeration_opens_with_the_word_of_the_manual() -> None:
    for kind in types():
        if isinstance(kind, GraphQLEnumType):
            for name, value in kind.values.items():
                assert re.match(r"[一-鿿A-Z]", value.description or ""), f"{kind.name}.{name}"


def test_every_list_that_is_paged_has_the_parts_of_a_connection() -> None:
    connections = [kind for kind in types() if kind.name.endswith("Connection")]
    assert len(connections) >= 4
    for kind in connections:
        assert isinstance(kind, GraphQLObjectType)
        assert list(kind.fields) == ["nodes", "edges", "pageInfo", "totalCount"]
        edge = get_named_type(kind.fields["edges"].type)
        assert isinstance(edge, GraphQLObjectType)
        assert list(edge.fields) == ["cursor", "node"]
    query = SCHEMA._schema.query_type
    assert query is not None
    for name, field in query.fields.items():
        if get_named_type(field.type).name.endswith("Connection"):
            assert field.args.keys() >= {"first", "after", "last", "before", "offset"}, name


def test_no_number_is_a_binary_fraction() -> None:
    assert "Float" not in SCHEMA._schema.type_map


def test_ids_are_ids_and_are_named_so() -> None:
    for kind in types():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, each in kind.fields.items():
                is_id = get_named_type(each.type).name == "ID"
                assert is_id == (name in ("id", "ids") or name.endswith(("Id", "Ids"))), f"{kind.name}.{name}"


def test_no_field_begins_with_the_name_of_its_type_but_the_one_that_others_rely_on() -> None:
    stuttering = {
        f"{kind.name}.{name}"
        for kind in types()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        for name in kind.fields
        if name.lower().startswith(kind.name.lower())
    }
    assert stuttering == {"Commission.commissionedAt"}


def test_every_mutation_takes_one_input_and_says_why_nothing_was_done() -> None:
    mutation = SCHEMA._schema.mutation_type
    assert mutation is not None
    for name, field in mutation.fields.items():
        payload = get_named_type(field.type)
        assert isinstance(payload, GraphQLObjectType)
        assert str(payload.fields["userErrors"].type) == "[UserError!]!", name
        assert list(field.args) in ([], ["input"]), name
        assert "manual" in (field.description or ""), name


def test_a_draft_may_always_be_incomplete() -> None:
    saved = SCHEMA._schema.type_map["CommissionSaveDraftInput"]
    assert isinstance(saved, GraphQLInputObjectType)
    for name, field in saved.fields.items():
        assert get_nullable_type(field.type) is field.type, name
        assert not is_list_type(field.type) or name == "goodsLines"


def test_scalars_of_our_own_say_where_they_are_specified() -> None:
    own = [kind for kind in types() if isinstance(kind, GraphQLScalarType)]
    assert {kind.name for kind in own} == {"Date", "DateTime", "Decimal", "Upload"}
    assert all(kind.specified_by_url for kind in own)
