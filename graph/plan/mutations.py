"""Mutations: each root field's own resolver is called, one after another, and its payload is written out by what was
made for it once.

What is done cannot be done again: whoever goes on where this steps aside finds what came of each field so far.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Final

import orjson
import strawberry
from graphql import (
    GraphQLBoolean,
    GraphQLID,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    get_named_type,
    get_variable_values,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource
from graphql.utilities import type_from_ast

from graph.context import Context
from graph.execution import Prepared
from graph.meter import Meter
from graph.own_executor import Outcome, Outcomes
from graph.plan.aside import Reason, StepAside
from graph.plan.filling import Complete, Resolving, Run
from graph.plan.selection import Selected, Selection
from graph.seen import proves_who_asks
from graph.transport.host import PresumedWrongly

OPERATIONS_MAX: Final = 500
"""Operations, each under its conditions, whose writing out is kept; the one longest unused goes first."""


@dataclass(frozen=True, slots=True)
class Doing:
    """One root field; without `call` it is `__typename`."""

    key: str
    call: Callable[[Any, Run], Any] | None
    complete: Complete
    proves_who_asks: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """An operation under its conditions. The node is kept: while it lives, no other has its identity."""

    operation: OperationDefinitionNode
    doings: Sequence[Doing]


@dataclass(frozen=True, slots=True)
class Declared:
    """What an operation declares of its variables. The node is kept, as above."""

    operation: OperationDefinitionNode
    booleans: Sequence[str]
    texts: Sequence[tuple[str, GraphQLVariableSignature]] | None
    """All of them where each is a text that must be given: one that is is coerced to itself."""


class Mutations:
    """Does what mutations ask, and answers them. Safe for concurrent use on one event loop."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema, self._converter = schema._schema, schema.schema_converter
        self._known: OrderedDict[tuple[int, tuple[Any, ...]], Known] = OrderedDict()
        self._declared: OrderedDict[int, Declared] = OrderedDict()

    async def data(
        self, prepared: Prepared, given: Mapping[str, Any], context: Context, meter: Meter, outcomes: Outcomes
    ) -> bytes:
        """The `data` of the answer, in JSON. Raises whatever keeps it from being answered; what was done until then is
        in `outcomes`."""
        _unless_weak(context)
        values = self._values(prepared.operation, given)
        run = Run(lambda: context, given, meter, ())
        run.values = values
        out: dict[str, Any] = {}
        try:
            for doing in self._doings(prepared, values):
                await _done(doing, run, out, outcomes)
        finally:
            run.close()
        return orjson.dumps(out)

    def _values(self, operation: OperationDefinitionNode, given: Mapping[str, Any]) -> VariableValues:
        texts = self._declared_by(operation).texts
        if texts is not None:
            sources = {name: VariableValueSource(signature, given.get(name)) for name, signature in texts}
            coerced = {name: source.value for name, source in sources.items()}
            if set(map(type, coerced.values())) <= {str}:
                return VariableValues(sources, coerced)
        values = get_variable_values(self._schema, operation.variable_definitions or (), dict(given))
        if isinstance(values, list):
            raise StepAside(Reason.VARIABLES)
        return values

    def _doings(self, prepared: Prepared, values: VariableValues) -> Sequence[Doing]:
        operation = prepared.operation
        # Conditions are booleans; nothing else decides what is selected.
        key = (id(operation), tuple([values.coerced.get(name) for name in self._declared_by(operation).booleans]))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Known(operation, self._made(prepared, values))
            if len(self._known) > OPERATIONS_MAX:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return known.doings

    def _declared_by(self, operation: OperationDefinitionNode) -> Declared:
        known = self._declared.get(id(operation))
        if known is None:
            known = self._declared[id(operation)] = _declared(self._schema, operation)
            if len(self._declared) > OPERATIONS_MAX:
                self._declared.popitem(last=False)
        return known

    def _made(self, prepared: Prepared, values: VariableValues) -> Sequence[Doing]:
        selection = Selection(self._schema, prepared.document, prepared.operation, values)
        resolving = Resolving(selection, self._converter, prepared.operation.variable_definitions or ())
        return [_doing(each, resolving) for each in selection.roots()]


def _declared(schema: GraphQLSchema, operation: OperationDefinitionNode) -> Declared:
    definitions = operation.variable_definitions or ()
    types = {each.variable.name.value: type_from_ast(schema, each.type) for each in definitions}
    texts = None
    if all(isinstance(each, GraphQLNonNull) and each.of_type in (GraphQLID, GraphQLString) for each in types.values()):
        signatures = [get_variable_signature(schema, each) for each in definitions]
        texts = [(each.name, each) for each in signatures if isinstance(each, GraphQLVariableSignature)]
        assert len(texts) == len(types)
    return Declared(operation, [name for name, each in types.items() if get_named_type(each) is GraphQLBoolean], texts)


def _doing(field: Selected, resolving: Resolving) -> Doing:
    if field.is_typename:
        return Doing(field.key, None, lambda _, __: field.parent.name)
    call, complete = resolving.caller(field), resolving.completer(field.field.type, field)
    return Doing(field.key, call, complete, proves_who_asks(field.strawberry))


async def _done(doing: Doing, run: Run, out: dict[str, Any], outcomes: Outcomes) -> None:
    if doing.call is None:
        out[doing.key] = doing.complete(None, run)
        return
    if not doing.proves_who_asks:
        await run.context.certain()
    outcome = await _outcome_of(doing.call, run)
    outcomes[doing.key] = outcome
    if outcome.failure is not None:
        raise StepAside(Reason.FAILED) from outcome.failure
    # Whoever has just signed in may be told less than who asked, and may do less with the fields that follow.
    _unless_weak(run.context)
    answer = doing.complete(outcome.value, run)
    await run.settled()
    out[doing.key] = outcome.answer = answer


def _unless_weak(context: Context) -> None:
    if context.viewer.lacks_second_factor:
        raise StepAside(Reason.SECOND_FACTOR)


async def _outcome_of(call: Callable[[Any, Run], Any], run: Run) -> Outcome:
    try:
        found = call(None, run)
        return Outcome(await found if isawaitable(found) else found)
    except (StepAside, PresumedWrongly):
        raise
    except Exception as failure:  # graphql-core says it in its place
        return Outcome(failure=failure)
