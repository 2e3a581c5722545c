"""The product in processes of its own, as an operator runs it: `preship` with settings from the environment."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
PRESHIP = [sys.executable, "-c", "from graph.cli.main import main; main()"]
READY_SECONDS_MAX = 60


def environment(**settings: object) -> dict[str, str]:
    """This process's, with these settings of the product and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRESHIP_")}
    wished = {f"PRESHIP_{name.upper()}": str(value) for name, value in settings.items()}
    return kept | {"PYTHONPATH": str(ROOT)} | wished


def run(*command: str, folder: Path, **settings: object) -> None:
    """One command of `preship`, which must succeed, in a folder."""
    subprocess.run(
        [*PRESHIP, *command], cwd=folder, env=environment(**settings), check=True, capture_output=True, text=True
    )


@contextmanager
def served(folder: Path, **settings: object) -> Iterator[str]:
    """`preship serve` in a folder, on a free port of this machine; gives `127.0.0.1:port` once it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host, port = free.getsockname()
    command = [*PRESHIP, "serve", "--port", str(port)]
    # Not a pipe, which a server that says much would fill and then wait at.
    with (
        (folder / "server.log").open("w+b") as log,
        subprocess.Popen(
            command, cwd=folder, env=environment(**settings), stdout=subprocess.DEVNULL, stderr=log
        ) as server,
    ):
        try:
            if not _is_ready(f"http://{host}:{port}/readyz", server):
                log.seek(0)
                raise AssertionError(f"the server did not become ready: {log.read().decode(errors='replace')}")
            yield f"{host}:{port}"
        finally:
            server.send_signal(signal.SIGTERM)


def _is_ready(url: str, server: "subprocess.Popen[bytes]") -> bool:
    deadline = time.monotonic() + READY_SECONDS_MAX
    # A client of its own for each question would read all certificates of the machine each time.
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() < deadline and server.poll() is None:
            try:
                if client.get(url).status_code == 200:
                    return True
            except httpx.TransportError:
                time.sleep(0.05)
    return False
