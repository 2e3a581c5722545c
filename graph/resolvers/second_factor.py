"""The code beside a password: asked for, weighed, and used up with the session that it opens.

Nothing of it is looked at before the password was right, so that a wrong one is answered the same for everybody.
"""

from collections.abc import Awaitable, Callable

from domain.account.record import Account
from domain.party import THE_PRODUCT
from domain.record import Form
from domain.refusal import Refusal, RefusalCode
from domain.totp import Proof, Totp, UseTotpForm, proves, second_factor_required, second_factor_wrong, was_taken_before
from graph.actions import Payload
from graph.context import Context
from graph.reception.gate import Claim
from graph.user_error import user_errors
from identity.totp import proof_of
from storage.perform import Request, Transaction
from storage.second_factor import Waiting, digest, take_try, wait_for_code
from storage.totp import DESK

First = Callable[[Transaction], Awaitable[tuple[Refusal, ...]]]

TOKEN_LENGTH_MAX = 512


async def asked_for(context: Context, account: Account) -> Payload:
    """The answer to a right password without a code: what is missing, and the token to bring it with."""
    house = context.house
    lasts, client = house.settings.second_factor_lasts, _client(context)

    async def work(transaction: Transaction) -> str:
        connection, now = transaction.connection, house.door.clock()
        return await wait_for_code(connection, account.id, account.password_hash, client, now, lasts)

    expires_at = house.door.clock() + lasts
    more = {"second_factor_token": await house.door.together(work), "second_factor_expires_at": expires_at}
    return Payload(None, user_errors([second_factor_required()], context.language), more)


async def waiting(context: Context, token: str) -> Waiting | None:
    """The sign-in that waits for its code, from where the password came; one of its tries is spent."""
    if not token or len(token) > TOKEN_LENGTH_MAX:
        return None
    async with context.house.database.writing() as connection:
        return await take_try(connection, token, _client(context), context.house.door.clock())


def still_has_the_password(account: Account, found: Waiting) -> bool:
    """Whether the password that was right is the account's still."""
    return digest(account.password_hash) == found.password_digest


async def weighed(context: Context, totp: Totp, code: str, claim: Claim | None) -> Proof | tuple[Refusal, ...]:
    """What a code amounts to where it is good, by the record as it was read; else why not. Wrong codes are counted."""
    door = context.house.door
    proof = proof_of(totp, code, door.clock())
    refused = await context.house.gate.passes_code(totp.account_id, claim, is_right=proves(totp, proof))
    if was_taken_before(totp, proof) and any(each.code is RefusalCode.SECOND_FACTOR_WRONG for each in refused):
        await door.perform(DESK, "note_reuse", Request(form=Form(), subject_id=totp.id), THE_PRODUCT)
    if refused or proof is None:
        return refused
    return proof


def taking(totp: Totp, proof: Proof) -> First:
    """Uses the code up in the transaction that opens the session: of two that come at once one finds it gone."""

    async def first(transaction: Transaction) -> tuple[Refusal, ...]:
        wish = Request(form=UseTotpForm(proof=proof), subject_id=totp.id)
        outcome = await transaction.perform(DESK, "use", wish, THE_PRODUCT)
        return (second_factor_wrong(),) if outcome.refusals else ()

    return first


def _client(context: Context) -> str:
    return f"{context.client.address}\n{context.client.device or ''}"
