"""What a planned query asks of the database: one statement, that of who asks included, whatever is selected of it."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import Boolean, Column, Date, Integer, String, Uuid, literal, select

from domain.notice import NoticeStatus
from domain.record import plain
from graph.plan.json_text import PAIRS_MAX, VALUES_MAX, json_text
from graph.plan.statement import Asked, Statement, sql
from storage.columns import Exact, Instant, TermType
from tests.office import Office
from tests.papers import a_line
from tests.test_statements import AS_SHOWN, costs

EVERYTHING_SQL = """
query Everything($first: Int) { commissions(first: $first) { totalCount edges { cursor node {
  number productUseLabel domesticDestinationLabel entryCustomsLabel institution { name countryLabel }
  goodsLines { unitLabel rule { hsCode legalBasis } } attachments { name url } certificate { number status }
} } pageInfo { hasNextPage endCursor } } rules(first: 2) { nodes { hsCode } } }
"""
"""Labels, relations of relations, two lists and a total: what has no relation of its own to ask for facts."""


@pytest.mark.parametrize("query", [AS_SHOWN, EVERYTHING_SQL], ids=["as shown", "everything"])
async def test_a_planned_query_is_one_statement(busy_office: Office, query: str) -> None:
    for person in (busy_office.enterprise, busy_office.institution, busy_office.customs):
        for first in (5, 100):
            assert await costs(busy_office, person, query, first=first) == 1


async def test_one_record_is_one_statement_by_id_by_number_and_as_a_node(office: Office) -> None:
    draft = await office.draft()
    for query, variables in (
        ("query($id: ID!) { commission(by: {id: $id}) { number goodsLines { hsCode } } }", {"id": draft["id"]}),
        ("query($n: String!) { commission(by: {number: $n}) { id } }", {"n": draft["number"]}),
        ("query($id: ID!) { node(id: $id) { id ... on Commission { institution { name } } } }", {"id": draft["id"]}),
    ):
        assert await costs(office, office.enterprise, query, **variables) == 1


async def test_a_plan_made_for_one_viewer_shows_another_nothing_of_it(office: Office) -> None:
    draft = await office.draft()
    query = "query Sees($id: ID!) { commission(by: {id: $id}) { number } commissions { nodes { number } } }"
    own = await office.enterprise.asks(query, id=draft["id"])
    other = await office.other_enterprise.asks(query, id=draft["id"])
    assert own["commission"] == {"number": draft["number"]}
    assert other == {"commission": None, "commissions": {"nodes": []}}
    assert office.app.state.plans.counts.planned == 1, "both were answered by the same plan"


async def test_many_roots_are_one_statement_whatever_stands_first(office: Office) -> None:
    # Parts without cursors before one that has some, which PostgreSQL types one after another.
    draft = await office.draft()
    query = """query Many($id: ID!) {
      commission(by: {id: $id}) { number } again: node(id: $id) { id }
      rules(first: 1) { totalCount nodes { hsCode } } commissions(first: 1) { edges { cursor node { id } } }
    }"""
    assert await costs(office, office.enterprise, query, id=draft["id"]) == 1


async def test_objects_and_arrays_have_as_many_values_as_one_call_writes(office: Office) -> None:
    engine = json_text(office.database.lane.dialect)
    word = sql(engine.constant("WORD"))
    keys = [f"key{n}" for n in range(PAIRS_MAX)]
    for written, expected in (
        (engine.object([(key, word) for key in keys]), dict.fromkeys(keys, "WORD")),
        (engine.array([word] * VALUES_MAX), ["WORD"] * VALUES_MAX),
        (engine.object([]), {}),
        (engine.array([]), []),
    ):
        statement = "".join(map(str, sql("select ", engine.as_bytes(written))))
        ((found,),) = await office.database.read(statement, [])
        assert orjson.loads(found) == expected


INSTANTS = [datetime(2026, 2, 28, 9, 30, 5, microsecond, tzinfo=UTC) for microsecond in (0, 1, 500, 120_000, 999_999)]
SORTED_BY: list[tuple[Any, list[Any]]] = [
    (Instant(), INSTANTS), (Date(), [date(2026, 2, 28)]), (Uuid(), [UUID(int=7), UUID(int=2**127)]),
    (Boolean(), [True, False]), (Integer(), [0, -3]), (Exact(2), [Decimal("12.50"), Decimal("-0.05")]),
    (String(), ["", "'\"\\ 海关"]), (TermType(NoticeStatus), [NoticeStatus.PUBLISHED]),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "values"), SORTED_BY, ids=[type(each).__name__ for each, _ in SORTED_BY])
async def test_what_lists_are_sorted_by_stands_in_cursors_as_every_list_writes_it(
    office: Office, type_: Any, values: list[Any]
) -> None:
    engine, column = json_text(office.database.lane.dialect), Column("x", type_, nullable=False)
    for value in values:
        asked = Asked.by(select(literal(value, type_).label("x")), engine.dialect)
        raw = engine.as_bytes(engine.array([sql(engine.raw("one.x", column))]))
        statement = Statement(sql("select ", raw, " from ", asked, " as one"), engine.dialect)
        ((found,),) = await office.database.read(statement.text, statement.bound([]))
        (written,), make = orjson.loads(found), engine.plain(column)
        assert (written if make is None else make(written)) == plain(value)


async def test_literals_that_meet_are_one_whatever_stands_beside_them(office: Office) -> None:
    query = """query Same { commissions {
      nodes { __typename goodsLines { __typename } attachments { __typename } institution { __typename } }
    } }"""
    await office.draft(goodsLines=[a_line(), a_line()])
    await office.draft(goodsLines=[], institutionId=None)
    found = (await office.enterprise.asks(query))["commissions"]["nodes"]
    assert not office.app.state.plans.counts.aside
    line, institution = {"__typename": "GoodsLine"}, {"__typename": "Institution"}
    common = {"__typename": "Commission", "attachments": []}
    assert found == [
        common | {"goodsLines": [], "institution": None},
        common | {"goodsLines": [line, line], "institution": institution},
    ]


async def test_what_is_always_the_same_is_part_of_the_statement_and_an_id_is_sent_once(office: Office) -> None:
    if office.database.is_sqlite:
        pytest.skip("its values have no numbers, and cost little")
    with office.statements() as sent:
        await office.enterprise.asks("{ notices(first: 3) { nodes { title readAt } } viewer { unreadCount } }")
    assert "notice.status = 'PUBLISHED'" in sent[-1]
    users = re.findall(r"user_id = (\$\d+)", sent[-1])
    assert len(users) > 2
    assert len(set(users)) == 1
    numbers = {int(number) for number in re.findall(r"\$(\d+)", sent[-1])}
    assert numbers >= set(range(1, max(numbers) + 1))


async def test_what_a_client_has_written_is_no_part_of_the_statement(office: Office) -> None:
    await office.enterprise.asks("{ __typename }")
    with office.statements() as sent:
        for word in ("Abc", "Def"):
            await office.enterprise.asks(f'{{ commission(by: {{number: "{word}"}}) {{ id }} }}')
    assert len(set(sent)) == 1
    assert "Abc" not in sent[0]


@pytest.mark.parametrize("more", ["", "availableActions { action }"], ids=["by the database", "with help"])
async def test_texts_come_as_they_are(office: Office, more: str) -> None:
    remarks = "slash \\ quote \" comma , brace } tab \t line \n and 😀 %s $1 '"
    draft = await office.draft(remarks=remarks)
    query = f"query Remarks($id: ID!) {{ commission(by: {{id: $id}}) {{ remarks returnReason {more} }} }}"
    found = (await office.enterprise.asks(query, id=draft["id"]))["commission"]
    assert (found["remarks"], found["returnReason"]) == (remarks, None)


async def test_whether_a_file_is_seen_is_looked_up_for_that_file(office: Office) -> None:
    if office.database.is_sqlite:
        pytest.skip("SQLite gathers nothing beforehand")
    draft = await office.draft()
    query = "query Files($id: ID!) { commission(by: {id: $id}) { attachments { name } } }"
    with office.statements() as sent:
        await office.enterprise.asks(query, id=draft["id"])
    values = ",".join(["null"] * max(int(number) for number in re.findall(r"\$(\d+)", sent[-1])))
    async with office.database.snapshot() as connection:
        await connection.exec_driver_sql("set local plan_cache_mode = force_generic_plan")
        await connection.exec_driver_sql(f"prepare files as {sent[-1]}")
        steps = await connection.exec_driver_sql(f"explain execute files({values})")
        await connection.exec_driver_sql("deallocate files")
    plan = "\n".join(row[0] for row in steps)
    filtered = next(line for line in plan.splitlines() if "subject_type" in line)
    assert "SubPlan" in filtered, plan
    assert "hashed" not in filtered, plan
