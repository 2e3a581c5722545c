"""What a key opens: exactly what its scopes name, by every way there is, and nothing of its own organisation."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type, is_composite_type

from graph.export.exported import names
from graph.schema.schema import SCHEMA
from tests.disciplining import imposes, revokes
from tests.office import Office
from tests.papers import institution_id
from tests.partners import EVERY_SCOPE, a_program
from tests.person import Person
from tests.publishing import a_regulation, officer
from tests.publishing import acts as publishes

OPENED_BY: Mapping[str, str] = {
    "institutions": "REGISTRY",
    "rules": "RULES",
    "rule": "RULES",
    "regulations": "REGULATIONS",
    "regulation": "REGULATIONS",
    "certificateFacts": "CERTIFICATES",
    "registryChanges": "CHANGE_FEED",
    "registryChanged": "CHANGE_FEED",
}
OF_NOBODY = {"version", "actionForm", "codeTable", "codeTables", "node", "nodes", "viewer", "pairing", "pairingChanged"}
"""What is nobody's: labels, forms, and records by an id, which are asked about below."""

ARGUMENTS: Mapping[str, str] = {
    "name": '"UNIT"', "hsCode": '"8429510000"', "id": '"commission_x"', "subjectId": '"commission_x"',
    "ids": '["commission_x"]', "by": '{id: "x"}',
    "number": '"PSI"', "secret": '"x"', "action": '"commissionSubmit"',
}  # fmt: skip
EXPORTED = {"institutions": "REGISTRY", "rules": "RULES", "regulations": "REGULATIONS"}


def _asked(root: str) -> Iterator[tuple[str, str]]:
    """Every field of a root with the least that can be asked of it."""
    kind = SCHEMA._schema.type_map[root]
    assert isinstance(kind, GraphQLObjectType)
    for name, field in kind.fields.items():
        needed = [each for each, argument in field.args.items() if isinstance(argument.type, GraphQLNonNull)]
        given = f"({', '.join(f'{each}: {ARGUMENTS[each]}' for each in needed)})" if needed else ""
        selection = " { __typename }" if is_composite_type(get_named_type(field.type)) else ""
        yield name, f"{root.lower()} {{ {name}{given}{selection} }}"


async def refusal(person: Person, query: str, **variables: Any) -> Any:
    """The extensions of the only error; None where there is none."""
    errors = (await person.sends(query, **variables)).get("errors", [])
    assert len(errors) <= 1, errors
    return errors[0]["extensions"] if errors else None


@pytest.mark.parametrize("scope", EVERY_SCOPE)
async def test_every_question_is_open_to_the_scope_that_names_it_and_to_no_other(office: Office, scope: str) -> None:
    program = await a_program(office, scope, ratePerMinute=600)
    asked = dict(_asked("Query"))
    assert OPENED_BY.keys() | OF_NOBODY <= asked.keys() | {"registryChanged", "pairingChanged"}
    for name, query in asked.items():
        refused = await refusal(program, query)
        if name in OF_NOBODY or OPENED_BY.get(name) == scope:
            assert refused is None, name
        elif name in OPENED_BY:
            expected = {"code": "FORBIDDEN", "reason": "MISSING_SCOPE", "scope": OPENED_BY[name]}
            assert refused == expected, name
        else:
            assert refused == {"code": "FORBIDDEN", "reason": "NOT_FOR_KEYS"}, name


async def test_every_subscription_is_open_to_the_scope_that_names_it_and_to_no_other(office: Office) -> None:
    feed, others = await a_program(office, "CHANGE_FEED"), await a_program(office, *EVERY_SCOPE[:-1])
    for name, query in _asked("Subscription"):
        for program in (feed, others):
            if name == "registryChanged" and program is feed:
                continue
            async with program.subscribes(query) as heard:
                code = await heard.error()
            assert code == ("NOT_FOUND" if name == "pairingChanged" else "FORBIDDEN"), name
    async with feed.subscribes("subscription { registryChanged { filingNumber } }") as heard:
        await heard.is_settled()
        (await imposes(office.customs, "I05")).done()
        assert (await heard.next())["filingNumber"].startswith("JJD")


@pytest.mark.parametrize("scope", EVERY_SCOPE)
async def test_every_export_is_open_to_the_scope_of_its_list_and_to_no_other(office: Office, scope: str) -> None:
    program = await a_program(office, scope, ratePerMinute=600)
    assert EXPORTED.keys() <= set(names())
    for name in names():
        answer = await office.client.get(f"/exports/{name}.csv", headers=program.headers)
        assert answer.status_code == (200 if EXPORTED.get(name) == scope else 403), name
        assert "ratelimit-remaining" in answer.headers, name
        if answer.status_code == 403:
            assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_missing_scope_is_named_in_the_readers_language(office: Office) -> None:
    program = await a_program(office, "RULES")
    query = "{ institutions { totalCount } }"
    ((english,), (chinese,)) = [
        (await person.sends(query))["errors"] for person in (program.in_english(), program.in_chinese())
    ]
    assert english["message"] == "The key lacks the scope REGISTRY."
    assert chinese["message"] == "该密钥缺少范围“备案名录”（REGISTRY）。"


async def test_whoever_leaves_the_key_out_still_reads_what_is_public(office: Office) -> None:
    found = await office.anybody.asks("{ institutions { totalCount } rules { totalCount } regulations { totalCount } }")
    assert found["institutions"]["totalCount"] > 0


async def test_within_the_registry_there_is_nothing_that_is_not_public(office: Office) -> None:
    (await imposes(office.customs, "I01")).done()
    query = """query Within($id: ID!) { node(id: $id) { ... on Institution {
      filingNumber status contactName contactPhone contactEmail filing { id } dispositions { id }
      recognition { recognised reasons { type } } hint { allowed }
    } } }"""
    for scopes in (("REGISTRY",), EVERY_SCOPE):
        # Of the institution itself: what is its own is not there for its programs either.
        for by in (office.user("shangjian"), office.user("customs.admin")):
            program = await a_program(office, *scopes, by=by)
            found = (await program.asks(query, id=institution_id("I01")))["node"]
            assert (found["filingNumber"], found["status"]) == ("JJD2019001", "NON_RECOGNITION")
            assert found["recognition"] == {"recognised": False, "reasons": [{"type": "NON_RECOGNITION"}]}
            for private in ("contactName", "contactPhone", "contactEmail", "filing", "dispositions"):
                assert found[private] is None, private


async def test_an_institution_that_was_struck_off_is_not_in_the_registry_of_a_key(office: Office) -> None:
    program = await a_program(office, "REGISTRY", by=office.user("customs.admin"))
    (await revokes(office.customs, "I05")).done()
    node = "query Node($id: ID!) { node(id: $id) { id } }"
    assert (await program.asks(node, id=institution_id("I05")))["node"] is None
    status = "{ institutions(filter: {status: REVOKED}) { totalCount } }"
    assert (await program.asks(status))["institutions"]["totalCount"] == 0


async def test_by_its_id_a_key_finds_what_its_scopes_name_and_of_private_records_nothing(office: Office) -> None:
    commission = await office.completed()
    rule = (await office.anybody.asks('{ rule(hsCode: "8429510000") { id } }'))["rule"]["id"]
    regulation = (await publishes(officer(office), "regulationPublish", **a_regulation())).done()["id"]
    certificate = commission["certificate"]["id"]
    viewer = (await office.enterprise.asks("{ viewer { account { id } organisation { id } } }"))["viewer"]
    notice = (await office.enterprise.asks("{ notices { nodes { id } } }"))["notices"]["nodes"][0]["id"]
    opened = {
        institution_id("I01"): "REGISTRY",
        rule: "RULES",
        regulation: "REGULATIONS",
        certificate.replace("certificate", "certificate_facts"): "CERTIFICATES",
    }
    private = [
        commission["id"], commission["goodsLines"][0]["id"], certificate, viewer["account"]["id"],
        viewer["organisation"]["id"], notice,
    ]  # fmt: skip
    query = "query Node($id: ID!) { node(id: $id) { id } }"
    for scope in EVERY_SCOPE:
        program = await a_program(office, scope)
        for each, needed in opened.items():
            refused = await refusal(program, query, id=each)
            assert (refused and refused["scope"]) == (None if needed == scope else needed), (scope, each)
        for each in private:
            assert (await program.asks(query, id=each))["node"] is None, each
    nodes = "query Nodes($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    everything = await a_program(office)
    found = (await everything.asks(nodes, ids=[*opened, *private]))["nodes"]
    assert [node and node["id"] for node in found] == [*opened, *[None] * len(private)]


async def test_files_of_regulations_are_open_to_their_scope_and_all_others_are_not_there(office: Office) -> None:
    regulation = (await publishes(officer(office), "regulationPublish", **a_regulation())).done()
    public = (await officer(office).uploads(regulation)).done()
    private = (await office.enterprise.uploads(await office.draft())).done()
    reads, other = await a_program(office, "REGULATIONS"), await a_program(office, "REGISTRY", "RULES")
    (shown,) = (await reads.asks("{ regulations { nodes { attachments { url } } } }"))["regulations"]["nodes"]
    assert [each["url"] for each in shown["attachments"]] == [public["url"]]
    answer = await reads.downloads(public["url"])
    assert (answer.status_code, answer.headers["ratelimit-limit"]) == (200, "60")
    assert (await reads.downloads(private["url"])).status_code == 404
    for url in (public["url"], private["url"]):
        refused = await other.downloads(url)
        assert refused.status_code == 403
        assert refused.json()["errors"][0]["extensions"]["scope"] == "REGULATIONS"
    assert (await office.anybody.downloads(public["url"])).status_code == 200


async def test_a_certificate_is_verified_by_its_number_and_nothing_more_is_told(office: Office) -> None:
    await office.completed("PSI-2026-0007")
    program = await a_program(office, "CERTIFICATES")
    query = """query Verify($number: String!, $filing: String) {
      certificateFacts(number: $number, filingNumber: $filing) {
        number issuedOn validUntil status institutionName filingNumber institutionId
      }
    }"""
    facts = {
        "number": "PSI-2026-0007",
        "issuedOn": "2026-06-01",
        "validUntil": "2027-05-31",
        "status": "VALID",
        "institutionName": "日本东瀛海港检定株式会社",
        "filingNumber": "JJD2019001",
        "institutionId": institution_id("I01"),
    }
    for person in (program, office.customs):
        (found,) = (await person.in_chinese().asks(query, number=" PSI-2026-0007 "))["certificateFacts"]
        assert found | {"institutionName": ""} == facts | {"institutionName": ""}
        assert found["institutionName"]
    assert (await program.asks(query, number="PSI-2026-0007", filing="jjd2019001"))["certificateFacts"]
    for number, filing in (("PSI-2026-000", None), ("PSI-2026-0007", "JJD2019002"), ("%", None), ("", None)):
        assert (await program.asks(query, number=number, filing=filing))["certificateFacts"] == []
    (await revokes(office.customs, "I01")).done()
    office.clock.moves(days=400)
    later = await a_program(office, "CERTIFICATES")
    (found,) = (await later.asks(query, number="PSI-2026-0007"))["certificateFacts"]
    assert (found["status"], found["filingNumber"]) == ("EXPIRED", "JJD2019001")
    kind = SCHEMA._schema.type_map["CertificateFacts"]
    assert isinstance(kind, GraphQLObjectType)
    assert set(kind.fields) == {*facts, "id"}


async def test_users_other_than_customs_verify_no_certificates_and_follow_no_registry(office: Office) -> None:
    for query in ('{ certificateFacts(number: "x") { number } }', "{ registryChanges { cursor } }"):
        assert await office.anybody.is_told(query) == "UNAUTHENTICATED"
        for person in (office.enterprise, office.institution):
            assert await person.is_told(query) == "FORBIDDEN"
        await office.customs.asks(query)


async def test_the_feed_shows_the_institution_to_a_key_without_the_registry_and_nothing_else_of_it(
    office: Office,
) -> None:
    program = await a_program(office, "CHANGE_FEED")
    query = """{ registryChanges(first: 1) { changes {
      institutionId institution { id filingNumber contactName filing { id } dispositions { id } }
    } } }"""
    ((change,),) = [(await program.asks(query))["registryChanges"]["changes"]]
    assert change["institution"]["id"] == change["institutionId"]
    assert [change["institution"][each] for each in ("contactName", "filing", "dispositions")] == [None, None, None]
    node = "query Node($id: ID!) { node(id: $id) { id } }"
    assert (await refusal(program, node, id=change["institutionId"]))["scope"] == "REGISTRY"
