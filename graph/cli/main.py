"""The command `preship`: serve, migrate, demo data, imports, and what an officer checks by hand."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer
import uvicorn
from rich.table import Table

from graph.cli.card import card_app
from graph.cli.demo import PASSWORD, demonstrate
from graph.cli.documents import documents_app
from graph.cli.imports import codes_app, rules_app
from graph.cli.organisation import organisation_app
from graph.cli.personal import keys_app, person_app
from graph.cli.register import register_app
from graph.cli.terminal import bell as _bell
from graph.cli.terminal import database as _database
from graph.cli.terminal import out
from graph.cli.terminal import progress as _progress
from graph.cli.user import user_app
from graph.limits import Limits
from graph.log import write_log_as_json
from graph.schema.schema import SCHEMA
from graph.settings import Settings
from graph.transport.connection import http_connection, socket_connection
from storage.demo.world import accounts
from storage.desks import DESKS
from storage.keys import KeysWrong, SealBroken
from storage.migrate import migrate as migrate_database
from storage.perform import Door
from storage.reseal import prove
from storage.seed.plant import plant
from storage.sign_in_attempt import tell
from storage.timekeeper import keep_time

LIMITS = Limits()
KEYS_WRONG = 3
"""The exit status where personal data cannot be sealed or opened."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Preship: 进口旧机电产品装运前检验. Settings: PRESHIP_…",
)
schema_app = typer.Typer(no_args_is_help=True, help="The public schema.")
app.add_typer(rules_app, name="rules")
app.add_typer(codes_app, name="codes")
app.add_typer(schema_app, name="schema")
app.add_typer(documents_app, name="documents")
app.add_typer(register_app, name="register")
app.add_typer(user_app, name="user")
app.add_typer(organisation_app, name="organisation")
app.add_typer(keys_app, name="keys")
app.add_typer(person_app, name="person")
app.add_typer(card_app, name="card")


def main() -> None:
    # What a command prints may be read by programs, so what is logged goes elsewhere.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        app()
    except (KeysWrong, SealBroken) as wrong:
        print(wrong, file=sys.stderr)
        sys.exit(KEYS_WRONG)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve the API and the explorer."""
    write_log_as_json()
    settings = Settings()
    asyncio.run(_prove_keys())
    host, port = host or settings.host, port or settings.port
    out.print(f"Explorer [bold]http://{host}:{port}/graphql[/]   Demo accounts: `preship demo` lists them")
    uvicorn.run(
        "graph.app:create_lasting_app",
        factory=True,
        host=host,
        port=port,
        http=http_connection(LIMITS),
        ws=socket_connection(LIMITS),
        ws_max_size=LIMITS.frame_bytes_max,
        timeout_graceful_shutdown=int(LIMITS.leaving_seconds_max),
        server_header=False,
        # Which proxies are believed is for PRESHIP_PROXIES_TRUSTED to say; the server itself would believe some more.
        proxy_headers=False,
        access_log=False,
        log_level="warning",
    )


async def _prove_keys() -> None:
    """Wrong keys are said in one sentence, before a server begins to start."""
    async with _database() as database:
        await prove(database)


@app.command()
def migrate() -> None:
    """Bring the database up to date, with the code tables that every installation starts from."""
    settings = Settings()
    migrate_database(settings.database_url, settings.ring())

    async def run() -> None:
        async with _database() as database:
            await plant(database)

    asyncio.run(run())


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
    table = Table()
    for heading in ("用户名 user", "密码 password", "party", "role"):
        table.add_column(heading, no_wrap=True)
    table.add_column("单位 organisation", overflow="fold")
    for each in listed:
        table.add_row(each.username, each.password, each.party, each.role, each.organisation)
    out.print(table)


@app.command()
def clock() -> None:
    """Do once what falls due by itself: dispositions and certificates that end, deadlines that pass."""

    async def run() -> dict[str, int]:
        async with _database() as database, _bell() as bell:
            door = Door(database, bell)
            taken = await keep_time(door, DESKS.values())
            attempts = await tell(door)
            return taken | ({"signInAttempts": attempts} if attempts else {})

    taken = asyncio.run(run())
    for name, count in taken.items():
        print(f"{name} {count}")
    if not taken:
        out.print("没有到期事项。 Nothing fell due.")


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


if __name__ == "__main__":
    main()
