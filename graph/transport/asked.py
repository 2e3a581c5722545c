"""A request whose headers are read into a table once: each is looked for, and Starlette goes through all every time.
And what our connections say of one beside what ASGI does."""

from __future__ import annotations

from typing import Any, Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Receive, Scope

IS_WHOLE: Final = "preship.is_whole"
"""Stands in the scope of a request that has come to its end, so that nothing of it is waited for."""


class HeaderTable(Headers):
    """Starlette's headers; of those that came more than once a look-up gives the first, as there."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope=scope)
        self._first = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(self.raw)}

    def __getitem__(self, key: str) -> str:
        return self._first[key.lower()]

    def get(self, key: str, default: Any = None) -> Any:
        return self._first.get(key.lower(), default)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._first


class Asked(Request):
    """Starlette's request with such headers, and with attributes for what is computed there each time."""

    headers: Headers = Headers()
    method: str = ""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        super().__init__(scope, receive)
        self.headers, self.method = HeaderTable(scope), scope["method"]
