"""A server that runs while its operator changes keys: it looks into its key file anew, or says what it lacks."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from storage.database import Database
from storage.keys import KeyRing, KeyUnknown, ring_for
from storage.reseal import rotate
from tests.filings import ID_CARD, acts, filing_of, requested
from tests.keys import PERSONAL_KEYS, key
from tests.office import Office, opened
from tests.storage.test_sealed import TODAY, keys_in_use, url_of

BOTH = f"{key('second')},{PERSONAL_KEYS}"
CHANGES = "{ filingChanges { nodes { changes { after } } } }"


async def rotated(office: Office) -> None:
    """As `preship keys rotate` does, in a process of its own that has both keys."""
    working = Database(url_of(office), KeyRing.of(BOTH))
    try:
        assert await rotate(working)
    finally:
        await working.close()


@pytest.fixture
async def changing(office: Office) -> Office:
    """Its institution has asked for changes that hold a number."""
    await requested(office.institution, await filing_of(office, "I01"), identityCardNumber=ID_CARD)
    return office


async def test_a_server_with_a_key_file_reads_it_anew(changing: Office, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(PERSONAL_KEYS, encoding="utf-8")
    async with opened(url_of(changing), tmp_path / "v", personal_keys=f"file:{file}") as running:
        before = await running.institution.asks(CHANGES)
        file.write_text(BOTH, encoding="utf-8")
        await rotated(running)
        assert await running.institution.asks(CHANGES) == before
        # From now on it seals with the new key too.
        (await acts(running.user("newcomer"), "filingSaveDraft", identityCardNumber=ID_CARD)).done()
        assert await keys_in_use(running) == {"second"}


@pytest.mark.parametrize("written", [PERSONAL_KEYS, "this is no key", None])
async def test_a_file_that_does_not_help_leaves_the_keys_that_there_are(tmp_path: Path, written: str | None) -> None:
    file = tmp_path / "keys"
    file.write_text(PERSONAL_KEYS, encoding="utf-8")
    ring = ring_for(f"file:{file}", "postgresql+asyncpg://h/n", TODAY)
    sealed, new = ring.seal("x", "here"), KeyRing.of(key("second")).seal("y", "here")
    if written is None:
        file.unlink()
    else:
        file.write_text(f"# changed\n{written}", encoding="utf-8")
    with pytest.raises(KeyUnknown, match="second"):
        ring.open(new, "here")
    assert ring.open(sealed, "here") == "x"


def test_a_key_that_was_taken_out_of_the_file_still_opens_until_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(PERSONAL_KEYS, encoding="utf-8")
    ring = ring_for(f"file:{file}", "postgresql+asyncpg://h/n", TODAY)
    old, new = ring.seal("x", "here"), KeyRing.of(key("second")).seal("y", "here")
    file.write_text(key("second"), encoding="utf-8")
    assert (ring.open(new, "here"), ring.open(old, "here")) == ("y", "x")
    assert (ring.current, ring.ids[0]) == ("second", "second")


@pytest.fixture
async def behind(changing: Office) -> Office:
    """A server with its keys in the environment, after others sealed everything with a key that it does not have."""
    await rotated(changing)
    return changing


async def test_a_server_with_its_keys_in_the_environment_says_what_it_lacks(behind: Office) -> None:
    with capture_logs() as logged:
        answer = await behind.institution.sends(CHANGES)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "PERSONAL_KEY_MISSING"
    assert "second" not in error["message"]
    (line,) = [each for each in logged if each["event"] == "personal_key_missing"]
    assert line["reference"] == error["extensions"]["reference"]
    assert (line["key"], "PRESHIP_PERSONAL_KEYS" in line["en"]) == ("second", True)
    assert ID_CARD not in repr(logged)


async def test_an_action_says_so_too(changing: Office) -> None:
    (change,) = (await changing.institution.asks("{ filingChanges { nodes { id } } }"))["filingChanges"]["nodes"]
    await rotated(changing)
    withdraw = "mutation($id: ID!) { filingChangeWithdraw(input: {id: $id}) { userErrors { code } } }"
    assert await changing.institution.is_told(withdraw, id=change["id"]) == "PERSONAL_KEY_MISSING"
