"""One plan: the statement of one operation in one shape, and how the answer is made of its rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from domain.later import Guard
from graph.context import Context
from graph.meter import Meter
from graph.plan.filling import BYTES_PER_POINT, Run
from graph.plan.parts import Row
from graph.plan.root import Root
from graph.plan.statement import Statement


class Plan:
    """Answers the requests of one shape for which its guards hold."""

    def __init__(
        self,
        roots: Sequence[Root],
        parts: int,
        statement: Statement | None,
        guards: Sequence[Guard],
        proof: int | None = None,
    ) -> None:
        """`proof` is the part that proves who asks, where that is presumed."""
        self._roots, self._parts, self._statement, self._guards = roots, parts, statement, tuple(guards)
        self._proof = proof
        self._asks_more = parts > (proof is not None)

    @property
    def characters(self) -> int:
        return 0 if self._statement is None else len(self._statement.text)

    @property
    def text(self) -> str:
        """The statement; empty where nothing is asked in one."""
        return "" if self._statement is None else self._statement.text

    def serves(self, slots: Sequence[Any]) -> bool:
        """Whether what its questions wanted to know of the first request is true of this one."""
        return all(guard.holds(slots) for guard in self._guards)

    async def data(self, context: Context, slots: Sequence[Any], given: Mapping[str, Any], meter: Meter) -> bytes:
        """The `data` of the answer, in JSON. Raises PresumedWrongly, and whatever keeps it from being answered."""
        rows: list[list[Row]] = [[] for _ in range(self._parts)]
        if self._statement is not None and (self._asks_more or not context.is_certain):
            found = await context.house.database.read(self._statement.text, self._statement.bound(slots))
            for row in found:
                rows[row[0]].append(row)
            meter.add(sum([len(row[2]) for row in found]) / BYTES_PER_POINT)
            if self._proof is not None:
                assert context.presumption is not None
                context.presumption.weigh(rows[self._proof])
        # Its own loaders: nothing of a plan that steps aside is left to the executor.
        run = Run(context.fresh, given, meter, rows)
        out: dict[str, Any] = {}
        try:
            for root in self._roots:
                root.put(run, out)
            if run.pending:
                await run.settled()
        finally:
            run.close()
        return orjson.dumps(out)
