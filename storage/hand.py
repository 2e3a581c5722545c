"""What one action does within a transaction: read, lock, decide; then write record, parts, register and notices.

The row is locked (PostgreSQL) or the only writer holds the file (SQLite), so the record is decided on as it is now.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import orjson
import uuid_utils.compat
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.party import Viewer
from domain.personal import salt_of
from domain.record import Form, Part, Record, fields_of, plain
from domain.refusal import Refusal, RefusalCode, refusal
from domain.workflow import Action, Case, Decided, first_look, weigh
from storage import register
from storage.acted_on import acted_on
from storage.consequences import PartsAfter, line_of, notices_of, parts_after, row_of
from storage.delivery import enqueue
from storage.desk import Ask, Desk, Gathering
from storage.idempotency import KEY_LENGTH_MAX, claim, effect_ids_of, remember
from storage.notice import NAMES_LINE, NOTICES, NOTICES_ALIKE
from storage.numbers import next_numbers, next_of
from storage.proof import Proof
from storage.question import Together
from storage.register import Last
from storage.sealed import keys_of
from storage.writing import Writing

R = TypeVar("R", bound=Record)

FORM_FIELDS_FEW: Final = 3
"""An action that is told no more than this changes the same few columns each time."""
CHANGED_FEW: Final = 8
"""So few columns are written by themselves; where an action changes more, the whole record is."""

NOT_FOUND = refusal(RefusalCode.NOT_FOUND, zh="没有这一记录。", en="There is no such record.", field="id")
KEY_TOO_LONG = refusal(
    RefusalCode.TOO_LONG,
    zh=f"幂等键最多{KEY_LENGTH_MAX}个字符。",
    en=f"An idempotency key has at most {KEY_LENGTH_MAX} characters.",
    field="idempotency_key",
)

KEY_EMPTY = refusal(
    RefusalCode.INVALID_FORMAT,
    zh="幂等键不能为空；不需要时请省略。",
    en="An idempotency key must not be empty; leave it out where none is wanted.",
    field="idempotency_key",
)


@dataclass(frozen=True, kw_only=True)
class Request:
    """One wish: the action's form, the record it is about (None to make one), and what the client relies on."""

    form: Form
    subject_id: UUID | None = None
    expected_version: int | None = None
    idempotency_key: str | None = None
    beside: Callable[[Any, Writing], None] | None = None
    """Writes down, with the record as it is after the action, what the register does not tell of."""
    proof: Proof | None = None
    """What is still to be proved of the actor; none for whom it is certain."""

    @property
    def proves_itself(self) -> bool:
        """Whether the proof goes along with what is read first, or must be there before anything is."""
        return self.subject_id is not None and self.idempotency_key is None


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """What came of it: the record as it is now (None where the viewer may not see it), and why it was refused."""

    record: R | None
    refusals: tuple[Refusal, ...] = ()
    effect_ids: tuple[UUID, ...] = ()
    """Ids of the parts that were added."""


class Hand(Generic[R]):
    """One transaction's worth of work at the door."""

    def __init__(
        self, desk: Desk[R], action: Action, actor: Viewer, now: datetime, connection: AsyncConnection
    ) -> None:
        self.desk, self.action, self.actor, self.now, self.connection = desk, action, actor, now, connection
        self.together = Together(connection)
        self.has_written = False
        self.cases: Sequence[Case[Any, Any, Any]] = ()

    async def carry_out(self, requests: Sequence[Request]) -> list[Outcome[R]]:
        remembered = await self._already_done(requests)
        if remembered is not None:
            return remembered
        records, lasts = await self._read(requests)
        missing = [
            Outcome[R](None, (NOT_FOUND,))
            if request.subject_id is not None and request.subject_id not in records
            else None
            for request in requests
        ]
        if any(missing):
            return [outcome or Outcome(None) for outcome in missing]
        befores = [records[request.subject_id] if request.subject_id is not None else None for request in requests]
        looked = [
            first_look(self.action, request.form, self.actor, record=before, expected_version=request.expected_version)
            for before, request in zip(befores, requests, strict=True)
        ]
        if any(looked):
            return [Outcome(before, refused) for before, refused in zip(befores, looked, strict=True)]
        asks = [Ask(before, request.form, self.actor) for before, request in zip(befores, requests, strict=True)]
        facts = await self.desk.gather(Gathering(self.together, self.now, lock=True), asks)
        self.cases = cases = await self._cases(requests, befores, facts)
        decisions = [
            weigh(self.desk.workflow, self.action, case, record=before)
            for case, before in zip(cases, befores, strict=True)
        ]
        if any(isinstance(decision, tuple) for decision in decisions):
            return [
                Outcome(before, decision if isinstance(decision, tuple) else ())
                for decision, before in zip(decisions, befores, strict=True)
            ]
        done = [decision for decision in decisions if not isinstance(decision, tuple)]
        outcomes = [Outcome(each.after, (), tuple(part.id for part in each.effect.adds)) for each in done]
        writing = self._written(done, cases, lasts)
        for request, decided, outcome in zip(requests, done, outcomes, strict=True):
            if request.idempotency_key is not None:
                remember(writing, self.actor, request.idempotency_key, decided.after.id, outcome.effect_ids)
            if request.beside is not None:
                request.beside(decided.after, writing)
        await writing.put_down(self.connection)
        self.has_written = True
        return outcomes

    async def _already_done(self, requests: Sequence[Request]) -> list[Outcome[R]] | None:
        key = requests[0].idempotency_key if len(requests) == 1 else None
        if key is None:
            return None
        if not key.strip():
            return [Outcome(None, (KEY_EMPTY,))]
        if len(key) > KEY_LENGTH_MAX:
            return [Outcome(None, (KEY_TOO_LONG,))]
        digests = _digests(self.action, requests[0], self.connection)
        known = await claim(self.connection, self.actor, key, digests[0], self.now)
        if known is None:
            return None
        if known.request_digest not in digests:
            reused = refusal(
                RefusalCode.IDEMPOTENCY_KEY_REUSED,
                zh="这一幂等键已用于另一请求，请换用新的键。",
                en="This idempotency key was used for a different request; take a new one.",
                field="idempotency_key",
            )
            return [Outcome(None, (reused,))]
        seen = self.desk.shelf.seen_by(self.actor)
        record = await seen.where(self.desk.shelf.id == known.subject_id).one(self.connection)
        return [Outcome(record, (), effect_ids_of(known))]

    async def _read(self, requests: Sequence[Request]) -> tuple[dict[UUID, R], dict[UUID, Last]]:
        """The records that the actor may see, locked, each with what its next line follows; their parts come along
        where they matter, and what proves that it is the actor who asks."""
        ids = [request.subject_id for request in requests if request.subject_id is not None]
        if not ids:
            return {}, {}
        shelf, needs_parts = self.desk.shelf, self.desk.needs_parts(self.action)
        relations = [each.relation for each in self.desk.parts] if needs_parts else []
        records: dict[UUID, R] = {}
        last_lines: dict[UUID, Any] = {}
        foreseen = self.desk.foreseen(self.actor)
        proofs = {each.proof.key: each.proof for each in requests if each.proof is not None}
        rows, *found = await self.together.all(
            [
                acted_on(shelf, self.actor, ids),
                *(each.owned(ids) for each in relations),
                *foreseen,
                *(each.asked() for each in proofs.values()),
            ]
        )
        places = iter(found)
        parts = [next(places) for _ in relations]
        likely = [next(places) for _ in foreseen]
        said = {key: proof.read(next(places)) for key, proof in proofs.items()}
        for request in requests:
            if request.proof is not None:
                request.proof.heard(said[request.proof.key])
        for row in rows:
            record = shelf.made_of(row)
            records[record.id] = record
            last_lines[record.id] = row
        # Whoever waited for a lock got the record as it is now, but all else as it was before the wait.
        waited = [each.id for each in records.values() if each.version > 0 and last_lines[each.id].hash is None]
        if waited:
            last_lines |= await register.last_lines(self.connection, waited)
        else:
            for relation, known in zip(relations, parts, strict=True):
                self.together.knows(relation.of_all, relation.owned_by(ids), known)
            for (question, values), known in zip(foreseen, likely, strict=True):
                self.together.knows(question, values, known)
        return records, await self._lasts(records, last_lines)

    async def _lasts(self, records: Mapping[UUID, R], lines: Mapping[UUID, Any]) -> dict[UUID, Last]:
        """What the next lines follow. What the last one does not tell, for it is of the first format or there is none,
        is told by the parts."""
        untold = [records[record_id] for record_id, line in lines.items() if line.parts_digest is None]
        told = await self._parts_digests(untold) if untold else {}
        return {
            record_id: Last(line.hash or register.FIRST, line.parts_digest or told[record_id])
            for record_id, line in lines.items()
        }

    async def _parts_digests(self, records: Sequence[R]) -> dict[UUID, str]:
        parts: dict[UUID, dict[str, Sequence[Part]]] = {record.id: {} for record in records}
        for kind in self.desk.parts:
            found = await kind.relation.parts(self.together, list(parts))
            for record_id, some in found.items():
                parts[record_id][kind.name] = some if kind.relation.is_many else (some,)
        return {record.id: register.parts_digest(parts[record.id], salt_of(record)) for record in records}

    async def _cases(
        self, requests: Sequence[Request], befores: Sequence[R | None], facts: Sequence[Any]
    ) -> list[Case[Any, Any, Any]]:
        made = sum(before is None for before in befores)
        numbers = iter(
            await next_numbers(self.connection, self.desk.counter, made, self.now) if self.desk.counter and made else []
        )
        series = self.desk.draws.get(self.action.name)
        drawn = iter(await next_of(self.connection, series, len(befores) - made, self.now) if series else [])
        return [
            Case(
                record=before,
                facts=known,
                actor=self.actor,
                form=request.form,
                now=self.now,
                new_id=uuid_utils.compat.uuid7,
                fresh_number=next(numbers if before is None else drawn, ""),
            )
            for request, before, known in zip(requests, befores, facts, strict=True)
        ]

    def _written(
        self, done: Sequence[Decided[R]], cases: Sequence[Case[Any, Any, Any]], lasts: Mapping[UUID, Last]
    ) -> Writing:
        """Record, parts, register line, notices and deliveries."""
        parts = [parts_after(self.desk, decided, case.facts) for decided, case in zip(done, cases, strict=True)]
        lines = [
            line_of(self.desk, self.action, decided, case, some, lasts.get(decided.after.id, register.BEGINNING))
            for decided, case, some in zip(done, cases, parts, strict=True)
        ]
        writing = Writing(lines)
        for decided, line, of_one in zip(done, lines, parts, strict=True):
            self._write_record(writing, decided, line)
            for some in of_one:
                _write_parts(writing, some)
        for decided, case, line in zip(done, cases, lines, strict=True):
            notices = notices_of(self.desk, self.action, decided, case)
            for notice in notices:
                writing.insert(NOTICES.table, row_of(notice), names=NAMES_LINE, line=line, alike=NOTICES_ALIKE)
            enqueue(writing, notices)
        return writing

    def _write_record(self, writing: Writing, decided: Decided[R], line: Mapping[str, Any]) -> None:
        table, named = self.desk.shelf.table, self.desk.names_line
        names = named if named is not None and self.action.name in named.by else None
        if decided.before is None:
            writing.insert(table, row_of(decided.after), names=names, line=line)
            return
        changed = decided.effect.changes.keys()
        if len(fields_of(self.action.form)) <= FORM_FIELDS_FEW and len(changed) <= CHANGED_FEW:
            row = row_of(decided.after, sorted(changed | {"version"}))
        else:
            # Whole, though less of it changes: the text of the statement is then the same for whatever does.
            row = row_of(decided.after)
            del row["id"]
        found_by = {"id": decided.after.id, "version": decided.before.version}
        writing.update(table, found_by, row, names=names, line=line)


def _write_parts(writing: Writing, parts: PartsAfter) -> None:
    table = parts.kind.shelf.table
    for part_id in parts.gone:
        writing.delete(table, {"id": part_id})
    for part in parts.added:
        writing.insert(table, row_of(part))
    for part in parts.altered:
        row = row_of(part)
        writing.update(table, {"id": row.pop("id")}, row)


def _digests(action: Action, request: Request, connection: AsyncConnection) -> list[str]:
    """What makes two requests the same: the action, the record and everything sent, but not what the product added.

    Of what is sealed a keyed digest goes in, so there is one for each key, the current one first.
    """
    fields = fields_of(type(request.form)).items()
    form = {name: plain(getattr(request.form, name)) for name, field in fields if not field.is_hidden}
    sealed = [name for name, field in fields if field.sealed and form.get(name)]
    if not sealed:
        return [_digest(action, request, form)]
    keyed = {name: keys_of(connection.dialect).request_digests(form[name]) for name in sealed}
    return [
        _digest(action, request, form | dict(zip(sealed, values, strict=True)))
        for values in zip(*keyed.values(), strict=True)
    ]


def _digest(action: Action, request: Request, form: Mapping[str, Any]) -> str:
    sent = [action.name, plain(request.subject_id), sorted(request.form.given), form]
    return hashlib.sha256(orjson.dumps(sent, option=orjson.OPT_SORT_KEYS)).hexdigest()
