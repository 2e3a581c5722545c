"""Bearer tokens: what one costs to look at, where a session that has ended still counts (nowhere), and false ones."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import stream
from storage.session_token import holder_of
from tests.accounts import administrator, does
from tests.office import Office, opened
from tests.person import Person
from tests.test_session_token import CLOSE, VIEWER, is_somebody
from tests.test_session_token import opens as signs_in
from tests.world import PASSWORD

KEPT = "kept-token-of-enterprise"
OPEN_BY_COOKIE = "mutation Open($input: SessionOpenInput!) { sessionOpen(input: $input) { userErrors { code } } }"


async def test_finding_out_who_shows_a_token_costs_one_statement(office: Office) -> None:
    token = (await signs_in(office))["token"]
    for person, statements in [(office.anybody, 0), (Person(office, token), 1), (Person(office, "nobody's"), 1)]:
        with office.statements() as sent:
            await person.sends("{ __typename }")
        assert len(sent) == statements, sent


async def test_that_statement_reads_no_table_from_end_to_end(office: Office) -> None:
    async with office.database.writing() as connection:
        if not office.database.is_sqlite:
            # So small a table is read whole unless that is made dear; where no index served, it would be all the same.
            await connection.exec_driver_sql("set local enable_seqscan = off")
        plan = await _plan(connection, lambda: holder_of(connection, KEPT, office.clock()))
    whole = "SCAN" if office.database.is_sqlite else "Seq Scan"
    # The powers of one user, found by an index before, are no table.
    assert not [step for step in plan if whole in step and step != "SCAN powers"], plan
    assert [step for step in plan if "token_hash" in step], plan


async def _plan(connection: AsyncConnection, ask: Callable[[], Any]) -> list[str]:
    """How the engine would answer the one statement that is asked."""
    sent: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        sent.append((statement, parameters))

    engine = connection.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert await ask() is not None
    finally:
        event.remove(engine, "before_cursor_execute", note)
    ((statement, parameters),) = sent
    explain = "explain query plan " if connection.dialect.name == "sqlite" else "explain "
    rows = await connection.exec_driver_sql(explain + statement, parameters)
    return [str(row[-1]) for row in rows]


@asynccontextmanager
async def two_processes(office: Office, folder: Path) -> Any:
    """Another instance of the product on the same database."""
    url = office.database.url.render_as_string(hide_password=False)
    async with opened(url, folder / "other") as other:
        yield other


@pytest.mark.parametrize("ended_by", ["the user", "an administrator"])
async def test_a_session_that_ends_in_one_process_ends_in_all(office: Office, tmp_path: Path, ended_by: str) -> None:
    token = (await signs_in(office))["token"]
    async with two_processes(office, tmp_path) as other:
        there = Person(other, token)
        async with there.connects() as talk:
            await talk.asks("before", VIEWER)
            assert (await talk.hears())["payload"]["data"]["viewer"]
            assert (await talk.hears())["type"] == "complete"
            if ended_by == "the user":
                await Person(office, token).asks(CLOSE)
            else:
                (await does(administrator(office), "accountDeactivate", "enterprise")).done()
            # Each request asks the database, so the next one is refused.
            assert await there.is_told(VIEWER) == "UNAUTHENTICATED"
            assert await talk.hears_close() == 4403


def test_no_process_waits_a_second_before_it_looks_who_was_signed_out() -> None:
    assert stream.IDLE_SECONDS_MAX <= 0.8


async def test_nothing_is_answered_on_a_socket_between_the_end_of_its_session_and_its_own(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = (await signs_in(office))["token"]
    # A process that never looks: all that is left is what each operation asks for itself.
    async with two_processes(office, tmp_path) as other:
        monkeypatch.setattr("storage.stream.Stream._wake", lambda *_: None)
        async with Person(other, token).connects() as talk:
            await Person(office, token).asks(CLOSE)
            await talk.asks("after", VIEWER)
            told = await talk.hears()
            assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "UNAUTHENTICATED")


def _signed(header: dict[str, str], secret: bytes) -> str:
    """A token of the kind that we do not use (RFC 7519)."""
    parts = [json.dumps(each).encode() for each in (header, {"sub": "customs.admin", "role": "ADMIN"})]
    written = b".".join(base64.urlsafe_b64encode(each).rstrip(b"=") for each in parts)
    digest = hmac.digest(secret, written, "sha256") if header["alg"] == "HS256" else b""
    return f"{written.decode()}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


async def test_a_token_that_was_altered_cut_or_made_up_is_nobodys(office: Office) -> None:
    token = (await signs_in(office))["token"]
    assert await is_somebody(office, token)
    other = "A" if token[0] != "A" else "B"
    false = [
        other + token[1:],
        token[:-1],
        token[1:],
        token + "A",
        token.swapcase(),
        # What a stolen copy of the database holds.
        hashlib.sha256(token.encode()).hexdigest(),
        _signed({"alg": "none", "typ": "JWT"}, b""),
        _signed({"alg": "HS256", "typ": "JWT"}, token.encode()),
        f"{token}, {token}",
        "%",
        "' or '1'='1",
    ]
    async with office.unchanged():
        for each in false:
            assert await Person(office, each).is_told(VIEWER) == "UNAUTHENTICATED", each
    assert await is_somebody(office, token)


async def test_a_token_of_another_installation_is_nobodys_here(open_office: Any, office: Office) -> None:
    async with open_office() as elsewhere:
        token = (await signs_in(elsewhere))["token"]
        assert await is_somebody(elsewhere, token)
        assert not await is_somebody(office, token)


async def test_signing_in_takes_over_no_token_that_came_along(office: Office) -> None:
    planted = (await signs_in(office, "institution"))["token"]
    who = {"username": "enterprise", "password": PASSWORD, "cookie": True}
    typed = {"query": OPEN_BY_COOKIE, "variables": {"input": who}}
    answer = await office.client.post("/graphql", json=typed, headers={"cookie": f"__Host-preship-token={planted}"})
    assert answer.json()["data"]["sessionOpen"]["userErrors"] == []
    given = next(
        each.partition(";")[0].partition("=")[2]
        for each in answer.headers.get_list("set-cookie")
        if each.startswith("__Host-preship-token=")
    )
    assert given != planted
    names = [(await Person(office, each).asks(VIEWER))["viewer"]["account"]["username"] for each in (given, planted)]
    assert names == ["enterprise", "institution"]
    again = await asyncio.gather(*(signs_in(office) for _ in range(3)))
    assert len({each["token"] for each in again}) == 3
