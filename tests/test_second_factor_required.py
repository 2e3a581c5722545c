"""An installation asks more than a password of some roles: until there is more, nothing is open but setting it up."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from pydantic import ValidationError

from graph.settings import Settings
from tests.accounts import grants, signed_in
from tests.authenticator import Authenticator
from tests.authenticator_app import confirms, sets_up
from tests.authenticator_app import tries as tries_with_code
from tests.cards import Issuing, binds
from tests.cards import signs_in as signs_in_by_card
from tests.office import Office
from tests.papers import PDF, PREFLIGHT
from tests.person import Person
from tests.signing_in import is_in
from tests.test_passkey import SITE, registers
from tests.test_passkey import signs_in as signs_in_by_passkey
from tests.world import PASSWORD

COMMISSIONS = "{ commissions { totalCount } }"
SELF = """{ viewer { lacksSecondFactor role account { username } organisation { nameZh } totp { id } }
  sessions { totalCount } }"""
NEEDED = "SECOND_FACTOR_NEEDED"
Opening = Callable[..., AbstractAsyncContextManager[Office]]


@pytest.fixture
def issuing(tmp_path: Path) -> Issuing:
    (tmp_path / "cards").mkdir()
    return Issuing(tmp_path / "cards")


@pytest.fixture
async def office(open_office: Opening, issuing: Issuing) -> AsyncIterator[Office]:
    roles = ("ENTERPRISE:OPERATOR", "ADMIN")
    async with open_office(**SITE, **issuing.settings, totp_required_roles=roles) as office:
        yield office


async def test_a_password_alone_opens_nothing_but_setting_up_an_app(office: Office) -> None:
    person = await signed_in(office, "enterprise", PASSWORD)
    async with office.unchanged():
        for query in (
            COMMISSIONS, "{ rules { totalCount } }", "{ viewer { unreadCount } }",
            "{ viewer { todos { totalCount } } }",
            'mutation { commissionSubmit(input: {id: "commission_0"}) { userErrors { code } } }',
            'mutation { cardRevoke(input: {id: "card_0"}) { userErrors { code } } }',
        ):  # fmt: skip
            assert await person.is_told(query) == NEEDED
    (error,) = (await person.in_english().sends(COMMISSIONS))["errors"]
    assert "totpBegin" in error["message"]
    assert "totpBegin" in (await person.in_chinese().sends(COMMISSIONS))["errors"][0]["message"]
    own = await person.asks(SELF)
    assert own["viewer"] == {
        "lacksSecondFactor": True,
        "role": "OPERATOR",
        "account": {"username": "enterprise"},
        "organisation": {"nameZh": "上海浦江联合重工机械有限公司"},
        "totp": None,
    }
    await sets_up(person)
    assert (await person.asks("{ viewer { lacksSecondFactor } }"))["viewer"]["lacksSecondFactor"] is False
    await person.asks(COMMISSIONS)


async def test_files_exports_and_sockets_are_closed_as_well(office: Office) -> None:
    person = await signed_in(office, "enterprise", PASSWORD)
    for address in ("/exports/commissions.csv", "/files/attachment_0"):
        answer = await office.client.get(address, headers=person.headers)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (403, NEEDED)
    async with office.unchanged():
        answer = await office.client.post(
            "/graphql", data={"operations": "{}", "map": "{}"}, files={"0": PDF}, headers=person.headers | PREFLIGHT
        )
        assert answer.json()["errors"][0]["extensions"]["code"] == NEEDED
    async with person.listens() as heard:
        assert await heard.error() == NEEDED


async def test_an_operation_that_signs_in_and_goes_on_is_no_way_round(office: Office) -> None:
    both = f"""mutation {{
      sessionOpen(input: {{username: "enterprise", password: "{PASSWORD}"}}) {{ viewer {{ lacksSecondFactor }} }}
      commissionSaveDraft(input: {{}}) {{ userErrors {{ code }} }}
    }}"""
    async with office.unchanged(but=("session", "register", "device", "sign_in_count", "known_device")):
        answer = await office.anybody.sends(both)
    assert answer["data"]["sessionOpen"] == {"viewer": {"lacksSecondFactor": True}}
    assert [each["extensions"]["code"] for each in answer["errors"]] == [NEEDED]


async def test_with_the_app_the_code_opens_everything(office: Office) -> None:
    person = await signed_in(office, "enterprise", PASSWORD)
    app = await sets_up(person)
    opened = await tries_with_code(office, app.code())
    assert is_in(opened)
    await Person(office, opened["session"]["token"]).asks(COMMISSIONS)


async def test_one_that_was_begun_is_not_enough(office: Office) -> None:
    person = await signed_in(office, "enterprise", PASSWORD)
    begun = (await person.asks("mutation { totpBegin { totp { id } } }"))["totpBegin"]
    assert await person.is_told(COMMISSIONS) == NEEDED
    assert (await confirms(person, begun["totp"], "000000")).codes == ["SECOND_FACTOR_WRONG"]
    assert await person.is_told(COMMISSIONS) == NEEDED


async def test_cards_and_passkeys_are_enough(office: Office, issuing: Issuing) -> None:
    device, card = Authenticator(), issuing.card()
    (await registers(await signed_in(office, "enterprise", PASSWORD), device)).done()
    by_passkey = Person(office, (await signs_in_by_passkey(office, device)).done()["session"]["token"])
    await by_passkey.asks(COMMISSIONS)
    (await binds(by_passkey, card)).done()
    by_card = Person(office, (await signs_in_by_card(office, card)).done()["session"]["token"])
    await by_card.asks(COMMISSIONS)


async def test_other_roles_and_other_sides_need_none(office: Office) -> None:
    for username in ("pujiang.viewer", "institution", "customs"):
        person = await signed_in(office, username, PASSWORD)
        assert (await person.asks("{ viewer { lacksSecondFactor } }"))["viewer"]["lacksSecondFactor"] is False
        await person.asks(COMMISSIONS)
    for username in ("pujiang.admin", "customs.admin"):
        assert await (await signed_in(office, username, PASSWORD)).is_told(COMMISSIONS) == NEEDED


async def test_a_substitute_is_asked_for_what_the_role_asks_for(open_office: Opening) -> None:
    async with open_office(totp_required_roles=("ENTERPRISE:OPERATOR",)) as office:
        viewer = await signed_in(office, "pujiang.viewer", PASSWORD)
        await viewer.asks(COMMISSIONS)
        app = await sets_up(office.enterprise)
        assert app.id
        (await grants(office.enterprise, "pujiang.viewer")).done()
        assert await viewer.is_told(COMMISSIONS) == NEEDED


async def test_whoever_lacks_it_still_changes_the_own_data_and_signs_out(office: Office) -> None:
    person = await signed_in(office, "enterprise", PASSWORD)
    profile = 'mutation { accountUpdateProfile(input: {displayName: "周海洋"}) { userErrors { code } } }'
    named = profile.replace("input: {", f'input: {{id: "{await own_id(person)}", ')
    assert (await person.asks(named))["accountUpdateProfile"]["userErrors"] == []
    assert (await person.asks("mutation { sessionClose { userErrors { code } } }"))["sessionClose"]["userErrors"] == []


async def own_id(person: Person) -> str:
    found: str = (await person.asks("{ viewer { account { id } } }"))["viewer"]["account"]["id"]
    return found


@pytest.mark.parametrize("written", ["BOSS", "CUSTOMS:", "MOON:ADMIN", "admin"])
def test_a_role_that_there_is_not_stops_the_start(written: str) -> None:
    with pytest.raises(ValidationError, match="a role is written like"):
        Settings(totp_required_roles=(written,))


def test_without_the_setting_nobody_is_asked() -> None:
    assert Settings().roles_asked_more_of == ()
