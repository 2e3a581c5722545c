"""What Python fills in after the statement: the very resolvers that the ordinary executor calls, in one pass.

Values come as the schema serializes them. Whatever graphql-core would report makes the plan step aside instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from inspect import isawaitable, iscoroutine
from operator import attrgetter
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    get_variable_values,
    is_abstract_type,
    is_leaf_type,
)
from graphql.execution.values import VariableValues
from strawberry.types.field import StrawberryField

from domain.term import Term
from graph.context import Context
from graph.meter import Meter
from graph.plan.arguments import Arguments
from graph.plan.aside import Reason, StepAside
from graph.plan.parts import Parts, Rows
from graph.plan.selection import Selected, Selection
from graph.plan.statement import Asked
from graph.publish import DEFINITION, READS, Attribute
from graph.relation import COUNTED
from storage.beside import Counting

Complete = Callable[[Any, "Run"], Any]
"""What a resolver gave, as it stands in the answer."""

OBJECT: Final = 0.01
"""What filling in one object costs, in the points of `graph/weights.py`: less than what walking it would."""
CALL: Final = 0.005
"""A resolver called."""
AWAITED: Final = 0.05
"""And waited for."""
BYTES_PER_POINT: Final = 10_000
"""Of what the database has written as it stands in the answer."""


class Info:
    """What resolvers are given as `info`: the context, and no more."""

    __slots__ = ("context",)

    def __init__(self, context: Context) -> None:
        self.context = context


class Run:
    """One request as it is answered: what it carries along, and what is still awaited."""

    __slots__ = ("_context_of", "_info", "given", "meter", "pending", "rows", "values")

    def __init__(self, context_of: Callable[[], Context], given: Mapping[str, Any], meter: Meter, rows: Rows) -> None:
        """`context_of` is asked when the first resolver is called; most plans call none."""
        self._context_of, self.given, self.meter, self.rows = context_of, given, meter, rows
        self._info: Info | None = None
        self.values: VariableValues | None = None
        self.pending: list[tuple[Awaitable[Any], dict[str, Any], str, Complete]] = []

    @property
    def info(self) -> Info:
        if self._info is None:
            self._info = Info(self._context_of())
        return self._info

    @property
    def context(self) -> Context:
        return self.info.context

    def count(self, part: int) -> int:
        """The number that a part gives."""
        return int(self.rows[part][0][2])

    def put(self, found: Any, complete: Complete, into: dict[str, Any], key: str) -> None:
        """Puts what a resolver gave in its place, now or when it is there."""
        if isawaitable(found):
            into[key] = None
            self.pending.append((found, into, key, complete))
            self.meter.add(AWAITED)
        else:
            into[key] = complete(found, self)

    def close(self) -> None:
        """Lets go of what nobody waits for any more."""
        for found, *_ in self.pending:
            if iscoroutine(found):
                found.close()

    async def settled(self) -> None:
        """Waits for all that is awaited, together, and for what comes of it."""
        while self.pending:
            wave, self.pending = self.pending, []
            if len(wave) == 1:
                # Nobody is asked for together with it, so it needs no task of its own.
                ((only, into, key, complete),) = wave
                into[key] = complete(await only, self)
                continue
            awaited = (each for each, *_ in wave)
            settled = await asyncio.gather(*awaited, return_exceptions=True)
            failed = next((each for each in settled if isinstance(each, BaseException)), None)
            if failed is not None:
                try:
                    raise failed
                finally:
                    # A failure knows where it was raised, and would hold on to itself by what lies there.
                    del failed, settled
            for found, (_, into, key, complete) in zip(settled, wave, strict=True):
                into[key] = complete(found, self)


class Resolving:
    """Calls resolvers and completes what they give, for one plan."""

    def __init__(
        self,
        selection: Selection,
        converter: Any,
        definitions: Sequence[Any],
        context: Context | None = None,
        parts: Parts | None = None,
    ) -> None:
        """`context` is that of a viewer whose ids come later, and `parts` those of its statement; of a mutation there
        are none."""
        self._selection, self._converter, self._definitions = selection, converter, definitions
        self._context, self._parts = context, parts

    def caller(self, selected: Selected) -> Callable[[Any, Run], Any]:
        """Calls the resolver of a field with its source."""
        field = selected.strawberry
        arguments = self._arguments(selected, field)
        if field.base_resolver is None:
            if isinstance(field, Attribute) and field.id_of is None:
                read = attrgetter(field.python_name)
                return lambda source, run: read(source)
            return lambda source, run: field.get_result(source, None, [], {})
        resolve: Any = field.base_resolver.wrapped_func
        source_name, info_name = _reserved(field)

        def call(source: Any, run: Run) -> Any:
            given = arguments(run)
            if source_name is not None:
                given[source_name] = source
            if info_name is not None:
                given[info_name] = run.info
            return resolve(**given)

        if field.base_resolver.self_parameter is not None:
            return lambda source, run: resolve(source, **_with_info(arguments(run), info_name, run.info))
        question = getattr(resolve, COUNTED, None)
        if question is None or self._context is None or self._parts is None:
            return call
        return _counted(question, call, self._context, self._parts)

    def called(self, selected: Selected, values: dict[str, Any]) -> Any:
        """What the resolver of a root field gives to a viewer whose ids come later, for these coerced arguments."""
        context = self._context
        assert context is not None
        resolver: Any = selected.strawberry.base_resolver
        _, info_name = _reserved(selected.strawberry)
        arguments = Arguments(selected, self._converter).taken(values)
        return resolver.wrapped_func(**_with_info(arguments, info_name, Info(context)))

    def saying(self, selected: Selected) -> Callable[[Any], Any] | None:
        """Asks the resolver of a field what it says of a source; None for one that waits, takes arguments, or does not
        say what it reads."""
        resolver = selected.strawberry.base_resolver
        if resolver is None or resolver.is_async or selected.field.args:
            return None
        resolve: Any = resolver.wrapped_func
        if self._context is None or not hasattr(resolve, READS):
            return None
        source_name, info_name = _reserved(selected.strawberry)
        info = _with_info({}, info_name, Info(self._context))
        return lambda source: resolve(**info if source_name is None else {source_name: source, **info})

    def completer(self, type_: Any, selected: Selected) -> Complete:
        """How a value of this type is completed with what is selected of it."""
        if isinstance(type_, GraphQLNonNull):
            if is_leaf_type(type_.of_type):
                return _leaf(type_.of_type, may_be_null=False)
            return _not_null(self.completer(type_.of_type, selected))
        if isinstance(type_, GraphQLList):
            inner = self.completer(type_.of_type, selected)
            return lambda value, run: None if value is None else [inner(each, run) for each in value]
        if is_leaf_type(type_):
            return _leaf(type_)
        if is_abstract_type(type_):
            return self._of_any_type(selected)
        return self.object(type_, selected)

    def object(self, type_: GraphQLObjectType, selected: Selected) -> Complete:
        """How an object of this type is written out."""
        steps: list[tuple[str, Callable[[Any, Run], Any], Complete, bool]] = []
        for each in self._selection.below(selected, type_):
            if each.is_typename:
                steps.append((each.key, _nothing, _constant(type_.name), False))
            else:
                # What is read off a record is there.
                may_wait = each.strawberry.base_resolver is not None
                steps.append((each.key, self.caller(each), self.completer(each.field.type, each), may_wait))

        points = OBJECT + CALL * len(steps)

        def complete(value: Any, run: Run) -> Any:
            if value is None:
                return None
            run.meter.add(points)
            out: dict[str, Any] = {}
            for key, call, inner, may_wait in steps:
                if may_wait:
                    run.put(call(value, run), inner, out, key)
                else:
                    out[key] = inner(call(value, run), run)
            return out

        return complete

    def _of_any_type(self, selected: Selected) -> Complete:
        known: dict[type[Any], Complete] = {}

        def complete(value: Any, run: Run) -> Any:
            if value is None:
                return None
            kind = type(value)
            if kind not in known:
                name = vars(kind)[DEFINITION].name
                type_: Any = self._selection.schema.type_map[name]
                known[kind] = self.object(type_, selected)
            return known[kind](value, run)

        return complete

    def _arguments(self, selected: Selected, field: StrawberryField) -> Callable[[Run], dict[str, Any]]:
        if not selected.field.args:
            return lambda run: {}
        known = Arguments(selected, self._converter)

        def arguments(run: Run) -> dict[str, Any]:
            if run.values is None:
                values = get_variable_values(self._selection.schema, self._definitions, dict(run.given))
                if isinstance(values, list):
                    raise StepAside(Reason.VARIABLES)
                run.values = values
            return known.given(run.values)

        return arguments


def _counted(
    question: Counting, call: Callable[[Any, Run], Any], context: Context, parts: Parts
) -> Callable[[Any, Run], Any]:
    """The number comes with the statement for the viewer who asks, and by the resolver for any other."""
    part = parts.add_count(Asked.by(question(parts.engine, context.viewer), parts.engine.dialect))
    return lambda source, run: run.count(part) if source is run.context.viewer else call(source, run)


def _reserved(field: StrawberryField) -> tuple[str | None, str | None]:
    resolver = field.base_resolver
    assert resolver is not None
    source = resolver.parent_parameter or resolver.root_parameter
    info = resolver.info_parameter
    return None if source is None else source.name, None if info is None else info.name


def _with_info(given: dict[str, Any], name: str | None, info: Info) -> dict[str, Any]:
    return given if name is None else {**given, name: info}


def _not_null(complete: Complete) -> Complete:
    def completed(value: Any, run: Run) -> Any:
        if value is None:
            raise StepAside(Reason.FAILED)
        return complete(value, run)

    return completed


_PLAIN: Final[Mapping[str, type[Any]]] = {"String": str, "ID": str, "Boolean": bool}
"""Scalars whose values are written as they are where they are of this type."""


def _leaf(type_: Any, *, may_be_null: bool = True) -> Complete:
    assert isinstance(type_, GraphQLScalarType | GraphQLEnumType)
    serialize, plain = type_.serialize, _PLAIN.get(type_.name)
    terms: dict[Term, Any] = {}

    def complete(value: Any, run: Run) -> Any:
        if type(value) is plain:
            return value
        if value is None:
            if may_be_null:
                return None
            raise StepAside(Reason.FAILED)
        if isinstance(value, Term):
            written = terms.get(value)
            if written is None:
                written = terms[value] = serialize(value)
        else:
            written = serialize(value)
        if written is None:
            raise StepAside(Reason.FAILED)
        return written

    return complete


def _nothing(source: Any, run: Run) -> None:
    return None


def _constant(value: str) -> Complete:
    return lambda _, run: value
