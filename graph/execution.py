"""Operations are prepared (parsed, limited, validated; remembered by their text) and then run, on graphql-core itself.
The surprise: Strawberry only builds the schema. Its extensions are never called; a schema that has some is refused."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Final, Protocol, TypeVar, cast

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
from graph.examined import Examined, Memory
from graph.glance import excess
from graph.introspection import Introspection, introspects, unexplained
from graph.limits import Limits, refusal, value_refusal
from graph.meter import RECORDS_PER_POINT, Meter, TooMuchFound, too_much
from graph.own_executor import Outcomes, OwnExecutor, own
from graph.patience import TookTooLong, too_long, within
from graph.transport.host import Context
from graph.variables import misfit
from storage.database import TooMuchRead

Answer = TypeVar("Answer")
Variables = Mapping[str, Any] | None
Read = TypeVar("Read", bound=ExecutionResult | None)

RULES: Final = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that may run, and which of its operations is meant."""

    document: DocumentNode
    operation: OperationDefinitionNode
    operation_name: str | None

    @property
    def type(self) -> OperationType:
        return self.operation.operation


class Plans(Protocol):
    """Another way to answer operations: exactly as graphql-core does, or not at all."""

    async def answer(
        self, prepared: Prepared, given: Mapping[str, Any], context: Any, meter: Meter
    ) -> ExecutionResult | None:
        """The answer to a query; None where graphql-core is to run it. Never an error. Raises TooMuchFound,
        TooMuchRead and PresumedWrongly."""

    async def perform(
        self, prepared: Prepared, given: Mapping[str, Any], context: Any, meter: Meter, outcomes: Outcomes
    ) -> ExecutionResult | None:
        """The answer to a mutation; None where graphql-core is to run it, without doing again what is in `outcomes`
        then."""


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
        memory: Memory | None = None,
        plans: Plans | None = None,
    ) -> None:
        """`memory` is of this schema and these limits; its own when absent."""
        if schema.extensions:
            raise ValueError("schema extensions are not run by this executor")
        self._strawberry = schema
        self._schema = schema._schema
        self._executor_class = own(schema.execution_context_class)
        self._limits = limits
        self._prices = Prices(self._schema)
        self._suggestions = suggestions
        self._introspection = introspection
        self._plans = plans
        self._memory = memory or Memory()

    def prepare(
        self, query: str, operation_name: str | None = None, *, is_anonymous: bool = False
    ) -> Prepared | list[GraphQLError]:
        """The operation ready to run, or why it will not run; every error is a `PublicError`."""
        try:
            examined = self._memory.of(query) or self._examined(query)
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
            examined = self._memory.of(query) or self._examined(query)
        except PublicError as refused:
            return [refused]
        return examined if isinstance(examined, list) else []

    def measured(self, share: float) -> None:
        """Says how large the installation is, as a share of the size for which scans are priced."""
        self._prices.extent.share = min(share, 1.0)

    def cost(self, prepared: Prepared, variables: Variables) -> int:
        """The points that the operation is expected to cost, before it runs; of a subscription, one event."""
        return self._prices.of(prepared.document, prepared.operation, variables or {})

    async def execute(self, prepared: Prepared, variables: Variables, context: Context) -> ExecutionResult:
        """Run a query or mutation to its end. `RequestRefused` when the variables do not fit, or it took too long."""
        refused = self._refused(prepared, variables)
        if refused:
            return refused
        try:
            if prepared.type is OperationType.MUTATION:
                return await within(self._limits.mutation_seconds_max, self._performed(prepared, variables, context))
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

    async def _planned(self, prepared: Prepared, variables: Variables, context: Context) -> ExecutionResult | None:
        """The answer of a plan to a query, where there is one. Raises TookTooLong."""
        if self._plans is None:
            return None
        meter = self._meter(prepared, variables)
        answered = await self._read(self._plans.answer(prepared, variables or {}, context, meter), meter)
        return None if answered is None else self._settled(context, meter, answered)

    async def _performed(self, prepared: Prepared, variables: Variables, context: Context) -> ExecutionResult:
        """Does a mutation, and answers it by a plan where one can; nothing is done twice."""
        outcomes: Outcomes = {}
        if self._plans is not None:
            meter = self._meter(prepared, variables)
            answered = await self._plans.perform(prepared, variables or {}, context, meter, outcomes)
            if answered is not None:
                return self._settled(context, meter, answered)
        await context.certain()
        executor = self._executor(prepared, variables, context)
        if isinstance(executor, ExecutionResult):
            return executor
        executor.outcomes, executor.meter = outcomes, (meter := self._meter(prepared, variables))
        result = await executor.ended()
        return self._settled(context, meter, result)

    def arguments(
        self, prepared: Prepared, variables: Mapping[str, Any], context: Context, field: StrawberryField
    ) -> dict[str, Any] | RequestRefused:
        """What the resolver of `field` would be given of an operation whose variables are named like its arguments."""
        executor = self._refused(prepared, variables) or self._executor(prepared, variables, context)
        if isinstance(executor, RequestRefused):
            return executor
        converter = self._strawberry.schema_converter
        values = executor.variable_values.coerced
        return convert_arguments(values, field.arguments, converter.scalar_registry, converter.config)

    async def subscribe(
        self, prepared: Prepared, variables: Variables, context: Context
    ) -> AsyncGenerator[ExecutionResult, None] | ExecutionResult:
        """Answers as events come, each resolved with a fresh context; close the iterator to leave.

        A source that fails ends the stream with a `RequestRefused`. Leaving in the middle of an event waits for its
        resolvers (at most `leaving_seconds_max`), because cutting a database read short can hang its connection.
        """
        await context.certain()
        executor = self._refused(prepared, variables) or self._executor(prepared, variables, context)
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
        variables: Variables,
        context: Context,
        executor: OwnExecutor,
    ) -> ExecutionResult:
        """What a query, or one event, comes to within its time and cost. Raises TookTooLong."""
        meter = executor.meter = self._meter(prepared, variables)
        result = await self._read(executor.ended(serially=False), meter)
        return self._settled(context, meter, result)

    def _meter(self, prepared: Prepared, variables: Variables) -> Meter:
        return self._prices.meter(prepared.document, prepared.operation, variables or {}, self._limits.cost_max)

    def _settled(self, context: Context, meter: Meter, result: ExecutionResult) -> ExecutionResult:
        """The answer, or that it was too much; what was found beyond expectation is charged."""
        beyond = math.ceil(meter.points) - meter.expected
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
        variables: Variables,
        context: Context,
        executor: OwnExecutor,
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

    def _refused(self, prepared: Prepared, variables: Variables) -> RequestRefused | None:
        """Why such variables are not coerced at all."""
        if not variables:
            return None
        refused = value_refusal(variables, self._limits) or misfit(self._schema, prepared.operation, variables)
        return RequestRefused([refused]) if refused else None

    def _executor(self, prepared: Prepared, variables: Variables, context: Context) -> OwnExecutor | RequestRefused:
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
        return cast(OwnExecutor, built)

    def _told(self, errors: list[GraphQLError], *, is_anonymous: bool) -> list[GraphQLError]:
        return errors if self._introspection.explains_to(is_anonymous=is_anonymous) else unexplained(errors)

    def _examined(self, query: str) -> Examined | list[GraphQLError]:
        """Raises `PublicError` for what is no GraphQL or beyond a limit; a list is what does not fit the schema."""
        document = self._parsed(query)
        refused = refusal(document, self._limits)
        if refused:
            try:
                raise refused
            finally:
                # It knows where it was raised, and would hold on to itself and to the document by what lies here.
                del refused
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
        self._memory.keep(query, examined)
        return examined

    def _parsed(self, query: str) -> DocumentNode:
        limits = self._limits
        if len(query) > limits.document_bytes_max or len(query.encode(errors="replace")) > limits.document_bytes_max:
            raise PublicError(ErrorCode.DOCUMENT_TOO_LARGE)
        if (beyond := excess(query, limits)) is not None:
            raise beyond
        try:
            document = parse(
                query,
                max_lexical_tokens=limits.document_tokens_max,
                max_comments=limits.document_comments_max,
            )
        except GraphQLError as error:
            raise PublicError.of(_code_of_parse_error(error), error) from None
        _unchain(document)
        return document


def _unchain(document: DocumentNode) -> None:
    """Lets go of the tokens that no node begins or ends with: each holds on to its neighbours, and so all to all."""
    token = document.loc.start_token if document.loc else None
    while token is not None:
        following = token.next
        token.prev = token.next = None
        token = following


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
