"""Rules come from CSV files: every row is judged, what differs follows what was, a file goes in whole or not at all."""

import asyncio
import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from domain.rule import Rule
from storage.register import Flaw
from storage.rule import RULES, versions_of
from storage.rule_import import RuleReport, import_rules, read
from storage.sheet import FILE_BYTES_MAX
from storage.verify import verify
from tests.storage.world import FORKLIFT, LOADER, World

FLAGS = ["inspection_required", "inspection_exempt", "import_prohibited"]
HEADINGS = ["hs_code", "name_zh", "name_en", *FLAGS, "measure", "legal_basis", "valid_from"]
NEW = "8457101000"
BIG_FILE = Path(__file__).parents[3] / "shared" / "data" / "rules.csv"


def row(hs_code: str = NEW, **cells: str) -> dict[str, str]:
    return {
        "hs_code": hs_code, "name_zh": "立式加工中心", "name_en": "Machining centre", "inspection_required": "1",
        "inspection_exempt": "0", "import_prohibited": "0", "measure": "装运前检验", "legal_basis": "示例公告",
        "valid_from": "2026-12-01",
    } | cells  # fmt: skip


def written(*rows: dict[str, str], headings: Sequence[str] = HEADINGS, encoding: str = "utf-8") -> io.BytesIO:
    text = io.StringIO()
    writer = csv.DictWriter(text, headings, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode(encoding))


async def imported(world: World, file: Any, **how: Any) -> RuleReport:
    return await import_rules(world.door(), file, **how)


async def versions(world: World, hs_code: str = NEW) -> list[Rule]:
    async with world.database.reading() as connection:
        return (await versions_of(connection, [hs_code])).get(hs_code, [])


async def flaws(world: World) -> list[Flaw]:
    return [flaw async for flaw in verify(world.database)]


def counts(report: RuleReport) -> tuple[int, int, int, int, int]:
    return report.rows, report.announced, report.superseded, report.unchanged, len(report.rejected)


def places(report: RuleReport) -> list[tuple[int, str | None]]:
    return [(each.line, each.column) for each in report.rejected]


async def test_a_new_rule_is_announced(world: World) -> None:
    report = await imported(world, written(row()))
    assert counts(report) == (1, 1, 0, 0, 0)
    (rule,) = await versions(world)
    assert (rule.name_zh, rule.inspection_required, rule.valid_from) == ("立式加工中心", True, date(2026, 12, 1))
    assert await flaws(world) == []


async def test_a_second_import_changes_nothing(world: World) -> None:
    file = [row(), row(LOADER), row("8455102000", valid_to="2027-01-31")]
    headings = [*HEADINGS, "valid_to"]
    assert counts(await imported(world, written(*file, headings=headings))) == (3, 3, 1, 0, 0)
    before = await world.dump()
    assert counts(await imported(world, written(*file, headings=headings))) == (3, 0, 0, 3, 0)
    assert await world.dump() == before


async def test_what_differs_ends_the_open_rule_the_day_before(world: World) -> None:
    report = await imported(world, written(row(LOADER)))
    assert counts(report) == (1, 1, 1, 0, 0)
    former, new = await versions(world, LOADER)
    assert former.valid_to == date(2026, 11, 30)
    assert (new.valid_from, new.valid_to) == (date(2026, 12, 1), None)
    assert await flaws(world) == []


async def test_without_a_first_day_a_rule_begins_today(world: World) -> None:
    headings = [each for each in HEADINGS if each != "valid_from"]
    await imported(world, written(row(), headings=headings))
    assert [rule.valid_from for rule in await versions(world)] == [date(2026, 11, 20)]


async def test_an_absent_column_of_english_names_keeps_them(world: World) -> None:
    await imported(world, written(row()))
    headings = [each for each in HEADINGS if each != "name_en"]
    assert counts(await imported(world, written(row(), headings=headings))) == (1, 0, 0, 1, 0)
    await imported(world, written(row(measure="免检", valid_from="2027-01-01"), headings=headings))
    assert [rule.name_en for rule in await versions(world)] == ["Machining centre", "Machining centre"]


async def test_a_row_with_a_last_day_ends_the_rule_it_repeats(world: World) -> None:
    await imported(world, written(row()))
    headings = [*HEADINGS, "valid_to"]
    report = await imported(world, written(row(valid_to="2027-03-31"), headings=headings))
    assert counts(report) == (1, 0, 1, 0, 0)
    assert [rule.valid_to for rule in await versions(world)] == [date(2027, 3, 31)]


async def test_two_rules_for_one_day_are_refused(world: World) -> None:
    headings = [*HEADINGS, "valid_to"]
    await imported(world, written(row(valid_to="2027-03-31"), headings=headings))
    report = await imported(world, written(row(measure="免检", valid_from="2027-03-31")))
    assert places(report) == [(2, "valid_from")]
    assert counts(await imported(world, written(row(measure="免检", valid_from="2027-04-01")))) == (1, 1, 0, 0, 0)


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ({"hs_code": "842951000"}, "hs_code"),
        ({"hs_code": ""}, "hs_code"),
        ({"inspection_required": "2"}, "inspection_required"),
        ({"import_prohibited": ""}, "import_prohibited"),
        ({"import_prohibited": "1"}, "inspection_required"),
        ({"name_zh": " "}, "name_zh"),
        ({"name_zh": "长" * 301}, "name_zh"),
        ({"legal_basis": "x" * 100_000}, "legal_basis"),
        ({"valid_from": "2026-02-30"}, "valid_from"),
        ({"valid_from": "0001-01-01"}, "valid_from"),
        ({"valid_from": "tomorrow"}, "valid_from"),
        ({"valid_to": "2026-11-30"}, "valid_to"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_wrong_cell_is_named_and_nothing_is_written(world: World, cells: dict[str, str], place: str) -> None:
    before = await world.dump()
    file = [row("8455102000"), row(**cells), row(LOADER)]
    headings = [*HEADINGS, "valid_to"]
    report = await imported(world, written(*file, headings=headings))
    assert places(report) == [(3, place)]
    assert counts(report) == (3, 0, 0, 0, 1)
    assert await world.dump() == before

    partly = await imported(world, written(*file, headings=headings), partial=True)
    assert counts(partly) == (3, 2, 1, 0, 1)
    assert places(partly) == [(3, place)]
    assert await flaws(world) == []


async def test_a_rule_cannot_begin_before_the_one_it_follows(world: World) -> None:
    report = await imported(world, written(row(LOADER, valid_from="2019-12-31")))
    assert places(report) == [(2, "valid_from")]


async def test_all_that_is_wrong_is_said_at_once(world: World) -> None:
    file = [row("1"), row(LOADER, valid_from="2019-01-01"), row("8455102000", measure=""), row("2", measure="")]
    report = await imported(world, written(*file))
    assert places(report) == [
        (2, "hs_code"),
        (3, "valid_from"),
        (4, "measure"),
        (5, "hs_code"),
        (5, "measure"),
    ]


async def test_an_hs_code_may_stand_once(world: World) -> None:
    report = await imported(world, written(row(), row(LOADER), row(measure="免检")))
    assert places(report) == [(4, "hs_code")]
    assert "第2行" in report.rejected[0].words.zh


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_chinese_headings_and_words_are_read(world: World, encoding: str) -> None:
    flags = ["是否需要装运前检验", "是否免于装运前检验", "是否禁止进口"]
    headings = ["HS编码", "品名", *flags, "监管措施", "法律依据", "生效日期"]
    cells = [NEW, "立式加工中心", "是", "否", "N", "装运前检验", "示例公告", "2026/12/1"]
    report = await imported(
        world, written(dict(zip(headings, cells, strict=True)), headings=headings, encoding=encoding)
    )
    assert counts(report) == (1, 1, 0, 0, 0)
    (rule,) = await versions(world)
    assert (rule.name_zh, rule.inspection_required, rule.valid_from) == ("立式加工中心", True, date(2026, 12, 1))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"\n\n", 1),
        (b"hs_code,name_zh\n1,2\n", 1),
        (b"\xff\xfe" + "hs_code".encode("utf-16-le"), 1),
        (b"hs_code\n1\n\x81", 3),
        (b"hs_code\n\0\n", 2),
        (b"hs_code\n" + "编码为万国码的文件里有一处".encode() + b"\n\xb1\xb2\n", 3),
        (b"hs_code,HS_CODE,name_zh\n", 1),
        (b"x" * (FILE_BYTES_MAX + 1), 1),
    ],
    ids=[
        "empty",
        "blank",
        "columns missing",
        "UTF-16",
        "cut off",
        "NUL",
        "fault in UTF-8",
        "column twice",
        "too large",
    ],
)
def test_a_file_that_makes_no_sense_is_rejected_with_its_line(content: bytes, line: int) -> None:
    sheet = read(io.BytesIO(content))
    assert [(each.line, each.column) for each in sheet.rejected] == [(line, None)]
    assert sheet.rows == ()


@pytest.mark.parametrize(
    "last_line", [f'{NEW},"unclosed', f'{NEW},"{"x" * 200_000}"', f"{NEW},too,few"], ids=["quote", "huge cell", "few"]
)
async def test_a_line_that_is_no_row_is_named(world: World, last_line: str) -> None:
    file = io.BytesIO(written(row("8455102000")).getvalue() + last_line.encode() + b"\n")
    assert places(await imported(world, file)) == [(3, None)]


async def test_columns_that_mean_nothing_are_named_once_and_ignored(world: World) -> None:
    report = await imported(world, written(row(unit="台"), row(LOADER), headings=[*HEADINGS, "unit"]))
    assert report.ignored_columns == ("unit",)
    assert report.announced == 2


async def test_blank_lines_and_lines_within_a_cell_are_counted(world: World) -> None:
    content = written(row("8455102000", measure="两\n行")).getvalue() + b"\r\n,,,,,,,,\r\n" + b"1,a,b,1,0,0,c,d,\r\n"
    assert places(await imported(world, io.BytesIO(content))) == [(6, "hs_code")]


async def test_a_file_on_the_disk_is_read_by_its_name(world: World, tmp_path: Path) -> None:
    (tmp_path / "rules.csv").write_bytes(written(row()).getvalue())
    heard: list[tuple[int, int]] = []
    report = await imported(world, tmp_path / "rules.csv", progress=lambda *numbers: heard.append(numbers))
    assert report.announced == 1
    assert heard == [(1, 1)]


async def test_two_imports_at_once_announce_each_rule_once(world: World) -> None:
    file = [row(f"{8400000000 + n}") for n in range(50)] + [row(LOADER), row(FORKLIFT)]
    reports = await asyncio.gather(*(imported(world, written(*file)) for _ in range(3)))
    assert sorted(counts(report) for report in reports) == [(52, 0, 0, 52, 0), (52, 0, 0, 52, 0), (52, 52, 2, 0, 0)]
    assert await flaws(world) == []


async def test_a_real_list_goes_in_whole(world: World) -> None:
    if not BIG_FILE.exists():
        pytest.skip(f"{BIG_FILE.name} is not beside the repository")
    report = await imported(world, BIG_FILE)
    assert report.rejected == ()
    assert report.announced == report.rows > 700
    assert report.ignored_columns == ("first_unit", "category")
    assert (await imported(world, BIG_FILE)).unchanged == report.rows
    assert await flaws(world) == []
    async with world.database.reading() as connection:
        assert len((await connection.execute(select(RULES.id))).all()) >= report.rows
