"""Records by their ids: every kind of record, and what belongs to others, which is nowhere to be found by any way."""

from typing import Any

import pytest

from tests.office import Office
from tests.papers import institution_id
from tests.person import Person

NODE = "query Node($id: ID!) { node(id: $id) { __typename id } }"
NODES = "query Nodes($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"


async def kinds(office: Office, person: Person, ids: dict[str, str]) -> set[str]:
    """The kinds of records that a person finds by these ids, one by one and all at once."""
    singly = {(await person.asks(NODE, id=each))["node"] is not None and kind for kind, each in ids.items()} - {False}
    together = (await person.asks(NODES, ids=list(ids.values())))["nodes"]
    assert [each and each["id"] for each in together] == [
        each if kind in singly else None for kind, each in ids.items()
    ]
    assert {each["__typename"] for each in together if each} == singly
    return {str(kind) for kind in singly}


async def _ids(office: Office) -> dict[str, str]:
    """The ids of one record of every kind, around one completed commission."""
    commission = await office.completed()
    rule = (await office.anybody.asks('{ rule(hsCode: "8429510000") { id } }'))["rule"]
    notice = (await office.enterprise.asks("{ notices { nodes { id } } }"))["notices"]["nodes"][0]
    viewer = (await office.enterprise.asks("{ viewer { account { id } organisation { id } } }"))["viewer"]
    return {
        "Commission": commission["id"],
        "GoodsLine": commission["goodsLines"][0]["id"],
        "Attachment": commission["attachments"][0]["id"],
        "Certificate": commission["certificate"]["id"],
        "Institution": commission["institutionId"],
        "Rule": rule["id"],
        "Notice": notice["id"],
        "Account": viewer["account"]["id"],
        "Organisation": viewer["organisation"]["id"],
    }


async def test_every_record_is_found_by_its_id_by_those_whom_it_concerns(office: Office) -> None:
    ids = await _ids(office)
    public, parts = {"Institution", "Rule"}, {"Commission", "GoodsLine", "Attachment", "Certificate"}
    assert await kinds(office, office.enterprise, ids) == set(ids)
    assert await kinds(office, office.institution, ids) >= public | parts
    assert await kinds(office, office.customs, ids) >= public | parts
    assert await kinds(office, office.anybody, ids) == public
    for stranger in (office.other_enterprise, office.other_institution):
        assert await kinds(office, stranger, ids) == public


async def test_an_id_is_of_its_type_and_of_nothing_else(office: Office) -> None:
    draft = await office.draft()
    digits = draft["id"].removeprefix("commission_")
    wrong = [f"rule_{digits}", f"Commission_{digits}", digits, f"commission_{digits[:-1]}", f"commission_{7:032x}"]
    wrong += ["", "_", "commission_", f"commission_{digits} ", f"session_{digits}", f"__class___{digits}", "x" * 5_000]
    wrong += [f"commission_{{{digits}}}", f"commission_urn:uuid:{digits}", "委托_①"]
    for each in wrong:
        assert (await office.enterprise.asks(NODE, id=each))["node"] is None, each
    together = (await office.enterprise.asks(NODES, ids=[*wrong, draft["id"], draft["id"]]))["nodes"]
    assert [each and each["id"] for each in together] == [*[None] * len(wrong), draft["id"], draft["id"]]


async def test_at_most_a_hundred_records_are_asked_for_at_once(office: Office) -> None:
    ids = [institution_id("I01")] * 101
    assert len((await office.anybody.asks(NODES, ids=ids[:100]))["nodes"]) == 100
    assert await office.anybody.is_told(NODES, ids=ids) == "BAD_USER_INPUT"


@pytest.mark.parametrize("stranger", ["other_enterprise", "other_institution"])
async def test_a_commission_of_others_is_as_if_it_did_not_exist(office: Office, stranger: str) -> None:
    person: Person = getattr(office, stranger)
    commission = await office.in_progress()
    (attachment,) = [(await office.institution.uploads(commission)).done()]
    missing: dict[str, Any] = {"id": f"commission_{7:032x}"}
    async with office.unchanged():
        for each in (commission, missing):
            assert await person.sees(each) is None
            for payload in (
                await person.saves(each, remarks="?"),
                await person.submits(each),
                await person.withdraws(each),
                await person.accepts(each),
                await person.returns(each),
                await person.completes(each),
                await person.moves(each, institution_id("I02")),
                await person.cancels(each),
            ):
                assert (payload.subject, payload.refusals) == (None, [("NOT_FOUND", "id")])
            upload = await person.uploads(each)
            assert (upload.subject, upload.codes) == (None, ["NOT_FOUND"])
            async with person.follows(each) as heard:
                assert await heard.error() == "NOT_FOUND"
        assert (await person.removes(attachment)).refusals == [("NOT_FOUND", "id")]
        assert (await person.downloads(attachment["url"])).status_code == 404
    by_number = "query By($number: String!) { commission(by: {number: $number}) { id } }"
    assert (await person.asks(by_number, number=commission["number"]))["commission"] is None
    assert (await office.enterprise.asks(by_number, number=commission["number"]))["commission"]["id"] == commission[
        "id"
    ]


async def test_a_commission_is_named_in_exactly_one_way(office: Office) -> None:
    draft = await office.draft()
    query = "query By($by: CommissionBy!) { commission(by: $by) { id } }"
    for by in ({}, {"id": draft["id"], "number": draft["number"]}, {"id": None}, {"number": None}):
        assert await office.enterprise.is_told(query, by=by) == "BAD_USER_INPUT", by


async def test_what_nobody_signed_in_for_is_not_told(office: Office) -> None:
    draft = await office.draft()
    query = "query By($id: ID!) { commission(by: {id: $id}) { id } }"
    assert await office.anybody.is_told(query, id=draft["id"]) == "UNAUTHENTICATED"
    query = "mutation Submits($id: ID!) { commissionSubmit(input: {id: $id}) { userErrors { code } } }"
    async with office.unchanged():
        assert await office.anybody.is_told(query, id=draft["id"]) == "UNAUTHENTICATED"
