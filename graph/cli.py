"""The command `preship`: serve, migrate, demo data, imports, and what an officer checks by hand."""

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import structlog
import typer
import uuid_utils.compat
import uvicorn
from rich.table import Table

from domain.account.record import AddForm, IssuedCode, ResetForm
from domain.code import TABLES
from domain.organisation import Organisation
from domain.party import THE_PRODUCT, OrganisationKind, Role
from domain.password import WeighedPassword, password_faults
from domain.record import badly_written
from domain.refusal import Refusal, RefusalCode, refusal
from graph.card_cli import card_app
from graph.demo import PASSWORD, demonstrate
from graph.limits import Limits
from graph.log import write_log_as_json
from graph.personal_cli import keys_app, person_app
from graph.register_cli import register_app
from graph.schema.schema import SCHEMA
from graph.settings import Settings
from graph.terminal import bell as _bell
from graph.terminal import database as _database
from graph.terminal import err, out
from graph.terminal import progress as _progress
from identity.code import hash_of_code, new_code
from identity.password import hashed, is_common, normalised
from storage.account import account_named
from storage.account_desk import DESK as ACCOUNT_DESK
from storage.code_import import CodeReport, import_codes
from storage.demo.world import accounts
from storage.desks import DESKS
from storage.keys import KeysWrong, SealBroken
from storage.migrate import migrate as migrate_database
from storage.organisation import add_organisation, organisation_named
from storage.perform import Door, Request
from storage.reseal import prove
from storage.rule_import import RuleReport, import_rules
from storage.seed.plant import plant
from storage.sheet import RejectedRow
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
rules_app = typer.Typer(no_args_is_help=True, help="旧机电业务规则. The rules by HS code.")
codes_app = typer.Typer(no_args_is_help=True, help="参数表. The code tables.")
schema_app = typer.Typer(no_args_is_help=True, help="The public schema.")
organisation_app = typer.Typer(no_args_is_help=True, help="Institutions, enterprises and customs offices.")
user_app = typer.Typer(no_args_is_help=True, help="Accounts.")
app.add_typer(rules_app, name="rules")
app.add_typer(codes_app, name="codes")
app.add_typer(schema_app, name="schema")
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
        "graph.app:create_app",
        factory=True,
        host=host,
        port=port,
        ws="websockets-sansio",
        ws_max_size=LIMITS.frame_bytes_max,
        timeout_graceful_shutdown=int(LIMITS.leaving_seconds_max),
        server_header=False,
        # Which proxies are believed is for PRESHIP_PROXIES_TRUSTED to say; the server itself would believe some more.
        proxy_headers=False,
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


@rules_app.command("import")
def rules_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV in UTF-8 or GB18030.")],
    partial: Annotated[bool, typer.Option(help="Import the good rows even where others are rejected.")] = False,
) -> None:
    """Import rules: what is new is announced, what differs supersedes, what says the same changes nothing."""

    async def run(progress: Callable[[int, int], None]) -> RuleReport:
        async with _database() as database, _bell() as bell:
            return await import_rules(Door(database, bell), file, partial=partial, progress=progress)

    with _progress() as shown:
        bar = shown.add_task("规则 rules", total=None)
        report = asyncio.run(run(lambda done, of: shown.update(bar, completed=done, total=of)))
    _show_rejected(report.rejected)
    out.print(
        f"{report.rows} 行 rows: {report.announced} 发布 announced "
        f"(其中 of them {report.superseded} 更新 superseding), "
        f"{report.unchanged} 未变 unchanged, {len(report.rejected)} 拒绝 rejected"
    )
    if report.rejected and not partial:
        out.print("未导入任何行；改正后重试，或使用 --partial。 Nothing was imported; mend the rows, or use --partial.")
    raise typer.Exit(1 if report.rejected else 0)


@codes_app.command("import")
def codes_import(
    table: Annotated[str, typer.Argument(help=f"One of {', '.join(TABLES)}.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV in UTF-8 or GB18030.")],
) -> None:
    """Import a code table: what is new is added, what differs amended, what is not named stays; all or nothing."""
    if table not in TABLES:
        raise typer.BadParameter(f"one of {', '.join(TABLES)}", param_hint="TABLE")

    async def run() -> CodeReport:
        async with _database() as database, _bell() as bell:
            return await import_codes(Door(database, bell), table, file)

    report = asyncio.run(run())
    _show_rejected(report.rejected)
    out.print(
        f"{report.rows} 行 rows: {report.added} 新增 added, {report.amended} 修改 amended, {report.ended} 截止 ended, "
        f"{report.unchanged} 未变 unchanged, {len(report.rejected)} 拒绝 rejected"
    )
    if report.rejected:
        out.print("未导入任何行；改正后重试。 Nothing was imported; mend the rows.")
    raise typer.Exit(1 if report.rejected else 0)


def _show_rejected(rejected: Sequence[RejectedRow]) -> None:
    if not rejected:
        return
    table = Table("行 line", "列 column", "原因", "reason")
    for row in rejected:
        table.add_row(str(row.line), row.column or "", row.words.zh, row.words.en)
    out.print(table)


@organisation_app.command("add")
def organisation_add(
    kind: Annotated[str, typer.Argument(help="INSTITUTION, ENTERPRISE or CUSTOMS.")],
    name_zh: Annotated[str, typer.Argument(help="Its name in Chinese.")],
    name_en: Annotated[str, typer.Argument(help="Its name in English.")],
    uscc: Annotated[str | None, typer.Option(help="统一社会信用代码, Chinese organisations only.")] = None,
    phone: Annotated[str | None, typer.Option(help="Phone of the contact, with area code.")] = None,
    mobile: Annotated[str | None, typer.Option(help="Mobile phone, for text messages.")] = None,
    email: Annotated[str | None, typer.Option(help="E-mail address, for notices.")] = None,
) -> None:
    """Add an organisation, so that accounts can be added to it; an institution then files itself."""
    if kind not in OrganisationKind.__members__:
        raise typer.BadParameter("INSTITUTION, ENTERPRISE or CUSTOMS", param_hint="KIND")
    made = Organisation(
        id=uuid_utils.compat.uuid7(),
        kind=OrganisationKind[kind],
        name_zh=name_zh,
        name_en=name_en,
        uscc=uscc,
        contact_phone=phone,
        contact_mobile=mobile,
        contact_email=email,
    )
    bad = [f"{'.'.join(map(str, each.field or ()))}: {each.words.zh} {each.words.en}" for each in badly_written(made)]
    if bad:
        raise typer.BadParameter("; ".join(bad))

    async def run() -> bool:
        async with _database() as database:
            return await add_organisation(database, made)

    if not asyncio.run(run()):
        err.print("名称或统一社会信用代码已被使用。 The name or the credit code is taken.")
        raise typer.Exit(1)


@user_app.command("add")
def user_add(
    username: str,
    organisation: Annotated[str, typer.Option(help="Name of the organisation, Chinese or English, whole.")],
    role: Annotated[str, typer.Option(help="ADMIN, OPERATOR, VIEWER or REVIEWER.")] = "OPERATOR",
    display_name: Annotated[str | None, typer.Option(help="The person's name; the user name when absent.")] = None,
    password: Annotated[str | None, typer.Option(help="Asked for when absent.")] = None,
) -> None:
    """Add an account to an organisation."""
    secret = password or typer.prompt("密码 password", hide_input=True, confirmation_prompt=True)
    if role not in Role.__members__:
        raise typer.BadParameter("ADMIN, OPERATOR, VIEWER or REVIEWER", param_hint="--role")

    async def run() -> Sequence[Refusal]:
        async with _database() as database, _bell() as bell:
            async with database.reading() as connection:
                owner = await organisation_named(connection, organisation)
            if owner is None:
                return [NO_SUCH_ORGANISATION]
            faults = password_faults(
                normalised(secret),
                username=username,
                names=(owner.name_zh, owner.name_en),
                length_min=Settings().password_length_min,
                is_common=is_common(secret),
                field="password",
            )
            form = AddForm.of(
                username=username,
                display_name=display_name or username,
                role=Role[role],
                organisation_id=owner.id,
                password=WeighedPassword(await hashed(secret), tuple(faults)),
            )
            outcome = await Door(database, bell).perform(ACCOUNT_DESK, "add", Request(form=form), THE_PRODUCT)
            return outcome.refusals

    _end_with(asyncio.run(run()))


@user_app.command("reset")
def user_reset(username: str) -> None:
    """Make a user's password worthless and print a one-time code, with which the person sets another."""
    code, settings = new_code(), Settings()
    form = ResetForm(code=IssuedCode(hash_of_code(code), settings.one_time_code_lasts))

    async def run() -> Sequence[Refusal]:
        async with _database() as database, _bell() as bell:
            async with database.reading() as connection:
                known = await account_named(connection, username)
            if known is None:
                return [NO_SUCH_USER]
            wish = Request(form=form, subject_id=known[0].id)
            return (await Door(database, bell).perform(ACCOUNT_DESK, "reset_password", wish, THE_PRODUCT)).refusals

    _end_with(asyncio.run(run()))
    print(code)


NO_SUCH_ORGANISATION = refusal(RefusalCode.NOT_FOUND, zh="没有该单位。", en="There is no such organisation.")
NO_SUCH_USER = refusal(RefusalCode.NOT_FOUND, zh="没有该用户。", en="There is no such user.")


def _end_with(refusals: Sequence[Refusal]) -> None:
    """Says why nothing was done, if so, and ends with status 1."""
    for each in refusals:
        err.print(f"{each.words.zh} {each.words.en}")
    if refusals:
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
