"""What strangers are answered is kept in the process, and not told any longer than it holds."""

import asyncio
import json
import re
from operator import itemgetter
from typing import Any

import httpx
import pytest
from graphql import ExecutionResult, GraphQLObjectType, get_named_type

from domain.api_key.scope import ApiKeyScope
from domain.language import Language
from domain.party import ANONYMOUS
from graph.public_questions import KINDS, fields, state_of
from graph.resolvers.node import SHELVES
from graph.schema.schema import SCHEMA
from graph.transport.kept import BODY_BYTES_MAX, OWN_BYTES, KeptAnswers
from graph.transport.parameters import Parameters
from storage.bell import ProcessBell
from storage.columns import METADATA
from storage.perform import Door, Request
from storage.rule import DESK as RULES
from storage.session import account_by_name
from storage.sight import Extent
from tests.office import Office
from tests.papers import PREFLIGHT
from tests.partners import a_program
from tests.publishing import a_regulation, acts, officer
from tests.test_rule_published import NEW, a_rule
from tests.test_statements import relations

REGULATIONS = "{ regulations { nodes { title attachments { name url } } } }"
REGISTRY = "{ institutions(first: 50) { nodes { name status dispositionEndsOn countryLabel } } }"
IN_FORCE = f'{{ rule(hsCode: "{NEW}") {{ nameZh }} }}'
UNITS = '{ codeTable(name: "UNIT") { items { id code label } } }'


async def gets(office: Office, query: str, **headers: str) -> httpx.Response:
    return await office.client.get("/graphql", params={"query": query}, headers={**PREFLIGHT, **headers})


async def told(office: Office, query: str) -> Any:
    return (await gets(office, query)).json()["data"]


async def all_is_known(office: Office) -> None:
    """The reader of the register has seen what was written."""
    async with asyncio.timeout(20):
        while state_of(office.app.state.house) is None:  # noqa: ASYNC110 - it has no event to wait for
            await asyncio.sleep(0)


async def is_kept(office: Office, query: str) -> bool:
    """Whether asking twice is answered from memory; the reader of the register may move on between the two, once."""
    for _ in range(2):
        await all_is_known(office)
        await gets(office, query)
        with office.statements() as sent:
            await gets(office, query)
        if not sent:
            return True
    return False


@pytest.mark.parametrize("query", [REGULATIONS, REGISTRY, IN_FORCE, UNITS])
async def test_a_second_stranger_costs_the_database_nothing(office: Office, query: str) -> None:
    assert await is_kept(office, query)
    first, second = await gets(office, query), await gets(office, query)
    assert first.json()["data"] == second.json()["data"]
    assert first.json()["data"] == await office.anybody.asks(query)
    assert first.headers["etag"] == second.headers["etag"]
    assert first.headers["cache-control"] == "public, max-age=30"


async def test_it_is_the_same_by_post_with_its_own_cost(office: Office) -> None:
    query = "query Named($first: Int!) { institutions(first: $first) { nodes { name } } }"

    async def posted(first: int) -> httpx.Response:
        return await office.client.post("/graphql", json={"query": query, "variables": {"first": first}})

    async def again() -> tuple[httpx.Response, int]:
        """The answer, and how many statements it took."""
        await all_is_known(office)
        with office.statements() as sent:
            return await posted(50), len(sent)

    before, _ = await again()
    # The reader of the register may move on between the two, once.
    after, count = min([await again(), await again()], key=itemgetter(1))
    assert not count
    first, second = before.json(), after.json()
    assert first["data"] == second["data"]
    assert first["extensions"]["cost"]["requested"] == second["extensions"]["cost"]["requested"]
    assert (after.headers["cache-control"], after.headers.get("etag")) == ("no-store", None)
    assert len((await posted(1)).json()["data"]["institutions"]["nodes"]) == 1, "other variables, another question"
    await office.disposes("I01", "RECTIFICATION")
    assert (await again())[1]


async def test_the_same_body_in_another_language_or_by_a_user_is_answered_for_itself(office: Office) -> None:
    body = {"query": "{ institutions(first: 50) { nodes { countryLabel } } viewer { role } }"}
    public = {"query": "{ institutions(first: 50) { nodes { countryLabel } } }"}
    answers: list[str] = []
    for language in ("zh", "en", "zh", "en"):
        await all_is_known(office)
        answer = await office.client.post("/graphql", json=public, headers={"accept-language": language})
        answers.append(json.dumps(answer.json()["data"]))
    assert answers[0] == answers[2] != answers[1] == answers[3]
    posted = await office.client.post("/graphql", json=public, headers=office.enterprise.headers)
    assert json.dumps(posted.json()["data"]) == answers[0]
    known = await office.client.post("/graphql", json=body, headers=office.enterprise.headers)
    assert known.json()["data"]["viewer"]["role"]


def test_a_body_is_known_for_as_long_as_the_answer_to_it() -> None:
    kept = KeptAnswers(lambda: 1, (), bytes_max=20 * OWN_BYTES)

    def keeps(question: bytes, body: bytes, **more: Any) -> None:
        asked = Parameters("{ a }", None, None, None, body=body, **more)
        assert kept.keep(question, 1, ExecutionResult(data={"a": 1}), asked, Language.EN, 1)

    for n in range(40):
        keeps(b"question %d" % n, b"body %d" % n)
    known = [n for n in range(40) if kept.parameters(b"body %d" % n) is not None]
    assert known == list(range(40 - len(known), 40))
    assert 10 < len(known) < 20
    last = kept.parameters(b"body 39")
    assert last is not None
    assert (last.query, last.asked) == ("{ a }", (Language.EN, b"question 39"))
    keeps(b"question 39", b"the same in other words")
    assert kept.parameters(b"body 39") is None
    keeps(b"question 39", b"by its hash", query_hash="0" * 64)
    assert kept.parameters(b"the same in other words") is kept.parameters(b"by its hash") is None
    keeps(b"question 39", b"long" * BODY_BYTES_MAX)
    assert kept.parameters(b"long" * BODY_BYTES_MAX) is None


def test_a_body_is_known_though_another_asked_first_and_is_known_by_the_last_that_did() -> None:
    kept = KeptAnswers(lambda: 1, (), bytes_max=100 * OWN_BYTES)
    by_address = Parameters("{ a }", None, None, None)
    assert kept.keep(b"question", 1, ExecutionResult(data={"a": 1}), by_address, Language.EN, 1)
    for body in (b"body", b"the same in other words"):
        asked = Parameters("{ a }", None, None, {"large": 1}, body=body)
        assert kept.find(b"question", 1, asked, Language.EN)
        read = kept.parameters(body)
        assert read is not None
        assert (read.query, read.extensions) == ("{ a }", None)
    assert kept.parameters(b"body") is None
    assert kept.find(b"question", 1, by_address, Language.EN)
    assert kept.parameters(b"the same in other words") is not None


async def test_variables_of_any_depth_are_a_question(office: Office) -> None:
    nested: Any = []
    for _ in range(300):
        nested = [nested]
    body = {"query": UNITS, "variables": {"unknown": nested}}
    (error,) = (await office.client.post("/graphql", json=body)).json()["errors"]
    assert error["extensions"]["code"] == "INPUT_TOO_DEEP"


async def test_who_has_the_answer_already_is_told_only_that_it_holds(office: Office) -> None:
    await all_is_known(office)
    tag = (await gets(office, REGISTRY)).headers["etag"]
    for known in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        again = await gets(office, REGISTRY, **{"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert "Authorization" in again.headers["vary"]
    assert (await gets(office, REGISTRY, **{"if-none-match": 'W/"other"'})).status_code == 200
    await office.disposes("I01", "NON_RECOGNITION")
    changed = await gets(office, REGISTRY, **{"if-none-match": tag})
    assert changed.status_code == 200
    await all_is_known(office)
    assert (await gets(office, REGISTRY)).headers["etag"] != tag


async def test_each_language_has_an_answer_of_its_own(office: Office) -> None:
    await all_is_known(office)
    chinese, english = [(await gets(office, UNITS, **{"accept-language": each})) for each in ("zh-CN", "en")]
    assert chinese.json()["data"] != english.json()["data"]
    assert chinese.headers["etag"] != english.headers["etag"]


async def test_whatever_is_written_is_told_at_once(office: Office) -> None:
    for query in (REGULATIONS, REGISTRY, IN_FORCE, UNITS):
        assert await is_kept(office, query)
    (await acts(officer(office), "regulationPublish", **a_regulation())).done()
    assert len((await told(office, REGULATIONS))["regulations"]["nodes"]) == 1
    (await acts(officer(office), "ruleAnnounce", **a_rule(nameZh="新规则"))).done()
    assert await told(office, IN_FORCE) == {"rule": {"nameZh": "新规则"}}
    await office.disposes("I01", "RECTIFICATION")
    assert "RECTIFICATION" in str(await told(office, REGISTRY))
    unit = (await told(office, UNITS))["codeTable"]["items"][0]
    (await acts(officer(office), "codeAmend", id=unit["id"], labelZh="台（套）")).done()
    assert "台（套）" in str(await told(office, UNITS))


async def test_what_another_process_writes_is_told_within_seconds(office: Office) -> None:
    assert await is_kept(office, IN_FORCE)
    form = RULES.workflow["announce"].form.of(
        hs_code=NEW, name_zh="别处的规则", inspection_required=True, measure="装运前检验",
        legal_basis="公告", valid_from=office.app.state.house.today,
    )  # fmt: skip
    async with office.database.reading() as connection:
        known = await account_by_name(connection, "customs.operator", office.clock())
    assert known is not None
    elsewhere = Door(office.database, ProcessBell(), office.clock)
    assert not (await elsewhere.perform(RULES, "announce", Request(form=form), known[1])).refusals
    async with asyncio.timeout(5):
        while await told(office, IN_FORCE) != {"rule": {"nameZh": "别处的规则"}}:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_rule_comes_into_force_with_the_day(office: Office) -> None:
    (await acts(officer(office), "ruleAnnounce", **a_rule(validFrom="2026-07-01"))).done()
    assert await is_kept(office, IN_FORCE)
    assert await told(office, IN_FORCE) == {"rule": None}
    office.clock.moves(days=60)
    assert await told(office, IN_FORCE) == {"rule": {"nameZh": a_rule()["nameZh"]}}


async def test_what_strangers_do_not_see_makes_nothing_forgotten(office: Office) -> None:
    assert await is_kept(office, REGISTRY)
    await office.pending()
    await all_is_known(office)
    with office.statements() as sent:
        await gets(office, REGISTRY)
    assert not sent


async def test_users_and_programs_are_answered_for_themselves(office: Office) -> None:
    assert await is_kept(office, REGISTRY)
    program = await a_program(office, ApiKeyScope.REGISTRY.name)
    for person in (office.enterprise, program):
        answer = await gets(office, REGISTRY, **person.headers)
        assert answer.json()["data"]["institutions"]["nodes"]
        assert "etag" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"


async def test_errors_and_questions_about_oneself_are_not_kept(office: Office) -> None:
    await all_is_known(office)
    for query in (
        "{ viewer { unreadCount } }",
        "{ commissions { totalCount } }",
        '{ institutions(after: "?") { totalCount } }',
    ):
        assert "etag" not in (await gets(office, query)).headers
    posted = await office.client.post("/graphql", json={"query": REGISTRY})
    assert "etag" not in posted.headers


async def test_a_process_keeps_no_more_than_it_may(open_office: Any) -> None:
    async with open_office(public_answers_bytes_max=0) as office:
        assert not await is_kept(office, REGISTRY)
    async with open_office(public_answers_bytes_max=20_000) as office:
        for first in range(1, 40):
            await gets(office, f"{{ rules(first: {first}) {{ nodes {{ hsCode }} }} }}")
        assert not await is_kept(office, "{ rules(first: 100) { nodes { hsCode nameZh legalBasis } } }")
        assert await is_kept(office, "{ rules(first: 2) { nodes { hsCode } } }")


GIVEN = {
    "rule": '(hsCode: "8429510000")',
    "regulation": '(by: {id: "ID"})',
    "codeTable": '(name: "UNIT")',
}
BESIDE = frozenset({"attachment", "register", "organisation"})
"""Files of regulations come and go by actions on these; lines are what is looked for; and which organisations are
customs matters for files of what no stranger sees."""


async def test_public_answers_tell_of_nothing_but_the_kinds_that_make_them_forgotten(busy_office: Office) -> None:
    regulation = (await acts(officer(busy_office), "regulationPublish", **a_regulation())).done()
    query_type = SCHEMA._schema.query_type
    assert query_type is not None
    asked_of = set()
    for root in sorted(fields()):
        answer = get_named_type(query_type.fields[root].type)
        assert isinstance(answer, GraphQLObjectType)
        if is_list := answer.name.endswith("Connection"):
            answer = get_named_type(answer.fields["nodes"].type)
            assert isinstance(answer, GraphQLObjectType)
        for some in relations(answer):
            selected = f"{{ totalCount nodes {{ {some} }} }}" if is_list else f"{{ {some} }}"
            query = f"{{ {root}{GIVEN.get(root, '').replace('ID', regulation['id'])} {selected} }}"
            with busy_office.statements() as sent:
                await busy_office.anybody.asks(query)
            asked_of |= {name for each in sent for name in re.findall(r'(?:from|join) "?(\w+)', each, re.IGNORECASE)}
    named = asked_of & {table.name for table in METADATA.sorted_tables}
    assert named >= set(KINDS)
    # Who asks for another table's rows asks for none.
    shelves = {shelf.table.name: shelf for shelf in SHELVES.values()}
    for each in named - set(KINDS) - BESIDE:
        assert shelves[each].seen_by(ANONYMOUS).extent is Extent.NOTHING, each
