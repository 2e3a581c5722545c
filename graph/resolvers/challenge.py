"""Challenges that cards and passkeys sign: handed out, looked up, and used up by what is done with them."""

from typing import Any
from uuid import UUID

from domain.challenge import Challenge, ChallengePurpose, challenge_not_valid
from domain.party import THE_PRODUCT
from domain.record import Record
from domain.refusal import Refusal
from graph.actions import Payload
from graph.context import Context
from graph.resolvers.second_factor import First
from graph.user_error import user_errors
from storage.challenge import challenge_for, open_challenge, use_up
from storage.desk import Desk
from storage.perform import Outcome, Request, Transaction, Undone


async def new_challenge(
    context: Context, purpose: ChallengePurpose, account_id: UUID | None
) -> Challenge | tuple[Refusal, ...]:
    """One that was just made, for a sign-in (no account) or for an account; or why this address gets none."""
    house = context.house
    if refused := await house.gate.hands_out(context.client.address):
        return refused
    async with house.database.writing() as connection:
        return await open_challenge(connection, purpose, account_id, house.door.clock(), house.settings.challenge_lasts)


async def shown_challenge(
    context: Context, challenge_id: UUID, purpose: ChallengePurpose, account_id: UUID | None
) -> Challenge | None:
    """One that may still be used for this, by this account; None for every other."""
    async with context.house.database.reading() as connection:
        return await challenge_for(connection, challenge_id, purpose, account_id, context.house.door.clock())


async def with_challenge(
    context: Context, desk: Desk[Any], action: str, form: Any, challenge: Challenge | None
) -> Payload:
    """Does as the viewer what a challenge was signed for, and uses it up in the same transaction; without one, if none
    is needed."""
    viewer = context.viewer

    async def work(transaction: Transaction) -> Outcome[Record]:
        outcome: Outcome[Record] = await transaction.perform(desk, action, Request(form=form), viewer)
        if outcome.refusals:
            raise Undone(outcome)
        if challenge and not await use_up(transaction.connection, challenge, context.house.door.clock()):
            raise Undone(Outcome(None, (challenge_not_valid(),)))
        return outcome

    outcome = await context.house.door.together(work)
    context.forget()
    return Payload(outcome.record, user_errors(outcome.refusals, context.language))


def using_up(context: Context, challenge: Challenge, desk: Desk[Any], use: Request, otherwise: Refusal) -> First:
    """What precedes a session that was opened by a signed challenge: it is used up, and the use is noted; `otherwise`
    answers where the record may not be used any more."""

    async def first(transaction: Transaction) -> tuple[Refusal, ...]:
        if not await use_up(transaction.connection, challenge, context.house.door.clock()):
            return (challenge_not_valid(),)
        used = await transaction.perform(desk, "use", use, THE_PRODUCT)
        return (otherwise,) if used.refusals else ()

    return first
