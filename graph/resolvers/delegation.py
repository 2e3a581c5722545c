"""Which question answers which field of a delegation."""

import strawberry

from domain.account.record import Account
from domain.delegation import Delegation
from graph.context import Info
from storage.account import accounts_by_id


async def delegator(root: strawberry.Parent[Delegation], info: Info) -> Account | None:
    """委托人. Whose work it is."""
    return await info.context.loading.load(accounts_by_id, root.delegator_id)


async def substitute(root: strawberry.Parent[Delegation], info: Info) -> Account | None:
    """受托人. Who does it."""
    return await info.context.loading.load(accounts_by_id, root.substitute_id)
