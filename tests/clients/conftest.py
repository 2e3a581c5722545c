"""A server for all clients of a worker, and Node for those that are written for it."""

import os
from collections.abc import Iterator

import pytest

from tests.clients import node
from tests.conftest import demo_world
from tests.engines import Engines
from tests.keys import PERSONAL_KEYS
from tests.process import served


@pytest.fixture(scope="session")
def api(sqlite_engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the API of a running server, on SQLite with the demo world; everybody's password is `PASSWORD`."""
    folder = tmp_path_factory.mktemp("server")
    with (
        sqlite_engines.fresh(demo_world(sqlite_engines)) as url,
        served(folder, database_url=url, personal_keys=PERSONAL_KEYS, captcha="off") as address,
    ):
        yield f"http://{address}/graphql"


@pytest.fixture(scope="session")
def node_ready() -> None:
    """Node is there, with the packages of the clients."""
    try:
        node.ready()
    except node.NodeMissing as missing:
        if "CI" in os.environ:
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
