"""Every operation called as every kind of viewer answers what `docs/permissions.md` says."""

from collections.abc import Mapping, Sequence

import pytest

from graph.permission.asker import ASKERS
from tests.permission.calling import EVERY, call, call_everything, on_others
from tests.permission.conftest import Premises
from tests.permission.outcome import ALLOWED
from tests.permission.people import COLUMNS, Seat

pytestmark = pytest.mark.asyncio(loop_scope="package")

USERS: Mapping[str, Sequence[Seat]] = {
    name: [seat for seat in COLUMNS if seat.member is not None and seat.member.organisation == name]
    for name in ("E1", "I1", "C")
}
GROUPS = {"nobody and programs": [seat for seat in COLUMNS if seat.member is None], **USERS}
"""The columns of the grid, in tests of a few seconds each."""


async def test_every_column_of_the_grid_is_called() -> None:
    assert [COLUMNS[seat] for seats in GROUPS.values() for seat in seats] == list(ASKERS)


@pytest.mark.parametrize("group", GROUPS)
async def test_every_operation_answers_every_kind_of_viewer_as_the_page_says(
    on_one_engine: Premises, group: str
) -> None:
    seats = GROUPS[group]
    called = [each async for each in call_everything(on_one_engine, seats)]
    assert len({(each.permission, each.seat) for each in called}) == len(called)
    assert len(called) == len(EVERY) * len(seats)
    wrong = [
        f"{each}: {cell.name} expected, got {each.outcome}"
        for each in called
        if (cell := each.permission.cell(COLUMNS[each.seat])) not in each.outcome.cells
    ]
    assert not wrong, f"{len(wrong)} of {len(called)} calls:\n" + "\n".join(wrong)


@pytest.mark.parametrize("group", USERS)
async def test_what_belongs_to_others_is_not_found_or_not_theirs_to_act_on(on_one_engine: Premises, group: str) -> None:
    wrong, count = [], 0
    for seat in USERS[group]:
        wanted = list(on_others(on_one_engine.world, seat))
        answers = {id(each): called async for each, called in call(on_one_engine.office, seat, [m for m, _ in wanted])}
        assert len(answers) == len(wanted)
        count += len(answers)
        for each, cell in wanted:
            called, fitting = answers[id(each)], set(ALLOWED) if cell in ALLOWED else {cell}
            if not called.outcome.cells & fitting:
                wrong.append(f"{called}: {cell.name} expected, got {called.outcome}")
    assert not wrong, f"{len(wrong)} of {count} calls:\n" + "\n".join(wrong)
