"""Where files lie: a local folder or an S3 bucket behind one set of verbs. A file is staged under `incoming/` and stays
only by `keep`; what was never kept is rubbish that anybody may sweep."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID, uuid4

import obstore
from obstore.store import LocalStore, S3Store

if TYPE_CHECKING:
    from obstore.store import ClientConfig

READ_WINDOW_BYTES = 1024 * 1024
# S3 takes no part below 5 MiB; a staged file holds at most WRITE_PARTS_MAX + 1 such buffers.
WRITE_BUFFER_BYTES_S3 = 5 * 1024 * 1024
WRITE_BUFFER_BYTES_LOCAL = 1024 * 1024
WRITE_PARTS_MAX = 2
LIST_PAGE_MAX = 500
S3_REQUEST_SECONDS_MAX = 300

_STAGED_KEY = re.compile(r"incoming/[0-9a-f]{32}")
_STAGED_OR_BROKEN_KEY = re.compile(r"incoming/[0-9a-f]{32}(#[0-9]{1,6})?")
_KEPT_KEY = re.compile(r"kept/([0-9a-f]{2})/\1[0-9a-f]{30}")

_T = TypeVar("_T")
_under_way: set[asyncio.Task[Any]] = set()


@dataclass(frozen=True)
class StoredFile:
    """One file as the vault lists it; `age` counts from its last byte, to the second on S3."""

    key: str
    size_bytes: int
    age: timedelta


def key_of(identifier: UUID) -> str:
    """The key of a file that is to stay: `kept/<first two digits>/<identifier>`.

    Let the identifier be random (version 4): the first two digits of a version 7 stay the same for decades, and all
    files would fall into one folder.
    """
    return f"kept/{identifier.hex[:2]}/{identifier.hex}"


def identifier_of(key: str) -> UUID:
    """The identifier behind the key of a file that is to stay."""
    return UUID(hex=key.rpartition("/")[2])


def open_vault(url: str) -> "Vault":
    """The vault behind `file:./folder`, `file:///folder` or `s3://bucket/prefix`; a missing folder is made.

    S3 takes endpoint, region and credentials from the usual AWS_* environment. A bucket needs a lifecycle rule that
    ends incomplete multipart uploads: those of a killed process are hidden from every listing.

    Raises ValueError for any other address.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "file" and rest not in ("", "//"):
        folder = Path(rest.removeprefix("//") if rest.startswith("///") else rest).absolute()
        return Vault(LocalStore(folder, mkdir=True), folder=folder)
    bucket, _, prefix = rest.removeprefix("//").partition("/")
    if scheme == "s3" and rest.startswith("//") and bucket:
        options: ClientConfig = {"timeout": timedelta(seconds=S3_REQUEST_SECONDS_MAX)}
        if os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true"):
            options["allow_http"] = True
        return Vault(S3Store(bucket, prefix=prefix.strip("/") or None, client_options=options), folder=None)
    raise ValueError(f"{url!r} is no vault: expected file:./folder, file:///folder or s3://bucket/prefix")


async def finish_even_if_cancelled(work: Coroutine[Any, Any, _T]) -> _T:
    """Waits for `work`; if the waiting is cancelled, the work still runs to its end."""
    task = asyncio.create_task(work)
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    return await asyncio.shield(task)


class Vault:
    """Files under keys that only the vault makes; a key of any other shape raises ValueError, a missing file
    FileNotFoundError. Every verb does its work on threads of its own, never on the event loop."""

    def __init__(self, store: LocalStore | S3Store, *, folder: Path | None) -> None:
        self._store = store
        self._folder = folder
        self._closing: dict[str, asyncio.Task[None]] = {}

    def stage(self) -> "Staging":
        """A new file to write to, as `async with vault.stage() as staging`; leaving by an exception removes it."""
        return Staging(self)

    async def keep(self, staged_key: str, key: str) -> None:
        """Moves a staged file to its lasting key: one rename in a folder, copy and delete on S3."""
        _demand(_STAGED_KEY, staged_key)
        _demand(_KEPT_KEY, key)
        if self._folder is not None:
            await asyncio.to_thread(_sync_to_disk, self._folder / staged_key)
        await obstore.rename_async(self._store, staged_key, key)
        if self._folder is not None:
            await asyncio.to_thread(_sync_to_disk, (self._folder / key).parent)

    async def drop(self, key: str) -> None:
        """Removes a file, staged or kept; that it is already gone is no failure."""
        _demand(_KEPT_KEY if key.startswith("kept/") else _STAGED_OR_BROKEN_KEY, key)
        closing = self._closing.get(key)
        if closing is not None:
            await asyncio.wait([closing])
        if self._folder is not None:
            # Not through the store: it will not touch `<key>#1`, its own half-written file left by a killed process.
            await asyncio.to_thread((self._folder / key).unlink, missing_ok=True)
            return
        await obstore.delete_async(self._store, key)

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not including, `end`, in windows of at most READ_WINDOW_BYTES.

        Each window is a request of its own, so a slow reader holds neither a connection nor more than one window.
        """
        _demand_any(key)
        end = await self.size(key) if end is None else end
        while start < end:
            length = min(READ_WINDOW_BYTES, end - start)
            window = bytes(await obstore.get_range_async(self._store, key, start=start, length=length))
            if not window:
                raise EOFError(f"{key} ends at byte {start}, before byte {end}")
            yield window
            start += len(window)

    async def size(self, key: str) -> int:
        """The size of a file in bytes."""
        _demand_any(key)
        return (await obstore.head_async(self._store, key))["size"]

    async def staged(self) -> AsyncIterator[StoredFile]:
        """Every file that was not kept, in no order; in a folder also those still being written or cut by a kill."""
        if self._folder is None:
            async for file in self._listed("incoming", _STAGED_KEY):
                yield file
            return
        for file in await asyncio.to_thread(_staged_in_folder, self._folder):
            yield file

    async def kept(self) -> AsyncIterator[StoredFile]:
        """Every kept file, in no order."""
        async for file in self._listed("kept", _KEPT_KEY):
            yield file

    async def _listed(self, prefix: str, shape: re.Pattern[str]) -> AsyncIterator[StoredFile]:
        now = datetime.now(UTC)
        async for page in obstore.list(self._store, prefix, chunk_size=LIST_PAGE_MAX):
            for meta in page:
                if shape.fullmatch(meta["path"]):
                    yield StoredFile(meta["path"], meta["size"], now - meta["last_modified"])


class Staging:
    """A file on its way in. It appears under `key` whole when the context is left in peace, else not at all."""

    def __init__(self, vault: Vault) -> None:
        self.key = f"incoming/{uuid4().hex}"
        self._vault = vault
        self._writer = obstore.open_writer_async(
            vault._store,
            self.key,
            buffer_size=WRITE_BUFFER_BYTES_S3 if vault._folder is None else WRITE_BUFFER_BYTES_LOCAL,
            max_concurrency=WRITE_PARTS_MAX,
        )

    async def __aenter__(self) -> Self:
        return self

    async def write(self, chunk: bytes) -> None:
        """Adds bytes; waits while WRITE_PARTS_MAX buffers are still on their way to the store."""
        await self._writer.write(chunk)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A cancelled close may still complete on its thread, after a drop that found nothing: so `drop` waits for it.
        task = asyncio.create_task(self._close(kind, error, trace))
        self._vault._closing[self.key] = task
        task.add_done_callback(lambda _: self._vault._closing.pop(self.key, None))
        await asyncio.shield(task)

    async def _close(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._writer.__aexit__(kind, error, trace)


def _demand(shape: re.Pattern[str], key: str) -> None:
    if not shape.fullmatch(key):
        raise ValueError(f"{key!r} is not a key that this vault made")


def _demand_any(key: str) -> None:
    _demand(_KEPT_KEY if key.startswith("kept/") else _STAGED_KEY, key)


def _sync_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _staged_in_folder(folder: Path) -> list[StoredFile]:
    now = datetime.now(UTC).timestamp()
    found: list[StoredFile] = []
    try:
        entries = list(os.scandir(folder / "incoming"))
    except FileNotFoundError:
        return found
    for entry in entries:
        key = f"incoming/{entry.name}"
        if _STAGED_OR_BROKEN_KEY.fullmatch(key):
            try:
                status = entry.stat()
            except FileNotFoundError:
                continue
            found.append(StoredFile(key, status.st_size, timedelta(seconds=now - status.st_mtime)))
    return found
