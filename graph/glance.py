"""What is beyond a limit and seen at a glance, before the document is parsed, which takes twenty times as long: tokens,
what each definition selects by itself, and lists. Whatever the glance does not understand is left to the parser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from graph.errors import ErrorCode, PublicError
from graph.limits import Limits, too_many_items

PARSED_AT_ONCE: Final = 500
"""Characters of a document that is parsed in no time, however it is made."""

_TOKENS: Final = (
    r"[A-Za-z_][A-Za-z_0-9]*+",
    r"-?[0-9][0-9A-Za-z_.+-]*+",
    r"\.\.\.",
    r"[!$&()\[\]{}:=@|]",
    r'"""(?:[^"\\]|\\.|"(?!""))*+"""',
    r'"(?!"")(?:[^"\\\n\r]|\\.)*+"',
)
_IGNORED: Final = r"[\s,\ufeff]*+(?:#[^\n\r]*+[\s,\ufeff]*+)*+"
# Nothing is given back once it is matched, or comments and texts without an end would be tried in every way.
_NEXT: Final = re.compile(f"{_IGNORED}({'|'.join(_TOKENS)})", re.DOTALL)


@dataclass(slots=True)
class _Selected:
    """What a definition selects by itself; fragments that it spreads may only add to that."""

    fields: int = 0
    aliases: int = 0
    directives: int = 0
    nesting: int = 0

    def excess(self, limits: Limits) -> ErrorCode | None:
        """In the order of `graph/limits.py`, which would find the same."""
        if self.nesting > limits.selection_nesting_max:
            return ErrorCode.QUERY_TOO_DEEP
        if self.fields > limits.fields_max:
            return ErrorCode.TOO_MANY_FIELDS
        if self.aliases > limits.aliases_max:
            return ErrorCode.TOO_MANY_ALIASES
        return ErrorCode.TOO_MANY_DIRECTIVES if self.directives > limits.directives_max else None


def excess(text: str, limits: Limits) -> PublicError | None:
    """Why a document is beyond a limit, None where it is not seen to be. Takes time in proportion to the text, and ends
    with the first token that is too much or is none."""
    if len(text) <= PARSED_AT_ONCE:
        return None
    count, at, braces, brackets, names_apart = 0, 0, 0, 0, 0
    written: list[int] = []
    selected, found, most, before = _Selected(), None, limits.document_tokens_max, ""
    # One after another: to look on for a token after what is none might take the square of the length.
    while token := _NEXT.match(text, at):
        at, word = token.end(), token[1]
        count += 1
        if count > most:
            return PublicError(ErrorCode.DOCUMENT_TOO_LARGE)
        if brackets:
            # Arguments, or the definitions of variables.
            brackets += (word == "(") - (word == ")")
            if _is_too_long(word, written, limits):
                return PublicError(found) if found else too_many_items()
        elif word == "(":
            brackets, written = 1, []
        elif word == "{":
            braces, names_apart = braces + 1, 0
            selected.nesting = max(selected.nesting, braces)
        elif word == "}":
            braces -= 1
            if braces <= 0:
                found, selected, braces = found or selected.excess(limits), _Selected(), 0
        elif word == "@":
            selected.directives += 1
            names_apart = 1
        elif word == "...":
            names_apart = 1
        elif word == ":":
            # What stood before it was no field but what the next one is called.
            selected.aliases += braces > 0
            selected.fields -= braces > 0
        elif names_apart:
            # Of a directive or a fragment, or `on` and a type.
            names_apart = int(word == "on" and before == "...")
        elif braces:
            selected.fields += 1
        before = word
    found = found or selected.excess(limits)
    return PublicError(found) if found else None


def _is_too_long(word: str, written: list[int], limits: Limits) -> bool:
    """Whether with this token of a value a list is too long. `written` has the items so far of each list that is open,
    the innermost last, and below 0 stands for an object, whose fields are not counted."""
    if word in "]}":
        if written:
            written.pop()
        return False
    if written and written[-1] >= 0 and word not in "$!":
        written[-1] += 1
        if written[-1] > limits.literal_items_max:
            return True
    if word in "[{":
        written.append(0 if word == "[" else -1)
    return False
