"""What the product says to the database when it is asked: the statements of its plans, with their values written in."""

import asyncio
import re
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx

from benchmarks.contenders.load import World
from benchmarks.contenders.questions import Question
from benchmarks.serving import ask
from graph.app import create_app
from graph.settings import Settings

ORIGIN = "http://127.0.0.1"
_PLACE = re.compile(r"(?<!\w)\$(\d+)")
_OF_A_PLAN = "as j$1"
"""What it calls its first level; what else is read meanwhile has no such name."""


def statements(world: World, some: Sequence[Question], variants_max: int) -> dict[str, list[str]]:
    """The statement of each question, for some of its variants; with it goes the proof of who asks."""
    return asyncio.run(_heard(world, some, variants_max))


async def _heard(world: World, some: Sequence[Question], variants_max: int) -> dict[str, list[str]]:
    with tempfile.TemporaryDirectory(prefix="preship-benchmark-") as folder:
        app = create_app(
            Settings(
                database_url=world.url, uploads_url=f"file:{folder}", captcha="off", cost_rate="999999/1s",
                public_answers_bytes_max=0,
            )
        )  # fmt: skip
        transport = httpx.ASGITransport(app)
        async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            database = app.state.house.database
            heard: list[str] = []
            reads = database.read

            async def listen(statement: str, values: Sequence[Any]) -> Any:
                if _OF_A_PLAN in statement:
                    heard.append(_written(statement, values))
                return await reads(statement, values)

            database.read = listen
            found: dict[str, list[str]] = {}
            for question in some:
                headers = {} if question.username is None else _headers(world.tokens[question.username])
                step = max(1, len(question.variables) // variants_max)
                for variables in question.variables[::step][:variants_max]:
                    # The first time a token comes its holder is not presumed, but asked for beforehand.
                    for _ in range(2):
                        heard.clear()
                        await ask(client, headers, question.text, variables)
                    (statement,) = heard
                    found.setdefault(question.name, []).append(statement)
            return found


def _headers(token: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {token}"}


def _written(statement: str, values: Sequence[Any]) -> str:
    return _PLACE.sub(lambda place: _literal(values[int(place[1]) - 1]), statement)


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool | int):
        return str(value).lower()
    # pgbench takes what follows a colon for a variable of its own.
    plain = f"{value:%Y%m%dT%H%M%S.%f}Z" if isinstance(value, datetime) else str(value)
    return "'" + plain.replace("'", "''") + "'"
