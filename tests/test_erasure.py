"""A person asks what is held of them, and that it goes: all of it, as soon as the law lets it, and the chain holds."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from graph.cli.main import app
from storage.desks import DESKS
from storage.migrate import migrate
from storage.person import Erasure, Held, erase, holdings
from storage.register import REGISTER, parts_digest
from storage.verify import records_and_parts, verify
from tests.filings import ID_CARD, accepted, acts, drafted, filing_of, requested, sees, submitted
from tests.keys import PERSONAL_KEYS, key
from tests.office import Office

OTHER_CARD = "440306198512311009"
CONTACT = {"contactName": "顾明远", "contactPhone": "+34 912 345 777", "contactEmail": "gu@ibericas.example"}
HELD_BY = ("filing", "signatory", "department", "filing_change", "changed_field", "institution", "register", "notice")
REASON = "本人书面申请"


async def held(office: Office, number: str = ID_CARD) -> list[Held]:
    async with office.database.reading() as connection:
        return (await holdings(connection, number)).held()


async def erases(office: Office, number: str = ID_CARD, reason: str = REASON) -> Erasure:
    return await erase(office.app.state.house.door, number, reason)


async def kept(office: Office) -> str:
    tables, _ = await office.everything()
    return repr([tables[name] for name in HELD_BY])


async def flaws(office: Office) -> list[Any]:
    return [flaw async for flaw in verify(office.database)]


async def lines_of(office: Office, action: str) -> list[dict[str, Any]]:
    async with office.database.reading() as connection:
        found = await connection.execute(select(REGISTER.c.changes).where(REGISTER.c.action == action))
        return [json.loads(each) for each in found.scalars() if each is not None]


async def test_all_that_is_held_of_a_person_is_found_by_their_number(office: Office) -> None:
    draft = await drafted(office.user("newcomer"), signatories=[{"name": "顾明远", "title": "主任"}], **CONTACT)
    assert await held(office, OTHER_CARD) == []
    filing, signatory = await held(office)
    assert (filing.subject, filing.fields) == (
        "filing",
        {
            "contact_name": "顾明远",
            "contact_phone": "+34 912 345 777",
            "contact_fax": "+34 912 345 679",
            "contact_email": "gu@ibericas.example",
            "identity_card_number": ID_CARD,
        },
    )
    assert (signatory.subject, signatory.fields) == ("signatories", {"name": "顾明远"})
    assert draft["identityCardNumber"] == ID_CARD


async def test_a_person_is_erased_from_a_filing_and_from_its_past(office: Office) -> None:
    newcomer = office.user("newcomer")
    people = [{"name": "顾明远", "title": "主任"}, {"name": "Pablo Soler", "title": "Inspector"}]
    filing = await submitted(newcomer, legalRepresentative="顾明远", signatories=people, **CONTACT)
    (await acts(office.customs, "filingReject", id=filing["id"], reason="不具备条件")).done()
    for text in (*CONTACT.values(), "Pablo Soler"):
        assert text in await kept(office)

    done = await erases(office)
    assert (done.records, done.refused) == (1, ())
    after = await sees(newcomer, filing)
    assert (after["contactName"], after["legalRepresentative"]) == ("已删除", "已删除")
    assert [after[name] for name in ("contactPhone", "contactFax", "contactEmail", "identityCardNumber")] == [None] * 4
    assert [each["name"] for each in after["signatories"]] == ["已删除", "Pablo Soler"]
    assert (after["nameEn"], after["status"]) == (filing["nameEn"], "REJECTED")
    shown = await newcomer.asks("query F($id: ID!) { filing(by: {id: $id}) { erasureReason } }", id=filing["id"])
    assert shown["filing"]["erasureReason"] == REASON

    for text in (*CONTACT.values(), ID_CARD):
        assert text not in await kept(office)
    (line,) = await lines_of(office, "erase")
    assert (line["erasure_reason"], line["contact_name"], line["contact_phone"]) == (REASON, "已删除", None)
    assert "identity_card_number" not in line
    assert "salt" not in line
    assert await flaws(office) == []
    assert await held(office) == []
    assert (await erases(office)).records == 0


async def test_nobody_is_erased_while_the_filing_is_reviewed_or_in_force(office: Office) -> None:
    newcomer = office.user("newcomer")
    filing = await submitted(newcomer)
    async with office.unchanged():
        ((number, refusal),) = (await erases(office)).refused
    assert (number, refusal.code.name) == (filing["applicationNumber"], "WRONG_STATUS")
    assert "待审核" in refusal.words.zh
    back = (await acts(office.customs, "filingRequestSupplement", id=filing["id"], reason="缺少章程")).done()
    async with office.unchanged():
        assert [each.code.name for _, each in (await erases(office)).refused] == ["WRONG_STATUS"]
    (await acts(newcomer, "filingSubmit", id=back["id"])).done()
    registered = (await acts(office.customs, "filingAccept", id=filing["id"])).done()
    async with office.unchanged():
        ((_, refusal),) = (await erases(office)).refused
    assert refusal.code.name == "NOT_CHANGEABLE"
    assert registered["certificateNumber"] in refusal.words.zh


@pytest.mark.parametrize("reason", [f"{ID_CARD}申请", "顾明远本人申请", " ", "因" * 1001])
async def test_the_reason_is_given_and_names_nobody(office: Office, reason: str) -> None:
    await drafted(office.user("newcomer"), **CONTACT)
    async with office.unchanged():
        ((_, refusal),) = (await erases(office, reason=reason)).refused
    assert refusal.field == ("reason",)
    assert "顾明远" not in refusal.words.zh


async def guessed(office: Office, *records: Any) -> set[str]:
    """What a digest of their parts would be, for whoever guesses these rightly but does not know the salts."""
    found: set[str] = set()
    async with office.database.reading() as connection:
        for subject, _, digits in (str(each["id"]).rpartition("_") for each in records):
            _, parts = await records_and_parts(connection, DESKS[subject], [UUID(digits)])
            found |= {parts_digest(parts[UUID(digits)])}
    return found


async def digests(office: Office) -> set[str]:
    async with office.database.reading() as connection:
        return set((await connection.execute(select(REGISTER.c.parts_digest))).scalars())


async def test_no_digest_of_parts_confirms_a_guess_before_or_after(office: Office) -> None:
    person, filing = office.other_institution, await filing_of(office, "I02")
    signatories = [{"name": "顾明远", "title": "主任"}]
    change = await requested(person, filing, identityCardNumber=ID_CARD, signatories=signatories, **CONTACT)
    (await acts(office.customs, "filingChangeApprove", id=change["id"])).done()
    before = await guessed(office, filing, change)
    assert len(before) == 2
    assert before.isdisjoint(await digests(office))
    # Where there is nothing to guess at, it stands there as it is: the comparison above compares something.
    assert await guessed(office, await office.pending()) <= await digests(office)
    await office.disposes("I02", "REVOKED")
    assert (await erases(office)).records
    after = await guessed(office, filing, change)
    assert after.isdisjoint(before)
    assert (before | after).isdisjoint(await digests(office))
    assert await flaws(office) == []


async def test_with_the_first_number_what_is_there_already_is_digested_anew(office: Office) -> None:
    newcomer = office.user("newcomer")
    people = [{"name": "顾明远", "title": "主任"}]
    draft = await drafted(newcomer, identityCardNumber=None, signatories=people)
    before = await guessed(office, draft)
    assert before <= await digests(office)
    (await acts(newcomer, "filingSaveDraft", id=draft["id"], identityCardNumber=ID_CARD)).done()
    assert await flaws(office) == []
    # The parts are the same; that they were so is what the earlier line tells.
    assert await guessed(office, draft) == before
    async with office.database.reading() as connection:
        of_it = REGISTER.c.subject_id == UUID(draft["id"].rpartition("_")[2])
        lines = await connection.execute(select(REGISTER.c.parts_digest).where(of_it).order_by(REGISTER.c.version))
        _, earlier, later = lines.scalars()
    assert {earlier} == before
    assert later != earlier


async def test_a_person_is_erased_from_changes_and_the_registry_once_the_institution_was_revoked(
    office: Office,
) -> None:
    person, filing = office.other_institution, await filing_of(office, "I02")
    signatories = [{"name": "顾明远", "title": "主任"}]
    first = await requested(person, filing, identityCardNumber=ID_CARD, signatories=signatories, **CONTACT)
    (await acts(office.customs, "filingChangeApprove", id=first["id"])).done()
    second = await requested(person, filing, identityCardNumber=OTHER_CARD, contactName="何俊贤")
    assert {each.subject for each in await held(office)} == {"filing", "signatories", "filing_change", "institution"}
    async with office.unchanged():
        codes = {each.code.name for _, each in (await erases(office)).refused}
    assert codes == {"NOT_CHANGEABLE", "WRONG_STATUS"}
    (await acts(office.customs, "filingChangeApprove", id=second["id"])).done()
    await office.disposes("I02", "REVOKED")

    assert (await erases(office)).refused == ()
    for text in (*CONTACT.values(), ID_CARD):
        assert text not in await kept(office), text
    assert await held(office) == []
    assert await flaws(office) == []
    read = "query C($id: ID!) { filingChange(by: {id: $id}) { erasureReason changes { field before after } } }"
    change = (await person.asks(read, id=second["id"]))["filingChange"]
    assert change["erasureReason"] == REASON
    assert {each["field"]: (each["before"], each["after"]) for each in change["changes"]} == {
        "contactName": ("已删除", "何俊贤"),
        "identityCardNumber": ("已删除", OTHER_CARD),
    }
    after = await sees(person, filing)
    assert (after["contactName"], after["identityCardNumber"], after["contactPhone"]) == ("何俊贤", OTHER_CARD, None)
    assert [each.subject for each in await held(office, OTHER_CARD)] == ["filing", "institution", "filing_change"][
        :1
    ] + [each.subject for each in (await held(office, OTHER_CARD))[1:]]


async def test_what_the_register_shows_never_held_the_number(office: Office) -> None:
    await accepted(office, office.user("newcomer"))
    change = await requested(office.institution, await filing_of(office, "I01"), identityCardNumber=OTHER_CARD)
    (await acts(office.customs, "filingChangeApprove", id=change["id"])).done()
    tables, _ = await office.everything()
    for table in ("register", "idempotency", "notice", "delivery"):
        assert ID_CARD not in repr(tables[table])
        assert OTHER_CARD not in repr(tables[table])


# ── On the command line ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    url = f"sqlite+aiosqlite:///{tmp_path}/preship.db"
    migrate(url)
    monkeypatch.setenv("PRESHIP_DATABASE_URL", url)
    monkeypatch.setenv("PRESHIP_UPLOADS_URL", f"file:{tmp_path}/files")
    monkeypatch.setenv("PRESHIP_PERSONAL_KEYS", PERSONAL_KEYS)
    runner = CliRunner()
    return lambda *arguments, **more: runner.invoke(app, arguments, **more)


def test_an_operator_makes_checks_and_rotates_keys(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("demo", "--commissions", "0").exit_code == 0
    assert len(run("keys", "new").stdout.strip().partition(":")[2]) == 44
    checked = run("keys", "check")
    assert (checked.exit_code, "first" in checked.output) == (0, True)
    monkeypatch.setenv("PRESHIP_PERSONAL_KEYS", f"{key('second')},{PERSONAL_KEYS}")
    assert "second" in run("keys", "rotate").output
    checked = run("keys", "check")
    assert (checked.exit_code, "first" in checked.output, "second" in checked.output) == (0, False, True)
    monkeypatch.setenv("PRESHIP_PERSONAL_KEYS", PERSONAL_KEYS)
    assert run("keys", "check").exit_code == 1
    assert run("register", "verify").exit_code == 1


def test_an_operator_exports_and_erases_a_person(run: Any) -> None:
    exported = run("person", "export", "--id-number", ID_CARD)
    assert (exported.exit_code, json.loads(exported.stdout)) == (0, {"records": []})
    asked = run("person", "erase", "--reason", REASON, input=f"{ID_CARD}\n")
    assert (asked.exit_code, ID_CARD in asked.output) == (0, False)
    assert run("person", "export", "--id-number", "123").exit_code == 2
