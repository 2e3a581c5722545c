"""graphql-core's executor, as operations are run here: each list is counted before its items are looked at, and what of
a mutation was done already is not done again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Final, cast

from graphql import ExecutionResult, Executor
from graphql.pyutils import Path

from graph.meter import Meter

NOT_ANSWERED: Final = object()


@dataclass(slots=True)
class Outcome:
    """What the resolver of one root field gave, or how it failed; and its answer, where that was made already."""

    value: Any = None
    failure: Exception | None = None
    answer: Any = NOT_ANSWERED

    async def again(self) -> Any:
        """What the resolver would give if it could be called once more."""
        if self.failure is not None:
            raise self.failure
        return self.value


Outcomes = dict[str, Outcome]
"""By response key, in the order in which they came."""


class OwnExecutor(Executor[Any]):
    """One operation, or one event, as graphql-core runs it."""

    meter: Meter | None = None
    outcomes: Mapping[str, Outcome] = {}

    async def ended(self, *, serially: bool | None = None) -> ExecutionResult:
        """The result of the whole operation."""
        result: Any = self.execute_operation(serially=serially)
        return cast("ExecutionResult", await result if isawaitable(result) else result)

    def complete_list_value(self, return_type: Any, field_details_list: Any, *rest: Any) -> Any:
        *_, result, _position = rest
        if self.meter is not None:
            self.meter.count([details.node for details in field_details_list], result)
        return super().complete_list_value(return_type, field_details_list, *rest)

    def execute_field(self, parent_type: Any, source: Any, field_details_list: Any, path: Path, *rest: Any) -> Any:
        outcome = None if path.prev is not None else self.outcomes.get(str(path.key))
        if outcome is None:
            return super().execute_field(parent_type, source, field_details_list, path, *rest)
        if outcome.answer is not NOT_ANSWERED:
            return outcome.answer
        definition = parent_type.fields[field_details_list[0].node.name.value]
        nodes = [details.node for details in field_details_list]
        info = self.build_resolve_info(definition, nodes, parent_type, path)
        return self.complete_awaitable_value(definition.type, field_details_list, info, path, outcome.again(), *rest)


def own(executor: type[Any]) -> type[OwnExecutor]:
    """The executor of a schema, with what is ours."""
    return type(executor.__name__, (OwnExecutor, executor), {})
