"""The number of an identity card is read in full by those who work on the record, and masked by all others."""

import io
import json
from typing import Any

import pytest
import structlog
from openpyxl import load_workbook  # type: ignore[import-untyped]
from sqlalchemy import text

from domain.personal import masked, without_numbers
from graph.log import write_log_as_json
from tests.accounts import grants, takes_back
from tests.filings import ID_CARD, accepted, acts, drafted, filing_of, requested, sees, submitted
from tests.office import Office
from tests.person import Person

MASKED = "110105**********2X"
OTHER_CARD = "440306198512311009"

EVERYWHERE = """
query Everywhere($id: ID!) {
  filing(by: {id: $id}) { identityCardNumber }
  node(id: $id) { ... on Filing { identityCardNumber } }
  nodes(ids: [$id]) { ... on Filing { identityCardNumber } }
  filings(first: 100) { nodes { id identityCardNumber } }
}
"""
CHANGES = """
query Changes($filing: ID!, $change: ID!, $field: ID!) {
  filing(by: {id: $filing}) { changes { changes { before after } } }
  filingChange(by: {id: $change}) { changes { before after } filing { identityCardNumber } }
  filingChanges { nodes { id changes { before after } } }
  node(id: $field) { ... on ChangedField { before after } }
}
"""


async def reads(person: Person, filing: Any) -> set[str | None]:
    """What a filing's number reads like, wherever this person comes upon it."""
    data = await person.asks(EVERYWHERE, id=filing["id"])
    listed = [each for each in data["filings"]["nodes"] if each["id"] == filing["id"]]
    return {each and each["identityCardNumber"] for each in (data["filing"], data["node"], *data["nodes"], *listed)}


def test_a_mask_leaves_the_first_six_and_the_last_two() -> None:
    assert masked(ID_CARD) == MASKED
    assert masked("12345678") == "********"


def test_what_looks_like_a_number_is_withheld_and_official_numbers_are_not() -> None:
    said = f"a {ID_CARD.lower()}, 110105194912310021; 202600000000000123 1{ID_CARD} 01900000-0000"
    assert without_numbers(said) == f"a (withheld), (withheld); 202600000000000123 1{ID_CARD} 01900000-0000"


async def test_reviewers_read_it_while_they_review_and_nobody_else_of_customs_does(office: Office) -> None:
    newcomer = office.user("newcomer")
    filing = await submitted(newcomer)
    expected = {"customs": ID_CARD, "customs.admin": ID_CARD, "customs.operator": MASKED, "customs.viewer": MASKED}
    for name, shown in expected.items():
        assert await reads(office.user(name), filing) == {shown}, name
    assert await reads(newcomer, filing) == {ID_CARD}
    assert await reads(office.institution, filing) == {None}
    decided = (await acts(office.customs, "filingAccept", id=filing["id"])).done()
    assert decided["identityCardNumber"] == MASKED
    assert await reads(office.customs, filing) == {MASKED}
    assert await reads(newcomer, filing) == {ID_CARD}


async def test_a_colleague_who_only_reads_does_not_read_it(office: Office) -> None:
    filing = await filing_of(office, "I01")
    change = await requested(office.institution, filing, identityCardNumber=ID_CARD, contactFax="+81 45 123 4599")
    field = next(each for each in await fields_of(office.institution, change) if each["field"] == "identityCardNumber")
    for name, shown in (
        ("institution", ID_CARD),
        ("toei.viewer", MASKED),
        ("customs", ID_CARD),
        ("customs.admin", ID_CARD),
        ("customs.operator", MASKED),
        ("customs.viewer", MASKED),
    ):
        data = await office.user(name).asks(CHANGES, filing=filing["id"], change=change["id"], field=field["id"])
        (nested,) = data["filing"]["changes"]
        (listed,) = (each for each in data["filingChanges"]["nodes"] if each["id"] == change["id"])
        for some in (nested["changes"], data["filingChange"]["changes"], listed["changes"]):
            assert {each["after"] for each in some} == {shown, "+81 45 123 4599"}, name
        assert data["node"] == {"before": None, "after": shown}, name
    (await acts(office.customs, "filingChangeApprove", id=change["id"])).done()
    data = await office.customs.asks(CHANGES, filing=filing["id"], change=change["id"], field=field["id"])
    assert data["node"]["after"] == data["filingChange"]["filing"]["identityCardNumber"] == MASKED
    assert await reads(office.institution, filing) == {ID_CARD}
    assert await reads(office.institution_viewer, filing) == {MASKED}


async def test_a_substitute_reads_it_as_long_as_the_work_is_the_substitutes(office: Office) -> None:
    filing = await filing_of(office, "I01")
    change = await requested(office.institution, filing, identityCardNumber=ID_CARD)
    (await acts(office.customs, "filingChangeApprove", id=change["id"])).done()
    assert await reads(office.institution_viewer, filing) == {MASKED}
    delegation = (await grants(office.institution, "toei.viewer")).done()
    assert await reads(office.institution_viewer, filing) == {ID_CARD}
    (await takes_back(office.institution, delegation)).done()
    assert await reads(office.institution_viewer, filing) == {MASKED}


async def fields_of(person: Person, change: Any) -> Any:
    query = "query Of($id: ID!) { filingChange(by: {id: $id}) { changes { id field } } }"
    return (await person.asks(query, id=change["id"]))["filingChange"]["changes"]


async def test_events_and_what_is_nested_in_them_are_masked_too(office: Office) -> None:
    filing = await filing_of(office, "I01")
    change = await requested(office.institution, filing, identityCardNumber=ID_CARD)
    (await acts(office.customs, "filingChangeApprove", id=change["id"])).done()
    commission = await office.pending()
    followed = """subscription Followed($id: ID!) { commissionChanged(id: $id, after: "v0") {
      commission { institution { filing { identityCardNumber } } }
    } }"""
    shown = {}
    for person in (office.institution, office.institution_viewer, office.customs):
        async with person.connects() as talk:
            await talk.asks("1", followed, variables={"id": commission["id"]})
            event = (await talk.hears())["payload"]["data"]["commissionChanged"]
            shown[person.token] = event["commission"]["institution"]["filing"]["identityCardNumber"]
    assert list(shown.values()) == [ID_CARD, MASKED, MASKED]


async def test_an_export_is_masked_for_everybody(office: Office) -> None:
    newcomer = office.user("newcomer")
    await submitted(newcomer)
    for person in (newcomer, office.customs, office.user("customs.viewer")):
        answer = await office.client.get("/exports/filings.csv", headers=person.headers)
        assert MASKED in answer.text
        assert ID_CARD not in answer.text
        answer = await office.client.get("/exports/filings.xlsx", headers=person.headers)
        rows = list(load_workbook(io.BytesIO(answer.content), read_only=True).active.iter_rows(values_only=True))
        assert any(MASKED in row for row in rows)
        assert not any(ID_CARD in row for row in rows)


async def test_a_masked_number_sent_back_is_refused_and_the_number_stays(office: Office) -> None:
    newcomer = office.user("newcomer")
    draft = await drafted(newcomer)
    async with office.unchanged():
        refused = await acts(newcomer, "filingSaveDraft", id=draft["id"], nameZh="甲", identityCardNumber=MASKED)
    assert refused.refusals == [("INVALID_FORMAT", "identityCardNumber")]
    assert "“*”" in refused.user_errors[0]["message"]
    kept = (await acts(newcomer, "filingSaveDraft", id=draft["id"], nameZh="甲")).done()
    assert (kept["nameZh"], kept["identityCardNumber"]) == ("甲", ID_CARD)
    filing = await filing_of(office, "I01")
    change = await acts(office.institution, "filingChangeRequest", filingId=filing["id"], identityCardNumber=MASKED)
    assert change.refusals == [("INVALID_FORMAT", "identityCardNumber")]


async def test_a_repeated_request_is_known_by_its_number_without_keeping_a_digest_of_it(office: Office) -> None:
    newcomer = office.user("newcomer")
    first = (await acts(newcomer, "filingSaveDraft", identityCardNumber=ID_CARD, idempotencyKey="k")).done()
    again = (await acts(newcomer, "filingSaveDraft", identityCardNumber=ID_CARD, idempotencyKey="k")).done()
    assert again["id"] == first["id"]
    other = await acts(newcomer, "filingSaveDraft", identityCardNumber=OTHER_CARD, idempotencyKey="k")
    assert other.codes == ["IDEMPOTENCY_KEY_REUSED"]


async def test_no_message_and_no_notice_repeats_a_number(office: Office) -> None:
    newcomer = office.user("newcomer")
    as_a_code = await acts(newcomer, "filingSaveDraft", legalForm=ID_CARD)
    assert as_a_code.refusals == [("UNKNOWN_CODE", "legalForm")]
    assert ID_CARD not in as_a_code.user_errors[0]["message"]
    save = "mutation Saves($input: FilingSaveDraftInput!) { filingSaveDraft(input: $input) { userErrors { code } } }"
    as_a_whole_number = await newcomer.sends(save, input={"identityCardNumber": int(OTHER_CARD)})
    assert as_a_whole_number["errors"]
    assert OTHER_CARD not in json.dumps(as_a_whole_number)

    filing = await submitted(newcomer)
    (await acts(office.customs, "filingReject", id=filing["id"], reason=f"身份证号{ID_CARD}与来人不符")).done()
    notices = await newcomer.asks("{ notices { nodes { title body } } }")
    assert any("(withheld)" in each["body"] for each in notices["notices"]["nodes"])
    assert ID_CARD not in json.dumps(notices)


async def test_the_log_of_requests_that_fail_holds_no_number(office: Office) -> None:
    newcomer = office.user("newcomer")
    draft = await drafted(newcomer)
    async with office.database.writing() as connection:
        await connection.execute(text("alter table filing rename column identity_card_number to lost"))
    written = io.StringIO()
    write_log_as_json()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(written))
    try:
        save = "mutation S($input: FilingSaveDraftInput!) { filingSaveDraft(input: $input) { userErrors { code } } }"
        for sent in ({"identityCardNumber": ID_CARD}, {"id": draft["id"], "identityCardNumber": OTHER_CARD}):
            assert await newcomer.is_told(save, input=sent) == "INTERNAL"
        structlog.get_logger().error("unexpected", text=f"x{ID_CARD}", nested={"list": [int(OTHER_CARD)]})
        try:
            raise ValueError(ID_CARD)
        except ValueError:
            structlog.get_logger().exception("failed")
    finally:
        structlog.reset_defaults()
    lines = written.getvalue().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["unexpected_failure"] * 2 + ["unexpected", "failed"]
    assert ID_CARD not in written.getvalue()
    assert OTHER_CARD not in written.getvalue()


@pytest.mark.parametrize("number", [None, ""])
async def test_where_there_is_no_number_nothing_is_masked(office: Office, number: str | None) -> None:
    filing = await accepted(office, office.user("newcomer"), identityCardNumber=number)
    assert (await sees(office.customs, filing))["identityCardNumber"] == number
