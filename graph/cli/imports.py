"""The commands that import: 旧机电业务规则 `preship rules import`, 参数表 `preship codes import`."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from domain.code import TABLES
from graph.cli.terminal import bell, database, out, progress
from storage.code_import import CodeReport, import_codes
from storage.perform import Door
from storage.rule_import import RuleReport, import_rules
from storage.sheet import RejectedRow

rules_app = typer.Typer()
codes_app = typer.Typer()


@rules_app.command("import")
def rules_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV in UTF-8 or GB18030.")],
    partial: Annotated[bool, typer.Option(help="Import the good rows even where others are rejected.")] = False,
) -> None:
    """Import rules: what is new is announced, what differs supersedes, what says the same changes nothing."""

    async def run(heard: Callable[[int, int], None]) -> RuleReport:
        async with database() as opened, bell() as rung:
            return await import_rules(Door(opened, rung), file, partial=partial, progress=heard)

    with progress() as shown:
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
        async with database() as opened, bell() as rung:
            return await import_codes(Door(opened, rung), table, file)

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
