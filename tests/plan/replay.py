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
from graph.plan.plans import Plans
from graph.schema.schema import SCHEMA

Answer = Callable[[Prepared, Mapping[str, Any] | None, Context], Awaitable[ExecutionResult | None]]

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
        self._ordinary = Executor(SCHEMA, Limits(cost_max=1_000_000))
        self.differing: list[str] = []
        self._written = 0
        writers = self._database.engines[1].sync_engine
        for moment in ("before_cursor_execute", "commit"):
            event.listen(writers, moment, self._note)
        vars(self._plans)["answer"] = self.answer

    def _note(self, *_: object) -> None:
        self._written += 1

    async def answer(
        self, prepared: Prepared, given: Mapping[str, Any] | None, context: Context
    ) -> ExecutionResult | None:
        """What the plan answers, after a look at what the executor does."""
        before = self._written
        answered = await self._answer(prepared, given, context)
        # A test that counts statements counts those of one way.
        if answered is None or self._database.lane.listeners:
            return answered
        ordinary = await self._ordinary.execute(prepared, given, context.fresh())
        is_same = not ordinary.errors and _text(answered) == _text(ordinary)
        # Somebody who writes meanwhile may make them differ.
        if not is_same and self._written == before:
            self.differing.append(prepared.operation.loc.source.body if prepared.operation.loc else "")
        return answered


def _text(result: ExecutionResult) -> bytes:
    return orjson.dumps(orjson.loads(orjson.dumps(result.data)))
