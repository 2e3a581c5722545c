"""Who is presumed to ask: whoever held the token when it was last shown. The plan's own statement proves it.

To look up who asks before each question is a round trip more than the question needs. So a process remembers holders,
prepares the answer for them, and asks of the database, in the same statement as the question and of the same moment,
whether all that is known of the holder is still the same. The surprise: nothing leaves that is not proved; what is
remembered saves time and grants nothing. (decision 0032)
"""

import asyncio
import contextvars
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from copy import copy
from datetime import datetime
from functools import partial
from typing import Any, Final

from domain.party import Viewer
from graph.transport.host import PresumedWrongly
from storage.database import Database
from storage.question import Question, Rows, Values
from storage.session_token import USE_NOTED_EVERY, Known, holder_asked, holder_of, known_of

Ask = Callable[[], Awaitable[Known | None]]

HOLDERS_MAX: Final = 5_000
"""So many tokens a process remembers, by their hashes; the one longest unused goes first."""


class _Asking:
    """That it is being asked who holds a token, and what those wait for who came meanwhile."""

    def __init__(self) -> None:
        self.waiting: list[tuple[asyncio.Future[Known | None], Ask]] = []


class Holders:
    """The holders of tokens, as one process last knew them. Safe on one event loop."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._asked: dict[str, _Asking] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def find(self, token_hash: str) -> Known | None:
        """Who held the token with this hash."""
        known = self._known.get(token_hash)
        if known is not None:
            self._known.move_to_end(token_hash)
        return known

    def keep(self, token_hash: str, known: Known | None) -> None:
        """Remembers who holds it, or that nobody does."""
        self._known.pop(token_hash, None)
        if known is not None:
            self._known[token_hash] = known
            if len(self._known) > HOLDERS_MAX:
                self._known.popitem(last=False)

    async def ask(self, token_hash: str, ask: Ask) -> Known | None:
        """Who holds it now. What was asked before somebody came may be of a moment before, so whoever comes while it is
        being asked waits until it is asked anew, once for all who came meanwhile."""
        asking = self._asked.get(token_hash)
        if asking is None:
            asking = self._asked[token_hash] = _Asking()
            try:
                return await ask()
            finally:
                self._go_on(token_hash, asking)
        told: asyncio.Future[Known | None] = asyncio.get_running_loop().create_future()
        asking.waiting.append((told, ask))
        return await told

    async def close(self) -> None:
        """Nobody waits any more, so nobody is asked."""
        while self._tasks:
            for each in self._tasks:
                each.cancel()
            await asyncio.wait(self._tasks)

    def _go_on(self, token_hash: str, asking: _Asking) -> None:
        waiting = [each for each in asking.waiting if not each[0].done()]
        if not waiting:
            del self._asked[token_hash]
            return
        following = self._asked[token_hash] = _Asking()
        answering = self._answer(token_hash, following, [told for told, _ in waiting], waiting[-1][1])
        # Not in the context of the operation that has just ended, whose time is over when it ends.
        task = asyncio.get_running_loop().create_task(answering, name="holder", context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(
        self, token_hash: str, asking: _Asking, waiting: Sequence[asyncio.Future[Known | None]], ask: Ask
    ) -> None:
        try:
            known = await ask()
        except Exception as failure:
            for told in waiting:
                if not told.done():
                    # Each its own: an exception knows where it was raised.
                    told.set_exception(copy(failure))
        else:
            for told in waiting:
                if not told.done():
                    told.set_result(known)
        finally:
            for told in waiting:
                told.cancel()
            self._go_on(token_hash, asking)


class Presumption:
    """That one token is still held by whom it was."""

    def __init__(
        self,
        holders: Holders,
        token: str,
        token_hash: str,
        known: Known,
        now: datetime,
        note: Callable[[Viewer], None],
    ) -> None:
        """`note` is called with a viewer whose use of the session is to be noted."""
        self._holders, self._token, self.known, self._now, self._note = holders, token, known, now, note
        self.shown = (token_hash, now, now - USE_NOTED_EVERY)
        self.is_proved = False

    @property
    def sort(self) -> tuple[Hashable, ...]:
        """What decides, beside who the viewer is, how it is asked whether that is so."""
        return self.known.method, self.known.has_totp, self.known.viewer.language

    def weigh(self, rows: Sequence[Sequence[Any]]) -> None:
        """Proves it by what the database says at the moment of the answer: a row if it is so, whose second value is not
        null where the use is to be noted. Raises PresumedWrongly."""
        self._weigh(is_so=bool(rows), is_to_be_noted=bool(rows) and rows[0][1] is not None)

    @property
    def key(self) -> Hashable:
        """The same for all who show the same token."""
        return self.shown[0]

    def asked(self) -> tuple[Question, Values]:
        """The question that proves it along with others, whose answer `read` reads and `heard` is told."""
        return holder_asked(self.shown[0], self._now)

    def read(self, rows: Rows) -> Known | None:
        """Who holds the token at this moment."""
        return known_of(rows)

    def heard(self, said: Known | None) -> None:
        """Proves it by who holds the token. Raises PresumedWrongly."""
        self._compare(said)

    async def proved(self, database: Database) -> None:
        """Returns when it is proved, if need be by asking for the holder alone. Raises PresumedWrongly."""
        if not self.is_proved:
            ask = partial(holder_of, database, self._token, self._now)
            self._compare(await self._holders.ask(self.shown[0], ask))

    def _compare(self, found: Known | None) -> None:
        is_so = found is not None and found.viewer == self.known.viewer and _opened(found) == _opened(self.known)
        self._weigh(is_so=is_so, is_to_be_noted=found is not None and found.is_to_be_noted)

    def _weigh(self, *, is_so: bool, is_to_be_noted: bool) -> None:
        if not is_so:
            self._holders.keep(self.shown[0], None)
            raise PresumedWrongly
        if is_to_be_noted and not self.is_proved:
            self._note(self.known.viewer)
        self.is_proved = True


def _opened(known: Known) -> tuple[Hashable, ...]:
    return known.method, known.has_totp
