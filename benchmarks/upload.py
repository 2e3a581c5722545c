"""How fast a large upload is taken in and how much memory it costs. A real uvicorn process is watched from outside by
/proc, so this runs on Linux alone; the client shares the machine with it."""

import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from uploads.receive import UploadLimits, receive
from uploads.vault import key_of, open_vault

UPLOAD_BYTES = 300_000_000
WARM_UP_BYTES = 2_000_000
PIECE_BYTES = 256 * 1024
MEMORY_GROWTH_BYTES_MAX = 60_000_000
_BOUNDARY = "boundary-of-the-benchmark"


def main() -> int:
    """Prints one line; fails if memory grew by more than MEMORY_GROWTH_BYTES_MAX."""
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("PRESHIP_UPLOADS_URL", f"file:{folder}/uploads-data")
        command = [sys.executable, "-m", "benchmarks.upload", "serve", url]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            _upload(port, WARM_UP_BYTES)
            before = _memory_bytes(server.pid, "VmRSS")
            seconds = _upload(port, UPLOAD_BYTES)
            growth = _memory_bytes(server.pid, "VmHWM") - before
        finally:
            server.kill()
            server.wait()
    print(
        f"upload of {UPLOAD_BYTES / 1e6:.0f} MB to {url.partition(':')[0]}: {UPLOAD_BYTES / 1e6 / seconds:.0f} MB/s, "
        f"memory {before / 1e6:.0f} MB + {growth / 1e6:.1f} MB (limit {MEMORY_GROWTH_BYTES_MAX / 1e6:.0f} MB)"
    )
    return 0 if growth <= MEMORY_GROWTH_BYTES_MAX else 1


def serve(url: str) -> None:
    """The watched process: one route that receives and keeps; it prints its port when it listens."""
    vault = open_vault(url)

    async def up(request: Request) -> Response:
        content_type = request.headers["content-type"]
        async with receive(request.stream(), content_type, vault=vault, limits=UploadLimits()) as operations:
            received = operations["variables"]["f"]
            key = key_of(uuid4())
            await vault.keep(received.staged_key, key)
        await vault.drop(key)
        return JSONResponse({"sizeBytes": received.size_bytes})

    app = Starlette(routes=[Route("/", up, methods=["POST"])])
    config = uvicorn.Config(app, port=0, log_level="warning", lifespan="off")
    listening = config.bind_socket()
    listening.listen()
    print(listening.getsockname()[1], flush=True)
    uvicorn.Server(config).run(sockets=[listening])


def _upload(port: int, size_bytes: int) -> float:
    """Sends one file and gives the seconds from the first byte to the answer."""
    head = b"".join(
        f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {names}\r\n\r\n{content}".encode()
        for names, content in (
            ('name="operations"', '{"query": "q", "variables": {"f": null}}\r\n'),
            ('name="map"', '{"0": ["variables.f"]}\r\n'),
            ('name="0"; filename="large.bin"', ""),
        )
    )
    tail = f"\r\n--{_BOUNDARY}--\r\n".encode()

    def body() -> Iterator[bytes]:
        piece = os.urandom(PIECE_BYTES)
        yield head
        for start in range(0, size_bytes, PIECE_BYTES):
            yield piece[: size_bytes - start]
        yield tail

    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {
        "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
        "Content-Length": str(len(head) + size_bytes + len(tail)),
    }
    began = time.perf_counter()
    connection.request("POST", "/", body=body(), headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"the upload failed: {answer.status} {content[:200]!r}")
    return time.perf_counter() - began


def _memory_bytes(process_id: int, line: str) -> int:
    for entry in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if entry.startswith(f"{line}:"):
            return int(entry.split()[1]) * 1024
    raise RuntimeError(f"no {line} for process {process_id}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2])
    else:
        sys.exit(main())
