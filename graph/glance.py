"""Whether a document has more tokens than are read, seen at a glance: graphql-core counts them while it parses, which
takes twenty times as long. Whatever the glance does not understand is left to the parser."""

from __future__ import annotations

import re
from typing import Final

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
_NEXT: Final = re.compile(f"{_IGNORED}(?:{'|'.join(_TOKENS)})", re.DOTALL)


def has_more_tokens(text: str, most: int) -> bool:
    """Linear in the length of the text, and ends with the first token that is too much or is none."""
    if len(text) <= most:
        return False
    # One after another: to look on for a token after what is none might take the square of the length.
    count, at = 0, 0
    while count <= most and (token := _NEXT.match(text, at)):
        count, at = count + 1, token.end()
    return count > most
