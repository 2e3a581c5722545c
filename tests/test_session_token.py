"""Tokens of sessions: how they are renewed, rest and are stolen, cookies, and the list of one's own sessions."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from storage.register import REGISTER
from tests.office import Office
from tests.person import Person
from tests.world import PASSWORD

SESSION = """
session { token expiresAt refreshToken refreshExpiresAt } viewer { account { username } } userErrors { code field }
"""
OPEN = f"mutation Open($input: SessionOpenInput!) {{ payload: sessionOpen(input: $input) {{ {SESSION} }} }}"
REFRESH = f"mutation Refresh($input: SessionRefreshInput!) {{ payload: sessionRefresh(input: $input) {{ {SESSION} }} }}"
CLOSE = "mutation Close($input: SessionCloseInput) { sessionClose(input: $input) { userErrors { code } } }"
LIST = "{ sessions { nodes { id status method device address isCurrent openedAt lastUsedAt expiresAt closedAt } } }"
VIEWER = "{ viewer { account { username } } }"


async def opens(office: Office, username: str = "enterprise", **more: Any) -> Any:
    typed = {"username": username, "password": PASSWORD, **more}
    return (await office.anybody.asks(OPEN, input=typed))["payload"]["session"]


async def renews(office: Office, refresh_token: str) -> Any:
    return (await office.anybody.asks(REFRESH, input={"refreshToken": refresh_token}))["payload"]


async def is_somebody(office: Office, token: str) -> bool:
    answer = await Person(office, token).sends(VIEWER)
    return "errors" not in answer and answer["data"]["viewer"] is not None


# ── Renewal ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_refreshable_session_has_a_short_token_that_is_renewed_until_the_session_ends(open_office: Any) -> None:
    async with open_office(token_minutes=15, refreshable_days=1, refreshable_idle_hours=30) as office:
        session = await opens(office, refreshable=True)
        assert session["expiresAt"] == "2026-06-01T02:15:00Z"
        assert session["refreshExpiresAt"] == "2026-06-02T02:00:00Z"
        office.clock.moves(minutes=15)
        assert not await is_somebody(office, session["token"])
        renewed = await renews(office, session["refreshToken"])
        assert (renewed["userErrors"], renewed["viewer"]["account"]["username"]) == ([], "enterprise")
        later = renewed["session"]
        assert await is_somebody(office, later["token"])
        assert len({later["token"], later["refreshToken"], session["token"], session["refreshToken"]}) == 4
        assert later["refreshExpiresAt"] == session["refreshExpiresAt"]
        office.clock.moves(hours=23, minutes=40)
        last = (await renews(office, later["refreshToken"]))["session"]
        assert last["expiresAt"] == session["refreshExpiresAt"]
        office.clock.moves(minutes=5)
        assert [each["code"] for each in (await renews(office, last["refreshToken"]))["userErrors"]] == [
            "SIGN_IN_FAILED"
        ]


async def test_an_installation_may_have_no_session_outlast_half_a_day_or_half_an_hour_of_rest(open_office: Any) -> None:
    """As level 2 of OWASP ASVS has it (3.3.2); as it is shipped, a refreshable one lasts longer."""
    async with open_office(refreshable_days=0.5, refreshable_idle_hours=0.5) as office:
        session = await opens(office, refreshable=True)
        assert session["refreshExpiresAt"] == "2026-06-01T14:00:00Z"
        for _ in range(24):
            office.clock.moves(minutes=29, seconds=59)
            session = (await renews(office, session["refreshToken"]))["session"]
        office.clock.moves(seconds=24)
        assert (await renews(office, session["refreshToken"]))["session"] is None
        rested = await opens(office, refreshable=True)
        office.clock.moves(minutes=30)
        assert (await renews(office, rested["refreshToken"]))["session"] is None


async def test_a_session_that_asked_for_no_refresh_token_has_none(office: Office) -> None:
    session = await opens(office)
    assert (session["refreshToken"], session["refreshExpiresAt"]) == (None, None)


async def test_renewing_ends_the_token_before(office: Office) -> None:
    session = await opens(office, refreshable=True)
    renewed = (await renews(office, session["refreshToken"]))["session"]
    assert not await is_somebody(office, session["token"])
    assert await is_somebody(office, renewed["token"])


async def test_a_refresh_token_that_comes_again_closes_the_session_of_thief_and_owner(open_office: Any) -> None:
    async with open_office(refresh_grace_seconds=30) as office:
        session = await opens(office, refreshable=True)
        taken = (await renews(office, session["refreshToken"]))["session"]
        async with Person(office, taken["token"]).connects() as talk:
            office.clock.moves(seconds=30)
            answer = await renews(office, session["refreshToken"])
            assert (answer["session"], answer["userErrors"]) == (
                None, [{"code": "SIGN_IN_FAILED", "field": ["refreshToken"]}]
            )  # fmt: skip
            assert await talk.hears_close() == 4403
        assert not await is_somebody(office, taken["token"])
        assert (await renews(office, taken["refreshToken"]))["userErrors"]
        async with office.database.reading() as connection:
            lines = select(REGISTER.c.action).where(REGISTER.c.subject_type == "session").order_by(REGISTER.c.id.desc())
            assert (await connection.execute(lines.limit(1))).scalar_one() == "close_stolen"


async def test_an_answer_that_was_lost_may_be_asked_for_again_for_a_moment(open_office: Any) -> None:
    async with open_office(refresh_grace_seconds=30) as office:
        session = await opens(office, refreshable=True)
        await renews(office, session["refreshToken"])
        office.clock.moves(seconds=29)
        again = (await renews(office, session["refreshToken"]))["session"]
        assert await is_somebody(office, again["token"])


async def test_windows_that_renew_at_once_all_stay_signed_in(office: Office) -> None:
    session = await opens(office, refreshable=True)
    answers = await asyncio.gather(*(renews(office, session["refreshToken"]) for _ in range(2)))
    assert [each["userErrors"] for each in answers] == [[], []]
    assert [await is_somebody(office, each["session"]["token"]) for each in answers] == [True, True]


@pytest.mark.parametrize("token", ["", ".", "nonsense", "a.b", "x" * 5000, "令牌.令牌"])
async def test_a_refresh_token_that_is_none_is_refused_and_changes_nothing(office: Office, token: str) -> None:
    async with office.unchanged():
        answer = await renews(office, token)
    assert [each["code"] for each in answer["userErrors"]] == ["SIGN_IN_FAILED"]


async def test_an_access_token_renews_nothing_and_a_refresh_token_does_nothing_else(office: Office) -> None:
    session = await opens(office, refreshable=True)
    assert (await renews(office, session["token"]))["userErrors"]
    assert not await is_somebody(office, session["refreshToken"])
    assert await is_somebody(office, session["token"])


async def test_no_token_is_kept(office: Office) -> None:
    session = await opens(office, refreshable=True)
    renewed = (await renews(office, session["refreshToken"]))["session"]
    kept = repr(await office.everything())
    for secret in (session["token"], renewed["token"], *renewed["refreshToken"].split(".")):
        assert secret not in kept


# ── Rest ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_session_that_goes_unused_ends_and_one_that_is_used_does_not(open_office: Any) -> None:
    async with open_office(idle_minutes=30, session_hours=12) as office:
        used, unused = (await opens(office))["token"], (await opens(office))["token"]
        for _ in range(3):
            office.clock.moves(minutes=20)
            assert await is_somebody(office, used)
            await office.app.state.reception.close()
        assert not await is_somebody(office, unused)


async def test_a_socket_ends_when_its_session_has_rested_too_long_and_using_it_is_a_use(open_office: Any) -> None:
    async with open_office(idle_minutes=30, session_hours=12) as office:
        person = Person(office, (await opens(office))["token"])
        async with person.connects() as talk:
            for turn in range(3):
                office.clock.moves(minutes=20)
                await talk.asks(str(turn), VIEWER)
                assert (await talk.hears())["payload"]["data"]["viewer"]
                assert (await talk.hears())["type"] == "complete"
            assert await is_somebody(office, str(person.token))
            office.clock.moves(minutes=30)
            await talk.asks("late", VIEWER)
            told = await talk.hears()
            assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "UNAUTHENTICATED")


async def test_a_session_at_its_end_is_ended_by_the_clock(open_office: Any) -> None:
    async with open_office(session_hours=1) as office:
        await opens(office)
        office.clock.moves(hours=1)
        assert (await office.time_is_kept())["sessionExpire"] == 1
        nodes = (await office.enterprise.asks(LIST))["sessions"]["nodes"]
        assert [each["status"] for each in nodes] == ["EXPIRED", "OPEN"]


# ── One's own sessions ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_everybody_lists_the_own_sessions_and_ends_any_of_them(office: Office) -> None:
    typed = {"query": OPEN, "variables": {"input": {"username": "enterprise", "password": PASSWORD}}}
    agent = {"user-agent": "Firefox/147 " + "x" * 500}
    opened = (await office.client.post("/graphql", json=typed, headers=agent)).json()
    token = opened["data"]["payload"]["session"]["token"]
    elsewhere = Person(office, token)
    nodes = (await elsewhere.asks(LIST))["sessions"]["nodes"]
    current, other = nodes
    assert (current["isCurrent"], other["isCurrent"]) == (True, False)
    assert (current["method"], current["status"], current["closedAt"]) == ("PASSWORD", "OPEN", None)
    assert current["device"].startswith("Firefox/147 xxx")
    assert len(current["device"]) == 200
    assert current["address"] == "127.0.0.1"
    assert current["openedAt"] == current["lastUsedAt"] == "2026-06-01T02:00:00Z"
    ended = await office.enterprise.asks(CLOSE, input={"id": current["id"]})
    assert ended["sessionClose"]["userErrors"] == []
    assert not await is_somebody(office, token)
    assert (await office.enterprise.asks(VIEWER))["viewer"]["account"]["username"] == "enterprise"


async def test_nobody_lists_or_ends_the_sessions_of_others(office: Office) -> None:
    (own,) = (await office.enterprise.asks(LIST))["sessions"]["nodes"]
    for stranger in (office.user("pujiang.admin"), office.customs, office.other_enterprise):
        assert own["id"] not in repr(await stranger.asks(LIST))
        answer = await stranger.asks(CLOSE, input={"id": own["id"]})
        assert [each["code"] for each in answer["sessionClose"]["userErrors"]] == ["NOT_FOUND"]
        found = await stranger.asks("query N($id: ID!) { node(id: $id) { id } }", id=own["id"])
        assert found["node"] is None
    assert await office.anybody.is_told(LIST) == "UNAUTHENTICATED"


async def test_where_somebody_signed_in_from_is_in_no_line_of_the_register(office: Office) -> None:
    await opens(office)
    async with office.database.reading() as connection:
        changes = await connection.execute(select(REGISTER.c.changes).where(REGISTER.c.subject_type == "session"))
        written = "".join(row.changes for row in changes)
    assert "127.0.0.1" not in written
    assert "python-httpx" not in written


# ── Cookies ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def signs_in_by_cookie(office: Office, **more: Any) -> httpx.Response:
    typed = {"username": "enterprise", "password": PASSWORD, "cookie": True, **more}
    return await office.client.post("/graphql", json={"query": OPEN, "variables": {"input": typed}})


def cookies_of(answer: httpx.Response) -> dict[str, str]:
    """Name and value of the cookies that an answer sets."""
    pairs = [each.split(";")[0].split("=", 1) for each in answer.headers.get_list("set-cookie")]
    return {name: value.strip('"') for name, value in pairs}


async def asked(office: Office, query: str, cookies: dict[str, str], **headers: str) -> httpx.Response:
    named = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return await office.client.post("/graphql", json={"query": query}, headers={"cookie": named, **headers})


async def test_a_browser_gets_its_token_as_a_cookie_that_scripts_and_other_sites_cannot_use(office: Office) -> None:
    answer = await signs_in_by_cookie(office)
    payload = answer.json()["data"]["payload"]
    assert (payload["session"], payload["viewer"]["account"]["username"]) == (None, "enterprise")
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-preship-token=")
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/", "Max-Age=43200"} <= set(cookie.split("; "))
    known = await asked(office, VIEWER, cookies_of(answer))
    assert known.json()["data"]["viewer"]["account"]["username"] == "enterprise"


async def test_a_cookie_is_renewed_by_a_cookie_and_taken_back_on_leaving(office: Office) -> None:
    cookies = cookies_of(await signs_in_by_cookie(office, refreshable=True))
    assert set(cookies) == {"__Host-preship-token", "__Host-preship-refresh"}
    query = "mutation { payload: sessionRefresh(input: {}) { session { token } userErrors { code } } }"
    renewed = await asked(office, query, cookies)
    assert renewed.json()["data"]["payload"]["session"] is None
    newer = cookies_of(renewed)
    assert set(newer) == set(cookies)
    assert not set(newer.values()) & set(cookies.values())
    left = await asked(office, "mutation { sessionClose { userErrors { code } } }", newer)
    assert cookies_of(left) == dict.fromkeys(cookies, "")
    assert (await asked(office, VIEWER, newer)).json()["data"]["viewer"] is None


async def test_a_cookie_that_is_no_longer_good_is_taken_back_and_does_not_bar_from_signing_in(office: Office) -> None:
    stale = {"__Host-preship-token": "stale"}
    answer = await asked(office, VIEWER, stale)
    assert answer.json()["data"]["viewer"] is None
    assert cookies_of(answer) == {"__Host-preship-token": ""}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_cookie_counts_for_nothing_where_another_site_asks(office: Office, origin: str) -> None:
    cookies = cookies_of(await signs_in_by_cookie(office))
    answer = await asked(office, VIEWER, cookies, origin=origin)
    assert answer.json()["data"]["viewer"] is None


async def test_a_form_of_another_site_reaches_nothing(office: Office) -> None:
    cookies = cookies_of(await signs_in_by_cookie(office))
    named = "; ".join(f"{name}={value}" for name, value in cookies.items())
    for type_ in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = await office.client.post(
            "/graphql", content='{"query": "mutation { sessionClose { userErrors { code } } }"}',
            headers={"cookie": named, "content-type": type_},
        )  # fmt: skip
        assert answer.status_code in (400, 403, 415)
    assert (await asked(office, VIEWER, cookies)).json()["data"]["viewer"] is not None


async def test_cookies_are_not_set_over_a_socket(office: Office) -> None:
    async with office.anybody.connects() as talk:
        typed = {"username": "enterprise", "password": PASSWORD, "cookie": True}
        await talk.asks("1", OPEN, variables={"input": typed})
        payload = (await talk.hears())["payload"]
        assert payload["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


# ── Addresses ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["access_token", "token", "authorization"])
@pytest.mark.parametrize("path", ["/graphql", "/files/x", "/exports/commissions.csv"])
async def test_a_token_in_an_address_is_refused(office: Office, path: str, name: str) -> None:
    token = (await opens(office))["token"]
    answer = await office.client.get(path, params={"query": VIEWER, name: token}, headers={"x-requested-with": "test"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert token not in answer.text


async def test_without_https_a_trial_may_do_without_secure_cookies(open_office: Any) -> None:
    async with open_office(cookies_secure=False) as office:
        answer = await signs_in_by_cookie(office)
        (cookie,) = answer.headers.get_list("set-cookie")
        assert cookie.startswith("preship-token=")
        assert "Secure" not in cookie
        known = await asked(office, VIEWER, cookies_of(answer))
        assert known.json()["data"]["viewer"] is not None
