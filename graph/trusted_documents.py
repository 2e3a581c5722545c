"""Where trusted documents rest: in the database, for all processes alike, or in a file that the client's build wrote.

The surprise: what was looked up is believed for some seconds, so a document that is taken back runs on for as long.
"""

import asyncio
import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from time import monotonic
from typing import Final, Protocol

from graph.transport.documents import digest_of
from graph.transport.parameters import DOCUMENT_ID
from storage.clock import Clock, wall_clock
from storage.database import Database
from storage.trusted_document import HASH_PREFIX, document_text, documents_by_id, drop_documents, keep_documents

BELIEVED_SECONDS: Final = 5
DOCUMENTS_MAX: Final = 10_000
NAME: Final = re.compile(r"[A-Za-z0-9._~-]{1,128}")


class DocumentsWrong(Exception):
    """What cannot be taken up, in both languages."""


class Documents(Protocol):
    """Trusted documents by their ids: `sha256:` and the hash of the text, and names."""

    async def text(self, document_id: str) -> str | None: ...

    async def all(self) -> dict[str, str]: ...

    async def add(self, named: Mapping[str, str]) -> None:
        """Each under its name and its hash; a name that stood for another text stands for this one."""

    async def remove(self, document_ids: Iterable[str]) -> int:
        """The documents of these ids, under all of their ids; how many ids."""


class InDatabase:
    """Looked up one by one."""

    def __init__(self, database: Database, clock: Clock = wall_clock) -> None:
        self._database, self._clock = database, clock
        self._believed: dict[str, tuple[str, float]] = {}

    async def text(self, document_id: str) -> str | None:
        found, until = self._believed.get(document_id, (None, 0.0))
        if found is not None and monotonic() < until:
            return found
        async with self._database.reading() as connection:
            text = await document_text(connection, document_id)
        # Only what there is is remembered: made-up ids would fill the memory.
        if text is None:
            self._believed.pop(document_id, None)
        else:
            self._believed[document_id] = (text, monotonic() + BELIEVED_SECONDS)
        return text

    async def all(self) -> dict[str, str]:
        async with self._database.reading() as connection:
            return {each.id: each.text for each in (await documents_by_id(connection)).values()}

    async def add(self, named: Mapping[str, str]) -> None:
        rows = {id_: (digest_of(text), text) for id_, text in with_hashes(named).items()}
        async with self._database.writing() as connection:
            await keep_documents(connection, rows, self._clock())

    async def remove(self, document_ids: Iterable[str]) -> int:
        async with self._database.writing() as connection:
            hashes = [each.hash for each in (await documents_by_id(connection, list(document_ids))).values()]
            return await drop_documents(connection, hashes)


class InFile:
    """Read whole, and again when the file has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: dict[str, str] = {}
        self._changed_at: int | None = None
        self._believed_until = 0.0

    async def text(self, document_id: str) -> str | None:
        return (await self.all()).get(document_id)

    async def all(self) -> dict[str, str]:
        if monotonic() >= self._believed_until:
            await asyncio.to_thread(self._look)
            self._believed_until = monotonic() + BELIEVED_SECONDS
        return self._read

    async def add(self, named: Mapping[str, str]) -> None:
        await asyncio.to_thread(self._look)
        self._write({**self._read, **with_hashes(named)})

    async def remove(self, document_ids: Iterable[str]) -> int:
        await asyncio.to_thread(self._look)
        gone = {self._read[each] for each in document_ids if each in self._read}
        kept = {id_: text for id_, text in self._read.items() if text not in gone}
        removed = len(self._read) - len(kept)
        self._write(kept)
        return removed

    def _look(self) -> None:
        """A file that is not there is one without documents."""
        changed_at = self._path.stat().st_mtime_ns if self._path.exists() else 0
        if changed_at != self._changed_at:
            content = self._path.read_text(encoding="utf-8") if changed_at else "{}"
            self._read, self._changed_at = with_hashes(manifest(content)), changed_at

    def _write(self, documents: Mapping[str, str]) -> None:
        beside = self._path.with_name(f"{self._path.name}.new")
        beside.write_text(json.dumps(documents, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
        os.replace(beside, self._path)
        self._believed_until = 0.0


class Trusted:
    """Trusted documents, and those of our own pages, which nobody has to add."""

    def __init__(self, documents: Documents, own: Iterable[str] = ()) -> None:
        self._documents = documents
        self._own = {hash_id(text): text for text in own}

    async def text(self, document_id: str) -> str | None:
        return self._own.get(document_id) or await self._documents.text(document_id)


def open_documents(documents_file: str, database: Database) -> Documents:
    """Where the settings say that they rest."""
    return InFile(Path(documents_file)) if documents_file else InDatabase(database)


def hash_id(text: str) -> str:
    return f"{HASH_PREFIX}{digest_of(text)}"


def with_hashes(named: Mapping[str, str]) -> dict[str, str]:
    """The same documents under their names and under the ids made of their texts."""
    return {**named, **{hash_id(text): text for text in named.values()}}


def manifest(content: str) -> dict[str, str]:
    """Documents by id, out of what builds of clients write: one object of ids and texts (Relay), or Apollo's manifest.

    Raises DocumentsWrong.
    """
    try:
        read = json.loads(content)
        listed = read["operations"] if isinstance(read, dict) and isinstance(read.get("operations"), list) else None
        documents = read if listed is None else {each["id"]: each["body"] for each in listed}
        if not all(isinstance(text, str) and DOCUMENT_ID.fullmatch(id_) for id_, text in documents.items()):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DocumentsWrong(
            "文件不是文档清单：应为“标识: 文档”的 JSON 对象，或 Apollo 的 manifest。"
            "The file is no list of documents: an object of ids and texts in JSON, or a manifest of Apollo's."
        ) from None
    wrong = [id_ for id_, text in documents.items() if id_.startswith(HASH_PREFIX) and id_ != hash_id(text)]
    if wrong or len(documents) > DOCUMENTS_MAX:
        raise DocumentsWrong(
            f"清单中的哈希与文档不符，或超过 {DOCUMENTS_MAX} 项。"
            f"A hash is not that of its document, or there are more than {DOCUMENTS_MAX}."
        )
    return dict(documents)
