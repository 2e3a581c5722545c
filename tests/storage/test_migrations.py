"""Migrations lead to the tables that the code describes, whatever cuts them off or runs beside them."""

import asyncio
import os
import pkgutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, make_url, select, text
from sqlalchemy.exc import IntegrityError

import storage
from storage import migrate as migrations
from storage.account import ACCOUNT
from storage.columns import METADATA as COLUMNS_METADATA
from storage.filing import FILING
from storage.filing_change import CHANGED_FIELD
from storage.keys import KeyRing, KeysWrong
from storage.migrate import migrate, one_at_a_time, settings
from storage.sealed import holds_number
from storage.tables import METADATA, MODULES
from tests.engines import Engines
from tests.keys import RING

ROOT = Path(__file__).parents[2]


def on(url: str, work: Callable[[Connection], Any], keys: KeyRing | None = None) -> Any:
    """What the work finds in the database."""

    async def run() -> Any:
        engine = one_at_a_time(url, keys)
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(work)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def shape(connection: Connection) -> dict[str, Any]:
    """Everything that the database itself knows of its tables, in an order of its own."""
    inspector = inspect(connection)
    return {
        table: {
            "columns": sorted(
                (c["name"], str(c["type"]), getattr(c["type"], "collation", None), c["nullable"], str(c["default"]))
                for c in inspector.get_columns(table)
            ),
            "key": inspector.get_pk_constraint(table),
            "foreign keys": sorted(inspector.get_foreign_keys(table), key=lambda each: str(each["name"])),
            "unique": sorted(inspector.get_unique_constraints(table), key=lambda each: str(each["name"])),
            "indexes": sorted(map(_printed, inspector.get_indexes(table))),
            "checks": sorted(
                (str(each["name"]), each["sqltext"]) for each in inspector.get_check_constraints(table)
            ),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }  # fmt: skip


def _printed(index: Any) -> str:
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return f"{index['name']} {index['column_names']} {index['unique']} {options}"


def tables(connection: Connection) -> list[str]:
    return sorted(inspect(connection).get_table_names())


def test_the_migrated_database_is_the_one_that_the_code_describes(engines: Engines) -> None:
    with engines.fresh() as migrated, engines.fresh() as described:
        migrate(migrated)
        on(described, METADATA.create_all)
        assert on(migrated, shape) == on(described, shape)


def test_nothing_is_left_to_migrate(engine_url: str) -> None:
    def differences(connection: Connection) -> Any:
        options = {"compare_type": True, "compare_server_default": False}
        return compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)

    assert on(engine_url, differences) == []


ZERO, LONG_AGO = "0" * 32, "2026-01-01T00:00:00.000000+00:00"
ROWS_OF_0006 = f"""
insert into organisation (id, version, kind, name_zh, name_en) values ('{ZERO}', 0, 'CUSTOMS', '海', 'sea');
insert into register (subject_type, subject_id, version, action, at, format, changes_digest, record_digest,
  previous_hash, hash) values ('commission', '{ZERO}', 1, 'submit', '{LONG_AGO}', 1, '', '', '', '');
insert into notice (id, version, type, title_zh, title_en, body_zh, body_en, published_at, is_pinned, by_email, by_sms,
  organisation_id, line_id)
  values ('{1:032}', 0, 'COMMISSION', '题', 'title', '文', 'body', '{LONG_AGO}', false, true, false, '{ZERO}', 1);
insert into notice (id, version, type, title_zh, title_en, body_zh, body_en, published_at, is_pinned, by_email, by_sms,
  organisation_id, line_id)
  values ('{2:032}', 0, 'SYSTEM', '题', 'title', '文', 'body', '{LONG_AGO}', false, true, false, null, 1);
insert into delivery (id, channel, state, attempts, created_at, next_attempt_at, notice_id, organisation_id)
  values ('{ZERO}', 'EMAIL', 'WAITING', 0, '{LONG_AGO}', '{LONG_AGO}', '{1:032}', '{ZERO}')
"""


def test_rows_that_others_refer_to_are_still_there_after_their_table_was_made_anew(empty_engine_url: str) -> None:
    def fill(connection: Connection) -> None:
        command.upgrade(settings(connection), "0006")
        for statement in ROWS_OF_0006.split(";"):
            connection.execute(text(statement))

    def audiences(connection: Connection) -> list[Any]:
        found = "select audience, status, edition, title_zh from notice order by id"
        return [tuple(row) for row in connection.execute(text(found))]

    on(empty_engine_url, fill)
    migrate(empty_engine_url)
    assert on(empty_engine_url, audiences) == [(None, "PUBLISHED", 0, "题"), ("EVERYBODY", "PUBLISHED", 0, "题")]
    assert on(empty_engine_url, lambda c: c.execute(text("select count(*) from delivery")).scalar()) == 1


ID_CARD = "11010519491231002x"
BEFORE_SEALING = f"""
insert into organisation (id, version, kind, name_zh, name_en) values ('{ZERO}', 0, 'INSTITUTION', '检', 'inspector');
insert into filing (id, version, application_number, status, created_at, organisation_id, identity_card_number)
  values ('{1:032}', 1, '{1:018}', 'DRAFT', '{LONG_AGO}', '{ZERO}', '{ID_CARD}');
insert into filing (id, version, application_number, status, created_at, organisation_id, identity_card_number)
  values ('{2:032}', 1, '{2:018}', 'DRAFT', '{LONG_AGO}', '{ZERO}', null);
insert into filing_change (id, version, status, requires_refiling, requested_at, filing_id, organisation_id)
  values ('{3:032}', 1, 'PENDING', false, '{LONG_AGO}', '{1:032}', '{ZERO}');
insert into changed_field (id, line_number, name, before, after, is_material, filing_change_id)
  values ('{4:032}', 1, 'identity_card_number', null, '{ID_CARD}', false, '{3:032}');
insert into changed_field (id, line_number, name, before, after, is_material, filing_change_id)
  values ('{5:032}', 2, 'contact_name', '甲', '', false, '{3:032}')
"""


def personal(connection: Connection) -> list[Any]:
    filings = connection.execute(text("select identity_card_number from filing order by id"))
    changed = connection.execute(text("select before, after from changed_field order by id"))
    return [*filings.scalars(), *(tuple(row) for row in changed)]


def test_personal_data_that_is_there_is_sealed_and_opened_again(empty_engine_url: str) -> None:
    def fill(connection: Connection) -> None:
        command.upgrade(settings(connection), "0011")
        for statement in BEFORE_SEALING.split(";"):
            connection.execute(text(statement))

    def seal(connection: Connection) -> None:
        command.upgrade(settings(connection), "0012")

    def back(connection: Connection) -> None:
        command.downgrade(settings(connection), "0011")

    def records(connection: Connection) -> list[Any]:
        filings = connection.execute(select(FILING.c.identity_card_number).order_by(FILING.c.id))
        fields = CHANGED_FIELD.c
        changed = connection.execute(select(fields.before, fields.after).order_by(fields.id))
        index = select(FILING.c.id).where(holds_number([FILING.c.identity_card_number], ID_CARD.upper(), RING))
        assert connection.execute(index).scalar_one().int == 1
        return [*filings.scalars(), *(tuple(row) for row in changed)]

    on(empty_engine_url, fill)
    plain = on(empty_engine_url, personal)
    with pytest.raises(KeysWrong, match="without the keys"):
        migrate(empty_engine_url)
    assert on(empty_engine_url, personal) == plain

    on(empty_engine_url, seal, RING)
    sealed = on(empty_engine_url, personal)
    assert ID_CARD not in repr(sealed)
    assert "甲" not in repr(sealed)
    assert on(empty_engine_url, records, RING) == plain
    if empty_engine_url.startswith("sqlite"):
        file = Path(str(make_url(empty_engine_url).database))
        assert not any(ID_CARD.encode() in each.read_bytes() for each in file.parent.glob(f"{file.name}*"))

    with pytest.raises(KeysWrong, match="without the keys"):
        on(empty_engine_url, back)
    on(empty_engine_url, back, RING)
    assert on(empty_engine_url, personal) == plain


def test_the_number_of_a_certificate_moves_along_with_its_new_name(empty_engine_url: str) -> None:
    def fill(connection: Connection) -> None:
        command.upgrade(settings(connection), "0011")
        for statement in BEFORE_SEALING.split(";"):
            connection.execute(text(statement))
        connection.execute(
            text("update filing set filing_number = 'JJD2026001' where id = (select id from filing limit 1)")
        )

    def numbers(connection: Connection) -> list[Any]:
        command.upgrade(settings(connection), "head")
        return list(connection.execute(select(FILING.c.certificate_number)).scalars())

    on(empty_engine_url, fill)
    assert [number for number in on(empty_engine_url, numbers, RING) if number] == ["JJD2026001"]


ACCOUNT_OF_0008 = f"""
insert into account (id, version, username, display_name, role, organisation_id, language, is_active, created_at,
  password_hash) values (:id, 0, :username, '人', 'ADMIN', '{ZERO}', 'zh', :is_active, '{LONG_AGO}', 'hash')
"""


def test_accounts_from_before_keep_their_names_and_whether_they_may_sign_in(empty_engine_url: str) -> None:
    def fill(connection: Connection) -> None:
        command.upgrade(settings(connection), "0008")
        connection.execute(text(ROWS_OF_0006.split(";")[0]))
        for number, username in enumerate(("Lin", "lin", "Wang", "李"), start=1):
            given = {"id": f"{number:032}", "username": username, "is_active": username != "Wang"}
            connection.execute(text(ACCOUNT_OF_0008), given)

    def found(connection: Connection) -> list[Any]:
        rows = "select username, name_key, status, code_tries from account order by id"
        return [tuple(row) for row in connection.execute(text(rows))]

    on(empty_engine_url, fill)
    migrate(empty_engine_url, RING)
    assert on(empty_engine_url, found) == [
        ("Lin", "Lin", "ACTIVE", 0),
        ("lin", "lin", "ACTIVE", 0),
        ("Wang", "wang", "DEACTIVATED", 0),
        ("李", "李", "ACTIVE", 0),
    ]
    changed = "select count(*) from account where password_changed_at = created_at"
    assert on(empty_engine_url, lambda connection: connection.execute(text(changed)).scalar()) == 4


def test_hashes_of_passwords_that_are_there_are_sealed_and_opened_again(empty_engine_url: str) -> None:
    def fill(connection: Connection) -> None:
        command.upgrade(settings(connection), "0008")
        connection.execute(text(ROWS_OF_0006.split(";")[0]))
        given = {"id": f"{1:032}", "username": "lin", "is_active": True}
        connection.execute(text(ACCOUNT_OF_0008), given)
        command.upgrade(settings(connection), "0021")

    def seal(connection: Connection) -> None:
        command.upgrade(settings(connection), "0022")

    def back(connection: Connection) -> None:
        command.downgrade(settings(connection), "0021")

    def at_rest(connection: Connection) -> Any:
        return connection.execute(text("select password_hash from account")).scalar_one()

    on(empty_engine_url, fill)
    with pytest.raises(KeysWrong, match="without the keys"):
        on(empty_engine_url, seal)
    on(empty_engine_url, seal, RING)
    assert "hash" not in on(empty_engine_url, at_rest)
    opened = select(ACCOUNT.c.password_hash)
    assert on(empty_engine_url, lambda connection: connection.execute(opened).scalar_one(), RING) == "hash"
    with pytest.raises(KeysWrong, match="without the keys"):
        on(empty_engine_url, back)
    on(empty_engine_url, back, RING)
    assert on(empty_engine_url, at_rest) == "hash"


def test_a_new_installation_has_no_account_that_everybody_knows(engine_url: str) -> None:
    def known(connection: Connection) -> list[Any]:
        tables = ("account", "organisation", "session", "api_key")
        return [row for table in tables for row in connection.execute(text(f"select * from {table}"))]

    assert on(engine_url, known) == []


def test_migrating_twice_changes_nothing(engine_url: str) -> None:
    before = on(engine_url, shape)
    migrate(engine_url)
    assert on(engine_url, shape) == before


def test_a_closed_set_takes_its_own_words_alone(engine_url: str) -> None:
    def insert(connection: Connection, kind: str) -> None:
        connection.execute(
            text(
                "insert into organisation (id, version, kind, name_zh, name_en) "
                "values ('00000000000000000000000000000001', 0, :kind, '海', 'sea')"
            ),
            {"kind": kind},
        )

    with pytest.raises(IntegrityError, match="ck_organisation_kind"):
        on(engine_url, lambda connection: insert(connection, "SHIP"))
    on(engine_url, lambda connection: insert(connection, "CUSTOMS"))


def test_every_module_with_a_table_is_known_to_the_migrations() -> None:
    with_tables = {
        module.name
        for module in pkgutil.iter_modules(storage.__path__, "storage.")
        if not module.ispkg
        and (source := (ROOT / (module.name.replace(".", "/") + ".py")).read_text())
        and module.name != "storage.columns"
        and ("table_of(" in source or "METADATA,\n" in source)
    }
    assert with_tables == {module.__name__ for module in MODULES}
    assert METADATA is COLUMNS_METADATA


def test_there_is_one_line_of_migrations_and_no_way_back_but_for_what_is_sealed() -> None:
    steps = list(ScriptDirectory.from_config(settings(None)).walk_revisions())  # type: ignore[arg-type]
    assert [step.revision for step in steps] == [f"{n:04}" for n in range(len(steps), 0, -1)]
    # What is sealed can be opened again, by whoever has the keys.
    assert [step.revision for step in steps if hasattr(step.module, "downgrade")] == ["0022", "0012"]


def test_a_migration_that_fails_leaves_nothing_half_done(
    empty_engine_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = migrations.upgrade

    def cut_off(connection: Connection) -> None:
        whole(connection)
        assert len(tables(connection)) > 1
        raise KeyboardInterrupt

    monkeypatch.setattr(migrations, "upgrade", cut_off)
    with pytest.raises(KeyboardInterrupt):
        migrate(empty_engine_url)

    assert on(empty_engine_url, tables) == []
    monkeypatch.undo()
    migrate(empty_engine_url)
    assert "commission" in on(empty_engine_url, tables)


KILLED = """
import os, sys
from storage import migrate

whole = migrate.upgrade
def killed(connection):
    whole(connection)
    os._exit(9)

migrate.upgrade = killed
migrate.migrate(sys.argv[1])
"""


def _python(*arguments: str) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, *arguments], env=environment, stderr=subprocess.PIPE)


def test_a_process_killed_while_migrating_leaves_nothing_half_done(empty_engine_url: str) -> None:
    assert _python("-c", KILLED, empty_engine_url).wait() == 9
    assert on(empty_engine_url, tables) == []
    migrate(empty_engine_url)
    assert "commission" in on(empty_engine_url, tables)


def test_processes_that_migrate_at_once_do_not_collide(empty_engine_url: str) -> None:
    script = "import sys; from storage.migrate import migrate; migrate(sys.argv[1])"
    running = [_python("-c", script, empty_engine_url) for _ in range(3)]
    said = [process.communicate()[1].decode() for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    assert "commission" in on(empty_engine_url, tables)


def test_an_installed_package_holds_the_migrations() -> None:
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["*"]
    files = [file for file in (ROOT / "storage" / "migrations").rglob("*") if file.suffix not in ("", ".pyc")]
    assert {file.name for file in files} >= {"env.py", "script.py.mako", "0001_begin.py"}
    left_out = [
        file.name
        for file in files
        if not (file.parent / "__init__.py").exists() or (file.suffix != ".py" and f"*{file.suffix}" not in packed)
    ]
    assert left_out == []
