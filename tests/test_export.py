"""Every list as a file: the rows, the order and the words of the list, in formats that other programs open."""

import asyncio
import csv
import io
import json
import time
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]

from domain.marks import CHINA
from graph.export import endpoint
from graph.export.columns import Cell, cells
from graph.export.delimited import BYTE_ORDER_MARK, DelimitedWriter
from graph.export.exported import names
from graph.export.workbook import WorkbookWriter
from graph.listing import LISTS
from tests.office import Office
from tests.papers import a_line
from tests.person import Person

LIST = """
query List($filter: CommissionFilter, $orderBy: CommissionOrder, $after: String) {
  commissions(filter: $filter, orderBy: $orderBy, after: $after, first: 100) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { number enterpriseName productUse productUseLabel entryCustomsLabel status totalAmount unitsMixed
      commissionedAt completedAt institution { name } goodsLines { lineNumber hsCode quantity amount } }
  }
}
"""
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def fetched(person: Person, file: str, **parameters: Any) -> httpx.Response:
    written = {name: json.dumps(value) for name, value in parameters.items()}
    return await person.office.client.get(f"/exports/{file}", params=written, headers=person.headers)


async def table(person: Person, file: str, **parameters: Any) -> list[dict[str, str]]:
    """A CSV as it is read again, a dictionary each row."""
    answer = await fetched(person, file, **parameters)
    assert answer.status_code == 200, answer.text
    text = answer.content.decode()
    assert text.startswith(BYTE_ORDER_MARK)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")))


async def sheet(person: Person, file: str, **parameters: Any) -> list[dict[str, Any]]:
    """The same of a workbook."""
    answer = await fetched(person, file, **parameters)
    assert answer.status_code == 200, answer.text
    head, *rows = load_workbook(io.BytesIO(answer.content), read_only=True).active.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


async def listed(person: Person, **variables: Any) -> list[Any]:
    found: list[Any] = []
    after = None
    while True:
        page = (await person.asks(LIST, after=after, **variables))["commissions"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            assert len(found) == page["totalCount"]
            return found
        after = page["pageInfo"]["endCursor"]


def in_china(instant: str | None) -> datetime | None:
    if instant is None:
        return None
    return datetime.fromisoformat(instant).astimezone(CHINA).replace(tzinfo=None, microsecond=0)


FILTERS = [
    {},
    {"filter": {"status": ["COMPLETED", "PENDING"]}, "orderBy": {"field": "TOTAL_AMOUNT", "direction": "ASC"}},
    {"filter": {"consigneeName": "机械", "productUse": "OWN_USE"}, "orderBy": {"field": "NUMBER"}},
    {"filter": {"country": "JP", "hsChapter": "85"}},
]


@pytest.mark.parametrize("asked", FILTERS, ids=str)
async def test_an_export_has_the_rows_of_the_list_in_its_order(busy_office: Office, asked: dict[str, Any]) -> None:
    for person in (busy_office.customs, busy_office.enterprise, busy_office.institution):
        expected = await listed(person, **asked)
        rows = await table(person, "commissions.csv", **asked)
        assert [row["业务编号"] for row in rows] == [node["number"] for node in expected]
        cells = await sheet(person, "commissions.xlsx", **asked)
        assert [row["业务编号"] for row in cells] == [node["number"] for node in expected]


@pytest.mark.manual(102)
async def test_a_workbook_says_what_the_list_says(busy_office: Office) -> None:
    person = busy_office.customs.in_english()
    rows = await sheet(person, "commissions.xlsx")
    expected = await listed(person)
    assert len(rows) == len(expected) > 100
    for row, node in zip(rows, expected, strict=True):
        assert row["Number"] == node["number"]
        assert row["Enterprise name"] == node["enterpriseName"]
        assert (row["Product use"], row["Product use (name)"]) == (node["productUse"], node["productUseLabel"])
        assert row["Entry customs (name)"] == node["entryCustomsLabel"]
        assert row["Institution"] == node["institution"]["name"]
        assert row["Status"] == node["status"].replace("_", " ").capitalize()
        assert Decimal(str(row["Total amount"])) == Decimal(node["totalAmount"])
        assert row["Units mixed"] == ("Yes" if node["unitsMixed"] else "No")
        assert row["Commissioned at"] == in_china(node["commissionedAt"])
        assert row["Completed at"] == in_china(node["completedAt"])


async def test_a_csv_says_what_the_list_says_in_chinese(busy_office: Office) -> None:
    rows = await table(busy_office.customs, "commissions.csv")
    expected = await listed(busy_office.customs)
    for row, node in zip(rows, expected, strict=True):
        assert row["产品用途（名称）"] == node["productUseLabel"]
        assert row["装运前检验机构"] == node["institution"]["name"]
        assert row["总金额"] == node["totalAmount"]
        assert row["委托时间"] == str(in_china(node["commissionedAt"]))
        assert row["单位混合"] == ("是" if node["unitsMixed"] else "否")
    assert {row["状态"] for row in rows} <= {"待受理", "补充材料", "受理中", "检验完成"}


async def test_goods_lines_are_exported_with_the_number_of_their_commission(busy_office: Office) -> None:
    asked = {"filter": {"status": ["COMPLETED"]}, "orderBy": {"field": "NUMBER", "direction": "ASC"}}
    expected = [
        (node["number"], str(line["lineNumber"]), line["hsCode"], line["quantity"], line["amount"])
        for node in await listed(busy_office.institution, **asked)
        for line in node["goodsLines"]
    ]
    rows = await table(busy_office.institution, "goods-lines.csv", **asked)
    assert [(row["业务编号"], row["序号"], row["HS编码"], row["数量"], row["金额"]) for row in rows] == expected
    assert len(expected) > 20


async def test_every_list_of_the_schema_can_be_exported_and_read_again(busy_office: Office) -> None:
    assert {name.replace("_", "-") for name in LISTS} < set(names())
    for name in names():
        assert len(await table(busy_office.customs, f"{name}.csv")) == len(
            await sheet(busy_office.customs, f"{name}.xlsx")
        )


async def test_an_empty_list_is_exported_with_its_headings(office: Office) -> None:
    answer = await fetched(office.enterprise, "commissions.csv")
    lines = answer.content.decode().removeprefix(BYTE_ORDER_MARK).split("\r\n")
    assert lines[0].startswith("业务编号,企业名称,")
    assert lines[1:] == [""]
    book = load_workbook(io.BytesIO((await fetched(office.enterprise, "commissions.xlsx")).content))
    (head,) = book.active.iter_rows(values_only=True)
    assert ",".join(head) == lines[0]


async def test_each_exports_only_what_concerns_it(office: Office) -> None:
    pending = await office.pending()
    await office.draft()
    assert len(await table(office.enterprise, "commissions.csv")) == 2
    for person, seen in (
        (office.institution, [pending["number"]]),
        (office.customs, [pending["number"]]),
        (office.other_enterprise, []),
        (office.other_institution, []),
    ):
        assert [row["业务编号"] for row in await table(person, "commissions.csv")] == seen
        assert [row["业务编号"] for row in await table(person, "goods-lines.csv")] == seen
    for file in ("commissions.csv", "goods-lines.xlsx", "notices.csv"):
        refused = await fetched(office.anybody, file)
        assert (refused.status_code, told(refused)) == (401, "UNAUTHENTICATED")
        assert refused.headers["www-authenticate"] == "Bearer"
    assert len(await table(office.anybody, "rules.csv")) == 48
    forged = await office.client.get("/exports/rules.csv", headers={"authorization": "Bearer nobody"})
    assert forged.status_code == 401


async def test_a_revoked_institution_is_in_no_public_export(office: Office) -> None:
    before = {row["备案编号"] for row in await table(office.anybody, "institutions.csv")}
    await office.disposes("I01", "REVOKED")
    after = {row["备案编号"] for row in await table(office.anybody, "institutions.csv")}
    assert len(before - after) == 1
    assert {row["备案编号"] for row in await table(office.customs, "institutions.csv")} >= before


def told(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"]
    code: str = error["extensions"]["code"]
    return code


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ('filter={"status":["UNKNOWN"]}', 422, "BAD_USER_INPUT"),
        ('filter={"colour":"red"}', 422, "BAD_USER_INPUT"),
        ('filter={"commissionedFrom":"2026-02-30"}', 422, "BAD_USER_INPUT"),
        ('filter={"number":"\\u0000"}', 422, "BAD_USER_INPUT"),
        ("filter=5", 422, "BAD_USER_INPUT"),
        ('orderBy={"field":"COLOUR"}', 422, "BAD_USER_INPUT"),
        ('orderBy={"direction":"ASC"}', 422, "BAD_USER_INPUT"),
        ("filter={", 400, "BAD_REQUEST"),
        ("filter={}&filter={}", 400, "BAD_REQUEST"),
        ("first=10", 400, "BAD_REQUEST"),
    ],
)
async def test_a_wrong_filter_is_told_as_the_list_tells_it(office: Office, query: str, status: int, code: str) -> None:
    answer = await office.client.get(f"/exports/commissions.csv?{query}", headers=office.enterprise.headers)
    assert (answer.status_code, told(answer)) == (status, code)
    if query.startswith(('filter={"', "filter=5")) and status == 422:
        wanted = json.loads(query.partition("=")[2])
        (error,) = (await office.enterprise.sends(LIST, filter=wanted))["errors"]
        assert error["message"] == answer.json()["errors"][0]["message"]


async def test_there_is_no_export_of_what_is_no_list(office: Office) -> None:
    for file in ("commissions.pdf", "commissions", "organisations.csv", "pairings.csv", ".csv", "commissions.csv.csv"):
        answer = await fetched(office.customs, file)
        assert (answer.status_code, told(answer)) == (404, "NOT_FOUND"), file
    answer = await office.client.put("/exports/rules.csv")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


async def test_a_long_filter_is_sent_in_the_body(busy_office: Office) -> None:
    person, asked = busy_office.customs, {"filter": {"status": ["PENDING"]}, "orderBy": {"field": "NUMBER"}}
    posted = await busy_office.client.post("/exports/commissions.csv", json=asked, headers=person.headers)
    assert posted.content == (await fetched(person, "commissions.csv", **asked)).content
    for content, type_, status in (
        (b"filter=1", "application/x-www-form-urlencoded", 415),
        (b"[]", "application/json", 400),
        (b'{"filter": {}, "first": 1}', "application/json", 400),
        (b'{"filter": "' + b"x" * 1_000_000 + b'"}', "application/json", 413),
    ):
        headers = person.headers | {"content-type": type_}
        refused = await busy_office.client.post("/exports/commissions.csv", content=content, headers=headers)
        assert refused.status_code == status


async def test_a_file_is_named_by_its_list_and_the_day_in_china(office: Office) -> None:
    office.clock.moves(hours=14)  # it is still 1 June in UTC
    for ending, media_type in (("csv", "text/csv; charset=utf-8"), ("xlsx", WORKBOOK)):
        answer = await fetched(office.enterprise, f"goods-lines.{ending}")
        assert answer.headers["content-disposition"] == f'attachment; filename="goods-lines-20260602.{ending}"'
        assert answer.headers["content-type"] == media_type
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["x-total-count"] == "0"


FORMULAS = ["=1+1", "+86 21", "-2", "@SUM(A1)", "＝1+1"]


async def test_no_text_is_taken_for_a_formula(office: Office) -> None:
    await office.draft(consigneeName="=HYPERLINK(1)", goodsLines=[a_line(productName=text) for text in FORMULAS])
    rows = await table(office.enterprise, "goods-lines.csv")
    assert [row["产品名称"] for row in rows] == ["'" + text for text in FORMULAS]
    assert (rows[0]["数量"], rows[0]["金额"]) == ("2.0000", "96000.00")
    answer = await fetched(office.enterprise, "goods-lines.xlsx")
    cells = [row[1] for row in load_workbook(io.BytesIO(answer.content)).active.iter_rows(min_row=2)]
    assert [(cell.value, cell.data_type) for cell in cells] == [(text, "s") for text in FORMULAS]


def test_a_csv_defuses_text_and_leaves_numbers_and_lines_alone() -> None:
    writer = DelimitedWriter()
    written = writer.begin(["a", "b"]) + writer.rows([["\t=1", Decimal("-1.50")], ["\r1", -7], ['x,"y"\n', None]])
    assert written.decode() == '\ufeffa,b\r\n\'\t=1,-1.50\r\n"\'\r1",-7\r\n"x,""y""\n",\r\n'


def test_a_workbook_keeps_text_that_xml_cannot_hold_and_numbers_that_are_too_long() -> None:
    writer = WorkbookWriter()
    odd: list[Cell] = [
        'a<b>&"c"',
        " kept ",
        "bell\x07",
        "_x0041_",
        "字" * 40_000,
        Decimal("1234567890123456.78"),
        Decimal("0.10"),
    ]
    content = writer.begin(["头"] * len(odd)) + writer.rows([odd]) + writer.end()
    _, row = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    assert row[:2] == ('a<b>&"c"', " kept ")
    assert [each.replace("_x005F", "") for each in row[2:4]] == ["bell_x0007_", "_x0041_"]
    assert len(row[4]) == 32_767
    assert row[5:] == ("1234567890123456.78", 0.1)


async def test_a_list_that_is_too_long_is_refused_before_the_first_row(open_office: Any) -> None:
    async with open_office(busy=True, export_rows_max=50) as office:
        refused = await fetched(office.customs, "commissions.csv")
        assert (refused.status_code, told(refused)) == (422, "BAD_USER_INPUT")
        assert "50" in refused.json()["errors"][0]["message"]
        assert len(await table(office.customs, "institutions.csv")) <= 50


async def test_an_export_costs_a_fixed_number_of_statements(busy_office: Office) -> None:
    await fetched(busy_office.customs, "commissions.csv")
    found = []
    for wanted in ({"status": ["CANCELLED"]}, {"status": ["PENDING"]}, {}):
        with busy_office.statements() as sent:
            await fetched(busy_office.customs, "commissions.csv", filter=wanted)
        found.append(len([each for each in sent if each.lower().startswith("select")]))
    assert found[0] <= found[1] == found[2] <= 6


def slowed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Makes exports slow, a few rows at once; the list that is given grows with each piece."""
    pieces: list[int] = []

    def slowly(*arguments: Any) -> Any:
        time.sleep(0.01)
        pieces.append(1)
        return cells(*arguments)

    monkeypatch.setattr(endpoint, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(endpoint, "cells", slowly)
    return pieces


async def test_a_client_that_leaves_stops_its_export_and_gives_the_connection_back(
    busy_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lent() -> int:
        readers, _ = busy_office.database.engines
        return int(readers.pool.checkedout())  # type: ignore[attr-defined]

    pieces = slowed(monkeypatch)
    host, _, port = (await busy_office.address()).partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    token = busy_office.customs.headers["authorization"]
    writer.write(f"GET /exports/goods-lines.csv HTTP/1.1\r\nhost: x\r\nauthorization: {token}\r\n\r\n".encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    assert lent() > 0
    writer.transport.abort()
    for _ in range(1000):
        if lent() == 0:
            break
        await asyncio.sleep(0.01)
    assert lent() == 0
    assert len(pieces) < 200, "there were 856 goods lines to send"
    assert (await fetched(busy_office.customs, "institutions.csv")).status_code == 200


async def test_so_many_exports_at_once_and_no_more(busy_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "ROWS_AT_ONCE", 1)
    people = [busy_office.customs, busy_office.customs, busy_office.enterprise, busy_office.institution]
    answers = await asyncio.gather(*(fetched(person, "goods-lines.csv") for person in people))
    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(refused) == 2
    assert {(answer.status_code, told(answer), answer.headers["retry-after"]) for answer in refused} == {
        (429, "TOO_MANY_OPERATIONS", "5")
    }
    assert (await fetched(busy_office.customs, "goods-lines.csv")).status_code == 200


async def test_whoever_has_heard_the_end_of_an_export_may_ask_for_the_next(office: Office) -> None:
    address = await office.address()
    async with httpx.AsyncClient(base_url=f"http://{address}") as client:
        answers = [await client.get("/exports/rules.csv") for _ in range(12)]
    assert [each.status_code for each in answers] == [200] * 12


async def test_an_export_shows_one_moment(busy_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    person, asked = busy_office.enterprise, {"orderBy": {"field": "NUMBER", "direction": "ASC"}}
    before = await table(person, "commissions.csv", **asked)
    pieces = slowed(monkeypatch)
    sending = asyncio.create_task(table(person, "commissions.csv", **asked))
    for _ in range(1000):
        if pieces:
            break
        await asyncio.sleep(0.001)
    (await person.saves()).done()
    assert not sending.done()
    assert await sending == before
    assert len(await table(person, "commissions.csv", **asked)) == len(before) + 1


async def test_what_fails_in_the_middle_is_seen_to_be_cut_off(
    busy_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> Any:
        raise RuntimeError("no more")

    monkeypatch.setattr(endpoint, "cells", fails)
    async with httpx.AsyncClient(base_url=f"http://{await busy_office.address()}", timeout=50) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/exports/rules.csv")
    monkeypatch.undo()
    assert len(await table(busy_office.anybody, "rules.csv")) == 48
