"""The glance at a document counts its tokens as graphql-core does, and takes no longer for what is none."""

import pytest
from graphql import GraphQLSyntaxError, Lexer, Source, TokenKind
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.glance import has_more_tokens

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


@settings(max_examples=400, deadline=None)
@given(documents)
def test_tokens_are_counted_as_the_parser_counts_them(text: str) -> None:
    count = counted(text)
    assert count is not None
    longer = text + " " * 100
    assert not has_more_tokens(longer, count)
    assert count == 0 or has_more_tokens(longer, count - 1)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from(list('a1{}[]():".#\\\n ,-é\x00')), max_size=60))
def test_what_the_parser_reads_is_never_too_much(text: str) -> None:
    count = counted(text)
    if count is not None:
        assert not has_more_tokens(text + " " * 100, count)


@pytest.mark.parametrize(
    "text", ['"\\' * 10_000, '"' * 20_001, '"""\\"' * 5_000, "#" * 20_000, "...." * 5_000, "- " * 10_000]
)
def test_what_is_no_token_ends_the_count(text: str) -> None:
    assert not has_more_tokens(text, 15_000)
