"""The one door, through which all is written: record, parts, register and notices in one transaction, then the bell.

What others do meanwhile never comes out as a failure: all is done again, and the conditions see what they did.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.party import THE_PRODUCT, Viewer
from domain.record import Record
from domain.refusal import Refusal
from storage.bell import Bell
from storage.clock import Clock, wall_clock
from storage.company import Company
from storage.database import Database
from storage.desk import Desk
from storage.hand import NOT_FOUND, Hand, Outcome, Request

__all__ = ["NOT_FOUND", "Door", "Outcome", "Request", "Transaction", "Undone"]

R = TypeVar("R", bound=Record)
T = TypeVar("T")

ATTEMPTS_MAX = 5
RETRY_WAIT_SECONDS_MAX = 0.02


class Undone(Exception):
    """Raised by the work given to `Door.together`: nothing of it is kept, and `together` returns the answer."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer


class Door:
    """Carries out actions. One instance a process."""

    def __init__(self, database: Database, bell: Bell, clock: Clock = wall_clock) -> None:
        self.database = database
        self.bell = bell
        self.clock = clock
        self._company = Company(self.perform_all, database.writers)

    async def perform(self, desk: Desk[R], action_name: str, request: Request, actor: Viewer) -> Outcome[R]:
        """One action on one record. What one user wants of several at once goes together where it may. Raises what the
        request's proof raises."""
        if request.proof is not None and not request.proves_itself:
            await request.proof.proved(self.database)
            request = replace(request, proof=None)
        is_alone = request.subject_id is None or request.idempotency_key is not None or request.beside is not None
        if is_alone or not desk.workflow[action_name].goes_together:
            return (await self.perform_all(desk, action_name, [request], actor))[0]
        return await self._company.perform(desk, action_name, request, actor)

    async def close(self) -> None:
        """Waits, though not for long, for what is being carried out."""
        await self._company.close()

    async def perform_all(
        self, desk: Desk[R], action_name: str, requests: Sequence[Request], actor: Viewer
    ) -> list[Outcome[R]]:
        """The same action on many records in one transaction: all are done, or none is and the refusals say why."""

        async def work(transaction: Transaction) -> list[Outcome[R]]:
            outcomes = await transaction.perform_all(desk, action_name, requests, actor)
            if any(outcome.refusals for outcome in outcomes):
                raise Undone(outcomes)
            return outcomes

        return await self.together(work)

    async def together(self, work: Callable[["Transaction"], Awaitable[T]]) -> T:
        """Whatever the work performs, in one transaction. It may be called again where others came in between."""
        for attempt in range(1, ATTEMPTS_MAX):
            try:
                return await self._once(work)
            except DBAPIError as failure:
                if not others_came_in_between(failure):
                    raise
            # Those who met do not meet again, each having waited for a time of its own.
            await asyncio.sleep(random.uniform(0, RETRY_WAIT_SECONDS_MAX * attempt))
        return await self._once(work)

    async def _once(self, work: Callable[["Transaction"], Awaitable[T]]) -> T:
        try:
            async with self.database.writing() as connection:
                transaction = Transaction(connection, self.clock)
                answer = await work(transaction)
        except Undone as undone:
            return cast(T, undone.answer)
        if transaction.has_written:
            await self.bell.ring()
        return answer


class Transaction:
    """Actions done together or not at all. A refused one writes nothing; the others stand unless `Undone` is raised."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self.connection = connection
        self.has_written = False
        self._clock = clock

    @property
    def now(self) -> datetime:
        """What time it is, in UTC as every instant is kept: digests are made of what is kept."""
        return self._clock().astimezone(UTC)

    async def perform(self, desk: Desk[R], action_name: str, request: Request, actor: Viewer) -> Outcome[R]:
        """One action on one record."""
        return (await self.perform_all(desk, action_name, [request], actor))[0]

    async def perform_all(
        self, desk: Desk[R], action_name: str, requests: Sequence[Request], actor: Viewer
    ) -> list[Outcome[R]]:
        """The same action on many records: all are done, or none is and the refusals say why.

        An idempotency key goes with one alone, and stays taken after a refusal unless `Undone` is raised.
        """
        assert len(requests) == 1 or all(request.idempotency_key is None for request in requests)
        assert all(request.proof is None or request.proves_itself for request in requests)
        hand = Hand(desk, desk.workflow[action_name], actor, self.now, self.connection)
        outcomes = await (self._carried_out(hand, requests) if hand.action.leads_to else hand.carry_out(requests))
        self.has_written = self.has_written or hand.has_written
        return await self._as_seen(desk, outcomes, actor)

    async def _as_seen(self, desk: Desk[R], outcomes: Sequence[Outcome[R]], actor: Viewer) -> list[Outcome[R]]:
        """What the actor is shown; weighed was the whole record, though a veil may lie over it."""
        ids = [each.record.id for each in outcomes if each.record is not None]
        if desk.shelf.veil is None or actor.is_the_product or not ids:
            return list(outcomes)
        seen = await desk.shelf.seen_by(actor).where(desk.shelf.id.in_(ids)).all(self.connection)
        shown = {each.id: each for each in seen}
        return [each if each.record is None else replace(each, record=shown.get(each.record.id)) for each in outcomes]

    async def _carried_out(self, hand: Hand[R], requests: Sequence[Request]) -> list[Outcome[R]]:
        """With what it leads to, or not at all: a refusal there takes back what was done here and is its answer."""
        # Under one name, for the driver keeps a statement prepared for each; one within it ends before it does.
        await self.connection.exec_driver_sql("savepoint action")
        outcomes = await hand.carry_out(requests)
        refused = await self._refused_further_on(hand, outcomes) if hand.has_written else [()]
        if hand.has_written and not any(refused):
            await self.connection.exec_driver_sql("release savepoint action")
            return outcomes
        # A number that was drawn for it goes back as well.
        await self.connection.exec_driver_sql("rollback to savepoint action")
        await self.connection.exec_driver_sql("release savepoint action")
        if not hand.has_written:
            return outcomes
        hand.has_written = False
        return [Outcome(case.record, some) for case, some in zip(hand.cases, refused, strict=True)]

    async def _refused_further_on(self, hand: Hand[R], outcomes: Sequence[Outcome[R]]) -> Sequence[tuple[Refusal, ...]]:
        """Takes the actions that this one leads to; for each case, why they were refused."""
        refused: list[tuple[Refusal, ...]] = [()] * len(outcomes)
        for leads_to in hand.action.leads_to:
            wished = [
                (position, Request(form=wish.form, subject_id=wish.subject_id))
                for position, (case, outcome) in enumerate(zip(hand.cases, outcomes, strict=True))
                for wish in leads_to.wishes(case, outcome.record)
            ]
            if not wished:
                continue
            desk = hand.desk.neighbour(leads_to.subject)
            requests = [request for _, request in wished]
            followed = await self.perform_all(desk, leads_to.action, requests, THE_PRODUCT)
            for (position, _), outcome in zip(wished, followed, strict=True):
                refused[position] += outcome.refusals
        return refused


def others_came_in_between(failure: DBAPIError) -> bool:
    """Whether PostgreSQL gave up for the sake of other transactions; the next try sees what they have done.

    A unique violation is one of these: what the conditions did not see yet, they will refuse with a reason.
    """
    return getattr(failure.orig, "sqlstate", None) in _OTHERS_CAME_IN_BETWEEN


_OTHERS_CAME_IN_BETWEEN = frozenset({"40001", "40P01", "23505"})  # serialization failure, deadlock, unique violation
