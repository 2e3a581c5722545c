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
from graphql import GraphQLBoolean, OperationDefinitionNode, get_named_type, get_variable_values
from graphql.execution.values import VariableValues
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


class Mutations:
    """Does what mutations ask, and answers them. Safe for concurrent use on one event loop."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema, self._converter = schema._schema, schema.schema_converter
        self._known: OrderedDict[tuple[int, tuple[Any, ...]], Known] = OrderedDict()
        self._booleans: OrderedDict[int, tuple[OperationDefinitionNode, Sequence[str]]] = OrderedDict()

    async def data(
        self, prepared: Prepared, given: Mapping[str, Any], context: Context, meter: Meter, outcomes: Outcomes
    ) -> bytes:
        """The `data` of the answer, in JSON. Raises whatever keeps it from being answered; what was done until then is
        in `outcomes`."""
        _unless_weak(context)
        definitions = prepared.operation.variable_definitions or ()
        values = get_variable_values(self._schema, definitions, dict(given))
        if isinstance(values, list):
            raise StepAside(Reason.VARIABLES)
        run = Run(lambda: context, given, meter, ())
        run.values = values
        out: dict[str, Any] = {}
        try:
            for doing in self._doings(prepared, values):
                await _done(doing, run, out, outcomes)
        finally:
            run.close()
        return orjson.dumps(out)

    def _doings(self, prepared: Prepared, values: VariableValues) -> Sequence[Doing]:
        operation = prepared.operation
        # Conditions are booleans; nothing else decides what is selected.
        key = (id(operation), tuple([values.coerced.get(name) for name in self._booleans_of(operation)]))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Known(operation, self._made(prepared, values))
            if len(self._known) > OPERATIONS_MAX:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return known.doings

    def _booleans_of(self, operation: OperationDefinitionNode) -> Sequence[str]:
        """The names of its variables that are booleans."""
        known = self._booleans.get(id(operation))
        if known is None:
            names = [
                each.variable.name.value
                for each in operation.variable_definitions or ()
                if get_named_type(type_from_ast(self._schema, each.type)) is GraphQLBoolean
            ]
            # The node is kept, as above.
            known = self._booleans[id(operation)] = operation, names
            if len(self._booleans) > OPERATIONS_MAX:
                self._booleans.popitem(last=False)
        return known[1]

    def _made(self, prepared: Prepared, values: VariableValues) -> Sequence[Doing]:
        selection = Selection(self._schema, prepared.document, prepared.operation, values)
        resolving = Resolving(selection, self._converter, prepared.operation.variable_definitions or ())
        return [_doing(each, resolving) for each in selection.roots()]


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
