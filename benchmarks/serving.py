"""A real server process on a filled database, watched from outside by /proc (Linux alone), and who signs in to it."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx

from graph.cli.demo import PASSWORD

SERVE = ("-c", "from graph.cli.main import main; main()", "serve")
START_SECONDS_MAX = 90
LOOK_SECONDS = 0.05
STOP_SECONDS_MAX = 10

ENTERPRISE, INSTITUTION, CUSTOMS = "enterprise", "institution", "customs"
"""Demo accounts; of all enterprises and institutions, these have the most commissions."""

_SIGN_IN = """mutation ($username: String!, $password: String!) {
  sessionOpen(input: {username: $username, password: $password}) { session { token } userErrors { message } }
}"""


@dataclass(frozen=True)
class Server:
    """One process with one event loop, listening on 127.0.0.1."""

    pid: int
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    def cpu_seconds(self) -> float:
        """What the process has used of all cores so far, in its code and the system's."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def server(
    url: str, arguments: Sequence[str] = SERVE, *, log: IO[bytes] | None = None, **settings: str
) -> Iterator[Server]:
    """The product as `preship serve` starts it, or Python with other arguments; `--port` is added to them. What it logs
    goes to `log` or to where ours goes; `settings` are named as in the environment, after PRESHIP_."""
    with tempfile.TemporaryDirectory(prefix="preship-benchmark-") as folder:
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, *arguments, "--port", str(port)],
            env={
                **os.environ,
                **settings_of(url, folder),
                **{f"PRESHIP_{name}": each for name, each in settings.items()},
            },
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
        try:
            wait_until_ready(process, port)
            yield Server(process.pid, port)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def settings_of(url: str, folder: str) -> Mapping[str, str]:
    """The environment in which the product serves a database, for one client who asks as a thousand would."""
    return {
        "PRESHIP_DATABASE_URL": url,
        "PRESHIP_UPLOADS_URL": f"file:{folder}",
        "PRESHIP_BELL_URL": "",
        "PRESHIP_CAPTCHA": "off",
        "PRESHIP_COST_RATE": "999999/1s",
    }


def wait_until_ready(process: "subprocess.Popen[bytes]", port: int, seconds_max: float = START_SECONDS_MAX) -> None:
    """Raises RuntimeError for a server that ends, or is not ready in time."""
    # Looks are counted, not seconds: on a machine that stands still for a while the server does as well.
    for _ in range(round(seconds_max / LOOK_SECONDS)):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended at once ({process.returncode})")
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(LOOK_SECONDS)
    raise RuntimeError(f"the server was not ready within {seconds_max} s")


def free_port() -> int:
    """A port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def sign_in_body(username: str) -> dict[str, Any]:
    """The request by which a demo account signs in."""
    return {"query": _SIGN_IN, "variables": {"username": username, "password": PASSWORD}}


async def signed_in(client: httpx.AsyncClient, username: str) -> dict[str, str]:
    """The headers with which a demo account asks; `client` has the address of the server as its base."""
    content = (await client.post("/graphql", json=sign_in_body(username))).json()
    return {"authorization": f"Bearer {content['data']['sessionOpen']['session']['token']}"}


async def ask(
    client: httpx.AsyncClient, headers: Mapping[str, str], query: str, variables: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The data of an answer. Raises RuntimeError where it has errors."""
    response = await client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    content = response.json()
    if "errors" in content:
        raise RuntimeError(f"{content['errors']}")
    data: dict[str, Any] = content["data"]
    return data
