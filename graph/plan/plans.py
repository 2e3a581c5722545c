"""The plans of one process: found by document and shape, made where there is none, and forgotten when there are many.

A plan answers, or it steps aside and graphql-core runs the whole operation; it never words an error.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import orjson
import strawberry
import structlog
from graphql import DocumentNode, ExecutionResult, OperationDefinitionNode, get_variable_values
from graphql.execution.values import VariableValues

from graph.context import Context
from graph.errors import PublicError
from graph.execution import Prepared
from graph.meter import Meter, TooMuchFound
from graph.own_executor import Outcomes
from graph.plan.aside import Reason, StepAside
from graph.plan.compiler import Compiler
from graph.plan.counts import Counts
from graph.plan.filling import Resolving
from graph.plan.json_text import json_text
from graph.plan.mutations import Mutations
from graph.plan.page import Asking
from graph.plan.parts import Parts
from graph.plan.plan import Plan
from graph.plan.question import Tracing
from graph.plan.remembered import Recall, memory_of
from graph.plan.root import Called, Constant, Root
from graph.plan.selection import Selected, Selection
from graph.plan.shape import Key, Template, shape_of
from graph.plan.statement import Asked, Statement
from graph.plan.variables import Variables
from graph.seen import asks_once
from graph.transport.host import PresumedWrongly
from storage.database import Database, TooMuchRead
from storage.shelf import BadCursor

log = structlog.get_logger(__name__)

OPERATIONS_MAX: Final = 500
"""Operations whose variables are known; the one longest unused goes first."""
SHAPES_MAX: Final = 2_000
"""Shapes of all operations whose plans are kept, likewise."""
GUARDED_MAX: Final = 32
"""Plans of one shape that differ in their guards alone: beyond that the ordinary executor answers."""
CHARACTERS_MAX: Final = 5_000_000
"""Of all statements that are kept; the rest of a plan is about as large."""


class Planned:
    """One operation of which plans are made."""

    def __init__(self, prepared: Prepared, variables: Variables) -> None:
        # The node is kept: while it lives, no other has its identity.
        self.document: DocumentNode = prepared.document
        self.operation: OperationDefinitionNode = prepared.operation
        self.variables = variables


class Plans:
    """Answers queries and mutations by plans. Safe for concurrent use on one event loop."""

    def __init__(self, schema: strawberry.Schema, database: Database) -> None:
        self._schema, self._converter = schema._schema, schema.schema_converter
        self._engine = json_text(database.lane.dialect)
        self._memory = memory_of(schema, database.lane.dialect.name)
        self._operations: OrderedDict[int, Planned] = OrderedDict()
        self._plans: OrderedDict[tuple[Planned, Key], list[Plan]] = OrderedDict()
        self._characters = 0
        self._mutations = Mutations(schema)
        self.counts = Counts()
        self.remembers: Callable[[int], None] = lambda _: None
        """Is told of how many shapes there are plans, whenever there is one more."""

    async def answer(
        self, prepared: Prepared, given: Mapping[str, Any] | None, context: Context, meter: Meter
    ) -> ExecutionResult | None:
        """The answer to a query that is within all limits; None where graphql-core is to run it. Raises
        PresumedWrongly, TooMuchFound and TooMuchRead: what is too much for a plan is so for graphql-core too."""
        return await self._unless_aside(self._data(prepared, given or {}, context, meter))

    async def perform(
        self, prepared: Prepared, given: Mapping[str, Any] | None, context: Context, meter: Meter, outcomes: Outcomes
    ) -> ExecutionResult | None:
        """The answer to a mutation that was done; None where graphql-core is to answer what came of it, or to do it."""
        try:
            return await self._unless_aside(self._mutations.data(prepared, given or {}, context, meter, outcomes))
        except TooMuchFound:  # what is done stays done, and graphql-core leaves out what is too much
            self.counts.aside[Reason.COST] += 1
            return None

    async def _unless_aside(self, answering: Awaitable[bytes]) -> ExecutionResult | None:
        try:
            data = await answering
        except (TooMuchFound, TooMuchRead, PresumedWrongly):
            raise
        except StepAside as aside:
            self.counts.aside[aside.reason] += 1
            return None
        except Exception as failure:  # graphql-core will fail likewise, and say so in its own place
            self.counts.aside[Reason.FAILED] += 1
            if not isinstance(failure, PublicError | BadCursor):
                # Its words may hold what people filled in; the executor reports it under a reference.
                log.info("plan_failed", error=type(failure).__qualname__)
            return None
        self.counts.answered += 1
        return ExecutionResult(data=orjson.Fragment(data), errors=None)  # type: ignore[arg-type]

    async def _data(self, prepared: Prepared, given: Mapping[str, Any], context: Context, meter: Meter) -> bytes:
        if context.viewer.lacks_second_factor:
            raise StepAside(Reason.SECOND_FACTOR)
        planned = self._planned(prepared)
        key, slots = shape_of(context, planned.variables, given)
        plans = self._plans.get((planned, key))
        plan = None if plans is None else next((each for each in plans if each.serves(slots)), None)
        if plan is None:
            plan = self._made(planned, key, slots, given, context)
        else:
            self._plans.move_to_end((planned, key))
        return await plan.data(context, slots, given, meter)

    def _planned(self, prepared: Prepared) -> Planned:
        identity = id(prepared.operation)
        planned = self._operations.get(identity)
        if planned is not None:
            self._operations.move_to_end(identity)
            return planned
        variables = Variables(self._schema, prepared.document, prepared.operation)
        planned = self._operations[identity] = Planned(prepared, variables)
        if len(self._operations) > OPERATIONS_MAX:
            self._operations.popitem(last=False)
        return planned

    def _made(self, planned: Planned, key: Key, slots: list[Any], given: Mapping[str, Any], context: Context) -> Plan:
        if len(self._plans.get((planned, key), ())) >= GUARDED_MAX:
            raise StepAside(Reason.GUARDS)
        plan = self._compiled(planned, key, slots, given, context)
        self._plans.setdefault((planned, key), []).append(plan)
        self._characters += plan.characters
        self.counts.planned += 1
        self._forget()
        self.remembers(len(self._plans))
        return plan

    def _compiled(
        self, planned: Planned, key: Key, slots: list[Any], given: Mapping[str, Any], context: Context
    ) -> Plan:
        definitions = planned.operation.variable_definitions or ()
        values = get_variable_values(self._schema, definitions, dict(given))
        if isinstance(values, list):
            raise StepAside(Reason.VARIABLES)
        template = Template(key, slots)
        later = VariableValues(values.sources, planned.variables.overlaid(given, values.coerced, template.next))
        viewer = template.viewer(context.viewer)
        selection = Selection(self._schema, planned.document, planned.operation, values)
        tracing, parts = Tracing(viewer, context.language, template.today()), Parts(self._engine)
        resolving = Resolving(selection, self._converter, definitions, tracing, parts)
        recall = Recall(self._memory, template)
        compiler = Compiler(selection, resolving, self._engine, tracing, recall)
        asking = Asking(selection, compiler, resolving, recall, parts, later)
        roots = [_root(each, resolving, asking) for each in selection.roots()]
        dialect, still_known = self._engine.dialect, template.proof(viewer, context.presumption)
        proof = None
        if still_known is not None:
            proof = parts.add_proof(recall.of(("proof",), lambda: Asked.by(still_known, dialect)))
        statement = Statement(parts.sql, dialect) if len(parts) else None
        return Plan(roots, len(parts), statement, template.guards, proof)

    def _forget(self) -> None:
        while len(self._plans) > SHAPES_MAX or self._characters > CHARACTERS_MAX:
            _, forgotten = self._plans.popitem(last=False)
            self._characters -= sum(plan.characters for plan in forgotten)


def _root(field: Selected, resolving: Resolving, asking: Asking) -> Root:
    if field.is_typename:
        return Constant(field.key, field.parent.name)
    if field.name.startswith("__"):
        raise StepAside(Reason.INTROSPECTION)
    asked = asking.root(field) if asks_once(field.strawberry) else None
    return asked or Called(field.key, resolving.caller(field), resolving.completer(field.field.type, field))
