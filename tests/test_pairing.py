"""A phone signs a browser in: the whole way, who may do what, and what an attacker tries."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from storage.pairing import REQUESTS_PER_ADDRESS_MAX
from storage.register import REGISTER
from tests.office import Office
from tests.person import Person
from tests.world import PASSWORD

ROOT = Path(__file__).parents[1]
OPEN = """mutation { pairingOpen {
  opened { code number secret qrCode expiresAt } userErrors { code message }
} }"""
SCAN = """mutation Scan($code: String) { payload: pairingScan(input: {code: $code}) {
  pairing { id status device address isNearby openedAt expiresAt scannedAt } userErrors { code field }
} }"""
APPROVE = """mutation Approve($id: ID!, $number: String!) { payload: pairingApprove(input: {id: $id, number: $number}) {
  pairing { status decidedAt } userErrors { code field }
} }"""
REFUSE = """mutation Refuse($id: ID!) { payload: pairingRefuse(input: {id: $id}) {
  pairing { status } userErrors { code field }
} }"""
USE = """mutation Use($input: PairingUseInput!) { payload: pairingUse(input: $input) {
  session { token refreshToken } viewer { account { username } } userErrors { code field }
} }"""
PROGRESS = "query Progress($secret: String!) { pairing(secret: $secret) { status expiresAt } }"
FOLLOW = "subscription Follow($secret: String!) { pairingChanged(secret: $secret) { status } }"


async def opens(office: Office) -> Any:
    payload = (await office.anybody.asks(OPEN))["pairingOpen"]
    assert payload["userErrors"] == []
    return payload["opened"]


async def scans(person: Person, opened: Any) -> Any:
    payload = (await person.asks(SCAN, code=opened["code"]))["payload"]
    assert payload["userErrors"] == []
    return payload["pairing"]


async def approves(person: Person, pairing: Any, number: str) -> Any:
    return (await person.asks(APPROVE, id=pairing["id"], number=number))["payload"]


async def uses(office: Office, secret: str, **more: Any) -> Any:
    return (await office.anybody.asks(USE, input={"secret": secret, **more}))["payload"]


async def status(office: Office, opened: Any) -> Any:
    found = (await office.anybody.asks(PROGRESS, secret=opened["secret"]))["pairing"]
    return found and found["status"]


def codes(payload: Any) -> list[str]:
    return [each["code"] for each in payload["userErrors"]]


def another(number: str) -> str:
    return "00" if number != "00" else "01"


@pytest.mark.manual(37)
async def test_a_phone_lets_a_browser_in_that_follows_it(office: Office) -> None:
    opened = await opens(office)
    assert opened["qrCode"].startswith("<svg")
    assert re.fullmatch(r"\d\d", opened["number"])
    assert opened["expiresAt"] == "2026-06-01T02:02:00Z"
    heard = []
    async with office.anybody.connects() as talk:
        await talk.asks("1", FOLLOW, variables={"secret": opened["secret"]})
        heard.append((await talk.hears())["payload"]["data"]["pairingChanged"]["status"])
        pairing = await scans(office.enterprise, opened)
        heard.append((await talk.hears())["payload"]["data"]["pairingChanged"]["status"])
        assert (pairing["device"], pairing["address"], pairing["isNearby"]) == (
            "python-httpx/0.28.1",
            "127.0.0.1",
            True,
        )
        done = await approves(office.enterprise, pairing, opened["number"])
        assert (done["userErrors"], done["pairing"]["status"]) == ([], "APPROVED")
        heard.append((await talk.hears())["payload"]["data"]["pairingChanged"]["status"])
        assert (await talk.hears())["type"] == "complete"
    assert heard == [None, "SCANNED", "APPROVED"]
    used = await uses(office, opened["secret"], refreshable=True)
    assert (used["userErrors"], used["viewer"]["account"]["username"]) == ([], "enterprise")
    assert used["session"]["refreshToken"]
    browser = Person(office, used["session"]["token"])
    sessions = (await browser.asks("{ sessions { nodes { method isCurrent device } } }"))["sessions"]["nodes"]
    assert sessions[0] == {"method": "COMPANION", "isCurrent": True, "device": "python-httpx/0.28.1"}
    assert await status(office, opened) == "USED"


async def test_a_browser_comes_in_once_however_many_try_at_once(office: Office) -> None:
    opened = await opens(office)
    await approves(office.enterprise, await scans(office.enterprise, opened), opened["number"])
    tries = await asyncio.gather(*(uses(office, opened["secret"]) for _ in range(4)))
    assert sorted(map(codes, tries)) == [[], *[["PAIRING_OVER"]] * 3]
    assert codes(await uses(office, opened["secret"])) == ["PAIRING_OVER"]


@pytest.mark.parametrize("secret", ["", "guess", "x" * 5000])
async def test_nobody_comes_in_by_a_secret_that_is_none_or_by_the_code(office: Office, secret: str) -> None:
    opened = await opens(office)
    await approves(office.enterprise, await scans(office.enterprise, opened), opened["number"])
    for guess in (secret, opened["code"]):
        assert codes(await uses(office, guess)) == ["PAIRING_OVER"]
        assert (await office.anybody.asks(PROGRESS, secret=guess))["pairing"] is None
    assert codes(await uses(office, opened["secret"])) == []


async def test_a_browser_is_not_let_in_before_the_user_says_so(office: Office) -> None:
    opened = await opens(office)
    assert codes(await uses(office, opened["secret"])) == ["PAIRING_OVER"]
    await scans(office.enterprise, opened)
    assert codes(await uses(office, opened["secret"])) == ["PAIRING_OVER"]


async def test_another_number_refuses_the_browser_for_good(office: Office) -> None:
    opened = await opens(office)
    pairing = await scans(office.enterprise, opened)
    wrong = await approves(office.enterprise, pairing, another(opened["number"]))
    assert (wrong["userErrors"], wrong["pairing"]["status"]) == (
        [{"code": "NUMBER_DIFFERS", "field": ["number"]}], "REFUSED"
    )  # fmt: skip
    assert codes(await approves(office.enterprise, pairing, opened["number"])) == ["WRONG_STATUS"]
    assert codes(await uses(office, opened["secret"])) == ["PAIRING_OVER"]
    assert await status(office, opened) == "REFUSED"


async def test_a_second_browser_gets_nothing_of_what_was_approved_for_the_first(office: Office) -> None:
    first, second = await opens(office), await opens(office)
    pairing = await scans(office.enterprise, first)
    other = await scans(office.institution, second)
    # Whoever has scanned the one decides on neither the other nor by its number.
    assert codes(await approves(office.institution, pairing, first["number"])) == ["NOT_FOUND"]
    await approves(office.enterprise, pairing, first["number"])
    own = first["secret"]
    stolen = [second["secret"], first["code"], first["number"], pairing["id"], own[:-1], own + "A", own.swapcase()]
    async with office.unchanged():
        for each in stolen:
            assert codes(await uses(office, each)) == ["PAIRING_OVER"], each
    assert await status(office, second) == "SCANNED"
    assert (await uses(office, own))["viewer"]["account"]["username"] == "enterprise"
    # A secret that was read off afterwards is worth nothing.
    assert codes(await uses(office, own)) == ["PAIRING_OVER"]
    await approves(office.institution, other, second["number"])
    assert (await uses(office, second["secret"]))["viewer"]["account"]["username"] == "institution"


async def test_a_user_may_refuse_even_what_was_approved(office: Office) -> None:
    opened = await opens(office)
    pairing = await scans(office.enterprise, opened)
    await approves(office.enterprise, pairing, opened["number"])
    assert codes((await office.enterprise.asks(REFUSE, id=pairing["id"]))["payload"]) == []
    assert codes(await uses(office, opened["secret"])) == ["PAIRING_OVER"]


async def test_a_code_is_scanned_once_and_decided_on_by_whoever_scanned_it(office: Office) -> None:
    opened = await opens(office)
    people = [office.enterprise, office.institution, office.customs]
    tries = await asyncio.gather(*(each.asks(SCAN, code=opened["code"]) for each in people))
    assert sorted(codes(each["payload"]) for each in tries) == [[], ["PAIRING_OVER"], ["PAIRING_OVER"]]
    (pairing,) = [each["payload"]["pairing"] for each in tries if each["payload"]["pairing"]]
    stranger = office.other_institution
    for query in (APPROVE, REFUSE):
        typed = {"id": pairing["id"]} | ({"number": opened["number"]} if query is APPROVE else {})
        assert codes((await stranger.asks(query, **typed))["payload"]) == ["NOT_FOUND"]
    assert await office.anybody.is_told(SCAN, code=opened["code"]) == "UNAUTHENTICATED"


@pytest.mark.parametrize("code", ["", None, "nonsense", "preship:pair?code=x"])
async def test_what_is_no_code_is_refused(office: Office, code: str | None) -> None:
    payload = (await office.enterprise.asks(SCAN, code=code))["payload"]
    assert (payload["pairing"], payload["userErrors"][0]["field"]) == (None, ["code"])


async def test_each_step_comes_too_late_after_two_minutes(office: Office) -> None:
    unscanned, scanned, approved = [await opens(office) for _ in range(3)]
    pairing = await scans(office.enterprise, scanned)
    await approves(office.enterprise, await scans(office.enterprise, approved), approved["number"])
    office.clock.moves(minutes=2)
    assert codes((await office.enterprise.asks(SCAN, code=unscanned["code"]))["payload"]) == ["PAIRING_OVER"]
    assert codes(await approves(office.enterprise, pairing, scanned["number"])) == ["PAIRING_OVER"]
    assert codes(await uses(office, approved["secret"])) == ["PAIRING_OVER"]
    assert [await status(office, each) for each in (unscanned, scanned, approved)] == ["EXPIRED"] * 3
    assert (await office.time_is_kept())["pairingExpire"] == 2
    async with office.anybody.connects() as talk:
        await talk.asks("1", FOLLOW, variables={"secret": unscanned["secret"]})
        assert (await talk.hears())["payload"]["data"]["pairingChanged"]["status"] == "EXPIRED"
        assert (await talk.hears())["type"] == "complete"


async def test_a_browser_that_nobody_scans_leaves_no_trace_and_is_forgotten(office: Office) -> None:
    async with office.database.reading() as connection:
        lines = len((await connection.execute(select(REGISTER.c.id))).all())
    opened = await opens(office)
    async with office.database.reading() as connection:
        assert len((await connection.execute(select(REGISTER.c.id))).all()) == lines
    office.clock.moves(minutes=13)
    await opens(office)
    assert await status(office, opened) is None


async def test_one_address_does_not_fill_the_house_with_browsers(office: Office) -> None:
    for _ in range(REQUESTS_PER_ADDRESS_MAX):
        await opens(office)
    payload = (await office.anybody.asks(OPEN))["pairingOpen"]
    assert (payload["opened"], codes(payload)) == (None, ["TOO_MANY_PAIRINGS"])
    office.clock.moves(minutes=2)
    await opens(office)


async def test_what_a_browser_holds_is_kept_nowhere_and_guessed_by_nobody(office: Office) -> None:
    opened, other = await opens(office), await opens(office)
    # 128 and 256 bits in base64.
    assert [len(opened[name]) * 6 // 8 for name in ("code", "secret")] == [16, 32]
    assert not {opened["code"][:8], opened["secret"][:8]} & {other["code"][:8], other["secret"][:8]}
    kept = repr(await office.everything())
    assert opened["code"] not in kept
    assert opened["secret"] not in kept


async def test_the_companion_among_the_examples_works(open_office: Any) -> None:
    async with open_office(captcha="on", secret_key="a key of the tests, and of nothing else") as office:
        await walks(f"http://{await office.address()}")


async def walks(address: str) -> None:
    here = ROOT / "examples" / "companion"

    def program(name: str, *given: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, str(here / name), "--server", address, *given],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=os.environ | {"PRESHIP_PASSWORD": PASSWORD, "PYTHONUTF8": "1"},
        )  # fmt: skip

    def walk() -> tuple[str, str]:
        browser = program("browser.py", "--every", "0.05")
        assert browser.stdout is not None
        shown = [browser.stdout.readline() for _ in range(2)]
        code, number = (line.split(":")[1].strip() for line in shown)
        phone, _ = program("companion.py", "--user", "enterprise").communicate(f"{code}\n{number}\n", timeout=60)
        rest, _ = browser.communicate(timeout=60)
        return phone, rest

    phone, browser = await asyncio.to_thread(walk)
    assert "Preship example browser" in phone
    assert "approved" in phone
    assert "signed in: enterprise" in browser
