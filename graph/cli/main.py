"""The command `preship`: serve, migrate, demo data, imports, and what an officer checks by hand.

The surprise: each command imports what it needs when it is called, for all of the product takes seconds to import.
"""

import asyncio
import json
import math
import sys
from pathlib import Path
from typing import Annotated

import typer

from graph.cli.late import late

KEYS_WRONG = 3
"""The exit status where personal data cannot be sealed or opened."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Preship: 进口旧机电产品装运前检验. Settings: PRESHIP_…",
)
schema_app = typer.Typer(no_args_is_help=True, help="The public schema.")
app.add_typer(late("imports", "rules_app", "旧机电业务规则. The rules by HS code."), name="rules")
app.add_typer(late("imports", "codes_app", "参数表. The code tables."), name="codes")
app.add_typer(schema_app, name="schema")
app.add_typer(late("documents", "documents_app", "Trusted documents."), name="documents")
app.add_typer(late("register", "register_app", "The register of every action."), name="register")
app.add_typer(late("user", "user_app", "Accounts."), name="user")
app.add_typer(
    late("organisation", "organisation_app", "Institutions, enterprises and customs offices."), name="organisation"
)
app.add_typer(late("personal", "keys_app", "个人信息密钥. The keys of personal data."), name="keys")
app.add_typer(late("personal", "person_app", "个人信息. What is held of one person."), name="person")
app.add_typer(late("card", "card_app", "卡介质. Software cards, for trials without hardware."), name="card")


def main() -> None:
    import structlog

    # What a command prints may be read by programs, so what is logged goes elsewhere.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        app()
    except Exception as wrong:
        from storage.keys import KeysWrong, SealBroken

        if not isinstance(wrong, KeysWrong | SealBroken):
            raise
        print(wrong, file=sys.stderr)
        sys.exit(KEYS_WRONG)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve the API and the explorer."""
    import uvicorn

    from graph.cli.terminal import out
    from graph.log import write_log_as_json
    from graph.settings import Settings
    from graph.transport.connection import http_connection, socket_connection

    write_log_as_json()
    settings = Settings()
    limits = settings.request_limits
    asyncio.run(_prove_keys())
    host, port = host or settings.host, port or settings.port
    out.print(f"Explorer [bold]http://{host}:{port}/graphql[/]   Demo accounts: `preship demo` lists them")
    uvicorn.run(
        "graph.app:create_lasting_app",
        factory=True,
        host=host,
        port=port,
        http=http_connection(limits),
        ws=socket_connection(limits),
        ws_max_size=limits.frame_bytes_max,
        timeout_graceful_shutdown=int(limits.leaving_seconds_max),
        # Our own patience ends a connection that brings no head. The server's, five seconds, is that of clients too,
        # who would send into one that ends just then.
        timeout_keep_alive=math.ceil(limits.head_seconds_max) + 1,
        server_header=False,
        # Which proxies are believed is for PRESHIP_PROXIES_TRUSTED to say; the server itself would believe some more.
        proxy_headers=False,
        access_log=False,
        log_level="warning",
    )


async def _prove_keys() -> None:
    """Wrong keys are said in one sentence, before a server begins to start."""
    from graph.cli.terminal import database
    from storage.reseal import prove

    async with database() as opened:
        await prove(opened)


@app.command("migrate")
def bring_up_to_date() -> None:
    """Bring the database up to date, with the code tables that every installation starts from."""
    from graph.cli.terminal import database
    from graph.settings import Settings
    from storage.migrate import migrate
    from storage.seed.plant import plant

    settings = Settings()
    migrate(settings.database_url, settings.ring())

    async def run() -> None:
        async with database() as opened:
            await plant(opened)

    asyncio.run(run())


@app.command()
def demo(
    commissions: Annotated[int, typer.Option(min=0, help="How many commissions there shall be at least.")] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="Print the accounts as JSON.")] = False,
) -> None:
    """Load the demo data where it is missing, and list the demo accounts."""
    from rich.table import Table

    from graph.cli.demo import PASSWORD, demonstrate
    from graph.cli.terminal import out, progress
    from graph.settings import Settings
    from storage.demo.world import accounts

    with progress() as shown:
        bar = shown.add_task("演示数据 demo commissions", total=None)
        asyncio.run(demonstrate(Settings(), commissions, lambda done, of: shown.update(bar, completed=done, total=of)))
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
    from graph.cli.terminal import bell, database, out
    from storage.desks import DESKS
    from storage.perform import Door
    from storage.sign_in_attempt import tell
    from storage.timekeeper import keep_time

    async def run() -> dict[str, int]:
        async with database() as opened, bell() as rung:
            door = Door(opened, rung)
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
    from graph.schema.schema import SCHEMA

    text = SCHEMA.as_str() + "\n"
    if file is None:
        print(text, end="")
    else:
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
