"""What the transport needs from the house around it: somebody who knows who asks, and what a request carries along.
Nothing is implemented here. Every event of a subscription takes a fresh context, so one must be cheap to make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from graphql import OperationType
from starlette.requests import HTTPConnection

from domain.language import Language


class PresumedWrongly(Exception):
    """Whoever was presumed to ask does not, or no longer."""


class Context(Protocol):
    """What resolvers see as `info.context`: the viewer, the language and the loaders of one operation."""

    @property
    def language(self) -> Language: ...

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody in particular asks: neither a user nor a program with a key."""

    @property
    def cookies(self) -> Sequence[Mapping[str, Any]]:
        """What an HTTP answer sets as cookies, as Starlette's `set_cookie` takes it."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What an HTTP answer has beside its own headers."""

    @property
    def extensions(self) -> Mapping[str, Any]:
        """What stands in `extensions` of the answer to a query or mutation."""

    async def certain(self) -> None:
        """Returns when it is certain who asks: before anything is done but by a plan, and before anything leaves.
        Raises PresumedWrongly."""

    async def count_use(self) -> None:
        """Counts one operation of a socket (an HTTP request is counted by the host). Raises RATE_LIMITED."""

    async def spend(self, points: int) -> None:
        """Counts what an operation is expected to cost. Raises COST_TOO_HIGH and COST_EXHAUSTED."""

    def spend_more(self, points: int) -> None:
        """Counts what an operation has cost beyond that; nobody is refused any more."""

    def admit(self, operation: OperationType) -> None:
        """Raises `PublicError` where whoever asks may not run operations of this type."""

    def seconds_left(self) -> float | None:
        """How long the session behind it still lasts; None for anonymous viewers."""

    async def signed_out(self) -> None:
        """Returns when what the token stood for has ended before its time; for anonymous viewers never."""

    def fresh(self) -> Context:
        """The same viewer with empty loaders."""


class Host(Protocol):
    async def context(
        self,
        *,
        authorization: str | None,
        accept_language: str | None,
        connection: HTTPConnection,
        presuming: bool = False,
    ) -> Context:
        """Who is asking. None is anonymous; a token that is not good raises `PublicError` UNAUTHENTICATED. Only whoever
        waits until it is `certain` may be given, `presuming`, a context of somebody who may be another by now."""


@runtime_checkable
class UploadRefusal(Protocol):
    """An exception of the multipart reader whose words are meant for the client."""

    code: str
    status: int
    zh: str
    en: str
