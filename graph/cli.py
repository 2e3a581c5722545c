"""The command `preship`: serve, migrate, demo data, imports, and what an officer checks by hand."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from graph.demo import PASSWORD, demonstrate
from graph.log import write_log_as_json
from graph.schema.schema import SCHEMA
from graph.settings import Settings
from storage.database import Database
from storage.demo.world import accounts
from storage.migrate import migrate as migrate_database

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Preship: 进口旧机电产品装运前检验. Settings: PRESHIP_…",
)
rules_app = typer.Typer(no_args_is_help=True, help="旧机电业务规则. The rules by HS code.")
schema_app = typer.Typer(no_args_is_help=True, help="The public schema.")
register_app = typer.Typer(no_args_is_help=True, help="The register of every action.")
user_app = typer.Typer(no_args_is_help=True, help="Accounts.")
app.add_typer(rules_app, name="rules")
app.add_typer(schema_app, name="schema")
app.add_typer(register_app, name="register")
app.add_typer(user_app, name="user")

out = Console()
err = Console(stderr=True)


def main() -> None:
    app()


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=err
    )


@asynccontextmanager
async def _database() -> AsyncIterator[Database]:
    database = Database(Settings().database_url)
    try:
        yield database
    finally:
        await database.close()


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve the API and the explorer."""
    write_log_as_json()
    settings = Settings()
    host, port = host or settings.host, port or settings.port
    out.print(f"Explorer [bold]http://{host}:{port}/graphql[/]   Demo accounts: `preship demo` lists them")
    uvicorn.run(
        "graph.app:create_app",
        factory=True,
        host=host,
        port=port,
        ws="websockets-sansio",
        ws_max_size=1_000_000,
        timeout_graceful_shutdown=5,
        server_header=False,
        log_level="warning",
    )


@app.command()
def migrate() -> None:
    """Bring the database up to date."""
    migrate_database(Settings().database_url)


@app.command()
def demo(
    commissions: Annotated[int, typer.Option(min=0, help="How many commissions there shall be at least.")] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="Print the accounts as JSON.")] = False,
) -> None:
    """Load the demo data where it is missing, and list the demo accounts."""
    with _progress() as progress:
        bar = progress.add_task("演示数据 demo commissions", total=None)
        asyncio.run(
            demonstrate(Settings(), commissions, lambda done, of: progress.update(bar, completed=done, total=of))
        )
    listed = accounts(PASSWORD)
    if as_json:
        print(json.dumps([vars(each) for each in listed], ensure_ascii=False))
        return
    table = Table("用户名 user", "密码 password", "party", "role", "单位 organisation")
    for each in listed:
        table.add_row(each.username, each.password, each.party, each.role, each.organisation)
    out.print(table)


@schema_app.command("export")
def schema_export(
    file: Annotated[Path | None, typer.Argument(help="Where to; the terminal when absent.")] = None,
) -> None:
    """Print the public schema."""
    text = SCHEMA.as_str() + "\n"
    if file is None:
        print(text, end="")
    else:
        file.write_text(text, encoding="utf-8")
