"""What an operation carries along."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from domain.language import Language
from domain.party import Viewer
from graph.context import Context
from storage.relation import Relation
from tests.office import Office


class Sight:
    """A relation that leads to whoever looks."""

    async def load(self, connection: Any, viewer: Viewer, keys: Sequence[Any]) -> Mapping[Any, Viewer]:
        return dict.fromkeys(keys, viewer)


async def test_whoever_has_just_signed_in_sees_with_his_own_eyes(office: Office) -> None:
    house, sight = office.app.state.house, cast("Relation[Any]", Sight())
    first, second = Viewer(), Viewer(language=Language.EN)
    context = Context(house, first)
    assert await context.follow(sight, (1,)) is first
    context.becomes(second)
    assert context.viewer is second
    assert await context.follow(sight, (1,)) is second
    assert await context.follow(sight, (2,)) is second
