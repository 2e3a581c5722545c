"""Groups of commands whose modules are imported when one of them is called, so that `--help` comes at once."""

from functools import cache
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup


def late(module: str, name: str, words: str) -> typer.Typer:
    """The commands of the Typer called `name` in a module of this package; `words` is what the help says of them."""

    @cache
    def found() -> Any:
        return typer.main.get_group(getattr(import_module(f"graph.cli.{module}"), name)).commands

    class Late(TyperGroup):
        @property
        def commands(self) -> Any:
            return found()

        @commands.setter
        def commands(self, nothing_yet: Any) -> None:
            """Typer finds no commands in a group that names none."""

    return typer.Typer(cls=Late, no_args_is_help=True, help=words)
