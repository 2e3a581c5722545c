"""What the commands share: where they write, how they show that work goes on, and how they open what they work on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from graph.settings import Settings
from storage.bell import Bell, open_bell
from storage.database import Database

out = Console()
err = Console(stderr=True)


def progress() -> Progress:
    """A bar on the terminal's other stream, so that what a command prints stays clean."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=err
    )


@asynccontextmanager
async def database() -> AsyncIterator[Database]:
    """The database of the settings, with its keys."""
    settings = Settings()
    opened = Database(settings.database_url, settings.ring(), settings.connections)
    try:
        yield opened
    finally:
        await opened.close()


@asynccontextmanager
async def bell() -> AsyncIterator[Bell]:
    settings = Settings()
    opened = open_bell(settings.bell_url or None, settings.database_url)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()
