"""What a root field asks, found by calling its own resolver once with a request whose values come later.

The resolver goes as far as its question and no further: the context that it is given takes the question down. So there
is no second list of what a field asks, whom it lets ask, or how its arguments are read.
"""

from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn

from domain.language import Language
from domain.later import Unforeseen
from domain.party import Viewer
from graph.context import Context
from storage.relation import Relation
from storage.shelf import Order, Seen, Window


@dataclass(frozen=True)
class Question:
    """What is asked: one record, or with an order a page of many."""

    seen: Seen[Any]
    order: Order | None = None
    window: Window | None = None


class Asked(BaseException):
    """The resolver has come to its question. No resolver catches it."""

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question


class _Nothing:
    """Stands for the house: whoever needs it wants more than a question."""

    def __getattr__(self, name: str) -> NoReturn:
        raise Unforeseen(f"the house's {name}")


class Tracing(Context):
    """A context in which nothing is answered."""

    def __init__(self, viewer: Viewer, language: Language, today: date) -> None:
        nothing: Any = _Nothing()
        self.house, self.viewer, self.language, self._today = nothing, viewer, language, today
        self.loading = nothing

    @property
    def today(self) -> date:
        return self._today

    async def one(self, seen: Seen[Any]) -> NoReturn:
        raise Asked(Question(seen))

    async def page(self, seen: Seen[Any], order: Order, window: Window) -> NoReturn:
        raise Asked(Question(seen, order, window))

    async def follow(self, relation: Relation[Any], key: tuple[Any, ...]) -> NoReturn:
        belongs = [column == value for column, value in zip(relation.columns, key, strict=True)]
        raise Asked(Question(relation.shelf.seen_by(self.viewer).where(*belongs)))


def question_of(answering: Coroutine[Any, Any, Any]) -> Question | None:
    """The question of a resolver that was called with a `Tracing` context; None where it asks none, or gives up."""
    try:
        answering.send(None)
    except Asked as asked:
        return asked.question
    except (StopIteration, Unforeseen, TypeError, AttributeError):
        return None
    finally:
        answering.close()
    return None
