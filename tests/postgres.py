"""A PostgreSQL cluster for one test run: real, empty, tuned to forget, and gone when the run is gone, however it went.

The surprise is who stops it: not this process but a small keeper beside it, which waits on a pipe that the operating
system closes even after a kill, so an interrupted run leaves neither server nor data behind.
"""

import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

CONNECTIONS_MAX = 200
START_SECONDS_MAX = 60
STARTS_MAX = 3
SUPERUSER = "postgres"
TIME_ZONE = "Asia/Shanghai"
MEMORY_FOLDER = Path("/dev/shm")
MEMORY_BYTES_MIN = 2 * 1024**3

_SETTINGS = {
    # A crash loses a test run, which is worth nothing.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_size": "256MB",
    "max_wal_senders": "0",
    "max_connections": str(CONNECTIONS_MAX),
    # Not UTC, and not the zone of most machines: an instant that leans on the session's zone comes out hours wrong.
    "timezone": TIME_ZONE,
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}

_KEEPER = """
cat >/dev/null
"$@" stop -D "$DATA" -m immediate >/dev/null 2>&1
rm -rf "$FOLDER"
"""


class PostgresqlMissing(Exception):
    """PostgreSQL's server programs are not on this machine; the message says what to install."""


def server_programs(debian: Path = Path("/usr/lib/postgresql")) -> Path:
    """Folder of `initdb` and `pg_ctl`: the one `pg_config` names, else the newest that Debian's packages installed.

    Raises PostgresqlMissing when neither has them.
    """
    candidates: list[Path] = []
    if pg_config := shutil.which("pg_config"):
        named = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        candidates.append(Path(named.stdout.strip()))
    candidates += sorted(debian.glob("*/bin"), key=_major_version, reverse=True)
    for folder in candidates:
        if (folder / "initdb").is_file() and (folder / "pg_ctl").is_file():
            return folder
    raise PostgresqlMissing(
        "The tests need PostgreSQL's server programs (initdb, pg_ctl) and found none: install them "
        "(Debian: apt-get install postgresql) or choose PRESHIP_TEST_ENGINES=sqlite."
    )


@dataclass(frozen=True)
class _Account:
    """Whom the server runs as: PostgreSQL refuses root, so root steps down to the account of Debian's package."""

    prefix: tuple[str, ...]
    owner: tuple[int, int] | None

    @classmethod
    def for_the_server(cls) -> Self:
        if os.geteuid() != 0:
            return cls(prefix=(), owner=None)
        try:
            entry = pwd.getpwnam("postgres")
        except KeyError:
            raise PostgresqlMissing(
                "The tests run as root, which PostgreSQL refuses, and there is no account postgres to step down to: "
                "install the package that makes it (Debian: apt-get install postgresql) or run the tests as a user."
            ) from None
        return cls(prefix=("runuser", "-u", entry.pw_name, "--"), owner=(entry.pw_uid, entry.pw_gid))


class Cluster:
    """One running server on 127.0.0.1; `address` is its URL without a database, password included.

    `folder` holds all that it writes and is gone when the process `keeper_pid` is.
    """

    def __init__(self, **settings: str) -> None:
        """With settings of its own beside those that make it forgetful."""
        self._settings = _SETTINGS | settings
        self._programs = server_programs()
        self._account = _Account.for_the_server()
        self.folder = Path(tempfile.mkdtemp(prefix="preship-postgresql-", dir=_memory()))
        self._data = self.folder / "data"
        self._password = secrets.token_hex(16)
        self._keeper = self._set_keeper()
        self.keeper_pid = self._keeper.pid
        self.address = ""

    def __enter__(self) -> Self:
        try:
            self._initialise()
            self.address = f"postgresql+asyncpg://{SUPERUSER}:{self._password}@127.0.0.1:{self._start()}"
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stops the server and removes its data; does nothing the second time."""
        if self._keeper.stdin and not self._keeper.stdin.closed:
            self._keeper.stdin.close()
        self._keeper.wait(timeout=START_SECONDS_MAX)

    def halt(self, mode: str = "fast") -> None:
        """The server goes away, as for a restart; `immediate` is a crash. Its data stays."""
        self._run("pg_ctl", "stop", "-D", str(self._data), "-w", "-m", mode)

    def resume(self) -> None:
        """It comes back, at the same address."""
        self._start_at(int(self.address.rpartition(":")[2]))

    def _set_keeper(self) -> "subprocess.Popen[bytes]":
        # A session of its own, or Ctrl-C would end the keeper together with the run that it is to outlive.
        return subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, "keeper", *self._account.prefix, str(self._programs / "pg_ctl")],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "DATA": str(self._data), "FOLDER": str(self.folder)},
            cwd="/",
            start_new_session=True,
        )

    def _initialise(self) -> None:
        secret = self.folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(self._password)
        if self._account.owner:
            os.chown(self.folder, *self._account.owner)
            os.chown(secret, *self._account.owner)
        self._run(
            "initdb", "-D", str(self._data), "-U", SUPERUSER, "--pwfile", str(secret), "--auth", "md5",
            "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
        )  # fmt: skip
        secret.unlink()
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.writelines(f"{name} = '{value}'\n" for name, value in self._settings.items())

    def _start(self) -> int:
        # PostgreSQL cannot be asked for any free port; another program may take the one found before it does.
        for attempt in range(1, STARTS_MAX + 1):
            port = _free_port()
            try:
                self._start_at(port)
            except RuntimeError:
                if attempt == STARTS_MAX:
                    raise
            else:
                return port
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _start_at(self, port: int) -> None:
        self._run(
            "pg_ctl", "start", "-D", str(self._data), "-w", "-t", str(START_SECONDS_MAX),
            "-o", f"-p {port}", "-l", str(self.folder / "server.log"),
        )  # fmt: skip

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._account.prefix, str(self._programs / program), *arguments]
        # Output to a file, not a pipe: the server inherits it and a pipe would never come to its end.
        said = self.folder / f"{program}.out"
        with said.open("wb") as output:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", check=False)
        if done.returncode != 0:
            log = self.folder / "server.log"
            told = said.read_text(errors="replace") + (log.read_text(errors="replace") if log.exists() else "")
            raise RuntimeError(f"{program} failed ({done.returncode}): {told}")


def _memory() -> Path | None:
    """Memory where the machine gives enough of it as a folder, else None for the usual place of temporary files.

    A database is some 400 small files; on a slow disk a copy of it took 220 ms instead of 20.
    """
    if os.access(MEMORY_FOLDER, os.W_OK) and shutil.disk_usage(MEMORY_FOLDER).free >= MEMORY_BYTES_MIN:
        return MEMORY_FOLDER
    return None


def _major_version(programs: Path) -> int:
    digits = re.match(r"\d+", programs.parent.name)
    return int(digits.group()) if digits else 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
