"""The same action that one user wants on several records at once: carried out in one transaction, each answered for
itself (decision 0035).

A transaction costs little more for ten records than for one. So whoever comes while another of the kind is under way
waits until that one is over, and goes together with all who came meanwhile; a full company goes beside it. The
surprise: nobody waits for company. Who comes alone goes at once, in a transaction of its own.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Any, Final, NamedTuple, TypeVar

import structlog

from domain.party import Viewer
from domain.record import Record
from storage.database import DatabaseAway
from storage.desk import Desk
from storage.hand import Outcome, Request

R = TypeVar("R", bound=Record)

RECORDS_MAX: Final = 8
"""So many records in one transaction: their locks are held for as long as all of it takes. More in one cost hardly less
each, and keep those waiting whose answers the process could be writing meanwhile."""

OPEN_MAX: Final = 3
"""So many transactions of one kind at once: while the process weighs one, the database writes or commits others."""

ENDING_SECONDS_MAX: Final = 5
"""How long a process that ends waits for those who are under way."""

log = structlog.get_logger(__name__)

PerformAll = Callable[[Desk[Any], str, Sequence[Request], Viewer], Awaitable[list[Outcome[Any]]]]


class _Waiting(NamedTuple):
    request: Request
    answer: asyncio.Future[Outcome[Any]]

    def is_told(self, outcome: Outcome[Any]) -> None:
        if not self.answer.done():
            self.answer.set_result(outcome)

    def fails(self, failure: BaseException) -> None:
        if not self.answer.done():
            self.answer.set_exception(failure)

    @property
    def is_over(self) -> bool:
        """Whether there is nobody to be told any more: whoever asked has been told, or has gone."""
        return self.answer.done()


class _Kind:
    """One action of one user, of which transactions are under way; and who waits for the next."""

    def __init__(self) -> None:
        self.open = 0
        """Transactions under way."""
        self._under_way: set[Any] = set()
        """The records that they are about."""
        self._waiting: dict[Any, deque[_Waiting]] = {}
        """By record, in the order in which they came."""

    def begins(self, requests: Sequence[Request]) -> None:
        self.open += 1
        self._under_way.update(each.subject_id for each in requests)

    def ends(self, requests: Sequence[Request]) -> None:
        self.open -= 1
        self._under_way.difference_update(each.subject_id for each in requests)

    def wait(self, each: _Waiting) -> None:
        self._waiting.setdefault(each.request.subject_id, deque()).append(each)

    def taken(self, open_max: int) -> list[_Waiting]:
        """Those who go next and wait no more, of each record one; nobody as long as all have to wait. They go when no
        transaction is under way, a full company beside a few."""
        if self.open and (len(self._waiting) < RECORDS_MAX or self.open >= open_max):
            return []
        first: dict[Any, _Waiting] = {}
        gone = []
        for subject_id, some in self._waiting.items():
            while some and some[0].is_over:
                some.popleft()
            if not some:
                gone.append(subject_id)
            elif subject_id not in self._under_way:
                first[subject_id] = some[0]
                if len(first) == RECORDS_MAX:
                    break
        for subject_id in gone:
            del self._waiting[subject_id]
        if self.open and len(first) < RECORDS_MAX:
            return []
        for subject_id in first:
            some = self._waiting.pop(subject_id)
            some.popleft()
            if some:
                self._waiting[subject_id] = some
        return list(first.values())


_Key = tuple[str, str, Viewer]


class Company:
    """Who is under way, and who waits. Safe on one event loop."""

    def __init__(self, perform_all: PerformAll, writers: int) -> None:
        """`perform_all` carries out an action on all records or on none, and says of each why. Of so many `writers`,
        connections that write, one action of one user takes all only where there is but one."""
        self._open_max = max(1, min(OPEN_MAX, writers - 1))
        self._perform_all = perform_all
        self._kinds: dict[_Key, _Kind] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def perform(self, desk: Desk[R], action_name: str, request: Request, actor: Viewer) -> Outcome[R]:
        """One action on one record that there is. Raises what carrying it out raises."""
        key = (desk.workflow.subject, action_name, actor)
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = _Kind()
        if not kind.open:
            kind.begins([request])
            try:
                return (await self._perform_all(desk, action_name, [request], actor))[0]
            finally:
                self._end(key, kind, desk, [request])
        waiting = _Waiting(request, asyncio.get_running_loop().create_future())
        kind.wait(waiting)
        self._go_on(key, kind, desk)
        return await waiting.answer

    async def close(self) -> None:
        """Returns when nobody is under way any more, or has been for too long since nobody waits."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=ENDING_SECONDS_MAX)
            for each in late:
                each.cancel()

    def _go_on(self, key: _Key, kind: _Kind, desk: Desk[Any]) -> None:
        """Lets those go who wait, if they may."""
        while some := kind.taken(self._open_max):
            self._go(key, kind, desk, some)

    def _end(self, key: _Key, kind: _Kind, desk: Desk[Any], requests: Sequence[Request]) -> None:
        """A transaction is over, committed or not."""
        kind.ends(requests)
        self._go_on(key, kind, desk)
        if not kind.open:
            del self._kinds[key]

    def _go(self, key: _Key, kind: _Kind, desk: Desk[Any], some: Sequence[_Waiting]) -> None:
        _, action_name, actor = key
        requests = [each.request for each in some]
        kind.begins(requests)
        # Not in the context of whichever operation lets them go, whose time is over when it ends.
        answering = self._answer(desk, action_name, some, actor)
        task = asyncio.get_running_loop().create_task(answering, name="company", context=Context())
        self._tasks.add(task)

        def one_has_gone(answer: asyncio.Future[Outcome[Any]]) -> None:
            if answer.cancelled() and all(each.is_over for each in some):
                task.cancel()

        def has_ended(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            failure = None if task.cancelled() else task.exception()
            if failure is not None:
                log.error("company_failed", exc_info=failure)
            for each in some:
                each.fails(DatabaseAway("cut off"))
            self._end(key, kind, desk, requests)

        for each in some:
            each.answer.add_done_callback(one_has_gone)
        task.add_done_callback(has_ended)

    async def _answer(self, desk: Desk[Any], action_name: str, some: Sequence[_Waiting], actor: Viewer) -> None:
        """All at once; where one is refused it is told so, and the others go without it."""
        while some:
            try:
                requests = [each.request for each in some]
                outcomes = await self._perform_all(desk, action_name, requests, actor)
            except DatabaseAway as failure:
                # Whether it was done is not known, so it is not done again.
                for each in some:
                    each.fails(DatabaseAway(*failure.args))
                return
            except Exception as failure:
                if len(some) == 1:
                    some[0].fails(failure)
                    return
                # Nothing was done, because of one of them: each goes alone.
                for each in some:
                    if not each.is_over:
                        await self._answer(desk, action_name, [each], actor)
                return
            are_refused = any(outcome.refusals for outcome in outcomes)
            for each, outcome in zip(some, outcomes, strict=True):
                if outcome.refusals or not are_refused:
                    each.is_told(outcome)
            some = [each for each in some if not each.is_over]
