"""Somebody at a client of the public API, over HTTP and over a real socket."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import httpx

from tests.papers import COMMISSION, PDF, PREFLIGHT, UPLOAD, USER_ERRORS, Payload, id_of
from tests.transport.serving import Talk, talking

if TYPE_CHECKING:
    from tests.office import Office


def token_of(username: str) -> str:
    """The token of the session that everybody has from the beginning."""
    return f"kept-token-of-{username}"


@dataclass(frozen=True)
class Person:
    """Somebody at a client: signed in, or with no token at all."""

    office: "Office" = field(repr=False)
    token: str | None
    language: str | None = None

    def in_english(self) -> "Person":
        return replace(self, language="en")

    def in_chinese(self) -> "Person":
        return replace(self, language="zh-CN")

    @property
    def headers(self) -> dict[str, str]:
        headers = {} if self.token is None else {"authorization": f"Bearer {self.token}"}
        return headers if self.language is None else headers | {"accept-language": self.language}

    async def sends(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer, errors included."""
        answer = await self.office.client.post(
            "/graphql", json={"query": query, "variables": variables}, headers=self.headers
        )
        content: dict[str, Any] = answer.json()
        return content

    async def asks(self, query: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = await self.sends(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def is_told(self, query: str, **variables: Any) -> str:
        """The code of the only error of an answer."""
        answer = await self.sends(query, **variables)
        (error,) = answer["errors"]
        code: str = error["extensions"]["code"]
        return code

    async def acts(self, mutation: str, **input: Any) -> Payload:
        """One action on a commission."""
        type_name = mutation[0].upper() + mutation[1:] + "Input"
        query = f"""mutation Acts($input: {type_name}!) {{
          payload: {mutation}(input: $input) {{ commission {{ ...commission }} {USER_ERRORS} }}
        }}"""
        data = await self.asks(query + COMMISSION, input=input)
        return Payload(data["payload"]["commission"], data["payload"]["userErrors"])

    async def saves(self, commission: Any = None, **fields: Any) -> Payload:
        named = {} if commission is None else {"id": id_of(commission)}
        return await self.acts("commissionSaveDraft", **named, **fields)

    async def submits(self, commission: Any, **more: Any) -> Payload:
        return await self.acts("commissionSubmit", id=id_of(commission), **more)

    async def withdraws(self, commission: Any, **more: Any) -> Payload:
        return await self.acts("commissionWithdraw", id=id_of(commission), **more)

    async def accepts(self, commission: Any, **more: Any) -> Payload:
        return await self.acts("commissionAccept", id=id_of(commission), **more)

    async def returns(self, commission: Any, reason: str | None = "请补充设备铭牌照片。", **more: Any) -> Payload:
        return await self.acts("commissionReturn", id=id_of(commission), reason=reason, **more)

    async def completes(self, commission: Any, **fields: Any) -> Payload:
        result = {"certificateNumber": "PSI-2026-0001", "validUntil": "2027-05-31"} | fields
        return await self.acts("commissionComplete", id=id_of(commission), **result)

    async def moves(self, commission: Any, to: str | None, **more: Any) -> Payload:
        return await self.acts("commissionMove", id=id_of(commission), institutionId=to, **more)

    async def cancels(self, commission: Any, **more: Any) -> Payload:
        return await self.acts("commissionCancel", id=id_of(commission), **more)

    async def sees(self, commission: Any) -> Any:
        """The commission as this person sees it, or None."""
        query = "query Sees($id: ID!) { commission(by: {id: $id}) { ...commission } }"
        return (await self.asks(query + COMMISSION, id=id_of(commission)))["commission"]

    async def may(self, commission: Any) -> dict[str, list[dict[str, Any]]]:
        """The refusals that each action on a commission would give this person now."""
        data = await self.asks(
            """query May($id: ID!) { commission(by: {id: $id}) {
              availableActions { action allowed refusals { code message field } }
            } }""",
            id=id_of(commission),
        )
        found = data["commission"]["availableActions"]
        assert all(each["allowed"] == (not each["refusals"]) for each in found)
        return {each["action"]: each["refusals"] for each in found}

    async def sends_file(
        self, subject: Any, content: bytes = PDF, name: str = "报告.pdf", kind: str = "OTHER", *, preflight: bool = True
    ) -> httpx.Response:
        operations = {
            "query": UPLOAD,
            "variables": {"input": {"subjectId": id_of(subject), "kind": kind, "file": None}},
        }
        return await self.office.client.post(
            "/graphql",
            data={"operations": json.dumps(operations), "map": json.dumps({"0": ["variables.input.file"]})},
            files={"0": (name, content, "application/octet-stream")},
            headers=self.headers | (PREFLIGHT if preflight else {}),
        )

    async def uploads(self, subject: Any, content: bytes = PDF, name: str = "报告.pdf", kind: str = "OTHER") -> Payload:
        answer = (await self.sends_file(subject, content, name, kind)).json()
        assert "errors" not in answer, answer["errors"]
        payload = answer["data"]["attachmentUpload"]
        return Payload(payload["attachment"], payload["userErrors"])

    async def removes(self, attachment: Any) -> Payload:
        query = f"mutation Removes($id: ID!) {{ attachmentRemove(input: {{id: $id}}) {{ {USER_ERRORS} }} }}"
        data = await self.asks(query, id=id_of(attachment))
        return Payload(None, data["attachmentRemove"]["userErrors"])

    async def downloads(self, url: str, method: str = "GET", **headers: str) -> httpx.Response:
        return await self.office.client.request(
            method, url, headers=self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        )

    @asynccontextmanager
    async def connects(self) -> AsyncIterator[Talk]:
        """A socket of this person's, acknowledged."""
        address = await self.office.address()
        headers = {} if self.language is None else {"accept-language": self.language}
        async with talking(address, additional_headers=headers) as talk:
            await talk.hello(**({} if self.token is None else {"authorization": f"Bearer {self.token}"}))
            yield talk

    @asynccontextmanager
    async def subscribes(self, query: str, **variables: Any) -> AsyncIterator["Subscription"]:
        """One subscription on a socket of its own, of which the server has taken notice; without a cursor it begins
        behind all that was committed."""
        if variables.get("after") is None:
            await self.office.settles()
        async with self.connects() as talk:
            await talk.asks("1", query, variables=variables)
            await talk.says("ping")
            first = await talk.hears()
            yield Subscription(talk, [] if first["type"] == "pong" else [first])

    def follows(self, commission: Any, after: str | None = None) -> Any:
        query = """subscription Follows($id: ID!, $after: String) {
          event: commissionChanged(id: $id, after: $after) {
            cursor action at commission { id version status returnReason }
          }
        }"""
        return self.subscribes(query, id=id_of(commission), after=after)

    def listens(self, after: str | None = None) -> Any:
        query = """subscription Listens($after: String) {
          event: noticeReceived(after: $after) { cursor notice { id title body type } }
        }"""
        return self.subscribes(query, after=after)


class Subscription:
    """What one subscription brings, in order."""

    def __init__(self, talk: Talk, heard: list[dict[str, Any]]) -> None:
        self.talk = talk
        self._heard = heard

    async def message(self) -> dict[str, Any]:
        while True:
            message = self._heard.pop(0) if self._heard else await self.talk.hears()
            if message["type"] != "pong":
                return message

    async def next(self) -> Any:
        message = await self.message()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        (event,) = message["payload"]["data"].values()
        return event

    async def error(self) -> str:
        message = await self.message()
        assert message["type"] == "error", message
        code: str = message["payload"][0]["extensions"]["code"]
        return code

    async def is_settled(self) -> None:
        """Returns when the server follows: what it is asked later on the same socket was answered, three times over."""
        query = "query Looks { viewer { account { username } } }"
        for turn in range(3):
            await self.talk.asks(f"look{turn}", query)
            waited = {f"look{turn}"}
            while waited:
                message = await self.talk.hears()
                if message.get("id") in waited:
                    if message["type"] == "complete":
                        waited.discard(message["id"])
                else:
                    self._heard.append(message)

    async def brings_nothing(self) -> None:
        """Nothing has come that was not taken."""
        await self.is_settled()
        assert self._heard == []
