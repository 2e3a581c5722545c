"""The explorer served by a real uvicorn, and a real browser with nothing in its profile."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from tests.explorer.chromium import Page, opened_page
from tests.explorer.toy import PASSWORD, TOKEN, toy_application


@dataclass(frozen=True)
class Explored:
    """An API behind an explorer, and what the browser is to see there; another API brings another of these."""

    url: str
    username: str
    password: str
    who: str
    query: str
    answer: str
    query_of_account: str
    answer_of_account: str
    subscription: str
    value: str


@contextmanager
def served() -> Iterator[str]:
    """Serve the toy on a free port of this machine while the block lasts; gives the address of its API."""
    # The socket listens already, so a request that comes before uvicorn is ready just waits.
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(toy_application(), lifespan="off", log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/graphql"
        finally:
            server.should_exit = server.force_exit = True
            thread.join(timeout=20)


@pytest.fixture(scope="module")
def explored() -> Iterator[Explored]:
    with served() as url:
        yield Explored(
            url=url,
            username="sally123",
            password=PASSWORD,
            who="大中华企业 · sally123",
            query='query Typed { greeting(name: "上海") }',
            answer='"greeting": "你好, 上海"',
            query_of_account="query Mine { authorization }",
            answer_of_account=f'"authorization": "Bearer {TOKEN}"',
            subscription="subscription Watched { counted(to: 3) }",
            value=f'"counted": "3 of 3 for Bearer {TOKEN}"',
        )


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with opened_page(tmp_path / "profile") as page:
        yield page
