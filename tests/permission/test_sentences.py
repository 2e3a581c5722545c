"""What the sentences of the page say is what the conditions beside them find in a database, on both engines."""

import pytest

from domain.party import Viewer
from graph.ids import public_id
from graph.resolvers.node import SHELVES
from storage.database import Database
from tests.permission.conftest import Premises
from tests.permission.people import SEATS
from tests.permission.sentences import SENTENCES
from tests.permission.world import World, id_of

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def found_by(database: Database, viewer: Viewer, kind: str) -> set[str]:
    """The ids of all that the shelf shows a viewer."""
    shelf = SHELVES[kind]
    seen = shelf.seen_by(viewer).select().with_only_columns(shelf.id)
    async with database.reading() as connection:
        return {public_id(kind, each) for each in (await connection.execute(seen)).scalars()}


def told_of(world: World, *, seen: bool) -> set[str]:
    """The types of which somebody sees, or does not see, a record."""
    return {
        kind for kind, some in world.records.items()
        if any(world.sees(seat, kind, each) is seen for each in some for seat in SEATS)
    }  # fmt: skip


async def test_every_condition_says_what_its_sentence_says(premises: Premises) -> None:
    world, wrong = premises.world, []
    assert SHELVES.keys() <= SENTENCES.keys()
    for seat, viewer in world.viewers.items():
        for kind in SHELVES:
            expected = {id_of(each) for each in world.seen(seat, kind)}
            found = await found_by(premises.office.database, viewer, kind)
            if found != expected:
                wrong.append(f"{seat}, {kind}: shown {sorted(found - expected)}, not shown {sorted(expected - found)}")
    assert not wrong, "\n".join(wrong)


async def test_of_every_type_somebody_sees_a_record_and_somebody_does_not(premises: Premises) -> None:
    assert told_of(premises.world, seen=True) == {*SENTENCES}
    assert told_of(premises.world, seen=False) == {*SENTENCES} - {"code_item"}
