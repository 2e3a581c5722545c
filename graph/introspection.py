"""Who may read the schema. Errors that explain a document tell of the schema too, so whoever may not read it without
having signed in hears only that the document does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
)

from graph.errors import ErrorCode, PublicError
from graph.limits import INTROSPECTION_FIELDS

LIKELY: Final = re.compile(r"\b__(?:schema|type)\b")
"""Where this is not in the text, there is no need to look."""


class Introspection(StrEnum):
    SIGNED_IN = "signed-in"
    EVERYBODY = "everybody"
    NOBODY = "nobody"

    def is_open_to(self, *, is_anonymous: bool) -> bool:
        return self is Introspection.EVERYBODY or (self is Introspection.SIGNED_IN and not is_anonymous)

    def explains_to(self, *, is_anonymous: bool) -> bool:
        """Whether errors say what it is that does not fit; whoever has signed in is always told."""
        return not is_anonymous or self is Introspection.EVERYBODY

    def refusal(self) -> PublicError:
        """What whoever may not read it is told."""
        if self is not Introspection.NOBODY:
            return PublicError(ErrorCode.INTROSPECTION_NOT_ALLOWED)
        return PublicError(
            ErrorCode.INTROSPECTION_NOT_ALLOWED, zh="本系统不提供模式查询。", en="The schema is not read here."
        )


def introspects(text: str, document: DocumentNode) -> bool:
    """Whether any operation or fragment of the document asks for `__schema` or `__type`."""
    return LIKELY.search(text) is not None and any(field in INTROSPECTION_FIELDS for field in _fields_of(document))


def unexplained(errors: Sequence[GraphQLError]) -> list[GraphQLError]:
    """One error of the same code that tells nothing of the schema, not even where it was touched."""
    code = next((error.code for error in errors if isinstance(error, PublicError)), ErrorCode.GRAPHQL_VALIDATION_FAILED)
    return [PublicError(code, zh=f"{code.zh}登录后可见详情。", en=f"{code.en} Sign in to be told what is wrong.")]


def _fields_of(document: DocumentNode) -> Iterator[str]:
    level: list[SelectionSetNode] = [
        node.selection_set
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    while level:
        for selection in level.pop().selections:
            if isinstance(selection, FieldNode):
                yield selection.name.value
            if inner := getattr(selection, "selection_set", None):
                level.append(inner)
