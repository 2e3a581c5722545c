"""How many SQL statements an answer costs: as many for ten records as for a hundred, four for a list as it is shown.

This is the ordinary executor with its loaders; what compiled plans cost is asked in `tests/plan/`.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_leaf_type

from graph.schema.schema import SCHEMA
from tests.conftest import ANY_COST
from tests.office import Office
from tests.person import Person

SHOWN_MAX = 4
"""Who asks, the page, all its goods lines, all its institutions."""

AS_SHOWN = """
query Shown($first: Int) { commissions(first: $first) { nodes {
  number status totalAmount goodsLines { hsCode quantity } institution { name status }
} pageInfo { endCursor } } }
"""
OF_EVERYTHING = """
query Everything($first: Int) { commissions(first: $first) { totalCount edges { cursor node {
  number productUseLabel domesticDestinationLabel destinationPortLabel destinationCustomsLabel entryCustomsLabel
  institution { name countryLabel } goodsLines { unitLabel rule { hsCode legalBasis } } attachments { name url }
  certificate { number } availableActions { action allowed refusals { code message field } }
} } } }
"""
EVERYTHING_MAX = 17
"""Labels of lines and of institutions are asked for together or apart, as their records arrive."""

LISTS = {
    "as shown": AS_SHOWN,
    "of actions": "query A($first: Int) { commissions(first: $first) { nodes { availableActions { allowed } } } }",
    "of labels": "query L($first: Int) { commissions(first: $first) { nodes { goodsLines { unitLabel } } } }",
    "of certificates": "query C($first: Int) { commissions(first: $first) { nodes { certificate { number } } } }",
    "of attachments": "query F($first: Int) { commissions(first: $first) { nodes { attachments { name url } } } }",
    "of rules": "query R($first: Int) { rules(first: $first) { nodes { hsCode nameZh } } }",
    "of institutions": "query I($first: Int) { institutions(first: $first) { nodes { name countryLabel } } }",
    "of notices": "query N($first: Int) { notices(first: $first) { nodes { title subject { id } } } }",
    "of what was read": """query M($first: Int) { notices(first: $first, filter: {unread: true}) { nodes {
      readAt attachments { url } availableActions { allowed }
    } } viewer { unreadCount } }""",
    "of regulations": """query G($first: Int) { regulations(first: $first) { nodes {
      title attachments { url } availableActions { allowed }
    } } }""",
    "of versions": """query V($first: Int) { rules(first: $first) { nodes {
      history { validFrom } differences { field } availableActions { allowed }
    } } }""",
}


OpenOffice = Callable[..., AbstractAsyncContextManager[Office]]


@pytest.fixture
async def office(open_office: OpenOffice) -> AsyncIterator[Office]:
    async with open_office(plans="off") as office:
        yield office


@pytest.fixture
async def busy_office(open_office: OpenOffice) -> AsyncIterator[Office]:
    async with open_office(busy=True, plans="off", **ANY_COST) as office:
        yield office


async def costs(office: Office, person: Person, query: str, **variables: object) -> int:
    await person.asks(query, **variables)  # a connection that is new asks the server who it is
    with office.statements() as sent:
        await person.asks(query, **variables)
    return len(sent)


@pytest.mark.parametrize("name", LISTS)
async def test_a_page_costs_the_same_whatever_its_size(busy_office: Office, name: str) -> None:
    for person in (busy_office.enterprise, busy_office.institution, busy_office.customs):
        sizes = [10, 30, 100]
        assert len({await costs(busy_office, person, LISTS[name], first=size) for size in sizes}) == 1


def lists() -> Mapping[str, GraphQLObjectType]:
    """Every list of the schema and the type of its records."""
    query = SCHEMA._schema.query_type
    assert query is not None
    found = {}
    for root, field in query.fields.items():
        connection = get_named_type(field.type)
        if not connection.name.endswith("Connection"):
            continue
        assert isinstance(connection, GraphQLObjectType)
        node = get_named_type(connection.fields["nodes"].type)
        assert isinstance(node, GraphQLObjectType)
        found[root] = node
    return found


def relations(node: GraphQLObjectType) -> Iterator[str]:
    """What a record says of itself, then each of its fields that leads to other records, to be asked for by itself."""
    yield " ".join(_plain_fields(node))
    for name, relation in node.fields.items():
        related = get_named_type(relation.type)
        if isinstance(related, GraphQLInterfaceType):
            yield f"{name} {{ id }}"
        elif isinstance(related, GraphQLObjectType) and not related.name.endswith("Connection"):
            yield f"{name} {{ {' '.join(_plain_fields(related))} }}"


def _plain_fields(node: GraphQLObjectType) -> list[str]:
    return [name for name, field in node.fields.items() if is_leaf_type(get_named_type(field.type)) and not field.args]


@pytest.mark.parametrize("root", lists())
async def test_every_relation_of_every_list_costs_the_same_whatever_the_size_of_the_page(
    busy_office: Office, root: str
) -> None:
    for fields in relations(lists()[root]):
        query = f"query Relation($first: Int) {{ {root}(first: $first) {{ nodes {{ __typename {fields} }} }} }}"
        one_by_one = "Label" in fields  # labels of differing codes may be asked for as their records arrive
        found = {await costs(busy_office, busy_office.customs, query, first=size) for size in (5, 60)}
        assert max(found) - min(found) <= (2 if one_by_one else 0), (fields, found)
        assert max(found) <= EVERYTHING_MAX, fields


async def test_a_list_with_its_lines_and_institutions_costs_four_statements(busy_office: Office) -> None:
    for person in (busy_office.enterprise, busy_office.institution, busy_office.customs):
        for first in (5, 100):
            assert await costs(busy_office, person, AS_SHOWN, first=first) <= SHOWN_MAX


async def test_a_list_of_everything_costs_a_fixed_number_of_statements(busy_office: Office) -> None:
    for first in (10, 100):
        assert await costs(busy_office, busy_office.customs, OF_EVERYTHING, first=first) <= EVERYTHING_MAX


async def test_a_total_is_counted_only_when_it_is_asked_for(busy_office: Office) -> None:
    await busy_office.customs.asks("{ commissions { totalCount nodes { number } } }")
    with busy_office.statements() as sent:
        await busy_office.customs.asks("{ commissions(first: 5) { nodes { number } pageInfo { hasNextPage } } }")
    assert not [statement for statement in sent if "count(" in statement.lower()]
    with busy_office.statements() as counted:
        await busy_office.customs.asks("{ commissions(first: 5) { totalCount nodes { number } } }")
    assert len(counted) == len(sent) + 1


async def test_one_record_costs_who_asks_and_the_record(office: Office) -> None:
    draft = await office.draft()
    query = "query One($id: ID!) { commission(by: {id: $id}) { number status } }"
    assert await costs(office, office.enterprise, query, id=draft["id"]) == 2


async def test_many_records_by_their_ids_cost_one_statement_a_type(busy_office: Office) -> None:
    page = await busy_office.customs.asks("{ commissions(first: 60) { nodes { id goodsLines { id } } } }")
    commissions = [node["id"] for node in page["commissions"]["nodes"]]
    query = "query Many($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    few = await costs(busy_office, busy_office.customs, query, ids=commissions[:3])
    assert await costs(busy_office, busy_office.customs, query, ids=commissions) == few


async def test_the_cost_of_an_action_does_not_grow_with_the_goods_lines(office: Office) -> None:
    small = await office.draft()
    (line,) = small["goodsLines"]
    line = {name: value for name, value in line.items() if value is not None and name not in READ_ONLY}
    large = await office.draft(goodsLines=[line] * 200)
    found = []
    for draft in (small, large):
        with office.statements() as sent:
            (await office.enterprise.submits(draft)).done()
        found.append(len(sent))
    assert found[0] == found[1]


READ_ONLY = ("id", "lineNumber", "inspectionRequired", "inspectionExempt", "importProhibited")
