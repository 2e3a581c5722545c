"""Who is presumed to ask, because the token was theirs a moment ago: that saves a question and lets nothing out."""

import asyncio
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Table, update

from domain.account.record import AccountStatus
from domain.language import Language
from domain.marks import today_in_china
from domain.party import DelegatedPower, Role, Viewer
from domain.session import SessionStatus, SignInMethod
from storage.account import ACCOUNT
from storage.session import SESSION
from storage.session_token import SESSION_TOKEN, USE_NOTED_EVERY, Known, hash_of_token, holder_of, still_known
from tests.accounts import VIEWER as POWERS
from tests.accounts import does, grants, takes_back
from tests.clock import OPENING
from tests.office import Office
from tests.person import Person
from tests.test_bearer import two_processes
from tests.test_session_token import CLOSE, VIEWER
from tests.test_session_token import opens as signs_in

ACCEPT = "mutation Accept($id: ID!) { commissionAccept(input: {id: $id}) { userErrors { code } } }"
LIST = "{ commissions(first: 5) { nodes { number institution { name } } } }"
ENDED = {
    "a question that is planned": {"query": LIST},
    "one that waits for resolvers": {"query": VIEWER},
    "one that graphql-core answers": {"query": "{ __schema { queryType { name } } }"},
    "one that asks nothing": {"query": "{ __typename }"},
    "one that does not fit": {"query": "{ nothing }"},
    "one with a variable that does not fit": {"query": "query A($n: Int) { commissions(first: $n) { totalCount } }",
                                              "variables": {"n": "five"}},
    "one that costs too much": {"query": "{ registerVerify { flaws { reason } } "
                                         + " ".join(f"a{n}: commissions(first: 9) {{ totalCount }}" for n in range(99))
                                         + " }"},
    "a change": {"query": "mutation { sessionClose { userErrors { code } } }"},
    "a subscription": {"query": "subscription { noticeReceived { cursor } }"},
    "no request": {"nothing": 1},
    "a document that is not known": {"documentId": "unknown"},
}  # fmt: skip


async def test_who_asks_is_asked_with_the_question_once_it_is_known(office: Office) -> None:
    person = Person(office, (await signs_in(office))["token"])
    for statements in (2, 1, 1):
        with office.statements() as sent:
            await person.asks(LIST)
        assert len(sent) == statements, sent


async def test_whoever_acts_for_several_is_known_by_all_of_them_in_whatever_order(office: Office) -> None:
    for delegator in (office.enterprise, office.user("pujiang.admin")):
        (await grants(delegator, "pujiang.viewer")).done()
    person = Person(office, (await signs_in(office, "pujiang.viewer"))["token"])
    for statements in (2, 1):
        with office.statements() as sent:
            await person.asks(LIST)
        assert len(sent) == statements, sent


@pytest.mark.parametrize("ends", ["delegationRevoke", "accountDeactivate"])
async def test_of_several_delegations_one_that_ends_gives_no_power_from_the_next_answer_on(
    office: Office, ends: str
) -> None:
    administrator = office.user("pujiang.admin")
    granted = [(await grants(each, "pujiang.viewer")).done() for each in (office.enterprise, administrator)]
    person = Person(office, (await signs_in(office, "pujiang.viewer"))["token"])

    async def delegators() -> set[str]:
        return {each["username"] for each in (await person.asks(POWERS))["viewer"]["delegatedBy"]}

    for _ in range(2):
        assert await delegators() == {"enterprise", "pujiang.admin"}
    if ends == "accountDeactivate":
        (await does(administrator, ends, "enterprise")).done()
    else:
        (await takes_back(office.enterprise, granted[0])).done()
    assert await delegators() == {"pujiang.admin"}


@pytest.mark.parametrize("body", ENDED.values(), ids=ENDED)
async def test_a_token_whose_session_ended_elsewhere_is_told_nothing_else(
    office: Office, tmp_path: Path, body: dict[str, Any]
) -> None:
    token = (await signs_in(office))["token"]
    async with two_processes(office, tmp_path) as other:
        there = Person(other, token)
        await there.asks(LIST)
        await Person(office, token).asks(CLOSE)
        answer = await other.client.post("/graphql", json=body, headers=there.headers)
        codes = [error["extensions"]["code"] for error in answer.json()["errors"]]
        assert (answer.status_code, codes, "data" in answer.json()) == (401, ["UNAUTHENTICATED"], False)


async def test_what_has_changed_of_the_viewer_holds_for_the_very_next_answer(office: Office) -> None:
    await office.pending()
    person = Person(office, (await signs_in(office))["token"])

    async def name() -> str:
        nodes = (await person.asks(LIST))["commissions"]["nodes"]
        return str(nodes[0]["institution"]["name"])

    in_chinese = await name()
    (await does(person, "accountUpdateProfile", "enterprise", language="EN")).done()
    assert await name() != in_chinese
    (await does(person, "accountUpdateProfile", "enterprise", language="ZH")).done()
    assert await name() == in_chinese


async def test_a_session_in_use_is_noted_and_one_at_rest_ends_though_its_holder_is_remembered(office: Office) -> None:
    person = Person(office, (await signs_in(office))["token"])
    for _ in range(3):
        await person.asks(LIST)
        await office.app.state.reception.close()
        office.clock.moves(minutes=29)
    office.clock.moves(minutes=2)
    assert await person.is_told(LIST) == "UNAUTHENTICATED"


NEVER_CHANGES = {"kind", "institution_id", "session_expires_at"}
"""Of which kind an organisation is, which institution once it is one, and when a session ends at the latest."""
WEIGHED_APART = {"is_the_product", "key", "lacks_second_factor"}
"""No session stands for the product or a key; the strength of a sign-in follows from how the session was opened."""


async def test_every_thing_that_is_known_of_a_viewer_is_proved(office: Office) -> None:
    for delegator in (office.enterprise, office.user("pujiang.admin")):
        (await grants(delegator, "pujiang.viewer")).done()
    token = (await signs_in(office, "pujiang.viewer"))["token"]
    known = await holder_of(office.database, token, office.clock())
    assert known is not None
    first, second = known.viewer.powers
    language = Language.EN if known.viewer.language is Language.ZH else Language.ZH
    other: dict[str, Any] = {
        "user_id": uuid4(), "organisation_id": uuid4(), "session_id": uuid4(), "role": Role.ADMIN, "language": language,
    }  # fmt: skip
    powers: list[tuple[DelegatedPower, ...]] = [
        (), (first,), (second,), (replace(first, role=Role.REVIEWER), second),
        (first, replace(second, delegator_id=first.delegator_id)),
        (first, second, replace(first, delegation_id=uuid4())),
    ]  # fmt: skip
    different = [
        *(replace(known, viewer=replace(known.viewer, **{name: value})) for name, value in other.items()),
        *(replace(known, viewer=replace(known.viewer, powers=some)) for some in powers),
        replace(known, method=SignInMethod.CARD),
        replace(known, has_totp=True),
    ]
    assert {each.name for each in fields(Viewer)} == {*other, "powers"} | NEVER_CHANGES | WEIGHED_APART
    assert {each.name for each in fields(Known)} == {"viewer", "method", "has_totp", "is_to_be_noted"}
    assert await is_still_known(office, token, known)
    for each in different:
        assert not await is_still_known(office, token, each), each


async def is_still_known(office: Office, token: str, known: Known) -> bool:
    now = office.clock()
    question = still_known(known, hash_of_token(token), now, now - USE_NOTED_EVERY, today_in_china(now))
    async with office.database.reading() as connection:
        return (await connection.execute(question)).first() is not None


ENDS = {
    "an account that is not active": (ACCOUNT, {"status": AccountStatus.DEACTIVATED}),
    "a session that is closed": (SESSION, {"status": SessionStatus.CLOSED}),
    "a session past its end": (SESSION, {"expires_at": OPENING - timedelta(seconds=1)}),
    "a token past its end": (SESSION_TOKEN, {"token_expires_at": OPENING - timedelta(seconds=1)}),
    "a token that has rested too long": (SESSION_TOKEN, {"idle_until": OPENING - timedelta(seconds=1)}),
    "a token that was replaced": (SESSION_TOKEN, {"token_hash": "0" * 64}),
}


@pytest.mark.parametrize(("table", "values"), ENDS.values(), ids=ENDS)
async def test_each_end_by_itself_is_noticed(office: Office, table: Table, values: dict[str, Any]) -> None:
    token = (await signs_in(office))["token"]
    known = await holder_of(office.database, token, office.clock())
    assert known is not None
    assert await is_still_known(office, token, known)
    (key,) = table.primary_key.columns
    own = known.viewer.user_id if table is ACCOUNT else known.viewer.session_id
    async with office.database.writing() as connection:
        await connection.execute(update(table).where(key == own).values(values))
    assert not await is_still_known(office, token, known)
    assert await holder_of(office.database, token, office.clock()) is None


async def test_an_organisation_that_becomes_an_institution_is_noticed(office: Office) -> None:
    token = (await signs_in(office, "institution"))["token"]
    known = await holder_of(office.database, token, office.clock())
    assert known is not None
    assert await is_still_known(office, token, known)
    before = replace(known, viewer=replace(known.viewer, institution_id=None))
    assert not await is_still_known(office, token, before)


async def test_every_end_of_a_delegation_and_each_new_one_is_noticed(office: Office) -> None:
    token = (await signs_in(office, "pujiang.viewer"))["token"]

    async def known() -> Known:
        found = await holder_of(office.database, token, office.clock())
        assert found is not None
        return found

    without = await known()
    granted = (await grants(office.enterprise, "pujiang.viewer")).done()
    assert not await is_still_known(office, token, without)
    with_it = await known()
    assert await is_still_known(office, token, with_it)
    # A delegator who may not sign in hands on no power, and does so again when that ends.
    administrator = office.user("pujiang.admin")
    (await does(administrator, "accountDeactivate", "enterprise")).done()
    assert not await is_still_known(office, token, with_it)
    assert await is_still_known(office, token, without)
    (await does(administrator, "accountReactivate", "enterprise")).done()
    assert await is_still_known(office, token, with_it)
    assert not await is_still_known(office, token, without)
    (await takes_back(administrator, granted)).done()
    assert not await is_still_known(office, token, with_it)


async def test_an_action_proves_along_with_what_it_reads_who_asks(office: Office) -> None:
    first, second = await office.pending(), await office.pending()
    person = Person(office, (await signs_in(office, "institution"))["token"])
    for commission, statements in ((first, 3), (second, 2)):
        with office.statements() as sent:
            answer = await person.asks(ACCEPT, id=commission["id"])
        assert answer["commissionAccept"]["userErrors"] == []
        # SQLite has a statement for each question and each table.
        assert office.database.is_sqlite or len(sent) == statements, sent


async def of_the_institution(office: Office) -> tuple[Person, Known]:
    """Somebody who has just asked, and what is known of them."""
    token = (await signs_in(office, "institution"))["token"]
    person = Person(office, token)
    await person.asks(LIST)
    known = await holder_of(office.database, token, office.clock())
    assert known is not None
    return person, known


@pytest.mark.parametrize("ends", ["its session", "its account", "its token"])
async def test_nothing_is_done_for_whoever_held_the_token_before(office: Office, ends: str) -> None:
    pending, person, known = await office.pending(), *await of_the_institution(office)
    ended: dict[str, tuple[Table, Any, dict[str, Any]]] = {
        "its session": (SESSION, SESSION.c.id == known.viewer.session_id, {"status": SessionStatus.CLOSED}),
        "its account": (ACCOUNT, ACCOUNT.c.id == known.viewer.user_id, {"status": AccountStatus.DEACTIVATED}),
        "its token": (
            SESSION_TOKEN, SESSION_TOKEN.c.session_id == known.viewer.session_id, {"token_hash": "0" * 64},
        ),
    }  # fmt: skip
    table, key, values = ended[ends]
    async with office.database.writing() as connection:
        await connection.execute(update(table).where(key).values(values))
    async with office.unchanged():
        several = await asyncio.gather(*(person.is_told(ACCEPT, id=pending["id"]) for _ in range(4)))
    assert several == ["UNAUTHENTICATED"] * 4


async def test_whoever_may_do_less_meanwhile_is_refused_as_who_they_are(office: Office) -> None:
    pending, person, known = await office.pending(), *await of_the_institution(office)
    async with office.database.writing() as connection:
        await connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == known.viewer.user_id).values(role=Role.VIEWER))
    async with office.unchanged():
        assert (await person.accepts(pending)).codes == ["NOT_YOUR_ROLE"]
