"""What is sealed is unreadable in the tables, opens where it was written and nowhere else, and changes keys in use."""

import asyncio
import base64
import re
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import case, insert, null, select, text, update
from sqlalchemy.exc import StatementError

from domain.personal import number_in
from domain.record import fields_of
from graph.app import create_app
from graph.settings import Settings
from storage import reseal
from storage.account import ACCOUNT
from storage.database import Database
from storage.filing import FILING
from storage.filing_change import CHANGED_FIELD
from storage.keys import KeyRing, KeysWrong, SealBroken, new_key, ring_for
from storage.person import holdings
from storage.reseal import check, columns, prove, rotate
from storage.sealed import OfRow, SealedText, as_it_rests
from storage.tables import METADATA
from storage.verify import verify
from tests.filings import ID_CARD, acts, drafted, filing_of, requested, sees
from tests.keys import PERSONAL_KEYS, RING, key
from tests.office import Office, opened

OTHER_CARD = "440306198512311009"
TODAY = date(2026, 11, 23)


def url_of(office: Office) -> str:
    return office.database.url.render_as_string(hide_password=False)


async def raw(office: Office) -> str:
    """Every row of every table as the database keeps it."""
    tables, _ = await office.everything()
    return repr(tables)


async def alters(office: Office, statement: str, **values: Any) -> None:
    async with office.database.writing() as connection:
        assert (await connection.execute(text(statement), values)).rowcount == 1


async def keys_in_use(office: Office) -> set[str]:
    return {key_id for _, key_id in (await check(office.database)).counted}


async def test_no_table_shows_a_number(office: Office) -> None:
    filing = await filing_of(office, "I01")
    draft = await drafted(office.user("newcomer"))
    change = await requested(office.institution, filing, identityCardNumber=OTHER_CARD, contactFax="+81 45 123 4599")
    kept = await raw(office)
    assert "1.first." in kept
    assert ID_CARD not in kept
    assert OTHER_CARD not in kept
    assert kept.count("+81 45 123 4599") == 0
    (await acts(office.customs, "filingChangeApprove", id=change["id"])).done()
    assert OTHER_CARD not in await raw(office)
    assert (await sees(office.institution, filing))["identityCardNumber"] == OTHER_CARD
    assert (await sees(office.user("newcomer"), draft))["identityCardNumber"] == ID_CARD
    assert [flaw async for flaw in verify(office.database)] == []


async def test_no_table_shows_the_hash_of_a_password(office: Office) -> None:
    async with office.database.reading() as connection:
        hashes = set((await connection.execute(select(ACCOUNT.c.password_hash))).scalars())
    assert all(each.startswith("$argon2id$") for each in hashes - {""})
    assert len(hashes) > 1
    kept = await raw(office)
    assert "argon2" not in kept
    assert not any(each in kept for each in hashes if each)


def test_a_column_is_sealed_because_its_field_says_so() -> None:
    marked = {
        f"{table.name}.{name}"
        for table, record in _records()
        for name, field in fields_of(record).items()
        if field.sealed is not None
    }
    assert marked == {f"{each.table.name}.{each.name}" for each in columns()}
    assert marked >= {"filing.identity_card_number", "changed_field.before", "changed_field.after"}


def _records() -> list[tuple[Any, type[Any]]]:
    from graph.resolvers.node import SHELVES

    return [(shelf.table, shelf.record) for shelf in SHELVES.values()]


async def test_a_value_moved_to_another_row_or_column_does_not_open(office: Office) -> None:
    newcomer = office.user("newcomer")
    mine = (await acts(newcomer, "filingSaveDraft", identityCardNumber=ID_CARD)).done()
    theirs = (await acts(newcomer, "filingSaveDraft", identityCardNumber=OTHER_CARD)).done()
    moved = """update filing set {to} = (select identity_card_number from filing where application_number = :taken)
      where application_number = :given"""
    numbers = {"taken": theirs["applicationNumber"], "given": mine["applicationNumber"]}
    await alters(office, moved.format(to="salt"), **numbers | {"taken": mine["applicationNumber"]})
    async with office.database.reading() as connection:
        with pytest.raises(SealBroken, match=r"filing\.salt.*moved from elsewhere"):
            (await connection.execute(select(FILING.c.salt))).all()
    await alters(office, moved.format(to="identity_card_number"), **numbers)
    query = "query F($id: ID!) { filing(by: {id: $id}) { id identityCardNumber } }"
    assert await newcomer.is_told(query, id=mine["id"]) == "INTERNAL"
    found = await check(office.database)
    assert len(found.broken) == 2
    assert not any(ID_CARD in each or OTHER_CARD in each for each in found.broken)


async def test_an_altered_value_does_not_open(office: Office) -> None:
    draft = (await acts(office.user("newcomer"), "filingSaveDraft", identityCardNumber=ID_CARD)).done()
    change = "update filing set identity_card_number = :value where application_number = :number"
    for value in ("1.first.AAAA", "1.first." + "A" * 60, "2.first.AAAA", "1.nobody.AAAA", ID_CARD, ""):
        await alters(office, change, value=value, number=draft["applicationNumber"])
        async with office.database.reading() as connection:
            with pytest.raises(SealBroken) as broken:
                (await connection.execute(select(FILING.c.identity_card_number))).all()
        assert ID_CARD not in str(broken.value)


async def test_a_sealed_column_takes_nothing_that_is_not_bound_to_its_row(office: Office) -> None:
    async with office.database.writing() as connection:
        with pytest.raises(StatementError, match="is sealed") as refused:
            await connection.execute(update(FILING).values(identity_card_number=ID_CARD))
        with pytest.raises(StatementError, match="is sealed"):
            await connection.execute(select(FILING.c.id).where(FILING.c.identity_card_number == ID_CARD))
    assert ID_CARD not in str(refused.value)


async def test_a_sealed_column_is_read_through_subqueries_and_veils(office: Office) -> None:
    draft = (await acts(office.user("newcomer"), "filingSaveDraft", identityCardNumber=ID_CARD)).done()
    mine = FILING.c.application_number == draft["applicationNumber"]
    within = select(FILING).where(mine).subquery()
    veil = case((FILING.c.submitted_at.is_(None), FILING.c.identity_card_number), else_=null()).label("veiled")
    async with office.database.reading() as connection:
        assert (await connection.execute(select(within.c.identity_card_number))).scalar_one() == ID_CARD
        assert (await connection.execute(select(veil).where(mine))).scalar_one() == ID_CARD
        aliased = FILING.alias()
        found = select(aliased.c.identity_card_number).where(aliased.c.salt.is_not(None))
        assert (await connection.execute(found)).scalar_one() == ID_CARD


async def test_a_connection_without_keys_writes_and_reads_nothing_that_is_sealed(office: Office) -> None:
    await drafted(office.user("newcomer"))
    keyless = Database(url_of(office))
    try:
        async with keyless.reading() as connection:
            with pytest.raises(KeysWrong, match="without the keys"):
                (await connection.execute(select(FILING.c.identity_card_number))).all()
        async with keyless.writing() as connection:
            bound = OfRow(UUID(int=7), ID_CARD)
            with pytest.raises(StatementError, match="without the keys"):
                await connection.execute(insert(CHANGED_FIELD).values(id=UUID(int=7), before=bound))
    finally:
        await keyless.close()


async def test_a_missing_or_wrong_key_is_said_when_the_product_starts(office: Office, tmp_path: Path) -> None:
    await drafted(office.user("newcomer"))
    another_of_its_name = "first:" + key("second").partition(":")[2]
    for keys, words in (
        (key("second"), "'first', but PRESHIP_PERSONAL_KEYS has"),
        (another_of_its_name, "打不开"),
    ):
        with pytest.raises(KeysWrong, match=words) as wrong:
            async with opened(url_of(office), tmp_path / "vault", personal_keys=keys):
                pass
        assert "系统不启动" in str(wrong.value)
    async with opened(url_of(office), tmp_path / "vault", personal_keys=f"{key('second')},{PERSONAL_KEYS}"):
        pass


def test_on_postgresql_nothing_starts_without_keys() -> None:
    with pytest.raises(KeysWrong, match="没有密钥不能加密"):
        create_app(Settings(database_url="postgresql+asyncpg://preship@localhost/preship", personal_keys=""))


async def test_a_database_without_tables_is_no_matter_of_keys(empty_engine_url: str) -> None:
    database = Database(empty_engine_url, RING)
    try:
        await prove(database)
    finally:
        await database.close()


async def test_keys_are_rotated_while_people_save(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reseal, "VALUES_AT_ONCE", 2)
    newcomer = office.user("newcomer")
    drafts = [(await acts(newcomer, "filingSaveDraft", identityCardNumber=ID_CARD)).done() for _ in range(6)]
    await requested(office.institution, await filing_of(office, "I01"), identityCardNumber=OTHER_CARD)
    heard: list[tuple[int, int]] = []
    async with opened(url_of(office), tmp_path / "v", personal_keys=f"{key('second')},{PERSONAL_KEYS}") as working:
        person = working.user("newcomer")

        async def saves(draft: Any) -> None:
            for name, number in (("甲", OTHER_CARD), ("乙", ID_CARD), ("丙", OTHER_CARD)):
                (await acts(person, "filingSaveDraft", id=draft["id"], nameZh=name, identityCardNumber=number)).done()

        done, *_ = await asyncio.gather(
            rotate(working.database, lambda *numbers: heard.append(numbers)), *(saves(each) for each in drafts[:4])
        )
        assert heard[-1] == (done, done) or heard[-1][0] <= heard[-1][1]
        # Whatever was found by neither (saved by a process of the old key, say) is found by the next.
        await rotate(working.database)
        assert await keys_in_use(working) == {"second"}
        assert (await check(working.database)).broken == []
    async with opened(url_of(office), tmp_path / "v", personal_keys=key("second")) as afterwards:
        person = afterwards.user("newcomer")
        for number, some in ((OTHER_CARD, drafts[:4]), (ID_CARD, drafts[4:])):
            assert {(await sees(person, each))["identityCardNumber"] for each in some} == {number}
        async with afterwards.database.reading() as connection:
            found = await holdings(connection, ID_CARD)
        assert {each.application_number for each in found.filings} == {d["applicationNumber"] for d in drafts[4:]}
        assert [flaw async for flaw in verify(afterwards.database)] == []


async def test_a_rotation_that_was_cut_off_goes_on(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reseal, "VALUES_AT_ONCE", 1)
    newcomer = office.user("newcomer")
    for _ in range(3):
        (await acts(newcomer, "filingSaveDraft", identityCardNumber=ID_CARD)).done()
    whole = await check(office.database)
    async with opened(url_of(office), tmp_path / "v", personal_keys=f"{key('second')},{PERSONAL_KEYS}") as working:

        def cut_off(done: int, total: int) -> None:
            if done == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            await rotate(working.database, cut_off)
        assert await keys_in_use(working) == {"first", "second"}
        async with working.database.reading() as connection:
            assert len((await holdings(connection, ID_CARD)).filings) == 3
        assert await rotate(working.database) == sum(whole.counted.values()) - 2
        assert await keys_in_use(working) == {"second"}


async def test_the_same_value_rests_differently_each_time(office: Office) -> None:
    newcomer = office.user("newcomer")
    for _ in range(2):
        (await acts(newcomer, "filingSaveDraft", identityCardNumber=ID_CARD)).done()
    async with office.database.reading() as connection:
        statement = select(as_it_rests(FILING.c.identity_card_number)).where(FILING.c.identity_card_number.is_not(None))
        first, second = (await connection.execute(statement)).scalars()
    assert first is not None
    assert first != second
    assert re.fullmatch(r"1\.first\.[A-Za-z0-9_=-]+", first)
    assert len(base64.urlsafe_b64decode(first.rpartition(".")[2])) == 12 + len(ID_CARD) + 16


def test_keys_are_read_from_a_setting_or_a_file(tmp_path: Path) -> None:
    ring = KeyRing.of(f" {key('a')} , {key('b')} ")
    assert (ring.ids, ring.current) == (("a", "b"), "a")
    file = tmp_path / "keys"
    file.write_text(f"# ours\n{key('b')}\n{key('a')}\n", encoding="utf-8")
    assert ring_for(f"file:{file}", "postgresql+asyncpg://h/n", TODAY).ids == ("b", "a")
    assert ring.open(KeyRing.of(key("b")).seal("x", "here"), "here") == "x"
    assert "YQ" not in repr(ring)
    made = KeyRing.of(new_key(TODAY))
    assert made.current.startswith("20261123-")


@pytest.mark.parametrize(
    "written", ["", " , ", "a", "a:", "a:AAAA", ":" + key("a"), "a b:" + key("a").partition(":")[2], "a:***"]
)
def test_keys_that_cannot_be_read_are_refused_without_repeating_them(written: str) -> None:
    with pytest.raises(KeysWrong) as wrong:
        KeyRing.of(written)
    secret = written.partition(":")[2]
    assert len(secret) < 4 or secret not in str(wrong.value)


def test_a_key_is_named_once_and_a_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(KeysWrong, match="Key 2"):
        KeyRing.of(f"{key('a')},{key('a')}")
    with pytest.raises(KeysWrong, match="cannot be read"):
        ring_for(f"file:{tmp_path}/nowhere", "sqlite+aiosqlite:///x.db", TODAY)


def test_beside_a_sqlite_file_keys_are_made_once_for_oneself_alone(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/preship.db"
    first = ring_for("", url, TODAY)
    file = tmp_path / "preship.db.keys"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]
    assert ring_for("", url, TODAY).ids == first.ids
    assert ring_for("", url, TODAY).open(first.seal("x", "here"), "here") == "x"


def test_settings_do_not_print_their_keys() -> None:
    secret = "a-secret-of-the-tests"
    settings = Settings(
        personal_keys=PERSONAL_KEYS,
        database_url=f"postgresql+asyncpg://preship:{secret}@127.0.0.1/preship",
        bell_url=f"postgresql://preship:{secret}@127.0.0.1/preship",
        smtp_url=f"smtps://preship:{secret}@127.0.0.1",
        sms_url=f"http://127.0.0.1/?key={secret}",
        secret_key=secret,
    )
    assert PERSONAL_KEYS not in repr(settings)
    assert secret not in repr(settings)


def test_a_number_is_found_however_it_was_written() -> None:
    assert number_in(f" {ID_CARD.lower()}") == ID_CARD
    assert number_in("[]") is None
    assert all(isinstance(column.type, SealedText) for column in columns())
    assert {each.table.name for each in columns()} <= set(METADATA.tables)
