"""Whoever tampers with the register or with a record is found, and the place is named."""

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import ColumnElement, Table, and_, delete, insert, select, update

import storage
from domain.commission.record import Commission, GoodsLine
from domain.filing.record import FilingStatus
from domain.record import Field, Form, Part, fields_of, made, plain
from storage import register
from storage import verify as verification
from storage.attachment import ATTACHMENT
from storage.commission import CERTIFICATE, COMMISSION, DESK, GOODS_LINE, lines_of
from storage.desk import Desk
from storage.desks import DESKS
from storage.notice import NOTICE
from storage.perform import Request
from storage.register import REGISTER, Flaw
from storage.session import SESSION
from storage.verify import verify
from tests.rules.scene_filing import filing
from tests.storage.world import NOW, World, completion, done, new_id


async def found(world: World) -> list[Flaw]:
    return [flaw async for flaw in verify(world.database)]


async def places(world: World, commission: Commission) -> list[int | None]:
    """Where the flaws are; each must be of this commission."""
    flaws = await found(world)
    assert {(flaw.subject_type, flaw.subject_id) for flaw in flaws} <= {("commission", commission.id)}
    return sorted({flaw.version for flaw in flaws}, key=lambda version: version or 0)


async def completed(world: World) -> Commission:
    """Five lines: save_draft, submit, accept, attach, complete; among other commissions."""
    door = world.door()
    await world.saved(door)
    accepted = await world.accepted(door)
    await world.submitted(door)
    return done(await world.does(door, "complete", accepted, completion(), world.institution))


async def alter(world: World, table: Table, where: ColumnElement[bool], **values: Any) -> None:
    async with world.database.writing() as connection:
        result = await connection.execute(update(table).where(where).values(**values))
        assert result.rowcount == 1


def line(commission: Commission, version: int) -> ColumnElement[bool]:
    return and_(REGISTER.c.subject_id == commission.id, REGISTER.c.version == version)


async def remove(world: World, commission: Commission, versions: Sequence[int]) -> None:
    async with world.database.writing() as connection:
        of_it = select(REGISTER.c.id).where(REGISTER.c.subject_id == commission.id, REGISTER.c.version.in_(versions))
        await connection.execute(delete(NOTICE).where(NOTICE.c.line_id.in_(of_it)))
        result = await connection.execute(delete(REGISTER).where(REGISTER.c.id.in_(of_it)))
        assert result.rowcount == len(versions)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """So small that chains and parts reach over their edges."""
    monkeypatch.setattr(verification, "LINES_AT_ONCE", 2)
    monkeypatch.setattr(verification, "RECORDS_AT_ONCE", 2)


async def test_what_came_through_the_door_has_no_flaw(world: World) -> None:
    await completed(world)
    door = world.door()
    draft = await world.saved(door, goods_lines=tuple(world.line(quantity=Decimal(n)) for n in range(1, 6)))
    done(await world.does(door, "cancel", draft, Form(), world.enterprise))
    heard: list[tuple[int, int]] = []
    assert [flaw async for flaw in verify(world.database, lambda *numbers: heard.append(numbers))] == []
    assert heard[0] == (0, 22)
    assert heard[-1] == (22, 22)


async def test_an_empty_database_has_no_flaw(world: World) -> None:
    assert await found(world) == []


@pytest.mark.parametrize(
    "forged",
    [
        {"action": "cancel"},
        {"status_after": "CANCELLED"},
        {"user_id": None},
        {"at": NOW.replace(year=2020)},
        {"parts_digest": "0" * 64},
        {"parts_digest": None},
        {"format": 1},
        {"format": 9},
        {"record_digest": "0" * 64},
        {"changes": "{}"},
        {"changes_digest": "0" * 64},
        {"hash": "0" * 64},
        {"previous_hash": "0" * 64},
    ],
    ids=lambda forged: next(iter(forged)),
)
async def test_an_altered_line_is_named(world: World, forged: dict[str, Any]) -> None:
    commission = await completed(world)
    await alter(world, REGISTER, line(commission, 3), **forged)
    assert 3 in await places(world, commission)


async def test_a_part_altered_before_an_action_is_found_after_it(world: World) -> None:
    door = world.door()
    pending = await world.submitted(door)
    await alter(world, GOODS_LINE, GOODS_LINE.c.commission_id == pending.id, model="altered")
    for _ in range(2):
        assert [flaw.words.en for flaw in await found(world)] == [
            "has parts that were altered: they are not what its last line says"
        ]
        # It looks at no part; the one after it changes some, and tells what there is then.
        await world.does(door, "accept", pending, Form(), world.institution)


async def in_the_first_format(world: World, commission: Commission, *parts: Part) -> None:
    """As though all that was done to it had been done before lines told of parts by themselves."""
    previous = register.FIRST
    async with world.database.writing() as connection:
        lines = await connection.execute(
            select(REGISTER).where(REGISTER.c.subject_id == commission.id).order_by(REGISTER.c.version)
        )
        for each in lines.all():
            is_last = each.version == commission.version
            digest = register.record_digest_of_format_1(commission, {"goods_line": parts}) if is_last else "0" * 64
            entry = {**each._mapping, "format": 1, "parts_digest": None, "previous_hash": previous}
            entry["record_digest"] = digest
            previous = register.hash_of(entry)
            changes = {name: entry[name] for name in ("format", "parts_digest", "previous_hash", "record_digest")}
            await connection.execute(update(REGISTER).where(REGISTER.c.id == each.id).values(**changes, hash=previous))


async def test_lines_of_the_first_format_hold_and_are_followed(world: World) -> None:
    door = world.door()
    pending = await world.submitted(door)
    others = [await world.submitted(door) for _ in range(2)]
    lines = await parts_of(world, pending)
    assert lines
    await in_the_first_format(world, pending, *lines)
    assert await found(world) == []
    # One beside others that tell of their parts.
    requests = [Request(form=Form(), subject_id=each.id) for each in (pending, *others)]
    for each in await door.perform_all(DESK, "accept", requests, world.institution):
        done(each)
    assert await found(world) == []
    async with world.database.reading() as connection:
        digests = (await connection.execute(select(REGISTER.c.parts_digest).where(line(pending, 3)))).scalars().all()
    assert digests == [register.parts_digest({"goods_line": lines})]
    await alter(world, GOODS_LINE, GOODS_LINE.c.id == lines[0].id, model="altered")
    assert await places(world, pending) == [None]


async def test_what_no_hash_covers_is_not_taken_over(world: World) -> None:
    door = world.door()
    pending = await world.submitted(door)
    lines = await parts_of(world, pending)
    await in_the_first_format(world, pending, *lines)
    await alter(world, REGISTER, line(pending, 2), parts_digest="0" * 64)
    assert await places(world, pending) == [2]
    done(await world.does(door, "accept", pending, Form(), world.institution))
    async with world.database.reading() as connection:
        digests = (await connection.execute(select(REGISTER.c.parts_digest).where(line(pending, 3)))).scalars().all()
    assert digests == [register.parts_digest({"goods_line": lines})]
    assert await places(world, pending) == [2]


async def test_a_part_altered_is_found_by_lines_of_the_first_format_too(world: World) -> None:
    pending = await world.submitted(world.door())
    await in_the_first_format(world, pending, *await parts_of(world, pending))
    await alter(world, GOODS_LINE, GOODS_LINE.c.commission_id == pending.id, model="altered")
    assert [flaw.words.en for flaw in await found(world)] == ["was altered: it is not what its last line says"]


async def parts_of(world: World, commission: Commission) -> Sequence[GoodsLine]:
    async with world.database.reading() as connection:
        return (await lines_of(connection, [commission.id]))[commission.id]


async def test_erased_changes_are_no_flaw(world: World) -> None:
    commission = await completed(world)
    await alter(world, REGISTER, line(commission, 3), changes=None)
    assert await found(world) == []


def test_a_field_that_was_renamed_counts_under_its_first_name() -> None:
    accepted = filing(FilingStatus.ACCEPTED)
    before = {name: value for name, value in plain(accepted).items() if value is not None}
    before["filing_number"] = before.pop("certificate_number")
    assert register.record_digest(accepted, "c" * 64) == register.digest({"record": before, "parts": "c" * 64})


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("文字", "文字"),
        (7, 7),
        (False, False),
        (None, None),
        (Decimal("-0.500"), "-0.5"),
        (Decimal("-0.00"), "0"),
        (Decimal("1E+3"), "1000"),
        (UUID(int=7), "00000000000000000000000000000007"),
        (date(2026, 6, 1), "2026-06-01"),
        (datetime(2026, 6, 1, 2, 0, tzinfo=UTC), "2026-06-01T02:00:00+00:00"),
        (datetime(2026, 6, 1, 2, 0, 0, 120, tzinfo=UTC), "2026-06-01T02:00:00.000120+00:00"),
        (FilingStatus.ACCEPTED, "ACCEPTED"),
        ((Decimal("2.0"), [UUID(int=1)]), ["2", ["00000000000000000000000000000001"]]),
    ],
)
def test_values_stand_in_digests_as_ever(value: Any, written: Any) -> None:
    """Lines that were written long ago hold by it."""
    assert plain(value) == written
    assert type(plain(value)) is type(written)


@pytest.mark.parametrize("desk", DESKS.values(), ids=DESKS)
def test_digests_do_not_depend_on_the_order_of_fields(desk: Desk[Any]) -> None:
    record = filled_in(desk.workflow.record)
    parts = {str(each.shelf.table.name): [filled_in(each.shelf.record)] for each in desk.parts}
    plainly: dict[str, Any] = {name: [named(part)] for name, (part,) in parts.items()}
    of_parts = register.digest({"parts": plainly})
    assert register.parts_digest(parts) == of_parts
    assert register.parts_digest(dict(reversed(parts.items()))) == of_parts
    assert register.parts_digest(parts, "ab") == register.digest({"parts": plainly, "salt": "ab"})
    assert register.record_digest(record, of_parts) == register.digest({"record": named(record), "parts": of_parts})
    of_both = register.digest({"record": named(record), "parts": plainly})
    assert register.record_digest_of_format_1(record, parts) == of_both


def filled_in(record: type[Any]) -> Any:
    """One with all of its fields filled."""
    return made(record, [(name, _some(field)) for name, field in fields_of(record).items()])


def named(record: Any) -> dict[str, Any]:
    """What counts of it, under the names of digests, in the order in which they are declared."""
    return {field.digest_name: plain(getattr(record, name)) for name, field in fields_of(type(record)).items()}


def _some(field: Field) -> Any:
    if field.item is not None:
        return (filled_in(field.item) if is_dataclass(field.item) else _SOME[field.item],)
    return next(iter(field.type)) if issubclass(field.type, Enum) else _SOME[field.type]


_SOME: dict[Any, Any] = {
    str: "文字",
    int: 7,
    bool: False,
    Decimal: Decimal("-0.500"),
    UUID: UUID(int=7),
    date: date(2026, 6, 1),
    datetime: datetime(2026, 6, 1, 2, 0, 0, 120, tzinfo=UTC),
}


async def test_a_line_removed_from_the_middle_is_named_by_the_one_after(world: World) -> None:
    commission = await completed(world)
    await remove(world, commission, [3])
    assert await places(world, commission) == [4]


async def test_a_removed_first_line_is_named_by_the_second(world: World) -> None:
    commission = await completed(world)
    await remove(world, commission, [1])
    assert await places(world, commission) == [2]


async def test_a_removed_last_line_shows_in_the_record(world: World) -> None:
    commission = await completed(world)
    await remove(world, commission, [5])
    assert await places(world, commission) == [None]


async def test_a_record_whose_lines_were_all_removed_is_found(world: World) -> None:
    commission = await completed(world)
    await remove(world, commission, [1, 2, 3, 4, 5])
    assert await places(world, commission) == [None]


async def test_swapped_lines_are_both_named(world: World) -> None:
    commission = await completed(world)
    for version, becomes in ((2, 99), (3, 2), (99, 3)):
        await alter(world, REGISTER, line(commission, version), version=becomes)
    assert {2, 3} <= set(await places(world, commission))


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        (COMMISSION, "consignee_name", "another"),
        (COMMISSION, "total_amount", Decimal("1.00")),
        (COMMISSION, "status", None),
        (COMMISSION, "version", 4),
        (GOODS_LINE, "amount", Decimal("1.00")),
        (CERTIFICATE, "conclusion", "fine"),
        (ATTACHMENT, "sha256", "b" * 64),
    ],
    ids=str,
)
async def test_a_forged_record_is_found(world: World, table: Table, column: str, value: Any) -> None:
    commission = await completed(world)
    before = type(commission.status).IN_PROGRESS if column == "status" else value
    owner = {"commission": "id", "attachment": "subject_id"}.get(table.name, "commission_id")
    await alter(world, table, table.c[owner] == commission.id, **{column: before})
    assert await places(world, commission) == [None]


async def test_a_goods_line_put_in_or_taken_out_is_found(world: World) -> None:
    commission = await completed(world)
    async with world.database.writing() as connection:
        await connection.execute(insert(GOODS_LINE), {"id": new_id(), "line_number": 2, "commission_id": commission.id})
    assert await places(world, commission) == [None]
    async with world.database.writing() as connection:
        await connection.execute(delete(GOODS_LINE).where(GOODS_LINE.c.commission_id == commission.id))
    assert await places(world, commission) == [None]


async def test_a_deleted_record_is_found(world: World) -> None:
    commission = await completed(world)
    async with world.database.writing() as connection:
        for table in (GOODS_LINE, CERTIFICATE):
            await connection.execute(delete(table).where(table.c.commission_id == commission.id))
        await connection.execute(delete(COMMISSION).where(COMMISSION.c.id == commission.id))
    assert await places(world, commission) == [None]


async def test_a_record_slipped_past_the_door_is_found(world: World) -> None:
    session_id = new_id()
    async with world.database.writing() as connection:
        await connection.execute(
            insert(SESSION),
            {
                "id": session_id, "version": 1, "user_id": world.enterprise.user_id, "token_hash": "x",
                "status": DESKS["session"].workflow["open"].creates, "opened_at": NOW, "expires_at": NOW,
            },
        )  # fmt: skip
    assert [(flaw.subject_type, flaw.subject_id, flaw.version) for flaw in await found(world)] == [
        ("session", session_id, None)
    ]


async def test_lines_of_no_known_type_are_found(world: World) -> None:
    commission = await completed(world)
    async with world.database.writing() as connection:
        await connection.execute(
            update(REGISTER).where(REGISTER.c.subject_id == commission.id).values(subject_type="ship")
        )
    assert {(flaw.subject_type, flaw.subject_id) for flaw in await found(world)} == {("ship", commission.id)}


async def test_what_is_done_meanwhile_stays_unseen(world: World) -> None:
    door = world.door()
    draft = await world.saved(door)
    lines = select(REGISTER.c.id)
    async with world.database.snapshot() as moment:
        before = (await moment.execute(lines)).all()
        done(await world.does(door, "cancel", draft, Form(), world.enterprise))
        assert (await moment.execute(lines)).all() == before
    async with world.database.snapshot() as moment:
        assert len((await moment.execute(lines)).all()) == len(before) + 1


def test_every_workflow_has_its_desk() -> None:
    modules = [importlib.import_module(each.name) for each in pkgutil.iter_modules(storage.__path__, "storage.")]
    desks = {id(module.DESK) for module in modules if hasattr(module, "DESK")}
    assert desks == {id(desk) for desk in DESKS.values()}
    assert all(subject == desk.workflow.subject for subject, desk in DESKS.items())
