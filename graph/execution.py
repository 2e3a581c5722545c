"""Operations are prepared (parsed, limited, validated; remembered by their text) and then run, on graphql-core itself.
The surprise: Strawberry only builds the schema. Its extensions are never called; a schema that has some is refused."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Final, NamedTuple, Protocol, TypeVar, cast

import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)
from graphql.execution import create_source_event_stream, map_source_to_response_event
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from graph.cost import Prices
from graph.errors import ErrorCode, PublicError
from graph.introspection import Introspection, introspects, unexplained
from graph.limits import Limits, refusal, value_refusal
from graph.meter import RECORDS_PER_POINT, Meter, MeteredExecutor, TooMuchFound, metered, too_much
from graph.patience import TookTooLong, too_long, within
from graph.transport.host import Context
from storage.database import TooMuchRead

Answer = TypeVar("Answer")
Read = TypeVar("Read", bound=ExecutionResult | None)

RULES: Final = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)

DOCUMENTS_CACHED_CHARACTERS_MAX: Final = 1_000_000
"""A parsed document takes some hundred bytes a character, so remembered text is bounded as well as their number."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that may run, and which of its operations is meant."""

    document: DocumentNode
    operation: OperationDefinitionNode
    operation_name: str | None

    @property
    def type(self) -> OperationType:
        return self.operation.operation


class Examined(NamedTuple):
    """A document that fits the schema, as it is remembered."""

    document: DocumentNode
    introspects: bool


class Plans(Protocol):
    """Another way to answer queries: exactly as graphql-core does, or not at all."""

    async def answer(
        self, prepared: Prepared, given: Mapping[str, Any], context: Any, meter: Meter
    ) -> ExecutionResult | None:
        """The answer; None where graphql-core is to run the operation. Never an error. Raises TooMuchFound,
        TooMuchRead and PresumedWrongly."""


class RequestRefused(ExecutionResult):
    """Nothing was run: the answer has errors and no `data` at all, not even null."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(data=None, errors=errors)


def extended(result: ExecutionResult, context: Context) -> ExecutionResult:
    """The answer with what the context adds to its `extensions`."""
    if context.extensions:
        result.extensions = {**(result.extensions or {}), **context.extensions}
    return result


class Executor:
    """Runs operations of one schema. Safe for concurrent use on one event loop."""

    def __init__(
        self,
        schema: strawberry.Schema,
        limits: Limits,
        *,
        suggestions: bool = False,
        introspection: Introspection = Introspection.EVERYBODY,
        documents_cached_max: int = 500,
        plans: Plans | None = None,
    ) -> None:
        if schema.extensions:
            raise ValueError("schema extensions are not run by this executor")
        self._strawberry = schema
        self._schema = schema._schema
        self._executor_class = metered(schema.execution_context_class)
        self._limits = limits
        self._prices = Prices(self._schema)
        self._suggestions = suggestions
        self._introspection = introspection
        self._plans = plans
        self._documents: OrderedDict[str, Examined] = OrderedDict()
        self._documents_cached_max = documents_cached_max
        self._characters_cached = 0

    def prepare(
        self, query: str, operation_name: str | None = None, *, is_anonymous: bool = False
    ) -> Prepared | list[GraphQLError]:
        """The operation ready to run, or why it will not run; every error is a `PublicError`."""
        try:
            examined = self._remembered(query) or self._examined(query)
        except PublicError as refused:
            return [refused]
        if isinstance(examined, list):
            return self._told(examined, is_anonymous=is_anonymous)
        document = examined.document
        if examined.introspects and not self._introspection.is_open_to(is_anonymous=is_anonymous):
            return [self._introspection.refusal()]
        operation = get_operation_ast(document, operation_name)
        if operation is None:
            return [_unresolved(document, operation_name)]
        return Prepared(document, operation, operation_name)

    def faults(self, query: str) -> list[GraphQLError]:
        """All that keeps a document from running, whichever of its operations is meant."""
        try:
            examined = self._remembered(query) or self._examined(query)
        except PublicError as refused:
            return [refused]
        return examined if isinstance(examined, list) else []

    def measured(self, share: float) -> None:
        """Says how large the installation is, as a share of the size for which scans are priced."""
        self._prices.extent.share = min(share, 1.0)

    def cost(self, prepared: Prepared, variables: Mapping[str, Any] | None) -> int:
        """The points that the operation is expected to cost, before it runs; of a subscription, one event."""
        return self._prices.of(prepared.document, prepared.operation, variables or {})

    async def execute(
        self, prepared: Prepared, variables: Mapping[str, Any] | None, context: Context
    ) -> ExecutionResult:
        """Run a query or mutation to its end. `RequestRefused` when the variables do not fit, or it took too long."""
        refused = value_refusal(variables or {}, self._limits)
        if refused:
            return RequestRefused([refused])
        try:
            answered = await self._planned(prepared, variables, context)
            if answered is not None:
                return answered
            await context.certain()
            executor = self._executor(prepared, variables, context)
            if isinstance(executor, ExecutionResult):
                return executor
            return await self._metered(prepared, variables, context, executor)
        except TookTooLong:
            return RequestRefused([too_long(may_have_been_done=prepared.type is OperationType.MUTATION)])

    async def _planned(
        self, prepared: Prepared, variables: Mapping[str, Any] | None, context: Context
    ) -> ExecutionResult | None:
        """The answer of a plan, where there is one. Raises TookTooLong."""
        if self._plans is None or prepared.type is not OperationType.QUERY:
            return None
        meter = self._meter(prepared, variables)
        answered = await self._read(self._plans.answer(prepared, variables or {}, context, meter), meter)
        return None if answered is None else self._settled(prepared, variables, context, meter, answered)

    def arguments(
        self, prepared: Prepared, variables: Mapping[str, Any], context: Context, field: StrawberryField
    ) -> dict[str, Any] | RequestRefused:
        """What the resolver of `field` would be given of an operation whose variables are named like its arguments."""
        executor = self._executor(prepared, variables, context)
        if isinstance(executor, RequestRefused):
            return executor
        converter = self._strawberry.schema_converter
        values = executor.variable_values.coerced
        return convert_arguments(values, field.arguments, converter.scalar_registry, converter.config)

    async def subscribe(
        self, prepared: Prepared, variables: Mapping[str, Any] | None, context: Context
    ) -> AsyncGenerator[ExecutionResult, None] | ExecutionResult:
        """Answers as events come, each resolved with a fresh context; close the iterator to leave.

        A source that fails ends the stream with a `RequestRefused`. Leaving in the middle of an event waits for its
        resolvers (at most `leaving_seconds_max`), because cutting a database read short can hang its connection.
        """
        await context.certain()
        executor = self._executor(prepared, variables, context)
        if isinstance(executor, ExecutionResult):
            return executor
        source = create_source_event_stream(executor)
        if isawaitable(source):
            source = await source
        if isinstance(source, ExecutionResult):
            return RequestRefused(source.errors or [])
        return self._answers(prepared, variables, context, executor, source)

    async def uninterrupted(self, work: Awaitable[Answer]) -> Answer:
        """Await work that a leaving client must not cut short; a cancellation waits for it, within the limit."""
        task = asyncio.ensure_future(work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task}, timeout=self._limits.leaving_seconds_max)
            task.cancel()
            raise

    async def _metered(
        self,
        prepared: Prepared,
        variables: Mapping[str, Any] | None,
        context: Context,
        executor: MeteredExecutor,
    ) -> ExecutionResult:
        """What an operation, or one event, comes to within its time and cost. Raises TookTooLong."""
        limits = self._limits
        meter = executor.meter = self._meter(prepared, variables)
        if prepared.type is OperationType.MUTATION:
            result = await within(limits.mutation_seconds_max, _ended(executor.execute_operation()))
        else:
            work = _ended(executor.execute_operation(serially=False))
            result = await self._read(work, meter)
        return self._settled(prepared, variables, context, meter, result)

    def _meter(self, prepared: Prepared, variables: Mapping[str, Any] | None) -> Meter:
        return self._prices.meter(prepared.document, prepared.operation, variables or {}, self._limits.cost_max)

    def _settled(
        self,
        prepared: Prepared,
        variables: Mapping[str, Any] | None,
        context: Context,
        meter: Meter,
        result: ExecutionResult,
    ) -> ExecutionResult:
        """The answer, or that it was too much; what was found beyond expectation is charged."""
        beyond = math.ceil(meter.points) - self.cost(prepared, variables)
        if beyond > 0:
            context.spend_more(beyond)
        return RequestRefused([too_much(self._limits.cost_max)]) if meter.is_over else result

    async def _read(self, work: Awaitable[Read], meter: Meter) -> Read | RequestRefused:
        limits = self._limits
        try:
            return await within(limits.query_seconds_max, work, records_max=limits.cost_max * RECORDS_PER_POINT)
        except TooMuchRead:
            meter.fill()
        except TooMuchFound:
            pass
        return RequestRefused([])

    async def _answers(
        self,
        prepared: Prepared,
        variables: Mapping[str, Any] | None,
        context: Context,
        executor: MeteredExecutor,
        source: AsyncIterable[Any],
    ) -> AsyncGenerator[ExecutionResult, None]:
        def resolve(event: Any) -> Awaitable[ExecutionResult]:
            event.context_value = context.fresh()
            # graphql-core lets all events share this memory of field groups, new with each: it would only grow.
            event._relevant_sub_fields = {}
            return self.uninterrupted(self._metered(prepared, variables, event.context_value, event))

        try:
            async with aclosing(map_source_to_response_event(executor, source, resolve)) as answers:
                async for answer in answers:
                    yield answer
        except TookTooLong:
            yield RequestRefused([too_long(may_have_been_done=False)])
        except Exception as failure:  # whatever the source raised is reported under a reference by `present`
            error = failure if isinstance(failure, GraphQLError) else GraphQLError(str(failure), original_error=failure)
            yield RequestRefused([error])

    def _executor(
        self, prepared: Prepared, variables: Mapping[str, Any] | None, context: Context
    ) -> MeteredExecutor | RequestRefused:
        refused = value_refusal(variables or {}, self._limits)
        if refused:
            return RequestRefused([refused])
        built = self._executor_class.build(
            self._schema,
            prepared.document,
            context_value=context,
            raw_variable_values=dict(variables or {}),
            operation_name=prepared.operation_name,
            max_coercion_errors=self._limits.variable_errors_max,
            hide_suggestions=not self._suggestions,
            operation_extensions={},
        )
        if isinstance(built, list):
            wrong: list[GraphQLError] = [PublicError.of(ErrorCode.BAD_USER_INPUT, error) for error in built]
            return RequestRefused(self._told(wrong, is_anonymous=context.is_anonymous))
        return cast(MeteredExecutor, built)

    def _told(self, errors: list[GraphQLError], *, is_anonymous: bool) -> list[GraphQLError]:
        return errors if self._introspection.explains_to(is_anonymous=is_anonymous) else unexplained(errors)

    def _remembered(self, query: str) -> Examined | None:
        document = self._documents.get(query)
        if document is not None:
            self._documents.move_to_end(query)
        return document

    def _examined(self, query: str) -> Examined | list[GraphQLError]:
        """Raises `PublicError` for what is no GraphQL or beyond a limit; a list is what does not fit the schema."""
        document = self._parsed(query)
        refused = refusal(document, self._limits)
        if refused:
            raise refused
        errors = validate(
            self._schema,
            document,
            RULES,
            max_errors=self._limits.validation_errors_max,
            hide_suggestions=not self._suggestions,
        )
        if errors:
            return [PublicError.of(ErrorCode.GRAPHQL_VALIDATION_FAILED, error) for error in errors]
        examined = Examined(document, introspects(query, document))
        self._remember(query, examined)
        return examined

    def _parsed(self, query: str) -> DocumentNode:
        limits = self._limits
        if len(query) > limits.document_bytes_max or len(query.encode(errors="replace")) > limits.document_bytes_max:
            raise PublicError(ErrorCode.DOCUMENT_TOO_LARGE)
        try:
            return parse(
                query,
                max_lexical_tokens=limits.document_tokens_max,
                max_comments=limits.document_comments_max,
            )
        except GraphQLError as error:
            raise PublicError.of(_code_of_parse_error(error), error) from None

    def _remember(self, query: str, examined: Examined) -> None:
        self._documents[query] = examined
        self._characters_cached += len(query)
        while (
            len(self._documents) > self._documents_cached_max
            or self._characters_cached > DOCUMENTS_CACHED_CHARACTERS_MAX
        ):
            forgotten, _ = self._documents.popitem(last=False)
            self._characters_cached -= len(forgotten)


async def _ended(result: Any) -> ExecutionResult:
    return cast("ExecutionResult", await result if isawaitable(result) else result)


def _code_of_parse_error(error: GraphQLError) -> ErrorCode:
    """graphql-core gives its own limits no type of error, only words."""
    if "nested too deeply" in error.message:
        return ErrorCode.QUERY_TOO_DEEP
    return ErrorCode.DOCUMENT_TOO_LARGE if "Parsing aborted" in error.message else ErrorCode.GRAPHQL_PARSE_FAILED


def _unresolved(document: DocumentNode, operation_name: str | None) -> PublicError:
    if operation_name is not None:
        return PublicError(
            ErrorCode.OPERATION_RESOLUTION_FAILURE,
            zh="文档中没有名为 operationName 的操作。",
            en="The document has no operation of the name in operationName.",
        )
    if any(isinstance(node, OperationDefinitionNode) for node in document.definitions):
        return PublicError(ErrorCode.OPERATION_RESOLUTION_FAILURE)
    return PublicError(
        ErrorCode.OPERATION_RESOLUTION_FAILURE, zh="文档中没有任何操作。", en="The document has no operation."
    )
