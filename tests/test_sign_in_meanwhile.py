"""Comparing a password takes a while: what happens to the account meanwhile counts, and what is written at the end."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from identity.password import matches
from storage.demo import demo_id
from storage.device import DEVICE, DEVICES_MAX
from storage.session import SESSION
from storage.sign_in_attempt import SIGN_IN_COUNT
from tests.accounts import NEW_PASSWORD, acts, administrator, does
from tests.office import Office
from tests.signing_in import codes, is_in, tries
from tests.world import PASSWORD

FAILED: list[tuple[str, list[str] | None]] = [("SIGN_IN_FAILED", None)]


async def rows(office: Office, table: Any, *where: Any) -> list[Any]:
    async with office.database.reading() as connection:
        return list((await connection.execute(select(table).where(*where))).all())


@pytest.mark.parametrize("happening", ["deactivated", "another password"])
async def test_whoever_is_no_longer_who_was_compared_is_not_let_in(
    office: Office, monkeypatch: pytest.MonkeyPatch, happening: str
) -> None:
    async def compares_while_it_happens(password_hash: str, password: str) -> bool:
        monkeypatch.setattr("graph.resolvers.session.matches", matches)
        if happening == "deactivated":
            (await does(administrator(office), "accountDeactivate", "enterprise")).done()
        else:
            typed = {"oldPassword": PASSWORD, "newPassword": NEW_PASSWORD}
            (await acts(office.enterprise, "accountChangePassword", **typed)).done()
        return await matches(password_hash, password)

    monkeypatch.setattr("graph.resolvers.session.matches", compares_while_it_happens)
    before = await rows(office, SESSION)
    assert codes(await tries(office)) == FAILED
    assert len(await rows(office, SESSION)) == len(before)
    assert await rows(office, DEVICE) == await rows(office, SIGN_IN_COUNT) == []


async def test_who_signs_in_while_being_deactivated_has_no_session_afterwards(office: Office) -> None:
    """Whichever comes first, on PostgreSQL one waits for the other."""
    for _ in range(3):
        *answers, gone = await asyncio.gather(
            *(tries(office) for _ in range(4)), does(administrator(office), "accountDeactivate", "enterprise")
        )
        gone.done()
        assert all(is_in(each) or codes(each) == FAILED for each in answers)
        of_the_user = SESSION.c.user_id == demo_id("user.enterprise")
        assert {each.status.name for each in await rows(office, SESSION, of_the_user)} == {"CLOSED"}
        (await does(administrator(office), "accountReactivate", "enterprise")).done()


async def test_of_the_devices_of_an_account_the_latest_are_remembered(office: Office) -> None:
    tokens = [(await tries(office))["deviceToken"]]
    for _ in range(DEVICES_MAX - 1):
        office.clock.moves(seconds=1)
        tokens.append((await tries(office))["deviceToken"])
    # The first is used again, so the second is the one that was away longest.
    office.clock.moves(seconds=1)
    assert (await tries(office, deviceToken=tokens[0]))["deviceToken"] == tokens[0]
    office.clock.moves(seconds=1)
    await tries(office)
    assert len(await rows(office, DEVICE)) == DEVICES_MAX
    office.clock.moves(seconds=1)
    assert (await tries(office, deviceToken=tokens[1]))["deviceToken"] != tokens[1]
    assert (await tries(office, deviceToken=tokens[0]))["deviceToken"] == tokens[0]


async def test_attempts_of_one_minute_are_counted_in_one_row_each_outcome(office: Office) -> None:
    for password in ("wrong one, long enough", "wrong two, long enough"):
        assert codes(await tries(office, password=password)) == FAILED
    for _ in range(3):
        assert is_in(await tries(office))
    counted = {each.outcome.name: each.times for each in await rows(office, SIGN_IN_COUNT)}
    assert counted == {"FAILED": 2, "SUCCEEDED": 3}
