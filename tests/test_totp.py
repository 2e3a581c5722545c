"""Codes beside the password: set up, asked for, good once, hard to guess, and to be done away with."""

import asyncio
import base64
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.accounts import NEW_PASSWORD, activates, does, lines_of
from tests.authenticator import Authenticator
from tests.authenticator_app import App, begins, confirms, finishes, revokes, sets_up, tries, waiting
from tests.office import Office
from tests.person import Person
from tests.signing_in import BEHIND_A_PROXY, GUARDED, codes, comparisons, is_in
from tests.test_passkey import registers
from tests.test_passkey import signs_in as signs_in_by_passkey
from tests.world import PASSWORD

__all__ = ["comparisons"]

REQUIRED = [("SECOND_FACTOR_REQUIRED", ["oneTimeCode"])]
WRONG = [("SECOND_FACTOR_WRONG", ["oneTimeCode"])]
OVER = [("SECOND_FACTOR_OVER", ["secondFactorToken"])]
TOO_MANY: list[tuple[str, list[str] | None]] = [("TOO_MANY_ATTEMPTS", None)]
VIEWER = "{ viewer { account { username } totp { id status recoveryCodesLeft lastUsedAt } } }"
EXAMPLE = Path(__file__).parents[1] / "examples" / "sign_in.py"
LIST = "query L($filter: TotpFilter) { totps(filter: $filter) { nodes { id account { username } } } }"
pytestmark = pytest.mark.usefixtures("comparisons")


@pytest.fixture
async def app(office: Office) -> App:
    """The one of the enterprise's operator."""
    return await sets_up(office.enterprise)


@pytest.fixture
async def proxied(open_office: Any) -> AsyncIterator[Office]:
    """The product behind a proxy that says who asks."""
    async with open_office(**BEHIND_A_PROXY) as office:
        yield office


# ── Setting it up ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_app_is_set_up_by_its_first_code_and_asked_for_from_then_on(office: Office) -> None:
    begun = await begins(office.enterprise)
    setup = begun["setup"]
    assert begun["totp"]["status"] == "PENDING"
    assert setup["uri"] == f"otpauth://totp/Preship:enterprise?secret={setup['secret']}&issuer=Preship"
    assert len(base64.b32decode(setup["secret"])) == 20
    assert setup["qrCode"].startswith("<svg")
    assert is_in(await tries(office))
    app = App(office, begun["totp"]["id"], setup["secret"], [])
    assert (await confirms(office.enterprise, begun["totp"], None)).refusals == [
        ("REQUIRED", "oneTimeCode"),
        ("SECOND_FACTOR_WRONG", "oneTimeCode"),
    ]
    wrong = await confirms(office.enterprise, begun["totp"], app.wrong())
    assert (wrong.refusals, wrong.subject["recoveryCodes"]) == ([("SECOND_FACTOR_WRONG", "oneTimeCode")], None)
    done = (await confirms(office.enterprise, begun["totp"], app.code())).done()
    assert (done["status"], done["recoveryCodesLeft"], len(set(done["recoveryCodes"]))) == ("ACTIVE", 10, 10)
    asked = await tries(office)
    assert (codes(asked), asked["session"], asked["deviceToken"]) == (REQUIRED, None, None)
    assert asked["secondFactorExpiresAt"] == "2026-06-01T02:05:00Z"
    app.next_step()
    entered = await finishes(office, asked["secondFactorToken"], app.code(), refreshable=True)
    assert is_in(entered)
    assert entered["viewer"]["account"]["username"] == "enterprise"
    assert entered["session"]["refreshToken"]
    viewer = (await Person(office, entered["session"]["token"]).asks(VIEWER))["viewer"]
    assert viewer["totp"] == {
        "id": app.id,
        "status": "ACTIVE",
        "recoveryCodesLeft": 10,
        "lastUsedAt": "2026-06-01T02:00:30Z",
    }
    # All at once works too.
    app.next_step()
    entered = await tries(office, app.code())
    assert (is_in(entered), entered["secondFactorToken"]) == (True, None)


async def test_an_account_has_one_and_what_was_not_confirmed_is_replaced(office: Office) -> None:
    first, second = await begins(office.enterprise), await begins(office.enterprise)
    assert first["totp"]["id"] == second["totp"]["id"]
    former, app = (App(office, each["totp"]["id"], each["setup"]["secret"], []) for each in (first, second))
    assert former.code() != app.code()
    assert (await confirms(office.enterprise, second["totp"], former.code())).codes == ["SECOND_FACTOR_WRONG"]
    (await confirms(office.enterprise, second["totp"], app.code())).done()
    third = await begins(office.enterprise)
    assert (codes(third), third["setup"], third["totp"]) == ([("ALREADY_OPEN", None)], None, None)
    assert (await confirms(office.enterprise, second["totp"], app.code(1))).codes == ["WRONG_STATUS"]


async def test_many_who_begin_at_once_have_one(office: Office) -> None:
    begun = await asyncio.gather(*(begins(office.enterprise) for _ in range(4)))
    assert len({each["totp"]["id"] for each in begun}) == 1


async def test_recovery_codes_are_told_once(office: Office) -> None:
    begun = await begins(office.enterprise)
    app = App(office, begun["totp"]["id"], begun["setup"]["secret"], [])
    typed = {"code": app.code(), "idempotencyKey": "k"}
    assert (await confirms(office.enterprise, begun["totp"], **typed)).done()["recoveryCodes"]
    assert (await confirms(office.enterprise, begun["totp"], **typed)).done()["recoveryCodes"] is None


async def test_neither_secret_nor_codes_can_be_read_back(office: Office, app: App) -> None:
    token = await waiting(office)
    code, recovery = app.code(), app.recovery_codes[0]
    assert is_in(await finishes(office, token, code))
    assert is_in(await tries(office, recovery))
    raw = repr(await office.everything())
    for secret in (app.secret, token, *app.recovery_codes, *(each.replace("-", "") for each in app.recovery_codes)):
        assert secret not in raw
    lines = await lines_of(office, app.id)
    assert [action for action, _ in lines] == ["begin", "confirm", "use", "use"]
    assert not {"secret", "recovery_hashes", "last_step"} & {name for _, changes in lines for name in changes}
    assert lines[-1][1]["recovery_codes_left"] == 9


# ── A code ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_code_is_good_once_and_no_earlier_one_after_it(office: Office, app: App) -> None:
    code = app.code()
    assert is_in(await tries(office, code))
    assert codes(await tries(office, code)) == WRONG
    assert codes(await finishes(office, await waiting(office), code)) == WRONG
    assert codes(await tries(office, app.code(-1))) == WRONG
    assert is_in(await tries(office, app.code(1)))
    # The one that came too early is not good again when its time has come.
    app.next_step()
    assert codes(await tries(office, app.code())) == WRONG


async def test_the_code_that_has_set_it_up_does_not_sign_in(office: Office) -> None:
    app = await sets_up(office.enterprise)
    assert codes(await tries(office, app.code(-1))) == WRONG


@pytest.mark.parametrize(("steps", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_telephones_clock_may_be_half_a_minute_off(office: Office, app: App, steps: int, is_good: bool) -> None:
    app.next_step()
    app.next_step()
    assert is_in(await tries(office, app.code(steps))) is is_good


async def test_a_code_is_the_same_however_it_is_typed(office: Office, app: App) -> None:
    code = app.code()
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    assert is_in(await tries(office, f" {code[:3]} {code[3:]} ".translate(wide)))
    for odd in (" ", "x" * 65, "12345", "1234567", "१२३४५६"):
        assert codes(await tries(office, odd)) == WRONG
    assert codes(await tries(office, "")) == REQUIRED


async def test_a_recovery_code_is_good_once_and_stands_in_for_a_code(office: Office, app: App) -> None:
    first, second, third, *_ = app.recovery_codes
    assert is_in(await tries(office, first))
    assert codes(await tries(office, first)) == WRONG
    assert is_in(await finishes(office, await waiting(office), second.lower().replace("-", " ")))
    (await revokes(office.enterprise, app.id, oneTimeCode=third)).done()
    assert is_in(await tries(office))
    assert is_in(await tries(office, third))


async def test_one_code_sent_many_times_at_once_opens_one_session(office: Office, app: App) -> None:
    answers = await asyncio.gather(*(tries(office, app.code()) for _ in range(4)))
    assert sorted(map(is_in, answers)) == [False, False, False, True]
    app.next_step()
    tokens = [await waiting(office) for _ in range(3)]
    answers = await asyncio.gather(*(finishes(office, each, app.code()) for each in tokens))
    assert sorted(map(is_in, answers)) == [False, False, True]
    recovery = app.recovery_codes[0]
    answers = await asyncio.gather(*(tries(office, recovery) for _ in range(4)))
    assert sorted(map(is_in, answers)) == [False, False, False, True]


# ── The token of the second step ───────────────────────────────────────────────────────────────────────────────────


async def test_a_token_is_good_for_one_sign_in(office: Office, app: App) -> None:
    token = await waiting(office)
    assert is_in(await finishes(office, token, app.code()))
    assert codes(await finishes(office, token, app.code(1))) == OVER
    token = await waiting(office)
    good = (app.code(1), *app.recovery_codes[:2])
    answers = await asyncio.gather(*(finishes(office, token, each) for each in good))
    assert sorted(map(is_in, answers)) == [False, False, True]


async def test_a_token_is_good_from_where_it_was_given_for_a_while_and_for_its_account(proxied: Office) -> None:
    app = await sets_up(proxied.enterprise)
    other = await sets_up(proxied.institution)
    token = await waiting(proxied, "203.0.113.1")
    async with proxied.unchanged():
        assert codes(await finishes(proxied, token, app.code(), "203.0.113.2")) == OVER
        for odd in ("", "made up", "x" * 600, "第二步"):
            assert codes(await finishes(proxied, odd, app.code(), "203.0.113.1")) == OVER
    assert codes(await finishes(proxied, token, other.code(), "203.0.113.1")) == WRONG
    proxied.clock.moves(seconds=299)
    assert codes(await finishes(proxied, token, app.wrong(), "203.0.113.1")) == WRONG
    proxied.clock.moves(seconds=1)
    assert codes(await finishes(proxied, token, app.code(), "203.0.113.1")) == OVER
    assert (await proxied.app.state.house.gate.sweep())["sign_ins_dropped"] == 1


async def test_a_token_ends_with_the_password_and_with_the_app(office: Office, app: App) -> None:
    token = await waiting(office)
    code = (await does(office.user("pujiang.admin"), "accountResetPassword", "enterprise")).done()["oneTimeCode"]
    assert codes(await finishes(office, token, app.code())) == OVER
    # Who has no password has no sign-in that waits; a new one does not switch the codes off.
    (await activates(office, "enterprise", code, NEW_PASSWORD)).done()
    assert codes(await finishes(office, token, app.code())) == OVER
    institution = await sets_up(office.institution)
    token = await waiting(office, username="institution")
    (await revokes(office.institution, institution.id, oneTimeCode=institution.code())).done()
    assert codes(await finishes(office, token, institution.code(1))) == OVER


async def test_another_password_does_not_switch_the_codes_off(
    office: Office, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (await does(office.user("pujiang.admin"), "accountResetPassword", "enterprise")).done()["oneTimeCode"]
    (await activates(office, "enterprise", code, NEW_PASSWORD)).done()
    monkeypatch.setattr("identity.password._compare", lambda _, typed: typed == NEW_PASSWORD)
    assert codes(await tries(office, password=NEW_PASSWORD)) == REQUIRED
    assert is_in(await tries(office, app.code(), password=NEW_PASSWORD))


async def test_a_passkey_is_two_factors_already(open_office: Any) -> None:
    async with open_office(passkey_site="preship.example") as office:
        device = Authenticator()
        (await registers(office.enterprise, device)).done()
        await sets_up(office.enterprise)
        (await signs_in_by_passkey(office, device)).done()


# ── Guessing ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_wrong_password_is_answered_and_worked_for_as_where_there_is_no_app(office: Office, app: App) -> None:
    stories = []
    for username in ("enterprise", "pujiang.viewer", "nobody"):
        for code in (None, app.wrong(), app.code()):
            with office.statements() as sent:
                answer = await tries(office, code, username=username, password="guess")
            stories.append((repr(answer), [" ".join(each.split()[:3]) for each in sent]))
    assert all(each == stories[0] for each in stories)
    assert codes(await tries(office, app.wrong(), password="guess")) == [("SIGN_IN_FAILED", None)]
    # A code that nobody asks for is not looked at.
    assert is_in(await tries(office, app.wrong(), username="pujiang.viewer"))


async def test_a_token_takes_five_codes_also_when_they_come_at_once(office: Office, app: App) -> None:
    token = await waiting(office)
    for _ in range(5):
        assert codes(await finishes(office, token, app.wrong())) == WRONG
    assert codes(await finishes(office, token, app.code())) == OVER
    token = await waiting(office)
    answers = await asyncio.gather(*(finishes(office, token, app.wrong()) for _ in range(12)))
    assert sorted(map(codes, answers)) == sorted([OVER] * 7 + [WRONG] * 5)


async def test_wrong_codes_close_an_account_to_strangers_and_not_to_its_devices(proxied: Office) -> None:
    app = await sets_up(proxied.enterprise)
    device = (await tries(proxied, app.code()))["deviceToken"]
    app.next_step()
    guessed = [await tries(proxied, app.wrong(), f"198.51.100.{number}") for number in range(25)]
    assert [codes(each) for each in guessed] == [WRONG] * 20 + [TOO_MANY] * 5
    refused = await tries(proxied, app.code(), "203.0.113.1")
    assert codes(refused) == TOO_MANY
    assert refused["userErrors"][0]["retryAfterSeconds"] == 24 * 3600 // 20
    assert codes(await finishes(proxied, await waiting(proxied, "203.0.113.1"), app.code(), "203.0.113.1")) == TOO_MANY
    # The device that is known, who is signed in already, and everybody else go on.
    assert is_in(await tries(proxied, app.code(), "203.0.113.1", deviceToken=device))
    app.next_step()
    token = await waiting(proxied, "203.0.113.1", deviceToken=device)
    entered = await finishes(proxied, token, app.code(), "203.0.113.1", deviceToken=device)
    assert (is_in(entered), entered["deviceToken"]) == (True, device)
    proxied.clock.moves(seconds=24 * 3600 // 20)
    assert is_in(await tries(proxied, app.code(), "203.0.113.1"))


async def test_guesses_that_come_at_once_are_no_more_than_in_turn(open_office: Any) -> None:
    async with open_office(wrong_codes_per_account="3/1d") as office:
        app = await sets_up(office.enterprise)
        answers = await asyncio.gather(*(tries(office, app.wrong()) for _ in range(10)))
        assert sorted(map(codes, answers)) == sorted([WRONG] * 3 + [TOO_MANY] * 7)
        # Whoever has stolen a session does not guess either.
        answers = [await revokes(office.enterprise, app.id, oneTimeCode=app.wrong()) for _ in range(4)]
        assert [each.codes for each in answers] == [["SECOND_FACTOR_WRONG"]] * 3 + [["TOO_MANY_ATTEMPTS"]]
        assert (await revokes(office.enterprise, app.id, oneTimeCode=app.code())).codes == ["TOO_MANY_ATTEMPTS"]


async def test_wrong_codes_count_like_wrong_passwords_and_are_told_to_administrators(open_office: Any) -> None:
    async with open_office(failures_per_address="3/10m") as office:
        app = await sets_up(office.enterprise)
        assert [codes(await tries(office, app.wrong())) for _ in range(4)] == [WRONG] * 3 + [TOO_MANY]
        await office.attempts_are_told()
        query = "{ signInAttempts { nodes { username outcome times } } }"
        told = (await office.user("pujiang.admin").asks(query))["signInAttempts"]["nodes"]
        assert told == [{"username": "enterprise", "outcome": "FAILED", "times": 3}]


async def test_waiting_sign_ins_do_not_pile_up(office: Office, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.second_factor.WAITING_MAX", 2)
    tokens = []
    for _ in range(3):
        tokens.append(await waiting(office))
        office.clock.moves(seconds=1)
    assert codes(await finishes(office, tokens[0], app.code())) == OVER
    assert is_in(await finishes(office, tokens[1], app.code()))


async def test_the_example_finishes_with_a_code(open_office: Any) -> None:
    async with open_office(**GUARDED) as office:
        app = await sets_up(office.enterprise)
        run = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, str(EXAMPLE), f"http://{await office.address()}/graphql", "enterprise"],
            env={"PASSWORD": PASSWORD, "CODE": app.recovery_codes[0], "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        assert (await Person(office, run.stdout.strip()).asks(VIEWER))["viewer"]["totp"]["recoveryCodesLeft"] == 9


# ── Doing away with it ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_its_user_revokes_it_with_a_code_alone(office: Office, app: App) -> None:
    person = office.enterprise
    assert (await revokes(person, app.id)).refusals == [("SECOND_FACTOR_REQUIRED", "oneTimeCode")]
    assert (await revokes(person, app.id, oneTimeCode=app.wrong())).codes == ["SECOND_FACTOR_WRONG"]
    done = (await revokes(person, app.id, oneTimeCode=app.code(), reason="换手机")).done()
    assert (done["status"], done["revokeReason"], done["recoveryCodesLeft"]) == ("REVOKED", "换手机", 0)
    assert is_in(await tries(office))
    assert (await person.asks(VIEWER))["viewer"]["totp"] is None
    assert (await sets_up(person)).id != app.id


async def test_an_administrator_revokes_it_for_others_and_not_for_oneself(office: Office, app: App) -> None:
    admin = office.user("pujiang.admin")
    own = await sets_up(admin)
    assert (await revokes(admin, own.id)).codes == ["SECOND_FACTOR_REQUIRED"]
    for stranger in (office.enterprise_viewer, office.other_enterprise, office.user("customs.admin")):
        assert (await revokes(stranger, app.id)).codes == ["NOT_FOUND"]
    assert (await revokes(admin, app.id, reason="手机遗失")).done()["status"] == "REVOKED"
    assert is_in(await tries(office))


async def test_customs_administrator_revokes_it_for_administrators_elsewhere(office: Office, app: App) -> None:
    own = await sets_up(office.user("pujiang.admin"))
    customs = office.user("customs.admin")
    listed = (await customs.asks(LIST))["totps"]["nodes"]
    assert [each["account"]["username"] for each in listed] == ["pujiang.admin"]
    assert (await revokes(office.customs, own.id)).codes == ["NOT_FOUND"]
    assert (await revokes(customs, own.id)).done()["status"] == "REVOKED"
    seen = (await office.enterprise.asks(LIST, filter={"status": "ACTIVE"}))["totps"]["nodes"]
    assert [each["id"] for each in seen] == [app.id]
