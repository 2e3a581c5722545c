"""The door carries out actions whole or not at all, whoever else is at it in the same moment, on both engines."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select, update

from domain.commission.record import Commission, CommissionStatus, GoodsLineDraft
from domain.institution import InstitutionStatus
from domain.party import THE_PRODUCT
from domain.record import Form
from storage.commission import COMMISSIONS, DESK, lines_of
from storage.desk import Ask, Gathering
from storage.idempotency import forget
from storage.institution import INSTITUTION
from storage.perform import Door, Outcome, Request, Transaction, Undone
from storage.question import Together
from storage.register import REGISTER, Flaw
from storage.verify import verify
from tests.storage.world import NOW, OLD_TRUCK, World, a_file, codes, completion, done, new_id, returning

AT_ONCE = 12


async def lines(world: World) -> list[Any]:
    async with world.database.reading() as connection:
        of_commissions = select(REGISTER).where(REGISTER.c.subject_type == "commission")
        return list(await connection.execute(of_commissions.order_by(REGISTER.c.id)))


async def flaws(world: World) -> list[Flaw]:
    return [flaw async for flaw in verify(world.database)]


def statements(world: World) -> list[str]:
    """What is written from now on, as `insert into goods_line`; one statement may write several tables."""
    heard: list[str] = []

    def hear(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        heard.extend(re.findall(r"\b(?:insert into|update|delete from) \w+", statement.lower()))

    for engine in world.database.engines:
        event.listen(engine.sync_engine, "before_cursor_execute", hear)
    return heard


async def test_rules_and_codes_that_are_not_fetched_are_not_weighed_either(world: World) -> None:
    door = world.door()
    draft = await world.saved(door)
    done(await world.does(door, "submit", draft, Form(), world.enterprise))
    async with door.database.reading() as connection:
        gathering = Gathering(Together(connection), NOW, lock=False)
        pending = (await COMMISSIONS.seen_by(THE_PRODUCT).all(connection))[0]
        asks = [Ask(each, Form(), world.enterprise) for each in (draft, pending)]
        filled_in, submitted = await DESK.gather(gathering, asks)
    assert filled_in.rules
    assert filled_in.known_codes
    with pytest.raises(AssertionError):
        submitted.rules.get("8429510000")
    with pytest.raises(AssertionError):
        assert ("UNIT", "001") in submitted.known_codes
    with pytest.raises(AssertionError):
        list(submitted.rules)


async def test_a_commission_goes_from_draft_to_certificate(world: World) -> None:
    door = world.door()
    accepted = await world.accepted(door)
    completed = done(await world.does(door, "complete", accepted, completion(), world.institution))

    assert completed.status is CommissionStatus.COMPLETED
    assert completed.number == "202600000000000001"
    assert completed.total_amount == Decimal("12500.50")
    kept = await lines(world)
    assert [(line.version, line.action) for line in kept] == [
        (1, "save_draft"),
        (2, "submit"),
        (3, "accept"),
        (4, "attach"),
        (5, "complete"),
    ]
    assert completed.version == 5
    assert await flaws(world) == []


async def test_a_key_that_is_forgotten_does_the_request_anew(world: World) -> None:
    door = world.door()
    first = await world.does(door, "save_draft", None, world.draft(), world.enterprise, idempotency_key="k")
    for claimed_before, forgotten in ((door.clock() - timedelta(hours=1), 0), (door.clock() + timedelta(hours=1), 1)):
        async with world.database.writing() as connection:
            assert await forget(connection, claimed_before) == forgotten
    again = await world.does(door, "save_draft", None, world.draft(), world.enterprise, idempotency_key="k")
    assert done(again).id != done(first).id


async def test_what_is_answered_is_what_is_kept(world: World) -> None:
    answered = await world.accepted(world.door())
    async with world.database.reading() as connection:
        kept = await DESK.shelf.seen_by(world.enterprise).where(DESK.shelf.id == answered.id).one(connection)
    assert kept == answered


@pytest.mark.parametrize(
    ("action", "form"), [("accept", Form()), ("complete", completion()), ("submit", Form()), ("return", returning())]
)
async def test_a_refused_action_leaves_every_table_as_it_was(world: World, action: str, form: Form) -> None:
    door = world.door()
    draft = await world.saved(door, goods_lines=(world.line(hs_code=OLD_TRUCK),))
    before = await world.dump()
    actor = world.enterprise if action == "submit" else world.institution
    outcome = await world.does(door, action, draft, form, actor, idempotency_key="k")
    assert outcome.refusals
    assert await world.dump() == before


async def test_a_refused_creation_takes_no_number(world: World) -> None:
    door = world.door()
    before = await world.dump()
    refused = await world.does(door, "save_draft", None, world.draft(product_use="NOPE"), world.enterprise)
    assert codes(refused) == ["UNKNOWN_CODE"]
    assert await world.dump() == before


async def test_of_many_requests_in_one_all_are_done_or_none(world: World) -> None:
    door = world.door()
    good, bad = await world.submitted(door), await world.saved(door)
    before = await world.dump()
    requests = [Request(form=Form(), subject_id=each.id) for each in (good, bad)]
    outcomes = await door.perform_all(DESK, "withdraw", requests, world.enterprise)
    assert [codes(outcome) for outcome in outcomes] == [[], ["WRONG_STATUS"]]
    assert await world.dump() == before


async def test_of_acceptance_and_return_at_once_exactly_one_wins(world: World) -> None:
    doors = [world.door(), world.door()]
    for _ in range(AT_ONCE):
        submitted = await world.submitted(doors[0])
        outcomes = await asyncio.gather(
            world.does(doors[0], "accept", submitted, Form(), world.institution),
            world.does(doors[1], "return", submitted, returning(), world.institution),
        )
        assert sorted(codes(outcome) for outcome in outcomes) == [[], ["WRONG_STATUS"]]
    assert await flaws(world) == []


async def test_saves_at_once_all_count_and_the_chain_holds(world: World) -> None:
    doors = [world.door(), world.door()]
    draft = await world.saved(doors[0])
    outcomes = await asyncio.gather(
        *(
            world.does(doors[n % 2], "save_draft", draft, world.draft(remarks=f"{n}"), world.enterprise)
            for n in range(AT_ONCE)
        )
    )
    assert sorted(done(outcome).version for outcome in outcomes) == list(range(2, AT_ONCE + 2))
    assert await flaws(world) == []


async def test_a_request_repeated_under_its_key_is_done_once(world: World) -> None:
    door = world.door()
    first = await world.does(door, "save_draft", None, world.draft(), world.enterprise, idempotency_key="k")
    again = await world.does(door, "save_draft", None, world.draft(), world.enterprise, idempotency_key="k")
    assert done(again) == done(first)
    assert len(await lines(world)) == 1


async def test_a_repeated_request_names_the_same_parts(world: World) -> None:
    door = world.door()
    draft = await world.saved(door)
    outcomes = [
        await world.does(door, "attach", draft, a_file(), world.enterprise, idempotency_key="k") for _ in range(2)
    ]
    assert outcomes[0] == outcomes[1]
    assert len(outcomes[0].effect_ids) == 1


async def test_twins_under_one_key_are_done_once(world: World) -> None:
    doors = [world.door(), world.door()]
    outcomes = await asyncio.gather(
        *(
            world.does(doors[n % 2], "save_draft", None, world.draft(), world.enterprise, idempotency_key="k")
            for n in range(AT_ONCE)
        )
    )
    assert len({done(outcome).id for outcome in outcomes}) == 1
    assert len(await lines(world)) == 1


async def test_a_key_is_good_for_one_request_alone(world: World) -> None:
    door = world.door()
    await world.does(door, "save_draft", None, world.draft(), world.enterprise, idempotency_key="k")
    other = world.draft(remarks="another")
    refused = await world.does(door, "save_draft", None, other, world.enterprise, idempotency_key="k")
    assert codes(refused) == ["IDEMPOTENCY_KEY_REUSED"]
    await_rival = await world.does(door, "save_draft", None, world.draft(), world.rival, idempotency_key="k")
    assert done(await_rival).enterprise_id == world.rival.organisation_id


async def test_a_key_of_a_refused_request_may_be_used_again(world: World) -> None:
    door = world.door()
    draft = await world.saved(door, consignee_name=None)
    refused = await world.does(door, "submit", draft, Form(), world.enterprise, idempotency_key="k")
    assert codes(refused) == ["REQUIRED"]
    done(await world.does(door, "save_draft", draft, world.draft(), world.enterprise))
    done(await world.does(door, "submit", draft, Form(), world.enterprise, idempotency_key="k"))


async def test_whoever_saw_an_older_version_is_told(world: World) -> None:
    door = world.door()
    draft = await world.saved(door)
    done(await world.does(door, "save_draft", draft, world.draft(remarks="x"), world.enterprise, expected_version=1))
    stale = await world.does(door, "save_draft", draft, world.draft(), world.enterprise, expected_version=1)
    assert codes(stale) == ["STALE_VERSION"]


async def test_the_record_of_another_does_not_exist(world: World) -> None:
    door = world.door()
    draft = await world.saved(door)
    for action, form, actor in (
        ("submit", Form(), world.rival),
        ("accept", Form(), world.institution),
        ("accept", Form(), world.other_institution),
    ):
        outcome = await world.does(door, action, draft, form, actor)
        assert codes(outcome) == ["NOT_FOUND"]
        assert outcome.record is None
    unknown = await door.perform(DESK, "submit", Request(form=Form(), subject_id=new_id()), world.enterprise)
    assert codes(unknown) == ["NOT_FOUND"]


async def test_numbers_given_at_once_are_all_different(world: World) -> None:
    doors = [world.door(), world.door()]
    made = await asyncio.gather(*(world.saved(doors[n % 2]) for n in range(AT_ONCE)))
    assert sorted(each.number for each in made) == [f"2026{n:014}" for n in range(1, AT_ONCE + 1)]


async def test_one_certificate_number_given_twice_at_once_is_refused_once(world: World) -> None:
    doors = [world.door(), world.door()]
    for round_ in range(4):
        some = [await world.accepted(doors[0]) for _ in range(3)]
        outcomes = await asyncio.gather(
            *(
                world.does(doors[n % 2], "complete", each, completion(f"C-{round_}"), world.institution)
                for n, each in enumerate(some)
            )
        )
        assert Counter(tuple(codes(outcome)) for outcome in outcomes) == {(): 1, ("DUPLICATE",): 2}


async def _kept_lines(world: World, commission: Commission) -> Sequence[Any]:
    async with world.database.reading() as connection:
        return (await lines_of(connection, [commission.id]))[commission.id]


async def test_of_goods_lines_only_those_that_changed_are_written(world: World) -> None:
    door = Door(world.database, world.door().bell)
    draft = await world.saved(door, goods_lines=tuple(world.line(model=f"M{n}") for n in range(4)))
    first, second, third, _ = await _kept_lines(world, draft)
    kept = (
        GoodsLineDraft.of(id=first.id),
        GoodsLineDraft.of(id=second.id, model="changed"),
        GoodsLineDraft.of(id=third.id),
        world.line(model="new"),
    )
    heard = statements(world)
    saved = await world.does(door, "save_draft", draft, world.draft(goods_lines=kept), world.enterprise)
    assert codes(saved) == []
    written = Counter(each for each in heard if "goods_line" in each)
    assert written == {f"{how} goods_line": 1 for how in ("insert into", "update", "delete from")}
    assert [each.model for each in await _kept_lines(world, draft)] == ["M0", "changed", "M2", "new"]
    assert [each.id for each in await _kept_lines(world, draft)][:3] == [first.id, second.id, third.id]

    heard.clear()
    done(await world.does(door, "save_draft", draft, world.draft(goods_lines=kept[:1]), world.enterprise))
    assert [each for each in heard if "goods_line" in each] == ["delete from goods_line"]


async def test_a_hundred_writers_at_once_all_come_through(world: World) -> None:
    doors = [world.door() for _ in range(4)]
    made = await asyncio.gather(*(world.saved(doors[n % 4]) for n in range(100)))
    assert len({each.number for each in made}) == 100
    assert await flaws(world) == []


async def test_actions_of_one_transaction_stand_or_fall_together(world: World) -> None:
    door = world.door()
    draft = await world.saved(door)
    strokes = door.bell.strokes()
    before = await world.dump()

    async def cancelled_and_submitted(transaction: Transaction) -> list[Outcome[Commission]]:
        wish = Request(form=Form(), subject_id=draft.id)
        outcomes = [await transaction.perform(DESK, name, wish, world.enterprise) for name in ("cancel", "submit")]
        if any(outcome.refusals for outcome in outcomes):
            raise Undone(outcomes)
        return outcomes

    outcomes = await door.together(cancelled_and_submitted)
    assert [codes(outcome) for outcome in outcomes] == [[], ["WRONG_STATUS"]]
    assert await world.dump() == before
    assert door.bell.strokes() == strokes

    async def saved_and_submitted(transaction: Transaction) -> list[Outcome[Commission]]:
        wishes = (("save_draft", world.draft(remarks="together")), ("submit", Form()))
        return [
            await transaction.perform(DESK, name, Request(form=form, subject_id=draft.id), world.enterprise)
            for name, form in wishes
        ]

    outcomes = await door.together(saved_and_submitted)
    assert [codes(outcome) for outcome in outcomes] == [[], []]
    assert door.bell.strokes() == strokes + 1
    assert await flaws(world) == []


async def test_transactions_that_block_each_other_are_done_again(world: World) -> None:
    doors = [world.door(), world.door()]
    drafts = [await world.saved(doors[0]), await world.saved(doors[0])]
    tries = Counter[int]()
    both_hold_one = asyncio.Barrier(2)

    def crosswise(first: int) -> Any:
        async def work(transaction: Transaction) -> None:
            tries[first] += 1
            for position in (first, 1 - first):
                wish = Request(form=world.draft(remarks=f"{first}"), subject_id=drafts[position].id)
                outcome = await transaction.perform(DESK, "save_draft", wish, world.enterprise)
                assert codes(outcome) == []
                if position == first and tries[first] == 1 and not world.database.is_sqlite:
                    await both_hold_one.wait()

        return work

    await asyncio.gather(doors[0].together(crosswise(0)), doors[1].together(crosswise(1)))

    assert sum(tries.values()) == (2 if world.database.is_sqlite else 3)
    kept = [(await world.does(doors[0], "cancel", draft, Form(), world.enterprise)).record for draft in drafts]
    assert [each and each.version for each in kept] == [4, 4]
    assert await flaws(world) == []


async def test_an_institution_suspended_in_between_is_not_commissioned(world: World) -> None:
    door = world.door()
    draft = await world.saved(door)
    async with world.database.writing() as connection:
        await connection.execute(
            update(INSTITUTION)
            .where(INSTITUTION.c.id == world.institution.institution_id)
            .values(status=InstitutionStatus.NON_RECOGNITION)
        )
        waiting = asyncio.create_task(world.does(door, "submit", draft, Form(), world.enterprise))
        await asyncio.wait([waiting], timeout=0.2)
        assert not waiting.done()
    assert codes(await waiting) == ["INSTITUTION_UNDER_DISPOSITION"]
