"""Which text a request means, where it names its document instead of bringing it, and whether its viewer may run it.
The surprise: documents that clients teach by their hash are kept in this process alone, and never make one trusted."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import Protocol

from graphql import GraphQLError

from graph.errors import ErrorCode, PublicError
from graph.execution import Executor, Prepared
from graph.limits import Limits
from graph.transport.host import Context
from graph.transport.parameters import Parameters


class Registry(Protocol):
    """Where trusted documents are found."""

    async def text(self, document_id: str) -> str | None:
        """The document of a name, or of `sha256:` and the hash of its text; None where there is none."""


class NoRegistry:
    """Nothing is trusted."""

    async def text(self, document_id: str) -> str | None:
        return None


def digest_of(text: str) -> str:
    """SHA-256 of a document's text, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


class Intake:
    """From the parameters of a request to an operation ready to run, over every transport alike."""

    def __init__(
        self, executor: Executor, limits: Limits, trusted: Registry | None = None, *, strangers_need_trust: bool = False
    ) -> None:
        self._executor = executor
        self._trusted = trusted or NoRegistry()
        self._strangers_need_trust = strangers_need_trust
        self._automatic = Automatic(limits)

    @property
    def trusts_strangers(self) -> bool:
        """Whether strangers may ask by whatever document they like."""
        return not self._strangers_need_trust

    async def prepared(self, parameters: Parameters, context: Context) -> Prepared | list[GraphQLError]:
        """The operation, or why it will not run. Raises `PublicError` where the viewer may not run its
        type, or it costs more than there is."""
        try:
            text = await self._text(parameters, context)
        except PublicError as refused:
            return [refused]
        prepared = self._executor.prepare(text, parameters.operation_name, is_anonymous=context.is_anonymous)
        if isinstance(prepared, list):
            return prepared
        if parameters.query_hash is not None:
            self._automatic.remember(parameters.query_hash, text)
        context.admit(prepared.type)
        await context.spend(self._executor.cost(prepared, parameters.variables))
        return prepared

    async def _text(self, parameters: Parameters, context: Context) -> str:
        if parameters.document_id is not None:
            return await self._trusted_text(parameters.document_id)
        text = parameters.query
        if parameters.query_hash is not None:
            text = await self._hashed(parameters.query_hash, text)
        assert text is not None, "well-formed parameters name a document"
        if self._strangers_need_trust and context.is_anonymous and not await self._is_trusted(text):
            raise PublicError(ErrorCode.DOCUMENT_NOT_TRUSTED)
        return text

    async def _trusted_text(self, document_id: str) -> str:
        text = await self._trusted.text(document_id)
        if text is None:
            raise PublicError(ErrorCode.DOCUMENT_NOT_FOUND)
        return text

    async def _hashed(self, query_hash: str, text: str | None) -> str:
        if text is None:
            text = self._automatic.text(query_hash) or await self._trusted.text(f"sha256:{query_hash}")
            if text is None:
                raise PublicError(ErrorCode.PERSISTED_QUERY_NOT_FOUND)
        elif digest_of(text) != query_hash:
            raise PublicError(ErrorCode.PERSISTED_QUERY_HASH_MISMATCH)
        return text

    async def _is_trusted(self, text: str) -> bool:
        return await self._trusted.text(f"sha256:{digest_of(text)}") is not None


class Automatic:
    """Documents that clients have sent with their hash, and that fit the schema; the one longest unused goes first."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._characters = 0

    def text(self, query_hash: str) -> str | None:
        return self._texts.get(query_hash)

    def remember(self, query_hash: str, text: str) -> None:
        if query_hash not in self._texts:
            self._texts[query_hash] = text
            self._characters += len(text)
        self._texts.move_to_end(query_hash)
        while (
            len(self._texts) > self._limits.documents_automatic_max
            or self._characters > self._limits.documents_automatic_characters_max
        ):
            _, forgotten = self._texts.popitem(last=False)
            self._characters -= len(forgotten)
