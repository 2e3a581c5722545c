"""What is asked together or written at once is what is asked and written one by one, in fewer round trips."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import DBAPIError

from domain.commission.record import Commission
from domain.party import Viewer
from domain.record import Form
from storage.attachment import attachments_of
from storage.code import known_codes
from storage.commission import COMMISSION, DESK, GOODS_LINE, lines_of
from storage.consequences import row_of
from storage.database import Database, TooMuchRead, one_operation
from storage.institution import institutions_by_id
from storage.perform import Outcome, Request, Transaction
from storage.question import Asks, Together
from storage.register import REGISTER
from storage.rule import rules_in_force
from storage.throttle import THROTTLE
from storage.verify import verify
from storage.writing import Meeting, Writing
from tests.storage.world import FORKLIFT, LOADER, World, a_file, done, new_id

TODAY = date(2026, 11, 20)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is sent while the block lasts."""
    sent: list[str] = []

    def hear(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    engines = [each.sync_engine for each in database.engines]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", hear)
    yield sent
    for engine in engines:
        event.remove(engine, "before_cursor_execute", hear)


def questions(asks: Asks, commission: Commission) -> Sequence[Any]:
    """Of every type of column, one of nothing and one of pairs."""
    ids = [commission.id, new_id()]
    return (
        lines_of(asks, ids),
        attachments_of(asks, ids),
        institutions_by_id(asks, [commission.institution_id], lock=True),
        institutions_by_id(asks, []),
        rules_in_force(asks, [LOADER, FORKLIFT, None], TODAY),
        known_codes(asks, {("UNIT", "001"), ("PORT", "001"), ("PORT", "CNSHA")}, TODAY),
        known_codes(asks, {("UNIT", "006")}),
    )


async def test_what_is_asked_together_is_answered_as_one_by_one(world: World) -> None:
    door = world.door()
    commission = await world.saved(door, goods_lines=(world.line(), world.line(model=None, amount=None)))
    done(await world.does(door, "attach", commission, a_file(), world.enterprise))
    async with door.database.writing() as connection:
        one_by_one = [await each for each in questions(connection, commission)]
        with statements(door.database) as sent:
            together = await asyncio.gather(*questions(Together(connection), commission))
    assert together == one_by_one
    assert [len(each) for each in together] == [1, 1, 1, 0, 2, 2, 1]
    assert len(sent) == 1


async def test_what_is_asked_together_fails_together_and_the_connection_goes_on(world: World) -> None:
    door = world.door()
    async with door.database.reading() as connection:
        together = Together(connection)
        wrong = known_codes(together, {("UNIT", 1j)})  # type: ignore[arg-type]
        failed = await asyncio.gather(rules_in_force(together, [LOADER], TODAY), wrong, return_exceptions=True)
        assert all(isinstance(each, Exception) for each in failed)
        assert len(await rules_in_force(together, [LOADER], TODAY)) == 1


async def test_an_action_sends_the_same_text_of_however_many_rows_it_is(world: World) -> None:
    door = world.door()
    texts = []
    for count in (1, 2, 7):
        draft = await world.saved(door, goods_lines=tuple(world.line(model=f"M{n}") for n in range(count)))
        with statements(door.database) as sent:
            done(await world.does(door, "submit", draft, Form(), world.enterprise))
        texts.append(sent)
    assert texts[0] == texts[1] == texts[2]


async def test_the_round_trips_of_an_action_are_few(world: World) -> None:
    door = world.door()
    draft = await world.saved(door)
    with statements(door.database) as sent:
        done(await world.does(door, "submit", draft, Form(), world.enterprise))
    # The record and its parts; all else that is weighed; all that is written. SQLite's BEGIN is a statement too.
    assert len([each for each in sent if each != "begin immediate"]) == 3
    # What an institution's own actions weigh is foreseen; on SQLite each question is a statement.
    with statements(door.database) as sent:
        done(await world.does(door, "accept", draft, Form(), world.institution))
    assert world.database.is_sqlite or len(sent) == 2


async def test_plans_are_kept_for_one_record_and_for_several(world: World) -> None:
    if world.database.is_sqlite:
        pytest.skip("SQLite keeps no plans of its own")
    door = world.door()
    async with door.database.writing() as connection:
        # As with tables that are not as small as these: what is looked for has its price.
        await connection.execute(text("set enable_seqscan = off"))
        await connection.execute(text("set random_page_cost = 1000"))
    for count in (1, 3):
        for _ in range(8):
            pending = [await world.submitted(door) for _ in range(count)]
            accepted = [Request(form=Form(), subject_id=each.id) for each in pending]
            for each in await door.perform_all(DESK, "accept", accepted, world.institution):
                done(each)
    for part in ("submitted_to_id = $%FOR UPDATE OF commission", "WITH line AS%UPDATE commission SET%accepted_at"):
        async with door.database.writing() as connection:
            plans = (await connection.execute(text(PLANS), {"part": f"%{part}%"})).all()
        assert len(plans) == 2, part
        for custom, kept in plans:
            # PostgreSQL weighs what five plans of the moment have cost before it keeps one.
            assert (custom, kept) == (5, 3), part


PLANS = """select custom_plans, generic_plans from pg_prepared_statements
    where statement like :part and custom_plans + generic_plans = 8"""


@pytest.mark.parametrize("differs", [{}, {"action": "cancel"}, {"organisation_id": None}, {"changes": "{}"}])
async def test_what_rows_mostly_have_alike_may_differ_all_the_same(world: World, differs: dict[str, Any]) -> None:
    door = world.door()
    draft = await world.saved(door)
    given = [{**_line(draft), "organisation_id": world.enterprise.organisation_id} for _ in range(3)]
    given[1] |= differs
    async with door.database.writing() as connection:
        await Writing(given).put_down(connection)
        ids = [each["subject_id"] for each in given]
        found = (await connection.execute(select(REGISTER).where(REGISTER.c.subject_id.in_(ids)))).all()
    written = {row.subject_id: row._mapping for row in found}
    assert [{name: written[each["subject_id"]][name] for name in each} for each in given] == given


async def test_a_decision_fetches_no_parts(world: World) -> None:
    door = world.door()
    pending = await world.submitted(door)
    with statements(door.database) as sent:
        done(await world.does(door, "accept", pending, Form(), world.institution))
    assert sent
    assert not any(table in each for each in sent for table in ("goods_line", "attachment", "certificate"))


async def test_an_action_that_is_told_little_writes_what_it_changes_alone(world: World) -> None:
    door = world.door()
    draft = await world.saved(door)

    async def changed_by(action: str, form: Form, actor: Viewer) -> set[str]:
        with statements(door.database) as sent:
            done(await world.does(door, action, draft, form, actor))
        (written,) = [each.partition("UPDATE commission SET ")[2] for each in sent if "UPDATE commission SET " in each]
        return set(re.findall(r"(\w+)=", written.partition("WHERE")[0]))

    # What a draft is filled in with differs from time to time; its statement does not.
    saved = await changed_by("save_draft", world.draft(consignee_name="海"), world.enterprise)
    assert saved == set(COMMISSION.c.keys()) - {"id"}
    await changed_by("submit", Form(), world.enterprise)
    assert await changed_by("accept", Form(), world.institution) == {"accepted_at", "status", "version"}
    assert [flaw async for flaw in verify(world.database)] == []


def _line(commission: Commission) -> dict[str, Any]:
    plain = {
        "subject_type": "commission",
        "action": "try",
        "format": 1,
        "changes": None,
        "at": commission.commissioned_at,
    }
    digests = dict.fromkeys(("changes_digest", "record_digest", "previous_hash", "hash"), "0" * 64)
    return plain | digests | {"subject_id": new_id(), "version": 1}


async def test_text_that_is_too_long_is_refused_and_not_cut(world: World) -> None:
    if world.database.is_sqlite:
        pytest.skip("SQLite's texts have no length")
    door = world.door()
    draft = await world.saved(door)
    writing = Writing([_line(draft)])
    row = row_of(draft) | {"consignee_name": "长" * 2000}
    writing.update(COMMISSION, {"id": row.pop("id")}, row)
    with pytest.raises(DBAPIError):
        async with door.database.writing() as connection:
            await writing.put_down(connection)


async def test_a_row_that_is_not_there_as_expected_is_a_failure_and_nothing_is_kept(world: World) -> None:
    door = world.door()
    draft = await world.saved(door)
    line = _line(draft)
    writing = Writing([line])
    row = row_of(draft) | {"remarks": "never"}
    writing.update(COMMISSION, {"id": row.pop("id"), "version": draft.version + 1}, row)
    with pytest.raises(AssertionError):
        async with door.database.writing() as connection:
            await writing.put_down(connection)
    async with door.database.reading() as connection:
        remarks = (
            await connection.execute(select(COMMISSION.c.remarks).where(COMMISSION.c.id == draft.id))
        ).scalar_one()
        lines = (await connection.execute(select(REGISTER).where(REGISTER.c.subject_id == line["subject_id"]))).all()
    assert remarks == draft.remarks
    assert lines == []


@pytest.mark.parametrize(
    ("action", "form", "waiting_for_it", "form_waiting"),
    [
        ("attach", a_file(), "attach", a_file()),
        # It takes over what the line says of the parts, that of the one it waited for.
        ("attach", a_file(), "cancel", Form()),
        # And does not even look at them.
        ("submit", Form(), "withdraw", Form()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_whoever_waited_for_a_record_weighs_its_parts_as_they_are_then(
    world: World, action: str, form: Form, waiting_for_it: str, form_waiting: Form
) -> None:
    if world.database.is_sqlite:
        pytest.skip("on SQLite one writes, and has read nothing before")
    first, second = world.door(), world.door()
    draft = await world.saved(first)
    # With their flags not set, submitting changes the lines.
    async with first.database.writing() as connection:
        await connection.execute(update(GOODS_LINE).values(inspection_required=None))

    async def acts_slowly(transaction: Transaction) -> None:
        done(await transaction.perform(DESK, action, Request(form=form, subject_id=draft.id), world.enterprise))
        waiting.append(asyncio.create_task(world.does(second, waiting_for_it, draft, form_waiting, world.enterprise)))
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            while not (await transaction.connection.execute(text(SOMEBODY_WAITS))).scalar_one():
                pass

    waiting: list[asyncio.Task[Outcome[Commission]]] = []
    await first.together(acts_slowly)
    assert [done(await each).version for each in waiting] == [draft.version + 2]
    assert [flaw async for flaw in verify(world.database)] == []


SOMEBODY_WAITS = """select exists (
  select from pg_locks waiting join pg_locks held using (pid) join pg_database on pg_database.oid = held.database
  where not waiting.granted and datname = current_database())"""
WAIT_SECONDS_MAX = 30


async def test_a_row_that_is_met_is_replaced_and_added_to_and_no_line_tells_of_it(world: World) -> None:
    meeting = Meeting(("key",), replaced=("limit_name",), added=("empty_at",))
    for name, milliseconds in (("first", 5), ("second", 7)):
        writing = Writing()
        row = {"key": "of somebody", "limit_name": name, "empty_at": milliseconds}
        writing.insert(THROTTLE, row, meeting=meeting)
        async with world.database.writing() as connection:
            await writing.put_down(connection)
    async with world.database.writing() as connection:
        assert (await connection.execute(select(THROTTLE))).all() == [("of somebody", "second", 12)]
        gone = Writing()
        for key in ("of somebody", "of nobody"):
            gone.delete(THROTTLE, {"key": key})
        await gone.put_down(connection)
        assert (await connection.execute(select(THROTTLE))).all() == []


async def test_of_too_many_records_no_more_are_fetched_than_show_it(world: World) -> None:
    door = world.door()
    draft = await world.saved(door, goods_lines=tuple(world.line(model=f"M{n}") for n in range(7)))
    async with door.database.reading() as connection:
        with one_operation(7):
            assert len((await lines_of(connection, [draft.id]))[draft.id]) == 7
        with one_operation(6) as operation, statements(door.database) as sent, pytest.raises(TooMuchRead):
            await lines_of(connection, [draft.id])
        assert operation.records_left == -1
    assert len(sent) == 1
    assert "LIMIT" in sent[0]
