"""Every operation called as every kind of viewer answers what `docs/permissions.md` says."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from graph.permission.asker import ASKERS
from storage.pairing import ask
from tests.engines import Engines, chosen
from tests.permission.calling import EVERY, call, call_everything, keep_nothing, on_others
from tests.permission.conftest import Premises, enters
from tests.permission.outcome import ALLOWED
from tests.permission.people import COLUMNS


@pytest.fixture(params=chosen()[:1])
async def untouched(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Premises]:
    """On one engine: who may is decided before a question is put to it. Nothing that is done is kept."""
    engines: Engines = request.getfixturevalue(f"{request.param}_engines")
    async with enters(engines, tmp_path) as premises:
        yield premises


async def a_browser_asks(premises: Premises) -> str:
    """The secret of a browser that asks to be signed in."""
    office = premises.office
    async with office.database.writing() as connection:
        asked = await ask(connection, "browser", "203.0.113.1", office.clock(), timedelta(minutes=2))
    assert asked is not None
    return asked.secret


async def test_every_operation_answers_every_kind_of_viewer_as_the_page_says(untouched: Premises) -> None:
    secret = await a_browser_asks(untouched)
    keep_nothing(untouched.office.database)
    called = [each async for each in call_everything(untouched.office, untouched.world, secret)]
    assert len({(each.permission, each.seat) for each in called}) == len(called)
    assert len(called) == len(EVERY) * len(ASKERS)
    wrong = [
        f"{each}: {cell.name} expected, got {each.outcome}"
        for each in called
        if (cell := each.permission.cell(COLUMNS[each.seat])) not in each.outcome.cells
    ]
    assert not wrong, f"{len(wrong)} of {len(called)} calls:\n" + "\n".join(wrong)


async def test_what_belongs_to_others_is_not_found_or_not_theirs_to_act_on(untouched: Premises) -> None:
    keep_nothing(untouched.office.database)
    wrong, count = [], 0
    for seat in (each for each in COLUMNS if each.member is not None):
        wanted = list(on_others(untouched.world, seat))
        cells = {id(each): cell for each, cell in wanted}
        mutations = [each for each, _ in wanted]
        answers = {id(each): called async for each, called in call(untouched.office, seat, mutations)}
        assert answers.keys() == cells.keys()
        count += len(answers)
        for key, called in answers.items():
            fitting = set(ALLOWED) if cells[key] in ALLOWED else {cells[key]}
            if not called.outcome.cells & fitting:
                wrong.append(f"{called}: {cells[key].name} expected, got {called.outcome}")
    assert not wrong, f"{len(wrong)} of {count} calls:\n" + "\n".join(wrong)
