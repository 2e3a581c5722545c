"""The explorer served by a real uvicorn, in front of a toy or of the product, and a real browser without a past."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
import uvicorn
from starlette.types import ASGIApp

from graph.app import create_app
from graph.cli.demo import demonstrate
from graph.settings import Settings
from storage.migrate import migrate
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
def served(application: ASGIApp, *, lifespan: Literal["on", "off"], at: socket.socket | None = None) -> Iterator[str]:
    """Serve an application on a free port of this machine while the block lasts; gives the address of its API."""
    # The socket listens already, so a request that comes before uvicorn is ready just waits.
    with at or socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(
            application, lifespan=lifespan, ws="websockets-sansio", log_level="warning", timeout_graceful_shutdown=5
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/graphql"
        finally:
            server.should_exit = True
            thread.join(timeout=20)


@pytest.fixture(scope="module")
def explored() -> Iterator[Explored]:
    with served(toy_application(), lifespan="off") as url:
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


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Of the product on a migrated SQLite file with the demo's world and no commission yet; without captchas."""
    folder = tmp_path_factory.mktemp("product")
    settings = Settings(
        database_url=f"sqlite+aiosqlite:///{folder / 'preship.db'}",
        uploads_url=f"file:{folder / 'files'}",
        captcha="off",
    )
    migrate(settings.database_url)
    asyncio.run(demonstrate(settings, 0, lambda done, of: None))
    return settings


@pytest.fixture(scope="module")
def product(settings: Settings) -> Iterator[str]:
    """The address of the product's API."""
    with served(create_app(settings), lifespan="on") as url:
        yield url


@pytest.fixture(scope="module")
def guarded_product(settings: Settings) -> Iterator[str]:
    """The same with captchas, which ask for little work."""
    asked = {"captcha": "on", "captcha_difficulty": 10}
    with served(create_app(settings.model_copy(update=asked)), lifespan="on") as url:
        yield url


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with opened_page(tmp_path / "profile") as page:
        yield page
