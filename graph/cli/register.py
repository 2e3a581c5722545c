"""Proving the register: `preship register verify` where it lies, `preship register check` for a copy of it."""

import asyncio
import csv
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TextIO

import orjson
import typer
from strawberry.utils.str_converters import to_snake_case

from domain.language import Language
from domain.record import fields_of
from domain.register_copy import check
from domain.register_line import RegisterLine
from graph.cli.terminal import database as _database
from graph.cli.terminal import out
from graph.cli.terminal import progress as _progress
from graph.export.columns import columns_of
from graph.export.delimited import BYTE_ORDER_MARK
from graph.schema.register_line import EXPORTED
from storage.verify import verify

FLAWS_SHOWN_MAX = 100
CELL_CHARACTERS_MAX = 2**24
NO_COPY = 2
"""The exit status where a file is no copy of the register."""

register_app = typer.Typer()


@register_app.command("verify")
def register_verify() -> None:
    """Check every line of the register, its chains and the records; names what does not fit."""

    async def run(progress: Callable[[int, int], None]) -> int:
        flaws = 0
        async with _database() as database:
            async for flaw in verify(database, progress):
                flaws += 1
                print(flaw)
        return flaws

    with _progress() as shown:
        bar = shown.add_task("登记簿 register", total=None)
        flaws = asyncio.run(run(lambda done, of: shown.update(bar, completed=done, total=of)))
    out.print("登记簿完好。 The register is sound." if not flaws else f"{flaws} 处不符。 {flaws} flaws.")
    raise typer.Exit(1 if flaws else 0)


@register_app.command("check")
def register_check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV of an export, or JSON Lines.")],
) -> None:
    """Check a copy of lines by itself, without a database: hashes, chains, and what is readable beside them."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            report = check(_rows(opened))
    except (NoCopy, UnicodeDecodeError, csv.Error) as wrong:
        print(f"不是登记簿的副本。 This is no copy of the register: {wrong}", file=sys.stderr)
        raise typer.Exit(NO_COPY) from None
    for flaw in report.flaws[:FLAWS_SHOWN_MAX]:
        print(f"line {flaw.line}: {flaw.words.en} ({flaw.words.zh})")
    if len(report.flaws) > FLAWS_SHOWN_MAX:
        print(f"… {len(report.flaws) - FLAWS_SHOWN_MAX}")
    out.print(
        f"{report.lines} 条 lines, {report.records} 个记录 records, {report.gaps} 处缺口 gaps, "
        f"{report.unread} 条无变更内容 without changes."
    )
    count = len(report.flaws)
    out.print("副本完好。 The copy is sound." if not count else f"{count} 处不符。 {count} flaws.")
    raise typer.Exit(1 if count else 0)


class NoCopy(ValueError):
    """A file has not what a copy of the register must have."""


def _rows(opened: TextIO) -> Iterator[Mapping[str, Any]]:
    first = opened.read(1)
    opened.seek(0)
    return _of_json_lines(opened) if first == "{" else _of_csv(opened)


def _of_json_lines(opened: TextIO) -> Iterator[Mapping[str, Any]]:
    """Nodes of `registerLines`, one a line, with the names that they have there."""
    for number, line in enumerate(opened, 1):
        if not line.strip():
            continue
        try:
            node = orjson.loads(line)
        except orjson.JSONDecodeError as unreadable:
            raise NoCopy(f"line {number}: {unreadable}") from None
        if not isinstance(node, dict):
            raise NoCopy(f"line {number} is no object")
        yield {to_snake_case(name): value for name, value in node.items()}


def _of_csv(opened: TextIO) -> Iterator[Mapping[str, Any]]:
    csv.field_size_limit(CELL_CHARACTERS_MAX)
    rows = csv.reader(opened)
    headings = [_NAMES.get(each.removeprefix(BYTE_ORDER_MARK)) for each in next(rows, [])]
    if not {"hash", "hashed_text"} <= set(headings):
        raise NoCopy("it lacks the columns 散列 (Hash) and 散列原文 (Hashed text)")
    for row in rows:
        yield {name: value for name, value in zip(headings, row, strict=False) if name is not None}


def _named() -> Iterator[tuple[str, str]]:
    names = [*(each.name for each in EXPORTED), *(name for name in fields_of(RegisterLine))]
    by_english = {name.removesuffix("_id").replace("_", " ").capitalize(): name for name in names}
    for column in columns_of(RegisterLine, EXPORTED):
        for language in Language:
            yield column.heading.in_(language), by_english[column.heading.en]


_NAMES = dict(_named())
"""The fields of a line by the headings of an export, in either language."""
