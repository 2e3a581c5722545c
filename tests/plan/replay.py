"""Every query that a test asks, asked again of the ordinary executor: a plan that answers otherwise fails the test.

It is on for SQLite, where it costs least; PRESHIP_TEST_BOTH_WAYS names the engines, or `none`.
"""

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from graphql import ExecutionResult
from sqlalchemy import event
from starlette.applications import Starlette

from graph.context import Context
from graph.execution import Executor, Prepared
from graph.limits import Limits
from graph.meter import Meter
from graph.own_executor import Outcome, Outcomes, OwnExecutor
from graph.plan.aside import Reason
from graph.plan.plans import Plans
from graph.schema.schema import SCHEMA

Answer = Callable[[Prepared, Mapping[str, Any] | None, Context, Meter], Awaitable[ExecutionResult | None]]

Perform = Callable[[Prepared, Mapping[str, Any] | None, Context, Meter, Outcomes], Awaitable[ExecutionResult | None]]

VARIABLE = "PRESHIP_TEST_BOTH_WAYS"


def is_wanted(engine: str) -> bool:
    """Whether tests on this engine are to ask both ways."""
    return engine in os.environ.get(VARIABLE, "sqlite").split(",")


class Replay:
    """Stands before the plans of one application."""

    def __init__(self, app: Starlette) -> None:
        self._plans: Plans = app.state.plans
        self._database = app.state.house.database
        self._answer: Answer = self._plans.answer
        self._perform: Perform = self._plans.perform
        self._ordinary = Executor(SCHEMA, Limits(cost_max=1_000_000))
        self.differing: list[str] = []
        self._written = 0
        writers = self._database.engines[1].sync_engine
        for moment in ("before_cursor_execute", "commit"):
            event.listen(writers, moment, self._note)
        vars(self._plans).update(answer=self.answer, perform=self.perform)

    def _note(self, *_: object) -> None:
        self._written += 1

    async def answer(
        self, prepared: Prepared, given: Mapping[str, Any] | None, context: Context, meter: Meter
    ) -> ExecutionResult | None:
        """What the plan answers, after a look at what the executor does."""
        before, failed_before = self._written, self._plans.counts.aside[Reason.FAILED]
        answered = await self._answer(prepared, given, context, meter)
        failed = self._plans.counts.aside[Reason.FAILED] > failed_before
        # A test that counts statements counts those of one way.
        if self._database.lane.listeners or (answered is None and not failed):
            return answered
        ordinary = await self._ordinary.execute(prepared, given, context.fresh())
        if answered is None:
            # Two at once may count each other's failures; one that both ways have is none of the plan's.
            is_same = bool(ordinary.errors) or self._plans.counts.aside[Reason.FAILED] > failed_before + 1
        else:
            is_same = not ordinary.errors and _text(answered) == _text(ordinary)
        self._note_unless(is_same, before, prepared)
        return answered

    async def perform(
        self,
        prepared: Prepared,
        given: Mapping[str, Any] | None,
        context: Context,
        meter: Meter,
        outcomes: Outcomes,
    ) -> ExecutionResult | None:
        """What the plan answers to a mutation, after a look at how the executor writes out what came of it."""
        answered = await self._perform(prepared, given, context, meter, outcomes)
        if answered is None or self._database.lane.listeners:
            return answered
        before = self._written
        executor = self._ordinary._executor(prepared, given, context.fresh())
        assert isinstance(executor, OwnExecutor)
        # The others were answered as things stood then.
        last = list(outcomes)[-1:]
        executor.outcomes = outcomes | {key: Outcome(outcomes[key].value) for key in last}
        ordinary = await executor.ended()
        self._note_unless(not ordinary.errors and _text(answered) == _text(ordinary), before, prepared)
        return answered

    def _note_unless(self, is_same: bool, before: int, prepared: Prepared) -> None:
        # Somebody who writes meanwhile may make them differ.
        if not is_same and self._written == before:
            self.differing.append(prepared.operation.loc.source.body if prepared.operation.loc else "")


def _text(result: ExecutionResult) -> bytes:
    return orjson.dumps(orjson.loads(orjson.dumps(result.data)))
