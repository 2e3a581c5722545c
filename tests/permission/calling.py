"""Every operation called as every seat, its own records before it; and every mutation on the records of others."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.party import OrganisationKind, Role
from graph.permission.table import HTTP, Cell, Permission, permissions
from graph.schema.schema import SCHEMA
from storage.database import Database
from tests.office import Office
from tests.permission.addresses import at_address
from tests.permission.asking import asked
from tests.permission.following import followed
from tests.permission.mutations import Mutation, attachments, mutation, together
from tests.permission.outcome import Called
from tests.permission.people import COLUMNS, Seat
from tests.permission.questions import question
from tests.permission.world import World, kind_of

if TYPE_CHECKING:
    from tests.permission.conftest import Premises

QUESTIONS_AT_ONCE = 10
"""Root fields of one document, none of which asks for more than two records."""


EVERY = permissions()


def of_root(name: str) -> list[Permission]:
    root = SCHEMA._schema.get_type(name)
    return [each for each in EVERY if each.operation in getattr(root, "fields", ())]


def of_addresses() -> list[Permission]:
    return [each for each in EVERY if each.chapter == HTTP]


async def call_everything(premises: "Premises", seats: Iterable[Seat]) -> AsyncIterator[Called]:
    """Every permission, as each of these columns of the grid."""
    office, world, secret = premises.office, premises.world, premises.secret
    for seat in seats:
        async for called in _ask(office, world, seat, secret):
            yield called
        mutations = [mutation(world, seat, each) for each in of_root("Mutation")]
        async for _, called in call(office, seat, mutations):
            yield called
        subscriptions = of_root("Subscription")
        outcomes = await followed(office, world, seat, subscriptions, secret)
        for each in subscriptions:
            yield Called(each, seat, outcomes[each.operation])
        for each in of_addresses():
            yield Called(each, seat, await at_address(office, world, seat, each))


async def _ask(office: Office, world: World, seat: Seat, secret: str) -> AsyncIterator[Called]:
    questions = [question(world, seat, each, secret) for each in of_root("Query")]
    # To whoever has not signed in most of them are refused, which leaves nothing of an answer to many.
    at_once = QUESTIONS_AT_ONCE if seat.member is not None else 1
    for start in range(0, len(questions), at_once):
        some = questions[start : start + at_once]
        told = iter(await asked(office, seat, "query", [ask for each in some for ask in each.asks]))
        for each in some:
            yield Called(each.permission, seat, each.outcome([next(told) for _ in each.asks]))


async def call(office: Office, seat: Seat, mutations: Sequence[Mutation]) -> AsyncIterator[tuple[Mutation, Called]]:
    for some in together(mutations):
        told = await asked(office, seat, "mutation", [each.ask for each in some])
        for each, answer in zip(some, told, strict=True):
            yield each, Called(each.permission, seat, each.outcome(answer))


# ── On the records of others ───────────────────────────────────────────────────────────────────────────────────────

COLLEAGUES: Mapping[str, frozenset[Role]] = dict.fromkeys(
    (
        "accountDeactivate", "accountReactivate", "accountChangeRole", "accountResetPassword", "delegationRevoke",
        "cardRevoke", "passkeyRevoke", "totpRevoke",
    ),
    frozenset({Role.ADMIN}),
)  # fmt: skip
"""Who may act on what is a colleague's own; nobody where nothing is said."""

OF_PEOPLE = frozenset({"account", "session", "pairing", "delegation", "card", "passkey", "totp"})
"""The types of what is a person's own."""

FOR_ADMINISTRATORS = frozenset({"accountResetPassword", "totpRevoke"})
"""What an administrator of customs does for the administrators of others, too."""


def on_others(world: World, seat: Seat) -> Iterator[tuple[Mutation, Cell]]:
    """The mutations of a user on records of others, and what each is to be answered: one on a record that is not seen,
    one on a record that is, and where there are such, one on a colleague's."""
    # What differs from person to person comes last: before it, colleagues ask with the same documents.
    about = [each for each in of_root("Mutation") if each.shelf is not None]
    for each in sorted(about, key=lambda each: kind_of(each) in OF_PEOPLE):
        for record in _of_others(world, seat, each):
            found = mutation(world, seat, each, record)
            if found.names(record):
                yield found, expected(world, seat, each, record)


def _of_others(world: World, seat: Seat, each: Permission) -> Iterator[Any]:
    kind = kind_of(each)
    if each.operation == "attachmentRemove":
        theirs = {one.id for one in world.strangers(seat, kind)}
        kind, others = "attachment", [one for one in attachments(world, seat, kind) if one.subject_id in theirs]
    else:
        others = world.strangers(seat, kind)
        others += world.colleagues(seat, kind) if kind in OF_PEOPLE else []
    first: dict[tuple[bool, int], Any] = {}
    for one in others:
        first.setdefault((world.sees(seat, kind, one), world.nearness(seat, one)), one)
    yield from first.values()


def expected(world: World, seat: Seat, each: Permission, record: Any) -> Cell:
    """What the page says of a record of others."""
    assert seat.member is not None
    kind = "attachment" if each.operation == "attachmentRemove" else kind_of(each)
    cell = each.cell(COLUMNS[seat])
    if not world.sees(seat, kind, record):
        return Cell.NOT_FOUND
    if cell in (Cell.YES, Cell.NOT_YOUR_ROLE):
        return cell
    if world.nearness(seat, record) == 1:
        return Cell.OWN if seat.member.role in COLLEAGUES.get(each.operation, ()) else Cell.NOT_YOUR_ROLE
    of_customs = world.eyes[seat].kind is OrganisationKind.CUSTOMS
    if of_customs and seat.member.role is Role.ADMIN and each.operation in FOR_ADMINISTRATORS:
        return Cell.OWN
    return Cell.OWN if each.operation == "noticeMarkRead" else Cell.NOT_YOUR_ROLE


# ── And nothing is kept ────────────────────────────────────────────────────────────────────────────────────────────


class _NotKept(Exception):
    """Ends a transaction that went well."""


@asynccontextmanager
async def _nothing_is_kept(writing: Any) -> AsyncIterator[AsyncConnection]:
    try:
        async with writing() as connection:
            yield connection
            raise _NotKept
    except _NotKept:
        pass


def keep_nothing(database: Database) -> None:
    """From now on every transaction is rolled back where it would be committed: what takes no version is done all the
    same, and done for nobody after it."""
    writing = database.writing
    database.writing = lambda: _nothing_is_kept(writing)  # type: ignore[method-assign]
