"""Every query that a test asks, asked again of the ordinary executor: a plan that answers otherwise fails the test.

It is on for SQLite, where it costs least; PRESHIP_TEST_BOTH_WAYS names the engines, or `none`.
"""

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from graphql import ExecutionResult
from starlette.applications import Starlette

from graph.context import Context
from graph.execution import Executor, Prepared
from graph.limits import Limits
from graph.plan.plans import Plans
from graph.schema.schema import SCHEMA

Answer = Callable[[Prepared, Mapping[str, Any] | None, Context], Awaitable[ExecutionResult | None]]

VARIABLE = "PRESHIP_TEST_BOTH_WAYS"
TRIES_MAX = 3
"""What others do meanwhile may make two answers differ, but hardly each time."""


def is_wanted(engine: str) -> bool:
    """Whether tests on this engine are to ask both ways."""
    return engine in os.environ.get(VARIABLE, "sqlite").split(",")


class Replay:
    """Stands before the plans of one application."""

    def __init__(self, app: Starlette) -> None:
        self._plans: Plans = app.state.plans
        self._database = app.state.house.database
        self._answer: Answer = self._plans.answer
        self._ordinary = Executor(SCHEMA, Limits())
        self.differing: list[str] = []
        vars(self._plans)["answer"] = self.answer

    async def answer(
        self, prepared: Prepared, given: Mapping[str, Any] | None, context: Context
    ) -> ExecutionResult | None:
        """What the plan answers, after a look at what the executor does."""
        answered = await self._answer(prepared, given, context)
        # A test that counts statements counts those of one way.
        if answered is None or self._database.lane.listeners:
            return answered
        planned: ExecutionResult | None = answered
        for _ in range(TRIES_MAX):
            ordinary = await self._ordinary.execute(prepared, given, context.fresh())
            if planned is None or (not ordinary.errors and _text(planned) == _text(ordinary)):
                return answered
            planned = await self._answer(prepared, given, context)
        self.differing.append(prepared.operation.loc.source.body if prepared.operation.loc else "")
        return answered


def _text(result: ExecutionResult) -> bytes:
    return orjson.dumps(orjson.loads(orjson.dumps(result.data)))
