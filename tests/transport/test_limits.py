"""The pass over a document: what it refuses, what it lets through, and that no document makes it slow."""

from collections.abc import Callable

import pytest
from graphql import get_introspection_query, parse

from graph.errors import ErrorCode
from graph.limits import Limits, refusal, value_refusal
from tests.work import lines_of

LIMITS = Limits()
LINES_PER_TOKEN_MAX = 15
"""Lines of Python that the pass may run for each token that a document may have."""


def code_of(document: str, limits: Limits = LIMITS) -> ErrorCode | None:
    refused = refusal(parse(document), limits)
    return refused.code if refused else None


def nested(depth: int, field: str = "a") -> str:
    return "{" + f"{field}{{" * (depth - 1) + field + "}" * depth


def doubling_fragments(count: int) -> str:
    fragments = "".join(f"fragment f{n} on Query{{...f{n + 1} ...f{n + 1}}}" for n in range(count))
    return "{...f0}" + fragments + f"fragment f{count} on Query{{a}}"


def different(count: int) -> str:
    return "{" + " ".join(f"a{n}" for n in range(count)) + "}"


def spread_beside(count: int, *, unasked: bool = False) -> str:
    """Fragments beside each other, in an operation or in one that nothing spreads."""
    spreads = " ".join(f"...f{n}" for n in range(count))
    fragments = " ".join(f"fragment f{n} on T{{a{n}}}" for n in range(count))
    return (f"fragment g on T{{{spreads}}} " if unasked else f"{{{spreads}}} ") + fragments


def spread_apart(count: int) -> str:
    """As many, each in a field of its own."""
    fields = " ".join(f"x{n}{{...f{n}}}" for n in range(count))
    return f"{{{fields}}} " + " ".join(f"fragment f{n} on T{{a}}" for n in range(count))


@pytest.mark.parametrize(
    ("accepted", "refused", "code"),
    [
        (nested(12), nested(13), ErrorCode.QUERY_TOO_DEEP),
        (
            "{a{...F}} fragment F on T" + nested(11),
            "{a{...F}} fragment F on T" + nested(12),
            ErrorCode.QUERY_TOO_DEEP,
        ),
        (
            "{" + " ".join(f"a{n}:a" for n in range(30)) + "}",
            "{" + " ".join(f"a{n}:a" for n in range(31)) + "}",
            ErrorCode.TOO_MANY_ALIASES,
        ),
        (different(400), different(401), ErrorCode.TOO_MANY_FIELDS),
        ("{" + "a{b} " * 33 + "}", "{" + "a{b} " * 34 + "}", ErrorCode.TOO_MANY_FIELDS),
        ("{" + "a " * 110 + "}", "{" + "a " * 112 + "}", ErrorCode.TOO_MANY_FIELDS),
        (spread_beside(35), spread_beside(36), ErrorCode.TOO_MANY_FIELDS),
        (spread_apart(36), "{x{y}} " + spread_beside(36, unasked=True), ErrorCode.TOO_MANY_FIELDS),
        (
            " ".join(f"query Q{n}{{{'a{b} ' * 10}}}" for n in range(10)),
            " ".join(f"query Q{n}{{{'a{b} ' * 13}}}" for n in range(10)),
            ErrorCode.TOO_MANY_FIELDS,
        ),
        ("{a(x:{" + "y:1 " * 60 + "})}", "{a(x:{" + "y:1 " * 61 + "})}", ErrorCode.DOCUMENT_TOO_LARGE),
        ("{a(" + "y:1 " * 60 + ")}", "{a(" + "y:1 " * 61 + ")}", ErrorCode.DOCUMENT_TOO_LARGE),
        ("{a @d(" + "y:1 " * 60 + ")}", "{a @d(" + "y:1 " * 61 + ")}", ErrorCode.DOCUMENT_TOO_LARGE),
        ("{a(x:[" + "1 " * 500 + "])}", "{a(x:[" + "1 " * 501 + "])}", ErrorCode.DOCUMENT_TOO_LARGE),
        ("{a" + " @d" * 25 + "}", "{a" + " @d" * 26 + "}", ErrorCode.TOO_MANY_DIRECTIVES),
        ("query" + " @d" * 25 + "{a}", "query ($v: Int" + " @d" * 26 + "){a}", ErrorCode.TOO_MANY_DIRECTIVES),
        ("mutation{" + "a " * 5 + "}", "mutation{" + "a " * 6 + "}", ErrorCode.TOO_MANY_MUTATIONS),
        (
            "mutation{...F b} fragment F on M{... on M{a a a a}}",
            "mutation{...F b} fragment F on M{... on M{a a a a a}}",
            ErrorCode.TOO_MANY_MUTATIONS,
        ),
        (
            "{a(x:" + "[" * 20 + "1" + "]" * 20 + ")}",
            "{a(x:" + "[" * 21 + "1" + "]" * 21 + ")}",
            ErrorCode.INPUT_TOO_DEEP,
        ),
        (
            "query($v:T=" + "{a:" * 20 + "1" + "}" * 20 + "){a}",
            "query($v:T=" + "{a:" * 21 + "1" + "}" * 21 + "){a}",
            ErrorCode.INPUT_TOO_DEEP,
        ),
        (
            " ".join(f"query Q{n}{{a}}" for n in range(20)),
            " ".join(f"query Q{n}{{a}}" for n in range(21)),
            ErrorCode.DOCUMENT_TOO_LARGE,
        ),
        ("{__schema" + nested(15) + "}", "{__schema" + nested(16) + "}", ErrorCode.QUERY_TOO_DEEP),
        ('{a(x:"\\u4e2d")}', '{a(x:"\\u0000")}', ErrorCode.BAD_USER_INPUT),
        ('{a @d(x:["\\t"])}', '{a @d(x:[{y:"\\u0000"}])}', ErrorCode.BAD_USER_INPUT),
    ],
)
def test_the_last_that_is_accepted_and_the_first_that_is_refused(accepted: str, refused: str, code: ErrorCode) -> None:
    assert code_of(accepted) is None
    assert code_of(refused) is code


def test_the_full_introspection_query_is_within_the_limits() -> None:
    query = get_introspection_query(
        directive_is_repeatable=True, schema_description=True, specified_by_url=True, input_value_deprecation=True
    )
    assert code_of(query) is None


def test_an_ordinary_field_does_not_gain_depth_beside_introspection() -> None:
    assert code_of('{__type(name:"x")' + nested(15) + " a" + nested(11) + "}") is None
    assert code_of('{__type(name:"x")' + nested(2) + " a" + nested(12) + "}") is ErrorCode.QUERY_TOO_DEEP


@pytest.mark.parametrize(
    "document",
    [
        "{...A} fragment A on T{...A}",
        "{...A} fragment A on T{a{...B}} fragment B on T{b{...A}}",
        "{a} fragment A on T{... on T{...B}} fragment B on T{...A}",
        "{...f0}" + "".join(f"fragment f{n} on T{{...f{(n + 1) % 300}}}" for n in range(300)),
    ],
)
def test_fragments_that_run_in_circles_are_found(document: str) -> None:
    assert code_of(document) is ErrorCode.GRAPHQL_VALIDATION_FAILED


def test_a_fragment_that_nothing_spreads_is_measured_all_the_same() -> None:
    assert code_of("{a} fragment A on T" + nested(13)) is ErrorCode.QUERY_TOO_DEEP


def test_unknown_fragments_are_left_to_validation() -> None:
    assert code_of("{...Nowhere}") is None


def deepening_fragments(count: int) -> str:
    fragments = "".join(f"fragment f{n} on T{{a{{...f{n + 1}}}}}" for n in range(count))
    return "{...f0}" + fragments + f"fragment f{count} on T{{a}}"


@pytest.mark.parametrize(
    ("hostile", "size"),
    [
        (doubling_fragments, 30),
        (doubling_fragments, 180),
        (lambda size: "{" + "... on T{" * size + "a" + "}" * size + "}", 90),
        (deepening_fragments, 150),
        (lambda size: "{" + "a:b " * size + "}", 600),
        (lambda size: "{a(x:" + "[" * size + "]" * size + ")}", 150),
        (lambda size: "{" + "a{b} " * size + "}", 190),
        (lambda size: "{" + "a(x:1){b} " * size + "}", 190),
        (spread_beside, 130),
        (lambda size: "{a(x:{" + "y:1 " * size + "})}", 600),
    ],
)
def test_a_hostile_document_is_refused_with_work_in_proportion_to_its_length(
    hostile: Callable[[int], str], size: int
) -> None:
    half, whole = (parse(hostile(each)) for each in (size // 2, size))
    lines = lines_of(lambda: refusal(whole, LIMITS), LINES_PER_TOKEN_MAX * LIMITS.document_tokens_max)
    assert lines <= 2.2 * lines_of(lambda: refusal(half, LIMITS))
    assert refusal(whole, LIMITS) is not None


def test_a_doubling_chain_of_1200_bytes_is_counted_exactly() -> None:
    chain = doubling_fragments(30)
    assert 1_000 < len(chain) < 1_300
    assert code_of(chain) is ErrorCode.TOO_MANY_FIELDS
    assert code_of(chain, Limits(fields_max=2**30)) is None
    assert code_of(chain, Limits(fields_max=2**30 - 1)) is ErrorCode.TOO_MANY_FIELDS


def test_variables_nested_too_deeply_are_refused() -> None:
    deep: object = 1
    for _ in range(20):
        deep = [deep]
    assert value_refusal({"v": deep}, LIMITS) is None
    refused = value_refusal({"v": {"a": deep}}, LIMITS)
    assert refused is not None
    assert refused.code is ErrorCode.INPUT_TOO_DEEP


def test_values_in_variables_are_counted() -> None:
    most = LIMITS.input_values_max
    assert value_refusal({"v": ["x"] * (most - 1)}, LIMITS) is None
    assert value_refusal({f"v{n}": [1] * (most // 10 - 1) for n in range(10)}, LIMITS) is None
    too_many: list[dict[str, object]] = [
        {"v": [1] * most},
        {f"v{n}": [1] * (most // 10) for n in range(10)},
        {"v": {"a": [{}] * most}},
    ]
    for refused in too_many:
        found = value_refusal(refused, LIMITS)
        assert found is not None
        assert found.code is ErrorCode.BAD_USER_INPUT


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "中\udfff"])
def test_text_that_no_database_can_hold_is_refused_in_variables(text: str) -> None:
    refused = value_refusal({"v": [{"a": text}]}, LIMITS)
    assert refused is not None
    assert refused.code is ErrorCode.BAD_USER_INPUT


def test_ordinary_text_and_files_pass_in_variables() -> None:
    assert value_refusal({"v": ["旧机电", "👷", "\t\n", 1, None, object()]}, LIMITS) is None
