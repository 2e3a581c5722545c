"""Answers to public questions, kept in this process for as long as nothing new is found of what they tell.

What strangers are answered depends on nothing but the question, the language and what is on record, so one answer does
for all. The surprise: time alone forgets nothing; `state` changes when the register has a new line that matters.

Whoever asks again with the same head of a request, byte for byte, need not be received anew either: of a stranger the
head says from where and in which manner, and of the body it is known already which question it is.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Container, Hashable
from dataclasses import dataclass, replace
from hashlib import blake2b, sha256
from typing import Final, NamedTuple

import orjson
from graphql import ExecutionResult, FieldNode, OperationType
from starlette.types import Scope

from domain.language import Language
from graph.execution import Prepared
from graph.transport.answers import Manner
from graph.transport.asked import IS_WHOLE
from graph.transport.host import Context
from graph.transport.parameters import Parameters

SHARE_MAX: Final = 16
"""One answer takes at most one part of so many of the room that there is."""

OWN_BYTES: Final = 1_000
"""What an answer takes beside its text, roughly, so that many short ones fill the room too."""

BODY_BYTES_MAX: Final = 4_096
"""Longer bodies are read each time: they are seldom the same."""

READ_TIMES: Final = 24
"""A body that was read takes its own length so many times, if it is nothing but short lists."""

HEADS_MAX: Final = 1_000
"""So many heads of requests are known again; the one longest unseen goes first."""

HEAD_BYTES_MAX: Final = 2_048
HEADERS_MAX: Final = 32
"""Longer heads are read each time, and those of more headers: each takes about a hundred bytes beside its own."""

TELLS_WHO: Final = frozenset({b"authorization", b"cookie"})
"""Where one of these headers stands, whoever asks may be no stranger the next time."""

QUESTION_BYTES: Final = 32

Question = bytes
"""A digest, so that a question takes no more room than another, however long its document and variables are."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The `data` of an answer in JSON, and the state of affairs that it tells."""

    state: Hashable
    data: bytes
    tag: str
    """For `ETag`: weak, because what an operation has cost stands beside the data and differs."""
    body: bytes | None
    """The body by which it was asked for, where that alone says what was."""
    points: int
    """What the question was expected to cost when it was answered; it is counted again each time."""

    @property
    def size(self) -> int:
        """The room that it takes, in bytes."""
        return len(self.data) + OWN_BYTES + READ_TIMES * len(self.body or b"")

    def result(self) -> ExecutionResult:
        """As the executor would have answered."""
        return ExecutionResult(data=orjson.Fragment(self.data), errors=None)  # type: ignore[arg-type]


class KeptAnswers:
    """The answers of one process; the one longest unasked goes first."""

    def __init__(self, state: Callable[[], Hashable | None], fields: Container[str], *, bytes_max: int) -> None:
        """`state` tells one state of affairs from another, None while it is not known; `fields` are the root fields
        that tell of it alone; `bytes_max` is what all answers take together."""
        self._state, self._fields, self._bytes_max = state, fields, bytes_max
        self._answers: OrderedDict[Question, KeptAnswer] = OrderedDict()
        self._read: dict[bytes, Parameters] = {}
        self._bytes = 0

    @property
    def has_room(self) -> bool:
        """Whether any answer is kept at all; without room each still gets its tag."""
        return self._bytes_max > 0

    def parameters(self, body: bytes) -> Parameters | None:
        """What was read of a body to which an answer is kept, so that it need not be read once more."""
        return self._read.get(body) if len(body) <= BODY_BYTES_MAX else None

    def question(self, prepared: Prepared, parameters: Parameters, context: Context) -> Question | None:
        """What tells this question from others; None for one that not every stranger would be answered alike."""
        if not context.is_anonymous or prepared.type is not OperationType.QUERY:
            return None
        if parameters.asked is not None and parameters.asked[0] is context.language:
            return parameters.asked[1]
        for selected in prepared.operation.selection_set.selections:
            if not isinstance(selected, FieldNode) or selected.name.value not in self._fields:
                return None
        source = prepared.document.loc
        if source is None:
            return None
        asked = [source.source.body, prepared.operation_name, context.language, parameters.variables or {}]
        try:
            written = orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:  # deeper than it writes, or files
            return None
        return blake2b(written, digest_size=QUESTION_BYTES).digest()

    def state(self) -> Hashable | None:
        """To be taken before an answer is looked for, and handed to `keep` with it."""
        return self._state()

    def find(
        self, question: Question, state: Hashable | None, parameters: Parameters, language: Language
    ) -> KeptAnswer | None:
        """The answer, if it was kept and nothing has come since; it stands by the body that asked for it last."""
        kept = self._answers.get(question)
        if kept is None or state is None or kept.state != state:
            return None
        self._answers.move_to_end(question)
        if parameters.asked is None and (body := _worth_knowing(parameters)) is not None:
            return self._put(question, replace(kept, body=body), parameters, language)
        return kept

    def keep(
        self,
        question: Question,
        state: Hashable | None,
        result: ExecutionResult,
        parameters: Parameters,
        language: Language,
        points: int,
    ) -> KeptAnswer | None:
        """Keeps an answer that was looked for in this state; None where it is of no use to others."""
        if state is None or result.errors or result.data is None:
            return None
        data = orjson.dumps(result.data)
        tag = f'W/"{sha256(data).hexdigest()[:32]}"'
        kept = KeptAnswer(state, data, tag, _worth_knowing(parameters), points)
        return self._put(question, kept, parameters, language)

    def _put(self, question: Question, kept: KeptAnswer, parameters: Parameters, language: Language) -> KeptAnswer:
        self._forget(question)
        if kept.size * SHARE_MAX > self._bytes_max:
            kept = replace(kept, body=None)
        if kept.size * SHARE_MAX <= self._bytes_max:
            self._answers[question] = kept
            if kept.body is not None:
                self._read[kept.body] = replace(parameters, extensions=None, asked=(language, question))
            self._bytes += kept.size
            while self._bytes > self._bytes_max:
                self._forget(next(iter(self._answers)))
        return kept

    def _forget(self, question: Question) -> None:
        forgotten = self._answers.pop(question, None)
        if forgotten is not None:
            self._bytes -= forgotten.size
            self._read.pop(forgotten.body or b"", None)


Head = tuple[str | None, tuple[tuple[bytes, bytes], ...]]
"""From which address a connection comes, and all headers of a request as they came."""


class Stranger(NamedTuple):
    """Who asked with some head: nobody in particular, in this language and from there; and how it is answered."""

    context: Context
    manner: Manner


class KnownHeads:
    """The heads of requests by which strangers asked what is answered from memory."""

    def __init__(self) -> None:
        self._known: OrderedDict[Head, Stranger] = OrderedDict()

    def find(self, scope: Scope) -> Stranger | None:
        """Who asks again, with POST and a body that is there already."""
        if scope["method"] != "POST" or IS_WHOLE not in scope or scope["query_string"]:
            return None
        head = _head(scope)
        known = self._known.get(head)
        if known is not None:
            self._known.move_to_end(head)
        return known

    def learn(self, scope: Scope, context: Context, manner: Manner) -> None:
        """Knows the next request with this head, if it will be a stranger's."""
        head = _head(scope)
        length = sum([len(name) + len(value) for name, value in head[1]])
        if (
            length <= HEAD_BYTES_MAX
            and len(head[1]) <= HEADERS_MAX
            and TELLS_WHO.isdisjoint([name for name, _ in head[1]])
        ):
            self._known[head] = Stranger(context.fresh(), manner)
            if len(self._known) > HEADS_MAX:
                self._known.popitem(last=False)


def _head(scope: Scope) -> Head:
    client = scope.get("client")
    return client and client[0], tuple(scope["headers"])


def _worth_knowing(parameters: Parameters) -> bytes | None:
    """The body, where it says all by itself: what a name or a hash stands for is looked up each time."""
    body = parameters.body
    is_all = parameters.document_id is None and parameters.query_hash is None
    return body if is_all and body is not None and len(body) <= BODY_BYTES_MAX else None
