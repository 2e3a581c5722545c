"""Drives one server with `wrk`, and says what the round cost its process and the database."""

import json
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import orjson

from benchmarks.contenders.load import World
from benchmarks.contenders.questions import Question
from benchmarks.contenders.servers import Contender, DatabaseServer
from benchmarks.serving import Server

AT_ONCE = 16
SCRIPT = Path(__file__).with_name("wrk.lua")
SECONDS_BEYOND = 20


@dataclass(frozen=True)
class Round:
    """What came of one round: rate in requests a second, latencies in milliseconds, CPU in microseconds a request."""

    requests: int
    rate: float
    p50: float
    p99: float
    server_cpu: float
    database_cpu: float


@dataclass(frozen=True)
class Asked:
    """One request: its body, and the header by which it is signed."""

    body: bytes
    headers: dict[str, str]


def asked(contender: Contender, world: World, question: Question) -> list[Asked]:
    """A question in each of its variants, as this contender takes it."""
    text = question.for_postgraphile() if contender.asked_as_postgraphile else question.text
    headers = {"content-type": "application/json"}
    if question.username is not None:
        headers["authorization"] = f"Bearer {world.tokens[question.username]}"
    return [
        Asked(orjson.dumps({"query": text, **({"variables": each} if each else {})}), headers)
        for each in question.variables
    ]


def mixed(contender: Contender, world: World, some: Sequence[Question]) -> list[Asked]:
    """The questions by their weights, shuffled, the same way each time."""
    longest = max(len(question.variables) for question in some)
    found: list[Asked] = []
    for question in some:
        requests = asked(contender, world, question)
        found += [requests[at % len(requests)] for at in range(longest * question.weight)]
    random.Random(0).shuffle(found)
    return found


def answer(server: Server, request: Asked) -> dict[str, Any]:
    """What a server answers. Raises RuntimeError where there are errors in it."""
    response = _client().post(server.address, content=request.body, headers=request.headers)
    try:
        content = response.json()
    except ValueError:
        raise RuntimeError(f"{response.status_code}: no JSON") from None
    if response.status_code != httpx.codes.OK or "errors" in content:
        raise RuntimeError(f"{response.status_code}: {content.get('errors')}")
    data: dict[str, Any] = content["data"]
    return data


@cache
def _client() -> httpx.Client:
    """One for all: each new one would read the certificates of this world."""
    return httpx.Client(timeout=30, verify=False)


def drive(server: Server, database: DatabaseServer, requests: Sequence[Asked], seconds: int) -> Round:
    """One round, and a longer one where nothing was answered in time. Raises RuntimeError where a request failed."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(_as_lua(_whole(each, server.port) for each in requests))
        file.flush()
        before = server.cpu_seconds(), database.cpu_seconds()
        done = subprocess.run(
            [_wrk(), "--threads=1", f"--connections={AT_ONCE}", f"--duration={seconds}s",
             f"--timeout={SECONDS_BEYOND}s", f"--script={SCRIPT}", server.address, "--", file.name],
            capture_output=True, text=True, check=True, timeout=seconds + SECONDS_BEYOND,
        )  # fmt: skip
        after = server.cpu_seconds(), database.cpu_seconds()
    said = json.loads(done.stdout.strip().splitlines()[-1])
    if not said["requests"] and seconds <= SECONDS_BEYOND:
        return drive(server, database, requests, 2 * seconds)
    if said["refused"] or said["failed"] or not said["requests"]:
        raise RuntimeError(f"not all went well: {said}")
    count = said["requests"]
    cpu = [(end - begin) / count * 1e6 for begin, end in zip(before, after, strict=True)]
    return Round(count, count / said["seconds"], said["p50"], said["p99"], *cpu)


def _wrk() -> str:
    found = shutil.which("wrk")
    if found is None:
        raise RuntimeError("the contenders are driven by wrk (Debian: apt-get install wrk)")
    return found


def _whole(request: Asked, port: int) -> bytes:
    lines = [
        "POST /graphql HTTP/1.1", f"host: 127.0.0.1:{port}",
        *(f"{name}: {value}" for name, value in request.headers.items()),
        f"content-length: {len(request.body)}", "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + request.body


def _as_lua(requests: Iterable[bytes]) -> str:
    return "return {\n" + ",\n".join(map(_quoted, requests)) + "}\n"


def _quoted(content: bytes) -> str:
    plain = set(range(32, 127)) - {ord('"'), ord("\\")}
    return '"' + "".join(chr(byte) if byte in plain else f"\\{byte:03}" for byte in content) + '"'
