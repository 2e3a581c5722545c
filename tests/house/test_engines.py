"""The databases that tests run on: fresh, alike on both engines, and gone afterwards.

The migration here is a toy, so that a broken migration of the product does not look like a broken fixture.
"""

import asyncio
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.engines import CHOICE_VARIABLE, POSTGRESQL, SQLITE, Engines, Template, chosen
from tests.postgres import TIME_ZONE, PostgresqlMissing, server_programs

GONE_SECONDS_MAX = 20
ROOT = Path(__file__).parents[2]


async def say(url: str, *statements: str) -> list[object]:
    """The first column of the last statement's rows."""
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            found: list[object] = []
            for statement in statements:
                result = await connection.execute(text(statement))
                found = list(result.scalars()) if result.returns_rows else []
            return found
    finally:
        await engine.dispose()


def toy_migrate(url: str) -> None:
    if url.startswith(SQLITE):
        asyncio.run(say(url, "PRAGMA journal_mode=WAL"))
    asyncio.run(say(url, "CREATE TABLE toy (name VARCHAR(20))", "INSERT INTO toy VALUES ('装运前检验')"))


@pytest.fixture
def toy(engines: Engines) -> Template:
    return engines.template("toy", toy_migrate)


async def test_a_fresh_database_holds_what_its_template_holds(engines: Engines, toy: Template) -> None:
    with engines.fresh(toy) as url:
        assert await say(url, "SELECT name FROM toy") == ["装运前检验"]


async def test_what_one_test_writes_no_other_sees(engines: Engines, toy: Template) -> None:
    with engines.fresh(toy) as one, engines.fresh(toy) as other:
        await say(one, "INSERT INTO toy VALUES ('到货检验')")
        assert await say(one, "SELECT count(*) FROM toy") == [2]
        assert await say(other, "SELECT count(*) FROM toy") == [1]
    with engines.fresh(toy) as later:
        assert await say(later, "SELECT count(*) FROM toy") == [1]


async def test_a_template_is_filled_once_and_can_be_filled_further(engines: Engines, toy: Template) -> None:
    fillings: list[str] = []

    def further(url: str) -> None:
        fillings.append(url)
        asyncio.run(say(url, "INSERT INTO toy VALUES ('到货检验')"))

    templates = {engines.template("toy further", further, on=toy) for _ in range(3)}

    assert len(fillings) == 1
    with engines.fresh(templates.pop()) as url:
        assert await say(url, "SELECT name FROM toy ORDER BY name") == sorted(["装运前检验", "到货检验"])
    with engines.fresh(toy) as url:
        assert await say(url, "SELECT count(*) FROM toy") == [1]


async def test_a_template_whose_filling_failed_is_filled_anew(engines: Engines) -> None:
    def fails(url: str) -> None:
        toy_migrate(url)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        engines.template("mended", fails)
    with engines.fresh(engines.template("mended", toy_migrate)) as url:
        assert await say(url, "SELECT count(*) FROM toy") == [1]


async def test_an_empty_database_has_no_tables(empty_engine_url: str) -> None:
    await say(empty_engine_url, "CREATE TABLE toy (name VARCHAR(20))")
    assert await say(empty_engine_url, "SELECT count(*) FROM toy") == [0]


async def test_a_database_goes_even_when_somebody_is_still_connected(engines: Engines, toy: Template) -> None:
    with engines.fresh(toy) as url:
        left_open = create_async_engine(url)
        async with left_open.connect() as connection:
            await connection.execute(text("SELECT 1"))
    try:
        assert not await _exists(engines, url)
    finally:
        await left_open.dispose()


async def test_postgresql_stands_in_a_time_zone_that_catches_careless_instants(postgresql_engines: Engines) -> None:
    with postgresql_engines.fresh() as url:
        assert await say(url, "SHOW timezone") == [TIME_ZONE]


async def test_both_engines_sort_by_code_point(engines: Engines) -> None:
    with engines.fresh() as url:
        words = ["a", "B", "检", "é"]
        values = ", ".join(f"('{word}')" for word in words)
        assert await say(url, f"WITH t(w) AS (VALUES {values}) SELECT w FROM t ORDER BY w") == sorted(words)


@pytest.mark.skipif(POSTGRESQL not in chosen(), reason="PostgreSQL was not chosen")
def test_a_killed_run_leaves_no_server_and_no_data_behind() -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", _RUN_THAT_NEVER_ENDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert run.stdout
    assert run.stdin
    with run, run.stdout as said:
        keeper, folder = said.readline().split()
        assert Path(folder).is_dir()
        gone = os.pidfd_open(int(keeper))
        try:
            run.send_signal(signal.SIGKILL)
            assert select.select([gone], [], [], GONE_SECONDS_MAX)[0], "the keeper did not finish its work"
        finally:
            os.close(gone)
    assert not Path(folder).exists()


def test_missing_server_programs_are_named_with_the_package_that_brings_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PostgresqlMissing, match="apt-get install postgresql"):
        server_programs(debian=tmp_path)


def test_the_newest_server_programs_installed_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for version in ("9.6", "15", "17"):
        programs = tmp_path / version / "bin"
        programs.mkdir(parents=True)
        (programs / "initdb").touch()
        (programs / "pg_ctl").touch()
    assert server_programs(debian=tmp_path) == tmp_path / "17" / "bin"


def test_an_engine_unknown_to_the_tests_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHOICE_VARIABLE, "sqlite, oracle")
    with pytest.raises(ValueError, match="oracle"):
        chosen()


_RUN_THAT_NEVER_ENDS = """
import sys
from tests.postgres import Cluster

with Cluster() as cluster:
    print(cluster.keeper_pid, cluster.folder, flush=True)
    sys.stdin.read()
"""


async def _exists(engines: Engines, url: str) -> bool:
    place = make_url(url)
    assert place.database
    if engines.name == SQLITE:
        return Path(place.database).exists()
    with engines.fresh() as another:
        found = await say(another, f"SELECT datname FROM pg_database WHERE datname = '{place.database}'")
        return bool(found)
