"""What happens by itself at a time: dispositions and certificates end, deadlines pass; once, whoever looks."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from storage.database import Database
from storage.desks import DESKS
from storage.perform import Door
from storage.timekeeper import keep_time
from storage.verify import verify
from tests.disciplining import imposes, lists, orders_rectification, refuses, sees, shown, submits
from tests.office import Office

ROOT = Path(__file__).parents[1]


async def titles(office: Office) -> list[str]:
    data = await office.institution.asks("{ notices(filter: {type: DISPOSITION}, first: 100) { nodes { title } } }")
    return [each["title"] for each in data["notices"]["nodes"]]


@pytest.mark.manual(75)
async def test_a_non_recognition_ends_by_itself_the_day_after_its_last(office: Office) -> None:
    disposition = (await imposes(office.customs, "I01", endsOn="2026-06-03")).done()
    office.clock.moves(days=2, hours=13, minutes=59)  # one minute before the third of June is over in China
    async with office.unchanged():
        assert await office.time_is_kept() == {}
    office.clock.moves(minutes=1)
    assert await office.time_is_kept() == {"dispositionExpire": 1}
    expired = await sees(office.institution, disposition)
    assert (expired["status"], expired["liftedAt"]) == ("EXPIRED", None)
    assert await shown(office.anybody, "I01") == ("NORMAL", None)
    assert (await titles(office))[0] == f"处置已到期（处置编号：{disposition['number']}）"
    assert (await office.pending())["status"] == "PENDING"
    async with office.unchanged():
        assert await office.time_is_kept() == {}


@pytest.mark.manual(77)
async def test_a_missed_deadline_is_marked_and_never_ends_the_rectification(office: Office) -> None:
    order = (await orders_rectification(office.customs, "I01", dueOn="2026-06-02")).done()
    office.clock.moves(days=2)
    assert await office.time_is_kept() == {"dispositionMarkOverdue": 1}
    office.clock.moves(days=3)
    async with office.unchanged():
        assert await office.time_is_kept() == {}
    overdue = await sees(office.customs, order)
    assert (overdue["status"], overdue["overdue"]) == ("AWAITING_RECTIFICATION", True)
    assert [each["number"] for each in await lists(office.customs, overdue=True)] == [order["number"]]
    assert await shown(office.anybody, "I01") == ("RECTIFICATION", None)
    (await submits(office.institution, order)).done()
    refused = (await refuses(office.customs, order, dueOn="2026-06-10")).done()
    assert refused["overdue"] is False
    office.clock.moves(days=10)
    assert await office.time_is_kept() == {"dispositionMarkOverdue": 1}


async def test_what_customs_reviews_is_not_overdue(office: Office) -> None:
    order = (await orders_rectification(office.customs, "I01", dueOn="2026-06-02")).done()
    (await submits(office.institution, order)).done()
    office.clock.moves(days=30)
    async with office.unchanged():
        assert await office.time_is_kept() == {}


async def test_after_a_long_stop_everything_of_different_days_ends_in_one_round(office: Office) -> None:
    keys = [f"I{number:02}" for number in (1, 2, 3, 4, 5, 6, 7, 8)]
    for days, key in enumerate(keys, start=2):
        (await imposes(office.customs, key, endsOn=f"2026-06-{days:02}")).done()
        (await imposes(office.customs, key, endsOn=f"2026-07-{days:02}")).done()
    (await orders_rectification(office.customs, "I01", dueOn="2026-06-20")).done()
    office.clock.moves(days=40)  # the eleventh of July
    assert await office.time_is_kept() == {"dispositionExpire": 16, "dispositionMarkOverdue": 1}
    assert await shown(office.anybody, "I01") == ("RECTIFICATION", None)
    assert {await shown(office.anybody, key) for key in keys[1:]} == {("NORMAL", None)}
    assert [flaw async for flaw in verify(office.database)] == []


async def test_processes_that_keep_time_at_once_do_each_thing_once(office: Office) -> None:
    keys = [f"I{number:02}" for number in (1, 2, 3, 4, 5, 6)]
    for key in keys:
        (await imposes(office.customs, key, endsOn="2026-06-02")).done()
        (await imposes(office.customs, key, endsOn="2026-06-03")).done()
    office.clock.moves(days=9)
    house = office.app.state.house
    others = [Database(house.settings.database_url) for _ in range(2)]
    try:
        doors = [house.door, *(Door(each, house.bell, office.clock) for each in others)]
        rounds = await asyncio.gather(*(keep_time(door, DESKS.values()) for door in doors))
    finally:
        for each in others:
            await each.close()
    assert sum(taken.get("dispositionExpire", 0) for taken in rounds) == 12
    assert {await shown(office.anybody, key) for key in keys} == {("NORMAL", None)}
    assert len([title for title in await titles(office) if title.startswith("处置已到期")]) == 2
    assert [flaw async for flaw in verify(office.database)] == []


async def test_a_record_that_fails_holds_up_no_other(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    failing, other = [(await imposes(office.customs, key, endsOn="2026-06-02")).done() for key in ("I01", "I02")]
    office.clock.moves(days=3)
    door = office.app.state.house.door
    perform = door.perform

    async def fails(desk: Any, action: str, wish: Any, actor: Any) -> Any:
        if failing["id"].endswith(wish.subject_id.hex):
            raise OSError("the disk is full")
        return await perform(desk, action, wish, actor)

    with monkeypatch.context() as patch:
        patch.setattr(door, "perform", fails)
        with pytest.raises(ExceptionGroup, match="1 that fell due"):
            await office.time_is_kept()
    assert (await sees(office.customs, other))["status"] == "EXPIRED"
    assert await office.time_is_kept() == {"dispositionExpire": 1}


async def test_a_server_keeps_time_by_itself(open_office: Any) -> None:
    async with open_office(clock_seconds=1) as office:
        (await imposes(office.customs, "I01", endsOn="2026-06-02")).done()
        office.clock.moves(days=3)
        for _ in range(100):
            if await shown(office.anybody, "I01") == ("NORMAL", None):
                return
            await asyncio.sleep(0.1)
    raise AssertionError("nobody came by")


async def test_a_certificate_expires_after_its_last_day_and_the_enterprise_hears_of_it(office: Office) -> None:
    commission = await office.in_progress()
    (await office.institution.uploads(commission)).done()
    completed = (await office.institution.completes(commission, validUntil="2026-06-03")).done()
    assert completed["certificate"]["status"] == "VALID"
    office.clock.moves(days=3)
    assert (await office.enterprise.sees(commission))["certificate"]["status"] == "EXPIRED"  # before the clock came by
    assert await office.time_is_kept() == {"commissionExpireCertificate": 1}
    async with office.unchanged():
        assert await office.time_is_kept() == {}
    after = await office.enterprise.sees(commission)
    assert (after["status"], after["certificate"]["status"]) == ("COMPLETED", "EXPIRED")
    assert after["version"] == completed["version"] + 1
    data = await office.enterprise.asks("{ notices(first: 1) { nodes { title body } } }")
    (notice,) = data["notices"]["nodes"]
    assert notice["title"] == f"您的业务委托（委托号：{commission['number']}）的检验证书已过有效期"
    assert "PSI-2026-0001" in notice["body"]
    assert "2026-06-03" in notice["body"]


async def test_who_follows_a_completed_commission_is_not_kept_waiting_for_its_certificate_to_expire(
    office: Office,
) -> None:
    completed = await office.completed()
    async with office.enterprise.follows(completed) as heard:
        assert (await heard.message())["type"] == "complete"
        await heard.is_settled()  # nothing of it is still being read when the office closes


async def test_the_command_keeps_time_once_and_prints_what_it_did(office: Office, tmp_path: Path) -> None:
    office.clock.moves(days=-600)
    (await imposes(office.customs, "I01", endsOn="2024-12-01")).done()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PRESHIP_")}
    settings = office.app.state.house.settings
    environment |= {"PRESHIP_DATABASE_URL": settings.database_url, "PRESHIP_PERSONAL_KEYS": settings.personal_keys}
    environment["PYTHONPATH"] = str(ROOT)

    def keeps() -> str:
        command = [sys.executable, "-c", "from graph.cli.main import main; main()", "clock"]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    printed = await asyncio.to_thread(keeps)
    assert "dispositionExpire" in printed
    assert await shown(office.anybody, "I01") == ("NORMAL", None)
    assert "Nothing fell due" in await asyncio.to_thread(keeps)
