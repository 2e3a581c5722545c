"""What is left when an operation has been answered or refused: nothing that Python would have to look for, and what is
remembered is set aside from that search."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from graphql.language.ast import Token

from domain.commission.record import GoodsLine
from graph.errors import ErrorCode, PublicError
from graph.execution import Executor
from graph.garbage import Aside
from graph.limits import Limits
from graph.schema.schema import SCHEMA
from tests.office import Office
from tests.plan.replay import VARIABLE as BOTH_WAYS
from tests.test_meter import ACTIONS, COST_MAX, a_draft


@contextmanager
def nothing_stays(kind: type[Any]) -> Iterator[None]:
    """Without any search for garbage no object of this kind is left."""
    gc.collect()
    gc.disable()
    try:
        before = _in_memory(kind)
        yield
        assert _in_memory(kind) == before
    finally:
        gc.enable()


def _in_memory(kind: type[Any]) -> int:
    return sum(isinstance(each, kind) for each in gc.get_objects())


async def test_what_was_read_goes_with_the_answer(open_office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # What graphql-core's executor could not complete goes later.
    monkeypatch.setenv(BOTH_WAYS, "none")
    monkeypatch.setattr("graph.cost.BROUGHT", 0)
    async with open_office(cost_max=COST_MAX) as office:
        short, long = await a_draft(office, 10), await a_draft(office, 500)
        with nothing_stays(GoodsLine):
            await office.enterprise.asks(ACTIONS, id=short)
            assert await office.enterprise.is_told(ACTIONS, id=long) == "COST_TOO_HIGH"


def test_a_document_goes_with_its_refusal() -> None:
    executor = Executor(SCHEMA, Limits())
    chain = "{...f0}" + "".join(f"fragment f{n} on Query{{...f{n + 1} version}}" for n in range(150))
    with nothing_stays(Token):
        refused = executor.prepare(chain + "fragment f150 on Query{version}")
        assert isinstance(refused, list)
        assert isinstance(refused[0], PublicError)
        assert refused[0].code is ErrorCode.TOO_MANY_FIELDS
        del refused


async def test_each_plan_and_document_that_is_remembered_is_told_of(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans: list[int] = []
    documents: list[int] = []
    office.app.state.plans.remembers = plans.append
    # It is shared by all applications of this process.
    monkeypatch.setattr(office.app.state.memory, "remembers", documents.append)
    asked = f"{{ commissions {{ {office.database.url.get_backend_name()}: totalCount }} }}"
    for _ in range(2):
        await office.enterprise.asks(asked)
    await office.customs.asks(asked)
    assert plans == [1, 2]
    assert documents == [len(office.app.state.memory.texts)]


def test_what_is_remembered_is_set_aside_as_it_grows_and_at_no_other_time(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    set_aside: list[int] = []
    monkeypatch.setattr("graph.garbage.gc.freeze", lambda: set_aside.append(told[-1]))
    aside = Aside()
    for count in [*range(50), *range(50), 1000, 1001, 1000, 1200, 1250, 1250]:
        told.append(count)
        aside.remembers(count)
    assert set_aside == [32, 40, 1000, 1250]
