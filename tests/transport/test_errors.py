"""Errors as clients see them: a code on each, words in their language, and nothing of our insides."""

import pytest
from graphql import GraphQLError
from structlog.testing import capture_logs

from domain.language import Language
from graph.errors import ErrorCode, PublicError, internal, preferred_language, present
from tests.transport.toy import SECRET


def test_a_public_error_speaks_the_language_of_its_reader() -> None:
    error = PublicError(ErrorCode.NOT_FOUND)
    assert present([error], Language.ZH)[0]["message"] == "没有找到该记录。"
    assert present([error], Language.EN) == [
        {"message": "There is no such record.", "extensions": {"code": "NOT_FOUND"}}
    ]


def test_words_of_ones_own_come_in_both_languages() -> None:
    error = PublicError(
        ErrorCode.BAD_REQUEST, zh="缺少 query。", en="`query` is missing.", extensions={"field": "query"}
    )
    assert [present([error], language)[0]["message"] for language in (Language.ZH, Language.EN)] == [
        "缺少 query。",
        "`query` is missing.",
    ]
    assert present([error], Language.EN)[0]["extensions"] == {"code": "BAD_REQUEST", "field": "query"}
    with pytest.raises(TypeError):
        PublicError(ErrorCode.BAD_REQUEST, zh="缺少 query。")


def test_an_unexpected_failure_is_masked_and_logged_whole_under_its_reference() -> None:
    failure = RuntimeError(SECRET)
    with capture_logs() as lines:
        [shown] = present([GraphQLError(SECRET, path=["boom"], original_error=failure)], Language.EN)
    assert shown["extensions"]["code"] == "INTERNAL"
    assert SECRET not in str(shown)
    assert shown["path"] == ["boom"]
    assert lines[0]["reference"] == shown["extensions"]["reference"]
    assert lines[0]["exc_info"] is failure


def test_one_failure_seen_at_many_places_has_one_reference_and_one_line() -> None:
    failure = RuntimeError(SECRET)
    with capture_logs() as lines:
        shown = present([GraphQLError("x", path=[n], original_error=failure) for n in range(100)], Language.ZH)
    assert len({error["extensions"]["reference"] for error in shown}) == 1
    assert len(lines) == 1


def test_a_plain_graphql_error_of_a_resolver_is_a_failure_too() -> None:
    assert present([GraphQLError(SECRET)], Language.EN)[0]["extensions"]["code"] == "INTERNAL"
    assert (
        present([GraphQLError(SECRET, extensions={"code": "MINE"})], Language.EN)[0]["extensions"]["code"] == "INTERNAL"
    )


def test_a_failure_outside_any_field_carries_its_reference() -> None:
    with capture_logs() as lines:
        error = internal(RuntimeError(SECRET), path="/graphql")
    assert present([error], Language.EN)[0]["extensions"] == {"code": "INTERNAL", "reference": lines[0]["reference"]}


@pytest.mark.parametrize("code", ErrorCode)
def test_every_code_has_words_in_both_languages_and_a_status_of_an_error(code: ErrorCode) -> None:
    assert 400 <= code.status <= 599
    assert len(ErrorCode.__members__) == len(list(ErrorCode)), "two codes of the same words would be one"
    if code is ErrorCode.PERSISTED_QUERY_NOT_FOUND:
        assert {code.zh, code.en} == {"PersistedQueryNotFound"}  # the protocol's own word, in either language
        return
    assert any("\u4e00" <= character <= "\u9fff" for character in code.zh)
    assert code.en.isascii()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, Language.ZH),
        ("", Language.ZH),
        ("en", Language.EN),
        ("en-GB,en;q=0.9", Language.EN),
        ("en;q=0.5,zh-CN", Language.ZH),
        ("fr", Language.ZH),
        ("zh;q=0.1,en;q=0.2", Language.EN),
        ("en;q=x", Language.ZH),
        ("," * 10_000 + "en", Language.ZH),
    ],
)
def test_errors_before_anybody_is_known_follow_accept_language(header: str | None, language: Language) -> None:
    assert preferred_language(header) is language
