"""The contender without GraphQL, on Starlette and asyncpg: it knows each question by its text and answers no other.

Two statements a request, who asks and what is answered, on one connection; `--port`, `DATABASE_URL` and `POOL` say the
rest.
"""

import argparse
import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import uuid_utils.compat
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.contenders import questions
from benchmarks.contenders.by_hand import statements
from domain.party import OrganisationKind

WORKING = {"OPERATOR", "ADMIN"}
CHANNEL = "preship_bell"


class NotSignedIn(Exception):
    """A token that is nobody's."""


@dataclass(frozen=True)
class Viewer:
    """Who asks."""

    kind: OrganisationKind
    user_id: UUID
    organisation_id: UUID
    institution_id: UUID | None
    roles: frozenset[str]
    language: str

    @property
    def concerned(self) -> UUID | None:
        """By what their commissions are found."""
        match self.kind:
            case OrganisationKind.ENTERPRISE:
                return self.organisation_id
            case OrganisationKind.INSTITUTION:
                return self.institution_id
            case _:
                return None


Connection = Any  # asyncpg's pool hands out proxies, which its types do not call connections
Handler = Callable[[Connection, Viewer | None, Mapping[str, Any]], Awaitable[str | bytes]]


async def viewer_of(connection: Connection, authorization: str | None) -> Viewer | None:
    """Who holds the token; None for nobody. Raises NotSignedIn for a token that is not good."""
    if authorization is None:
        return None
    token = authorization.removeprefix("Bearer ")
    row = await connection.fetchrow(statements.VIEWER, hashlib.sha256(token.encode()).hexdigest())
    if row is None:
        raise NotSignedIn
    return Viewer(
        OrganisationKind[row["kind"]], row["user_id"], row["organisation_id"], row["institution_id"],
        frozenset({row["role"], *row["delegated"]}), row["language"],
    )  # fmt: skip


commission_list = cache(statements.commission_list)
commission = cache(statements.commission)
notices = cache(statements.notices)


def signed_in(viewer: Viewer | None) -> Viewer:
    if viewer is None:
        raise NotSignedIn
    return viewer


async def answer_list(connection: Connection, viewer: Viewer | None, variables: Mapping[str, Any]) -> str | bytes:
    asking, first = signed_in(viewer), variables.get("first", 20)
    if not 0 <= first <= 200:
        raise ValueError(first)
    answer: str = await connection.fetchval(commission_list(asking.kind, asking.language, first), asking.concerned)
    return answer


async def answer_commission(connection: Connection, viewer: Viewer | None, variables: Mapping[str, Any]) -> str | bytes:
    asking = signed_in(viewer)
    statement = commission(asking.kind, asking.language)
    answer: str = await connection.fetchval(statement, asking.concerned, variables["number"])
    return answer


async def answer_notices(connection: Connection, viewer: Viewer | None, variables: Mapping[str, Any]) -> str | bytes:
    asking = signed_in(viewer)
    statement = notices(asking.kind, asking.language)
    answer: str = await connection.fetchval(statement, asking.organisation_id, asking.user_id)
    return answer


async def answer_registry(connection: Connection, viewer: Viewer | None, variables: Mapping[str, Any]) -> str | bytes:
    fragment = variables["name"].lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    answer: str = await connection.fetchval(statements.REGISTRY, f"%{fragment}%")
    return answer


async def answer_rule(connection: Connection, viewer: Viewer | None, variables: Mapping[str, Any]) -> str | bytes:
    on = date.fromisoformat(variables["on"])
    answer: str = await connection.fetchval(statements.RULE, variables["hsCode"], on)
    return answer


def _digest(content: str | bytes) -> str:
    return hashlib.sha256(content if isinstance(content, bytes) else content.encode()).hexdigest()


async def accept(connection: Connection, viewer: Viewer | None, variables: Mapping[str, Any]) -> str | bytes:
    """The transition with the product's guards, locks, register line, notice and bell."""
    asking, now = signed_in(viewer), datetime.now(UTC)
    record_id = UUID(hex=variables["id"].rpartition("_")[2])
    if asking.kind is not OrganisationKind.INSTITUTION:
        return _refused("NOT_YOUR_ROLE")
    async with connection.transaction():
        row = await connection.fetchrow(statements.TO_ACCEPT, record_id, asking.institution_id)
        if row is None:
            return _refused("NOT_FOUND")
        if not asking.roles & WORKING:
            return _refused("NOT_YOUR_ROLE")
        if row["status"] != "PENDING":
            return _refused("WRONG_STATUS")
        standing = await connection.fetchrow(statements.STANDING, row["submitted_to_id"])
        if standing is None or standing["status"] == "REVOKED":
            return _refused("INSTITUTION_NOT_REGISTERED")
        if standing["status"] != "NORMAL":
            return _refused("INSTITUTION_UNDER_DISPOSITION")
        changes = orjson.dumps({"accepted_at": now}).decode()
        digest = _digest("".join([row["record"], row["parts_digest"], now.isoformat()]))
        line = [
            "commission",
            record_id,
            row["version"] + 1,
            "accept",
            str(asking.user_id),
            now,
            _digest(changes),
            row["parts_digest"],
            digest,
        ]
        number, enterprise = row["number"], row["enterprise_id"]
        await connection.fetchval(
            statements.ACCEPTED, record_id, row["version"], now, asking.user_id, asking.organisation_id, changes,
            _digest(changes), digest, row["hash"], _digest(orjson.dumps([*line, row["hash"]])),
            uuid_utils.compat.uuid7(),
            f"您的业务委托（委托号：{number}）已被接受", f"Your commission ({number}) was accepted",
            f"{standing['name_zh']}已接受您的业务委托（委托号：{number}），状态：受理中。",
            f"{standing['name_en']} has accepted your commission {number}; the inspection is in progress.", enterprise,
            row["parts_digest"],
        )  # fmt: skip
    await connection.execute("select pg_notify($1, '')", CHANNEL)
    done = {"id": variables["id"], "version": row["version"] + 1, "status": "IN_PROGRESS", "acceptedAt": now}
    return orjson.dumps({"data": {"commissionAccept": {"commission": done, "userErrors": []}}})


def _refused(code: str) -> bytes:
    refusal = {"code": code, "message": code, "field": ["id"]}
    return orjson.dumps({"data": {"commissionAccept": {"commission": None, "userErrors": [refusal]}}})


HANDLERS: Mapping[str, Handler] = {
    questions.COMMISSION_LIST: answer_list,
    questions.CUSTOMS_LIST: answer_list,
    questions.COMMISSION: answer_commission,
    questions.NOTICES: answer_notices,
    questions.REGISTRY: answer_registry,
    questions.RULE: answer_rule,
    questions.ACCEPT: accept,
}


async def graphql(request: Request) -> Response:
    """One of the questions that are known."""
    body = orjson.loads(await request.body())
    handler = HANDLERS[body["query"]]
    try:
        async with request.app.state.pool.acquire() as connection:
            viewer = await viewer_of(connection, request.headers.get("authorization"))
            answer = await handler(connection, viewer, body.get("variables") or {})
    except NotSignedIn:
        return Response(b'{"errors":[{"message":"Sign in."}]}', 401, media_type="application/json")
    return Response(answer, media_type="application/json")


async def ready(request: Request) -> Response:
    """Whether it serves."""
    return Response(b"ok")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """With the pool; what asyncpg does to a connection that is given back would cost a round trip."""
    size = int(os.environ.get("POOL", "8"))
    pool = await asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=size, max_size=size, reset=_nothing,
        server_settings={"timezone": "UTC", "jit": "off"},
    )  # fmt: skip
    async with pool:
        app.state.pool = pool
        yield


async def _nothing(connection: Connection) -> None:
    return None


app = Starlette(routes=[Route("/graphql", graphql, methods=["POST"]), Route("/readyz", ready)], lifespan=lifespan)

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(app, host="127.0.0.1", port=parser.parse_args().port, log_level="warning", access_log=False)
