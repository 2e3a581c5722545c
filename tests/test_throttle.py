"""Guessing: whoever guesses waits or works, and whoever is guessed at is neither locked out nor slowed down."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

import identity.password
from domain.captcha import Difficulty
from domain.throttle import Limit, limit
from tests.office import Office, opened
from tests.signing_in import (
    BEHIND_A_PROXY,
    GUARDED,
    Comparisons,
    codes,
    comparisons,
    does_the_work_and_tries,
    is_in,
    opens_captcha,
    proof,
    tries,
)
from tests.world import PASSWORD

__all__ = ["comparisons"]

TOO_MANY: list[tuple[str, list[str] | None]] = [("TOO_MANY_ATTEMPTS", None)]
FAILED: list[tuple[str, list[str] | None]] = [("SIGN_IN_FAILED", None)]
STRANGERS = [f"198.51.{number // 200}.{number % 200 + 1}" for number in range(400)]
AT_ONCE_BESIDE_THE_LIMIT = identity.password.COMPARED_AT_ONCE


@pytest.fixture
async def guarded(open_office: Any) -> AsyncIterator[Office]:
    """The product with captchas, behind a proxy that says who asks."""
    async with open_office(**GUARDED, **BEHIND_A_PROXY) as office:
        yield office


@pytest.fixture
async def unguarded(open_office: Any) -> AsyncIterator[Office]:
    """The same without captchas."""
    async with open_office(**BEHIND_A_PROXY, failures_per_account_unguarded="10/1h") as office:
        yield office


# ── One address ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_some_hundred_guesses_from_one_address_end_with_few_comparisons(
    unguarded: Office, comparisons: Comparisons
) -> None:
    names = ["enterprise", "institution", "customs", "nobody", "somebody"]
    answers = [await tries(unguarded, names[n % 5], f"guess {n}") for n in range(100)]
    assert len(comparisons.made) == 20
    assert [codes(each) for each in answers[:20]] == [FAILED] * 20
    assert all(codes(each) == TOO_MANY for each in answers[20:])
    # The right password is not even looked at.
    refused = await tries(unguarded)
    assert codes(refused) == TOO_MANY
    assert len(comparisons.made) == 20
    seconds = refused["userErrors"][0]["retryAfterSeconds"]
    assert seconds == 30
    unguarded.clock.moves(seconds=seconds, microseconds=-2000)
    assert codes(await tries(unguarded)) == TOO_MANY
    unguarded.clock.moves(microseconds=2000)
    assert codes(await tries(unguarded, "nobody", "guess")) == FAILED
    assert codes(await tries(unguarded)) == TOO_MANY


async def test_guesses_sent_all_at_once_are_not_compared_all_at_once(
    unguarded: Office, comparisons: Comparisons
) -> None:
    answers = await asyncio.gather(*(tries(unguarded, "nobody", f"guess {n}") for n in range(100)))
    assert 10 <= len(comparisons.made) <= 20 + AT_ONCE_BESIDE_THE_LIMIT
    assert not any(map(is_in, answers))


async def test_signing_in_rightly_never_counts(unguarded: Office, comparisons: Comparisons) -> None:
    for _ in range(25):
        assert is_in(await tries(unguarded))
    async with unguarded.unchanged(but=("throttle", "sign_in_count")):
        assert codes(await tries(unguarded, password="wrong")) == FAILED


async def test_wrong_captchas_count_for_the_address_and_not_for_the_account(
    guarded: Office, comparisons: Comparisons
) -> None:
    for _ in range(20):
        assert codes(await tries(guarded, captchaId="captcha_x", captchaText="?")) == [("CAPTCHA_WRONG", ["captchaId"])]
    assert codes(await tries(guarded, captchaId="captcha_x", captchaText="?")) == TOO_MANY
    assert comparisons.made == []
    captcha = await opens_captcha(guarded, "enterprise", "203.0.113.5")
    assert captcha["image"]


async def test_the_second_window_makes_whoever_goes_on_for_a_day_wait_longer(
    open_office: Any, comparisons: Comparisons
) -> None:
    async with open_office(failures_per_address="5/1m", failures_per_address_daily="12/1d") as office:
        for _ in range(12):
            assert codes(await tries(office, "nobody", "?")) == FAILED
            office.clock.moves(minutes=1)
        refused = await tries(office, "nobody", "?")
        assert codes(refused) == TOO_MANY
        assert refused["userErrors"][0]["retryAfterSeconds"] > 3600


# ── Many addresses ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_guesses_from_many_addresses_without_work_are_compared_never(
    guarded: Office, comparisons: Comparisons
) -> None:
    for address in STRANGERS[:60]:
        assert codes(await tries(guarded, password="guess", address=address)) == [("CAPTCHA_REQUIRED", ["captchaId"])]
    assert comparisons.made == []
    assert is_in(await does_the_work_and_tries(guarded))


async def test_strangers_who_guess_from_everywhere_work_more_and_more_and_lock_nobody_out(
    guarded: Office, comparisons: Comparisons
) -> None:
    device = (await does_the_work_and_tries(guarded))["deviceToken"]
    usual, most = GUARDED["captcha_difficulty"], GUARDED["captcha_difficulty_max"]
    asked = []
    for address in STRANGERS[:14]:
        captcha = await opens_captcha(guarded, "enterprise", address)
        asked.append(captcha["proofOfWork"]["difficulty"])
        assert (captcha["image"] is None) == (len(asked) > 5)
        assert codes(await does_the_work_and_tries(guarded, password="guess", address=address)) == FAILED
    assert asked == sorted(asked)
    assert (asked[0], asked[5], asked[-1]) == (usual, usual, most)
    # The user at a device that is known: the usual picture, and nobody in the way.
    captcha = await opens_captcha(guarded, "enterprise", deviceToken=device)
    assert captcha["image"]
    assert captcha["proofOfWork"]["difficulty"] == usual
    assert is_in(await does_the_work_and_tries(guarded, deviceToken=device))
    # The user at a new device: more work, and in.
    assert is_in(await does_the_work_and_tries(guarded))
    # Another user: nothing of it.
    assert (await opens_captcha(guarded, "institution"))["image"]
    # When they are gone, so is the work.
    guarded.clock.moves(hours=1)
    captcha = await opens_captcha(guarded, "enterprise")
    assert (captcha["proofOfWork"]["difficulty"], captcha["image"] is None) == (usual, False)


async def test_captchas_opened_while_they_were_cheap_are_not_kept_for_later(
    guarded: Office, comparisons: Comparisons
) -> None:
    hoard = [await opens_captcha(guarded, "enterprise", address) for address in STRANGERS[:10]]
    for address, captcha in zip(STRANGERS, hoard, strict=False):
        answer = {"captchaId": captcha["id"], "captchaProof": proof(captcha)}
        await tries(guarded, password="guess", address=address, **answer)
    # Once more was asked for, the rest of them was worth nothing.
    assert len(comparisons.made) == 6


async def test_without_captchas_an_account_is_compared_for_strangers_so_many_times_and_always_for_its_devices(
    unguarded: Office, comparisons: Comparisons
) -> None:
    device = (await tries(unguarded, address="203.0.113.1"))["deviceToken"]
    comparisons.made.clear()
    answers = [await tries(unguarded, password="guess", address=address) for address in STRANGERS[:60]]
    assert len(comparisons.made) == 10
    assert [codes(each) for each in answers] == [FAILED] * 10 + [TOO_MANY] * 50
    assert is_in(await tries(unguarded, address="203.0.113.77", deviceToken=device))
    assert is_in(await tries(unguarded, "institution", address="203.0.113.77"))


async def test_a_device_that_is_known_is_not_slowed_by_its_own_network(
    unguarded: Office, comparisons: Comparisons
) -> None:
    device = (await tries(unguarded))["deviceToken"]
    answers = [await tries(unguarded, f"nobody {number}", "guess") for number in range(21)]
    assert codes(answers[-1]) == TOO_MANY
    assert is_in(await tries(unguarded, deviceToken=device))
    assert codes(await tries(unguarded, "institution", deviceToken=device)) == TOO_MANY


# ── Devices ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_device_token_stays_the_same_and_is_known_for_its_account_alone(
    guarded: Office, comparisons: Comparisons
) -> None:
    device = (await does_the_work_and_tries(guarded))["deviceToken"]
    assert (await does_the_work_and_tries(guarded, deviceToken=device))["deviceToken"] == device
    other = await does_the_work_and_tries(guarded, "institution", deviceToken=device)
    assert is_in(other)
    assert other["deviceToken"] not in (None, device)
    made_up = await does_the_work_and_tries(guarded, deviceToken="made up")
    assert made_up["deviceToken"] not in (None, "made up")
    assert device not in repr(await guarded.everything())
    assert (await does_the_work_and_tries(guarded, password="wrong", deviceToken=device))["deviceToken"] is None
    for odd in ("", "x" * 600, "验证"):
        assert is_in(await does_the_work_and_tries(guarded, deviceToken=odd))


async def test_a_device_that_fails_too_often_is_a_stranger(guarded: Office, comparisons: Comparisons) -> None:
    device = (await does_the_work_and_tries(guarded))["deviceToken"]
    for _ in range(5):
        await does_the_work_and_tries(guarded, password="guess", address=STRANGERS[0])
    for _ in range(10):
        assert (await opens_captcha(guarded, "enterprise", STRANGERS[1], deviceToken=device))["image"]
        await does_the_work_and_tries(guarded, password="guess", address=STRANGERS[1], deviceToken=device)
    assert (await opens_captcha(guarded, "enterprise", STRANGERS[1], deviceToken=device))["image"] is None


async def test_a_captcha_for_a_known_device_is_for_no_other(guarded: Office, comparisons: Comparisons) -> None:
    device = (await does_the_work_and_tries(guarded))["deviceToken"]
    captcha = await opens_captcha(guarded, "enterprise", deviceToken=device)
    answer = {"captchaId": captcha["id"], "captchaProof": proof(captcha)}
    assert codes(await tries(guarded, **answer)) == [("CAPTCHA_WRONG", ["captchaId"])]


async def test_a_device_is_forgotten_after_its_time(open_office: Any) -> None:
    async with open_office(device_days=30, session_hours=1) as office:
        device = (await tries(office))["deviceToken"]
        office.clock.moves(days=29)
        assert (await tries(office, deviceToken=device))["deviceToken"] == device
        office.clock.moves(days=30)
        assert (await office.app.state.house.gate.sweep())["devices_forgotten"] == 1
        assert (await tries(office, deviceToken=device))["deviceToken"] != device


# ── Unknown users, crowds, tricks ──────────────────────────────────────────────────────────────────────────────────


async def test_a_name_that_nobody_has_is_answered_and_worked_for_like_one_that_somebody_has(
    guarded: Office, comparisons: Comparisons
) -> None:
    stories = []
    for username, addresses in (("enterprise", STRANGERS[:12]), ("nobody", STRANGERS[20:32])):
        comparisons.made.clear()
        story: list[Any] = []
        for address in addresses:
            captcha = await opens_captcha(guarded, username, address)
            story.append((captcha["proofOfWork"]["difficulty"], captcha["image"] is None))
            with guarded.statements() as sent:
                answer = await does_the_work_and_tries(guarded, username, "guess", address)
            story.append((answer, [" ".join(each.split()[:3]) for each in sent]))
        stories.append((story, len(comparisons.made)))
    assert stories[0] == stories[1]


async def test_whoever_comes_when_all_places_are_taken_is_told_so_and_known_devices_have_places_left(
    open_office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(sign_ins_waiting_max=2) as office:
        device = (await tries(office))["deviceToken"]
        going_on = asyncio.Event()

        async def slowly(password_hash: str, password: str) -> bool:
            await going_on.wait()
            return password == PASSWORD

        monkeypatch.setattr("graph.resolvers.session.matches", slowly)
        places = identity.password.COMPARED_AT_ONCE + 2
        inside = [asyncio.create_task(tries(office)) for _ in range(places)]
        turns = office.app.state.house.gate._comparing
        await until(turns.are_taken)
        refused = await tries(office)
        assert codes(refused) == [("TOO_BUSY", None)]
        assert refused["userErrors"][0]["retryAfterSeconds"] == 5
        known = asyncio.create_task(tries(office, deviceToken=device))
        await until(lambda: turns.are_taken(is_reserved_for=True))
        assert codes(await tries(office, deviceToken=device)) == [("TOO_BUSY", None)]
        going_on.set()
        assert all(map(is_in, await asyncio.gather(*inside, known)))


async def until(is_so: Callable[[], bool]) -> None:
    """Lets the others go on until it is so."""
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110 - the queue has no event to wait for
            await asyncio.sleep(0)


async def test_one_operation_holds_one_sign_in(office: Office, comparisons: Comparisons) -> None:
    def one(password: str, skipped: str = "") -> str:
        typed = f'{{username: "enterprise", password: "{password}"}}'
        return f"sessionOpen(input: {typed}) {skipped} {{ session {{ token }} }}"

    twice = f"mutation {{ a: {one('a')} b: {one('b')} }}"
    spread = f"mutation {{ a: {one('a')} ...more }} fragment more on Mutation {{ ... {{ b: {one('b')} }} }}"
    skipped = f"mutation {{ a: {one('a')} b: {one('b', '@skip(if: true)')} }}"
    for query in (twice, spread, skipped):
        async with office.unchanged():
            assert await office.anybody.is_told(query) == "TOO_MANY_SIGN_INS"
    assert comparisons.made == []
    assert (await office.anybody.asks(f"mutation {{ a: {one(PASSWORD)} }}"))["a"]["session"]["token"]


async def test_what_a_stranger_writes_into_a_header_is_not_believed(open_office: Any, comparisons: Comparisons) -> None:
    async with open_office(failures_per_address="3/10m") as office:
        answers = [await tries(office, "nobody", "?", address) for address in STRANGERS[:10]]
        assert [codes(each) for each in answers] == [FAILED] * 3 + [TOO_MANY] * 7
    async with open_office(failures_per_address="3/10m", **BEHIND_A_PROXY) as office:
        # What the client has written stands before what the proxy adds.
        answers = [await tries(office, "nobody", "?", f"{address}, 203.0.113.9") for address in STRANGERS[:10]]
        assert [codes(each) for each in answers] == [FAILED] * 3 + [TOO_MANY] * 7
        assert codes(await tries(office, "nobody", "?", "203.0.113.10")) == FAILED


async def test_an_address_of_the_newer_kind_is_counted_by_its_network(
    open_office: Any, comparisons: Comparisons
) -> None:
    async with open_office(failures_per_address="3/10m", **BEHIND_A_PROXY) as office:
        answers = [await tries(office, "nobody", "?", f"2001:db8:1:2::{number:x}") for number in range(5)]
        assert [codes(each) for each in answers] == [FAILED] * 3 + [TOO_MANY] * 2
        assert codes(await tries(office, "nobody", "?", "2001:db8:1:3::1")) == FAILED


async def test_processes_count_together(open_office: Any, tmp_path: Path, comparisons: Comparisons) -> None:
    async with open_office(failures_per_address="4/10m") as office:
        url = office.database.url.render_as_string(hide_password=False)
        async with opened(url, tmp_path / "other", failures_per_address="4/10m") as other:
            answers = [await tries(each, "nobody", "?") for each in (office, other) * 4]
            assert [codes(each) for each in answers] == [FAILED] * 4 + [TOO_MANY] * 4
            for each in (office, other):
                each.clock.moves(hours=1)
            device = (await tries(office))["deviceToken"]
            assert (await tries(other, deviceToken=device))["deviceToken"] == device


async def test_counters_that_are_empty_are_swept(office: Office, comparisons: Comparisons) -> None:
    await tries(office, "nobody", "?")
    gate = office.app.state.house.gate
    assert (await gate.sweep())["counters_dropped"] == 0
    office.clock.moves(days=1)
    assert (await gate.sweep())["counters_dropped"] == 3


# ── The rule by itself ─────────────────────────────────────────────────────────────────────────────────────────────


class Simulated:
    """A counter as the store keeps it, and who is let through."""

    def __init__(self, of: Limit) -> None:
        self.limit, self.empty_at, self.passed = of, 0, 0

    def tries(self, now: int) -> bool:
        if self.limit.wait_ms(self.empty_at, now):
            return False
        self.empty_at = self.limit.counted(self.empty_at, now)
        self.passed += 1
        return True


@pytest.mark.parametrize("every_ms", [1, 100, 2000])
def test_ten_thousand_guesses_from_one_address_pass_at_the_pace_of_the_limit(every_ms: int) -> None:
    counter = Simulated(limit("address", "20/10m"))
    for number in range(10_000):
        counter.tries(number * every_ms)
    assert counter.passed <= 20 + 10_000 * every_ms // 30_000 + 1
    assert counter.passed >= min(20, 10_000)


def test_ten_thousand_guesses_from_as_many_addresses_cost_the_most_work_each() -> None:
    of_account, difficulty = limit("account", "5/30m", counted_times=2), Difficulty(18, 23)
    empty_at, hashes, made, budget = 0, 0, 0, 2**30
    for number in range(10_000):
        now = number * 10
        demand = difficulty.demand(of_account, of_account.level(empty_at, now))
        hashes += 2**demand.difficulty
        if hashes > budget:
            break
        made += 1
        empty_at = of_account.counted(empty_at, now)
    # With a thousand million digests, some hundred and forty of ten thousand.
    assert made < 150


def test_a_limit_drains_and_is_never_fuller_than_it_counts() -> None:
    of = limit("account", "5/30m", counted_times=2)
    empty_at = 0
    for _ in range(1000):
        empty_at = of.counted(empty_at, 1_000_000)
    assert of.level(empty_at, 1_000_000) == 10
    assert of.level(empty_at, 1_000_000 + 30 * 60_000) == 5
    assert of.level(empty_at, 1_000_000 + 60 * 60_000) == 0
    assert of.wait_ms(empty_at, 1_000_000 + 60 * 60_000) == 0


@pytest.mark.parametrize("rate", ["", "20", "0/10m", "20/0m", "20/10", "20/10w", "-1/10m", "20 /10m", "20/10m\n"])
def test_a_rate_is_written_in_one_way(rate: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        limit("any", rate)
