"""The commands about personal data: its keys, and what is held of one person."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from domain.personal import number_in
from graph.cli.terminal import bell, database, err, out, progress
from graph.ids import public_id
from storage.keys import SealBroken, new_key
from storage.perform import Door
from storage.person import Erasure, Held, erase, holdings
from storage.reseal import Sealing, check, rotate

keys_app = typer.Typer()
person_app = typer.Typer()

IdNumber = Annotated[str | None, typer.Option("--id-number", help="身份证号; asked for when absent, and not shown.")]


@keys_app.command("new")
def keys_new() -> None:
    """Print a new key, as PRESHIP_PERSONAL_KEYS takes it."""
    print(new_key(datetime.now(UTC).date()))


@keys_app.command("rotate")
def keys_rotate() -> None:
    """Seal everything anew under the current key; may be cut off and called again, and the product may run.

    Servers that read their keys from `file:` learn a new one from it; those with keys in the environment must have been
    started with it before.
    """

    async def run(heard: Callable[[int, int], None]) -> tuple[int, str]:
        async with database() as opened:
            assert opened.keys is not None
            return await rotate(opened, heard), opened.keys.current

    with progress() as shown:
        bar = shown.add_task("重新加密 sealing anew", total=None)
        try:
            done, key_id = asyncio.run(run(lambda done, of: shown.update(bar, completed=done, total=of)))
        except SealBroken as broken:
            err.print(f"无法解密，请运行 preship keys check。 It does not open: {broken}")
            raise typer.Exit(1) from None
    out.print(f"{done} 项改用密钥“{key_id}”加密。 {done} values are sealed with the key {key_id!r} now.")


@keys_app.command("check")
def keys_check() -> None:
    """Open every sealed value; list how many each key holds, and name what does not open."""

    async def run(heard: Callable[[int, int], None]) -> Sealing:
        async with database() as opened:
            return await check(opened, heard)

    with progress() as shown:
        bar = shown.add_task("加密数据 sealed values", total=None)
        found = asyncio.run(run(lambda done, of: shown.update(bar, completed=done, total=of)))
    table = Table("字段 field", "密钥 key", "数量 values")
    for (column, key_id), count in sorted(found.counted.items()):
        table.add_row(column, key_id or "?", str(count))
    out.print(table)
    for each in found.broken:
        print(each)
    raise typer.Exit(1 if found.broken else 0)


@person_app.command("export")
def person_export(id_number: IdNumber = None) -> None:
    """Print as JSON every field that holds data of the person with this identity card number."""
    number = _number(id_number)

    async def run() -> list[Held]:
        async with database() as opened, opened.reading() as connection:
            return (await holdings(connection, number)).held()

    records = [
        {"type": each.subject, "id": public_id(each.subject, each.record_id), "fields": dict(each.fields)}
        for each in asyncio.run(run())
    ]
    print(json.dumps({"records": records}, ensure_ascii=False, indent=2))


@person_app.command("erase")
def person_erase(
    reason: Annotated[str, typer.Option(help="Why; the register keeps it, so it names nobody.")],
    id_number: IdNumber = None,
) -> None:
    """Erase the person with this identity card number from every record, or say why that may not be done."""
    number = _number(id_number)

    async def run() -> Erasure:
        async with database() as opened, bell() as ringing:
            return await erase(Door(opened, ringing), number, reason)

    done = asyncio.run(run())
    for name, refusal in done.refused:
        err.print(f"{name}: {refusal.words.zh} {refusal.words.en}", highlight=False)
    if done.refused:
        err.print("未删除任何信息。 Nothing was erased.")
        raise typer.Exit(1)
    out.print(f"已从 {done.records} 条记录删除。 Erased from {done.records} records.")


def _number(given: str | None) -> str:
    number = number_in(given or typer.prompt("身份证号 identity card number", hide_input=True))
    if number is None:
        raise typer.BadParameter("18 characters with a valid date of birth and check digit", param_hint="--id-number")
    return number
