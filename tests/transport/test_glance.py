"""The glance at a document counts its tokens as graphql-core does, refuses nothing that is within the limits, and takes
no longer for what is none."""

import pytest
from graphql import FragmentDefinitionNode, GraphQLSyntaxError, Lexer, Source, TokenKind, parse
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graph.errors import ErrorCode
from graph.glance import PARSED_AT_ONCE, excess
from graph.limits import Limits, refusal

UNLIMITED = 1_000_000
LOOKED_AT = " " * PARSED_AT_ONCE

pieces = st.sampled_from(
    [
        *"{}()[]:=!@$|&", "a", "_a1", "...", "0", "-1", "1.5", "1e9", "-0.1E+3", ",", " , ", "\n", "\t", "\ufeff",
        '""', '"x"', '"a b"', r'"\""', r'"\\"', r'"\u4e2d"', '"中"', "# a { comment\n", "#\r",
        '""""""', '"""x"""', '"""a "b" \n c"""', r'"""\""" x"""',
    ]
)  # fmt: skip
documents = st.lists(pieces, max_size=40).map(" ".join)


def counted(text: str) -> int | None:
    """As graphql-core does; None where it finds what is no token."""
    lexer, count = Lexer(Source(text)), 0
    try:
        while lexer.advance().kind is not TokenKind.EOF:
            count += 1
    except GraphQLSyntaxError:
        return None
    return count


def has_more_tokens(text: str, most: int) -> bool:
    limits = Limits(
        document_tokens_max=most,
        selection_nesting_max=UNLIMITED,
        fields_max=UNLIMITED,
        aliases_max=UNLIMITED,
        directives_max=UNLIMITED,
    )
    found = excess(text + LOOKED_AT, limits)
    assert found is None or found.code is ErrorCode.DOCUMENT_TOO_LARGE
    return found is not None


@settings(max_examples=400, deadline=None)
@given(documents)
def test_tokens_are_counted_as_the_parser_counts_them(text: str) -> None:
    count = counted(text)
    assert count is not None
    assert not has_more_tokens(text, count)
    assert count == 0 or has_more_tokens(text, count - 1)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from(list('a1{}[]():".#\\\n ,-é\x00')), max_size=60))
def test_what_the_parser_reads_is_never_too_much(text: str) -> None:
    count = counted(text)
    if count is not None:
        assert not has_more_tokens(text, count)


@pytest.mark.parametrize(
    "text", ['"\\' * 10_000, '"' * 20_001, '"""\\"' * 5_000, "#" * 20_000, "...." * 5_000, "- " * 10_000]
)
def test_what_is_no_token_ends_the_count(text: str) -> None:
    assert not has_more_tokens(text, 15_000)


# ── What is selected ───────────────────────────────────────────────────────────────────────────────────────────────

FEW = Limits(
    selection_nesting_max=3, fields_max=4, aliases_max=2, directives_max=2, literal_items_max=2, depth_max=UNLIMITED
)

names = st.sampled_from(["a", "on", "query", "fragment", "__typename"])
arguments = st.sampled_from(
    [
        "",
        "(x:1)",
        '(x:{y:[{z:"}"}] w:$v} u:[on])',
        "(x:[])",
        "(x:[$v [1]] y:[{z:[]} 2])",
        "(x:[1 $v {}])",
        "(x:[[1 2 3]])",
    ]
)
directives = st.lists(st.sampled_from(["@d", "@on", "@d(x:{y:1})"]), max_size=2).map(" ".join)
leaves = st.builds("{} {} {} {}".format, st.sampled_from(["", "b:", "on:"]), names, arguments, directives)
spreads = st.builds("...{} {}".format, st.sampled_from(["F", "query"]), directives)


def within(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    selections = st.lists(inner, min_size=1, max_size=3).map(" ".join)
    heads = st.one_of(leaves, st.builds("...{} {}".format, st.sampled_from(["", "on T", "on on"]), directives))
    return st.builds("{} {{{}}}".format, heads, selections)


selections = st.recursive(st.one_of(leaves, spreads), within, max_leaves=12)
heads = st.sampled_from(
    ["", "query", "query Q", "query ($v:[T!]={a:1} @d) @d", "fragment F on T", "fragment query on on @d"]
)
definitions = st.builds("{} {{{}}}".format, heads, st.lists(selections, min_size=1, max_size=4).map(" ".join))


@settings(max_examples=600, deadline=None)
@given(st.lists(definitions, min_size=1, max_size=3).map("\n".join))
def test_what_is_refused_at_a_glance_is_beyond_a_limit(text: str) -> None:
    document = parse(text)
    fragments = [each.name.value for each in document.definitions if isinstance(each, FragmentDefinitionNode)]
    # Of two that are called alike only one is measured; no such document is valid.
    assume(len(set(fragments)) == len(fragments))
    found = excess(text + LOOKED_AT, FEW)
    if found is not None:
        assert refusal(document, FEW) is not None


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{" + "a " * 400 + "}", None),
        ("{" + "a " * 401 + "}", ErrorCode.TOO_MANY_FIELDS),
        ("{a(x:{" + "y:1 " * 401 + "})}", None),
        ("query($v:T=[" + "a " * 401 + "]){b(x:[" + "a " * 401 + "])}", None),
        ("{a(x:[" + "1 " * 500 + "])}", None),
        ("{a(x:[" + "1 " * 501 + "])}", ErrorCode.DOCUMENT_TOO_LARGE),
        ("{a(x:{y:[" + "$v " * 501 + LOOKED_AT, ErrorCode.DOCUMENT_TOO_LARGE),
        ("{a(x:[" + "{y:[1 2]} " * 220 + "])}", None),
        ("query(" + "$v:[[[ID!]!]!]! " * 60 + "){a}", None),
        ("{a(x:[[1] " + "$v " * 499 + "] y:[" + "2 " * 500 + "])}", None),
        ("{" + "...F " * 401 + "}", None),
        ("{" + "...on T{a} " * 330 + "}", None),
        ("{" + "b:a " * 30 + "}", None),
        ("{" + "b:a " * 31 + LOOKED_AT + "}", ErrorCode.TOO_MANY_ALIASES),
        ("{" + "b:a " * 30 + "} query Q {" + "b:a " * 30 + "}" + LOOKED_AT, None),
        ("{a" + " @d" * 25 + LOOKED_AT + "}", None),
        ("{a" + " @d" * 26 + LOOKED_AT + "}", ErrorCode.TOO_MANY_DIRECTIVES),
        ("{a" * 60 + "}" * 60 + LOOKED_AT, None),
        ("{a" * 61 + "}" * 61 + LOOKED_AT, ErrorCode.QUERY_TOO_DEEP),
        ("{" + "a " * 401 + LOOKED_AT, ErrorCode.TOO_MANY_FIELDS),
        ("}" * 600, None),
        ("(" * 600, None),
    ],
)
def test_what_a_definition_selects_is_seen_at_a_glance(document: str, code: ErrorCode | None) -> None:
    found = excess(document, Limits())
    assert (found and found.code) is code
