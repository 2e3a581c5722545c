"""What is shown to sign in and is not what it should be: attacks of docs/security.md that are of no one feature."""

from itertools import product
from typing import Any

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from domain.throttle import limit
from graph.limits import SIGN_IN_PREFIXES
from graph.schema.schema import SCHEMA
from graph.settings import Settings
from tests.office import Office
from tests.signing_in import Comparisons, comparisons
from tests.test_session_token import VIEWER, is_somebody, opens, renews
from tests.test_throttle import Simulated
from tests.transport.serving import Talk
from tests.world import PASSWORD

__all__ = ["comparisons"]

PROOFS = ("sessionOpen", "sessionOpenByCard", "sessionOpenByPasskey", "sessionConfirm", "accountActivate",
          "accountChangePassword")  # fmt: skip
"""Every mutation by which somebody proves who it is, and could guess."""

HOUR_MS = 3_600_000


# ── Batches ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_mutation_by_which_one_could_guess_is_counted() -> None:
    mutations = SCHEMA._schema.mutation_type
    assert mutations is not None
    assert {each for each in mutations.fields if each.startswith(SIGN_IN_PREFIXES)} == set(PROOFS)


async def test_no_two_of_them_stand_in_one_operation(office: Office, comparisons: Comparisons) -> None:
    """Under aliases, of one kind or of two; that they lack their input is not even looked at."""
    async with office.unchanged():
        for first, second in product(PROOFS, PROOFS):
            batch = f"mutation {{ a: {first} {{ __typename }} b: {second} {{ __typename }} }}"
            assert await office.anybody.is_told(batch) == "TOO_MANY_SIGN_INS", batch
    assert comparisons.made == []


async def test_a_list_of_operations_is_no_request(office: Office, comparisons: Comparisons) -> None:
    one = {"query": f'mutation {{ sessionOpen(input: {{username: "enterprise", password: "{PASSWORD}"}}) {{ session '
           '{ token } } }'}  # fmt: skip
    async with office.unchanged():
        answer = await office.client.post("/graphql", json=[one] * 50)
    assert answer.status_code == 422
    assert comparisons.made == []


# ── Guesses ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_captchas_no_hour_has_more_than_a_hundred_guesses_at_one_account() -> None:
    """From however many addresses, at any pace, in the usual setting (OWASP ASVS 2.2.1)."""
    usual = Settings.model_fields["failures_per_account_unguarded"].default
    for every_ms in (1000, 7000, 36_000):
        counter = Simulated(limit("account_unguarded", usual))
        passed = [now for now in range(0, 4 * HOUR_MS, every_ms) if counter.tries(now)]
        assert max(sum(start <= each < start + HOUR_MS for each in passed) for start in passed) <= 100


# ── Tokens ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_refresh_token_of_which_half_was_altered_closes_the_session(office: Office) -> None:
    """Its first half is no less secret: whoever has it and not the second holds an old copy, or guesses."""
    for spoil in (lambda half: half[:-1], _with_another_start, lambda half: "", lambda half: half + "A"):
        session, other = await opens(office, refreshable=True), await opens(office, refreshable=True)
        family, _, half = session["refreshToken"].partition(".")
        refused = await renews(office, f"{family}.{spoil(half)}")
        assert [each["code"] for each in refused["userErrors"]] == ["SIGN_IN_FAILED"]
        assert not await is_somebody(office, session["token"])
        assert (await renews(office, session["refreshToken"]))["userErrors"]
        assert await is_somebody(office, other["token"])


def _with_another_start(half: str) -> str:
    return ("B" if half.startswith("A") else "A") + half[1:]


async def test_a_refresh_token_with_the_half_of_another_session_renews_neither_as_the_other(office: Office) -> None:
    own, others = await opens(office, refreshable=True), await opens(office, "institution", refreshable=True)
    family = own["refreshToken"].partition(".")[0]
    mixed = f"{family}.{others['refreshToken'].partition('.')[2]}"
    assert (await renews(office, mixed))["session"] is None
    assert (await renews(office, others["refreshToken"]))["viewer"]["account"]["username"] == "institution"


async def test_a_refresh_token_of_another_installation_is_nobodys_here(open_office: Any, office: Office) -> None:
    async with open_office() as elsewhere:
        session = await opens(elsewhere, refreshable=True)
        async with office.unchanged():
            assert (await renews(office, session["refreshToken"]))["session"] is None
        assert (await renews(elsewhere, session["refreshToken"]))["session"]


async def test_a_token_has_as_many_random_bits_as_nobody_guesses(office: Office) -> None:
    """256 of what one acts with, 192 of each half of what renews it, in base64; no part is the same twice."""
    sessions = [await opens(office, refreshable=True) for _ in range(3)]
    parts = [[each["token"], *each["refreshToken"].split(".")] for each in sessions]
    assert {tuple(len(part) * 6 // 8 for part in some) for some in parts} == {(32, 24, 24)}
    assert len({part[start : start + 8] for some in parts for part in some for start in (0, 8, 16, 24)}) == 36


async def test_a_token_in_the_address_of_a_socket_opens_none(office: Office) -> None:
    token = (await opens(office))["token"]
    for name in ("token", "access_token", "Authorization", "bearer"):
        address = f"ws://{await office.address()}/graphql?{name}={token}"
        async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")], proxy=None) as connection:
            talk = Talk(connection)
            await talk.says("connection_init")
            assert await talk.hears_close() == 4403, name


async def test_a_token_in_an_unsuspected_place_of_the_address_counts_for_nothing(office: Office) -> None:
    token = (await opens(office))["token"]
    for name in ("session", "jwt", "t"):
        parameters = {"query": VIEWER, name: token}
        answer = await office.client.get("/graphql", params=parameters, headers={"x-requested-with": "test"})
        assert answer.json()["data"]["viewer"] is None
