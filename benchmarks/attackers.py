"""A thousand hostile clients in a process of their own: `python -m benchmarks.attackers PORT SECONDS TOKEN`.

At its end it prints how many attacks of each kind were made, and how they were answered: status, close code, `closed`
without a word, `cut` before it was read, or `held` to the end.

Each client makes one attack after another and rests between them, so that the rate is known: those that send requests
make RATE attacks a second together, whatever the answers take; those that hold connections hold them all the time. All
of it runs at the lowest priority, for it stands for other machines, and is not to take the cores from those it attacks.
"""

import asyncio
import contextlib
import json
import os
import random
import sys
import time
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.frames import Frame, Opcode
from websockets.typing import Subprotocol

HOST: Final = "127.0.0.1"
REST_SECONDS: Final = 10.0
"""Between two attacks of one client that sends requests."""

ANSWER_SECONDS_MAX: Final = 60

ALIAS_BOMB: Final = "{" + " ".join(f"a{n}:version" for n in range(600)) + "}"
CIRCLE: Final = "{...f0}" + "".join(f"fragment f{n} on Query{{...f{(n + 1) % 280}}}" for n in range(280))
DEEP: Final = "{" + "nodes{" * 300 + "id" + "}" * 300 + "}"
DEEP_LIST: Final = '{"query":"query($v:[[Int]]){version}","variables":{"v":' + "[" * 900 + "]" * 900 + "}}"
LONG_LIST: Final = json.dumps({"query": "query($v:[Int]){version}", "variables": {"v": [1] * 200_000}})
MANY_FILES: Final = json.dumps({str(number): [f"variables.files.{number}"] for number in range(10_000)})
BOMB: Final = b"\0" * 20_000_000


def asked(query: str) -> bytes:
    return json.dumps({"query": query}).encode()


@dataclass
class Attack:
    """Where they attack, until when, and how it went."""

    port: int
    token: str
    end: float
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)

    def note(self, kind: str, outcome: object) -> None:
        self.outcomes[kind, str(outcome)] += 1

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self.end

    async def request(self, body: bytes, headers: Mapping[str, str] | None = None) -> str:
        """Posts once and gives the status."""
        reader, writer = await asyncio.open_connection(HOST, self.port)
        try:
            given = {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
            lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
            head = f"POST /graphql HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n{lines}\r\n"
            # Who is refused early is cut while the rest is still on its way.
            with contextlib.suppress(ConnectionError):
                writer.write(head.encode() + body)
                await writer.drain()
            return await _status(reader)
        finally:
            writer.close()


async def _status(reader: asyncio.StreamReader) -> str:
    try:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            line = (await reader.read()).split(b"\r\n", 1)[0]
    except ConnectionError:
        return "cut"
    return line.split(b" ")[1].decode() if line.count(b" ") > 1 else "closed"


# ── Requests ───────────────────────────────────────────────────────────────────────────────────────────────────────


def posts(body: bytes, **headers: str) -> Callable[[Attack], Awaitable[str]]:
    async def post(attack: Attack) -> str:
        return await attack.request(body, {name.replace("_", "-"): value for name, value in headers.items()})

    return post


async def sends_a_map_of_many_files(attack: Attack) -> str:
    operations = json.dumps({"query": "mutation($files:[Upload!]!){x}", "variables": {"files": [None] * 10_000}})
    parts = "".join(
        f'--b\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{content}\r\n'
        for name, content in (("operations", operations), ("map", MANY_FILES))
    )
    headers = {
        "content-type": "multipart/form-data; boundary=b",
        "apollo-require-preflight": "1",
        "authorization": f"Bearer {attack.token}",
    }
    return await attack.request((parts + "--b--\r\n").encode(), headers)


REQUESTS: Final[dict[str, Callable[[Attack], Awaitable[str]]]] = {
    "alias bomb": posts(asked(ALIAS_BOMB)),
    "fragments in a circle": posts(asked(CIRCLE)),
    "deep selection": posts(asked(DEEP)),
    "deep lists in variables": posts(DEEP_LIST.encode()),
    "list of 200 000 in variables": posts(LONG_LIST.encode()),
    "gzip bomb": posts(zlib.compress(BOMB, 9, 31), content_encoding="gzip"),
    "deflate bomb": posts(zlib.compress(BOMB, 9), content_encoding="deflate"),
    "map of 10 000 files": sends_a_map_of_many_files,
}

# ── Connections ────────────────────────────────────────────────────────────────────────────────────────────────────


async def drips_a_body(attack: Attack) -> str:
    head = f"POST /graphql HTTP/1.1\r\nhost: {HOST}\r\ncontent-type: application/json\r\ncontent-length: 999999\r\n\r\n"
    return await _drip(attack, head.encode())


async def drips_a_head(attack: Attack) -> str:
    return await _drip(attack, f"GET /graphql HTTP/1.1\r\nhost: {HOST}\r\nx-slow: ".encode())


async def _drip(attack: Attack, beginning: bytes) -> str:
    reader, writer = await asyncio.open_connection(HOST, attack.port)
    try:
        writer.write(beginning)
        answer = asyncio.ensure_future(_status(reader))
        while attack.goes_on and not answer.done():
            writer.write(b" ")
            await asyncio.wait({answer}, timeout=1)
        return answer.result() if answer.done() else "held"
    except ConnectionError:
        return "cut"
    finally:
        writer.close()


async def says_nothing(attack: Attack) -> str:
    reader, writer = await asyncio.open_connection(HOST, attack.port)
    try:
        return await _status(reader)
    finally:
        writer.close()


async def opens_a_socket_and_says_nothing(attack: Attack) -> str:
    return await _socket(attack, b"")


async def sends_frames_without_end(attack: Attack) -> str:
    return await _socket(attack, Frame(Opcode.TEXT, b'{"type":"ping"}').serialize(mask=True))


async def sends_pings_without_end(attack: Attack) -> str:
    return await _socket(attack, Frame(Opcode.PING, b"?").serialize(mask=True))


async def sends_pieces_without_end(attack: Attack) -> str:
    return await _socket(attack, Frame(Opcode.CONT, b"", fin=False).serialize(mask=True), first=Opcode.TEXT)


async def _socket(attack: Attack, frame: bytes, first: Opcode | None = None) -> str:
    try:
        address = f"ws://{HOST}:{attack.port}/graphql"
        async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")], max_queue=None) as socket:
            closed = asyncio.ensure_future(socket.wait_closed())
            if first is not None:
                socket.transport.write(Frame(first, b"", fin=False).serialize(mask=True))
            while attack.goes_on and not closed.done():
                if frame and not socket.transport.is_closing():
                    with contextlib.suppress(RuntimeError):  # the library has begun to close by itself
                        socket.transport.write(frame * 10)
                await asyncio.wait({closed}, timeout=0.01 if frame else 1)
            return str(socket.close_code) if closed.done() else "held"
    except (ConnectionClosed, InvalidHandshake, OSError, EOFError):
        return "cut"


CONNECTIONS: Final[dict[str, Callable[[Attack], Awaitable[str]]]] = {
    "slow body": drips_a_body,
    "slow head": drips_a_head,
    "silent connection": says_nothing,
    "silent socket": opens_a_socket_and_says_nothing,
    "endless messages": sends_frames_without_end,
    "endless pings": sends_pings_without_end,
    "endless pieces": sends_pieces_without_end,
}

SHARES: Final = {
    **dict.fromkeys(REQUESTS, 50),
    "slow body": 200,
    "slow head": 150,
    "silent connection": 100,
    "silent socket": 90,
    **dict.fromkeys(("endless messages", "endless pings", "endless pieces"), 20),
}
"""How many clients make each attack: a thousand together."""

RATE: Final = sum(SHARES[kind] for kind in REQUESTS) / REST_SECONDS
"""Requests a second."""


async def _client(attack: Attack, kind: str, make: Callable[[Attack], Awaitable[str]]) -> None:
    await asyncio.sleep(random.uniform(0, REST_SECONDS))
    while attack.goes_on:
        began = time.monotonic()
        try:
            attack.note(kind, await make(attack))
        except OSError as failed:
            attack.note(kind, type(failed).__name__)
        await asyncio.sleep(max(0.0, min(attack.end, began + REST_SECONDS) - time.monotonic()))


async def attack(port: int, seconds: float, token: str) -> Counter[tuple[str, str]]:
    """All of them at once; how it went."""
    random.seed(1)
    going = Attack(port, token, time.monotonic() + seconds)
    kinds = {**REQUESTS, **CONNECTIONS}
    clients = [_client(going, kind, kinds[kind]) for kind, count in SHARES.items() for _ in range(count)]
    await asyncio.wait([asyncio.ensure_future(each) for each in clients], timeout=seconds + ANSWER_SECONDS_MAX)
    return going.outcomes


if __name__ == "__main__":
    os.nice(19)
    found = asyncio.run(attack(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]))
    print(json.dumps([[kind, outcome, count] for (kind, outcome), count in sorted(found.items())]))
