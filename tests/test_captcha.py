"""Captchas: read or worked for, each good for one attempt, by the one whom it was opened for, and not for long."""

import asyncio
import base64
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domain.captcha import LETTERS, Demand, Difficulty, as_read, does_the_work
from domain.throttle import limit
from graph.app import create_app
from graph.settings import Settings
from storage import captcha as captchas
from tests.office import Office, opened
from tests.signing_in import (
    CAPTCHA,
    GUARDED,
    TEXT,
    Comparisons,
    asks,
    codes,
    comparisons,
    does_the_work_and_tries,
    is_in,
    opens_captcha,
    pictures_say,
    proof,
    tries,
    zero_bits,
)
from tests.world import PASSWORD

__all__ = ["comparisons", "pictures_say"]

ROOT = Path(__file__).parents[1]
USED: list[tuple[str, list[str] | None]] = [("CAPTCHA_WRONG", ["captchaId"])]
OTHER_TEXT = "YYYYY"


@pytest.fixture
async def guarded(open_office: Any) -> AsyncIterator[Office]:
    """The product with captchas switched on."""
    async with open_office(**GUARDED) as office:
        yield office


@pytest.mark.manual(32)
async def test_the_text_of_the_picture_is_enough_however_it_is_typed(guarded: Office, pictures_say: str) -> None:
    for typed in (TEXT, TEXT.lower(), f" {TEXT} ", "ＡＣＤＥＦ"):
        captcha = await opens_captcha(guarded, "enterprise")
        entered = await tries(guarded, captchaId=captcha["id"], captchaText=typed)
        assert is_in(entered), typed
        assert entered["viewer"]["account"]["username"] == "enterprise"


async def test_a_captcha_is_a_picture_and_work_and_ends(guarded: Office) -> None:
    captcha = await opens_captcha(guarded, "enterprise")
    kind, _, content = captcha["image"].partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(content).startswith(b"\x89PNG\r\n\x1a\n")
    assert len(captcha["image"]) < 30_000
    assert captcha["proofOfWork"]["algorithm"] == "sha-256"
    assert captcha["proofOfWork"]["difficulty"] == GUARDED["captcha_difficulty"]
    assert captcha["expiresAt"] == "2026-06-01T02:02:00Z"


async def test_work_is_enough_for_whoever_cannot_see(guarded: Office) -> None:
    assert is_in(await does_the_work_and_tries(guarded))


async def test_without_an_answer_one_is_asked_for_and_nothing_is_compared_or_kept(
    guarded: Office, comparisons: Comparisons
) -> None:
    captcha = await opens_captcha(guarded, "enterprise")
    async with guarded.unchanged():
        assert codes(await tries(guarded)) == [("CAPTCHA_REQUIRED", ["captchaId"])]
        assert codes(await tries(guarded, captchaText=TEXT)) == [("CAPTCHA_REQUIRED", ["captchaId"])]
        assert codes(await tries(guarded, captchaId=captcha["id"])) == [("CAPTCHA_REQUIRED", ["captchaText"])]
        assert codes(await tries(guarded, "nobody")) == [("CAPTCHA_REQUIRED", ["captchaId"])]
    assert comparisons.made == []
    assert is_in(await tries(guarded, captchaId=captcha["id"], captchaProof=proof(captcha)))


async def test_a_wrong_answer_uses_the_captcha_up(guarded: Office, comparisons: Comparisons, pictures_say: str) -> None:
    captcha = await opens_captcha(guarded, "enterprise")
    wrong = await tries(guarded, captchaId=captcha["id"], captchaText=OTHER_TEXT)
    assert codes(wrong) == [("CAPTCHA_WRONG", ["captchaText"])]
    assert codes(await tries(guarded, captchaId=captcha["id"], captchaText=TEXT)) == USED
    worked = await opens_captcha(guarded, "enterprise")
    idle = next(
        nonce for nonce in "abcdefghijklmnopqrstuvwxyz" if zero_bits(worked["proofOfWork"]["prefix"] + nonce) < 6
    )
    assert codes(await tries(guarded, captchaId=worked["id"], captchaProof=idle)) == [
        ("CAPTCHA_WRONG", ["captchaProof"])
    ]
    assert codes(await tries(guarded, captchaId=worked["id"], captchaProof=proof(worked))) == USED
    assert comparisons.made == []


async def test_a_captcha_is_used_up_by_an_attempt_whatever_the_password(
    guarded: Office, comparisons: Comparisons
) -> None:
    for password in ("wrong", PASSWORD):
        captcha = await opens_captcha(guarded, "enterprise")
        answer = {"captchaId": captcha["id"], "captchaProof": proof(captcha)}
        assert is_in(await tries(guarded, password=password, **answer)) == (password == PASSWORD)
        assert codes(await tries(guarded, **answer)) == USED
    assert comparisons.made == ["wrong", PASSWORD]


async def test_one_captcha_used_by_many_at_once_gives_one_comparison(guarded: Office, comparisons: Comparisons) -> None:
    captcha = await opens_captcha(guarded, "enterprise")
    answer = {"captchaId": captcha["id"], "captchaProof": proof(captcha)}
    answers = await asyncio.gather(*(tries(guarded, **answer) for _ in range(8)))
    assert sum(map(is_in, answers)) == 1
    assert [codes(each) for each in answers].count(USED) == 7
    assert comparisons.made == [PASSWORD]


async def test_a_captcha_ends_after_its_time(guarded: Office, pictures_say: str) -> None:
    early, late = await opens_captcha(guarded, "enterprise"), await opens_captcha(guarded, "enterprise")
    guarded.clock.moves(seconds=120, microseconds=-1)
    assert is_in(await tries(guarded, captchaId=early["id"], captchaText=TEXT))
    guarded.clock.moves(microseconds=1)
    assert codes(await tries(guarded, captchaId=late["id"], captchaText=TEXT)) == USED


async def test_a_captcha_of_another_user_name_or_of_nothing_is_worth_nothing(
    guarded: Office, comparisons: Comparisons, pictures_say: str
) -> None:
    captcha = await opens_captcha(guarded, "institution")
    assert codes(await tries(guarded, captchaId=captcha["id"], captchaText=TEXT)) == USED
    assert codes(await tries(guarded, "institution", captchaId=captcha["id"], captchaText=TEXT)) == USED
    for none in ("captcha_00000000000000000000000000000000", "captcha_x", "commission_1", "x", "验证码"):
        assert codes(await tries(guarded, captchaId=none, captchaText=TEXT)) == USED
    long = {"captchaText": TEXT * 100_00, "captchaProof": "0" * 100_000}
    captcha = await opens_captcha(guarded, "enterprise")
    assert codes(await tries(guarded, captchaId=captcha["id"], **long)) == [("CAPTCHA_WRONG", ["captchaProof"])]
    assert comparisons.made == []


async def test_a_captcha_for_no_user_name_serves_any_at_which_few_have_failed(
    guarded: Office, pictures_say: str
) -> None:
    for username in ("enterprise", "institution"):
        captcha = await opens_captcha(guarded)
        assert is_in(await tries(guarded, username, captchaId=captcha["id"], captchaText=TEXT))
    for number in range(5):
        await does_the_work_and_tries(guarded, "enterprise", f"wrong {number}")
    captcha = await opens_captcha(guarded)
    refused = await tries(guarded, captchaId=captcha["id"], captchaText=TEXT)
    assert codes(refused) == [("CAPTCHA_REQUIRED", ["captchaId"])]


async def test_no_text_of_a_picture_can_be_read_back(guarded: Office, pictures_say: str) -> None:
    await opens_captcha(guarded, "enterprise")
    tables, _ = await guarded.everything()
    assert len(tables["captcha"]) == 1
    assert TEXT not in repr(tables)
    assert "enterprise" not in repr(tables["captcha"])


async def test_another_process_takes_the_captcha_with_the_same_key_and_no_other(
    guarded: Office, tmp_path: Path, pictures_say: str
) -> None:
    url = guarded.database.url.render_as_string(hide_password=False)
    for key, works in ((GUARDED["secret_key"], True), ("another key", False)):
        async with opened(url, tmp_path / str(key), **GUARDED | {"secret_key": key}) as other:
            captcha = await opens_captcha(guarded, "enterprise")
            assert is_in(await tries(other, captchaId=captcha["id"], captchaText=TEXT)) == works


async def test_opening_captchas_is_limited_for_each_address(open_office: Any) -> None:
    async with open_office(**GUARDED, captchas_per_address="3/1m") as office:
        answers = await asyncio.gather(*(asks(office, CAPTCHA, username="enterprise") for _ in range(6)))
        assert sorted(len(each["userErrors"]) for each in answers) == [0, 0, 0, 1, 1, 1]
        refused = await asks(office, CAPTCHA)
        assert refused["captcha"] is None
        assert codes(refused) == [("TOO_MANY_ATTEMPTS", None)]
        assert refused["userErrors"][0]["retryAfterSeconds"] == 20
        assert "20" in refused["userErrors"][0]["message"]
        office.clock.moves(seconds=20)
        await opens_captcha(office, "enterprise")


async def test_captchas_that_nobody_answers_do_not_pile_up(guarded: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captchas, "CAPTCHAS_MAX", 2)
    gate = guarded.app.state.house.gate
    first = await opens_captcha(guarded, "enterprise")
    for _ in range(2):
        guarded.clock.moves(seconds=1)
        await opens_captcha(guarded, "enterprise")
    assert (await gate.sweep())["captchas_dropped"] == 1
    assert codes(await tries(guarded, captchaId=first["id"], captchaProof=proof(first))) == USED
    guarded.clock.moves(seconds=120)
    await gate.sweep()
    assert (await guarded.everything())[0]["captcha"] == []


async def test_where_captchas_are_off_none_is_asked_for(office: Office) -> None:
    assert is_in(await tries(office))
    assert is_in(await tries(office, captchaId="captcha_x", captchaText="whatever"))
    assert (await opens_captcha(office))["image"]


def test_captchas_are_on_unless_somebody_switches_them_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PRESHIP_CAPTCHA", raising=False)
    assert Settings().captcha == "on"
    monkeypatch.setenv("PRESHIP_CAPTCHA", "maybe")
    with pytest.raises(ValueError, match="captcha"):
        create_app()


async def test_the_example_signs_in_without_a_picture(open_office: Any) -> None:
    async with open_office(**GUARDED) as office:
        address = f"http://{await office.address()}/graphql"
        script = ROOT / "examples" / "sign_in.py"
        run = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, str(script), address, "enterprise"],
            env={"PASSWORD": PASSWORD, "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        headers = {"authorization": f"Bearer {run.stdout.strip()}"}
        answer = await office.client.post("/graphql", json={"query": "{ viewer { role } }"}, headers=headers)
        assert answer.json()["data"] == {"viewer": {"role": "OPERATOR"}}
        assert "errors" not in answer.json()


def test_work_is_as_many_bits_as_are_nought_from_the_first() -> None:
    for nonce in map(str, range(500)):
        bits = zero_bits("前缀" + nonce)
        assert does_the_work("前缀", nonce, bits)
        assert not does_the_work("前缀", nonce, bits + 1)


def test_the_letters_are_taken_for_no_others() -> None:
    assert len(set(LETTERS)) == len(LETTERS)
    assert not set(LETTERS) & set("0OQ1IL2Z5S8B6G") - {"Q", "L"}
    assert all(as_read(each.lower()) == each for each in LETTERS)


def test_work_rises_with_failures_up_to_its_bound_and_no_further() -> None:
    of_account, difficulty = limit("account", "5/30m", counted_times=2), Difficulty(18, 23)
    demands = [difficulty.demand(of_account, level) for level in range(12)]
    assert demands[:5] == [Demand(18, picture_is_enough=True)] * 5
    assert [each.difficulty for each in demands[5:]] == [18, 19, 20, 21, 22, 23, 23]
    assert not any(each.picture_is_enough for each in demands[5:])
