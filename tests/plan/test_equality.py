"""Whatever is asked, plans answer what the ordinary executor answers: data, order of keys, errors, on both engines."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.language import Language
from domain.party import Viewer
from graph.schema.schema import SCHEMA
from tests.engines import Engines, chosen
from tests.plan.worlds import Worlds, asides, both_worlds, copied, fill_everything
from tests.plan.writer import ByChance, Writer

OPERATIONS = 100
PLANNED_LEAST = 0.6
"""The share of operations that plans must have answered with data, or the comparison says little."""


@pytest.fixture(scope="module")
def urls(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """One world, the same on each engine."""
    from tests.conftest import _found_world, _migrate

    sqlite: Engines = request.getfixturevalue("sqlite_engines")
    founded = sqlite.template("demo world", _found_world, on=sqlite.template("migrated", _migrate))
    template = sqlite.template("full world", fill_everything, on=founded)
    with ExitStack() as stack:
        found = {"sqlite": stack.enter_context(sqlite.fresh(template))}
        if "postgresql" in chosen():
            server: Engines = request.getfixturevalue("postgresql_engines")
            found["postgresql"] = stack.enter_context(server.fresh(server.template("migrated", _migrate)))
            asyncio.run(copied(found["sqlite"], found["postgresql"]))
        yield found


def test_plans_answer_what_the_ordinary_executor_answers(urls: dict[str, str], tmp_path: Path) -> None:
    query = SCHEMA._schema.query_type
    assert query is not None
    roots = list(query.fields)

    async def compare_all() -> Worlds:
        async with both_worlds(urls, tmp_path) as worlds:
            loop = asyncio.get_running_loop()

            @settings(
                max_examples=OPERATIONS,
                deadline=None,
                database=None,
                # The same operations each time: `python -m benchmarks plan_equality` goes on where this ends.
                derandomize=True,
                suppress_health_check=list(HealthCheck),
                # An operation is too many decisions for each to be drawn; its seed says all of them again.
                phases=(Phase.generate,),
            )
            @given(st.integers(0, 2**40), st.sampled_from(worlds.viewers), st.sampled_from(Language))
            def check(seed: int, viewer: Viewer, language: Language) -> None:
                operation = Writer(SCHEMA._schema, worlds.known, ByChance(seed)).operation(roots)
                compared = worlds.compare(operation, viewer, language)
                asyncio.run_coroutine_threadsafe(compared, loop).result()

            await asyncio.to_thread(check)
            return worlds

    worlds = asyncio.run(compare_all())
    assert worlds.answered >= PLANNED_LEAST * worlds.asked, (worlds.answered, worlds.asked, asides(worlds))
