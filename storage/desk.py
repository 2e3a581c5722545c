"""A desk is where the actions of one workflow are carried out: which shelf, which parts, and how the facts are fetched.

Facts are only ever fetched for many cases at once: the door asks for one, `availableActions` for a page.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NoReturn, TypeVar

from sqlalchemy import Column, ColumnElement
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.party import Viewer
from domain.record import Form, Part, Record
from domain.term import Term
from domain.workflow import Action, Workflow
from storage.numbers import Series
from storage.question import Question, Together, Values
from storage.relation import Relation
from storage.shelf import Shelf
from storage.writing import NamesLine

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Ask(Generic[R]):
    """One case whose facts are wanted: the record (None when it is being made), the form, who acts."""

    record: R | None
    form: Form
    actor: Viewer


@dataclass(frozen=True)
class Gathering:
    """How facts are fetched: at which time, and whether the rows may not change before the transaction ends."""

    together: Together
    """Where the records are locked it knows already those parts that matter, so these cost nothing."""
    now: datetime
    lock: bool

    @property
    def connection(self) -> AsyncConnection:
        return self.together.connection


Gather = Callable[[Gathering, Sequence[Ask[Any]]], Awaitable[list[Any]]]


@dataclass(frozen=True)
class PartsOf:
    """Parts that change with the record and never without its version, and where the facts hold them."""

    relation: Relation[Any]
    held: Callable[[Any], Sequence[Part]]

    @property
    def shelf(self) -> Shelf[Any]:
        return self.relation.shelf

    @property
    def name(self) -> str:
        """What the kind is called in the register."""
        # SQLAlchemy's names are a subclass of str, which orjson takes for no key.
        return str(self.shelf.table.name)

    @property
    def owner(self) -> Column[Any]:
        """The column that names the record."""
        return self.relation.columns[0]


@dataclass(frozen=True)
class NamedLine(NamesLine):
    """Columns in which a record names one of its own lines, so that it stands in a stream where that line does.

    They are set to the newest line by `by`, the actions that are news, and by no other.
    """

    by: frozenset[str]


@dataclass(frozen=True)
class Desk(Generic[R]):
    """Everything the door needs to carry out the actions of one workflow."""

    workflow: Workflow
    shelf: Shelf[R]
    gather: Gather
    parts: tuple[PartsOf, ...] = field(default=())
    parts_matter_in: frozenset[Term] | None = None
    """In which statuses rules weigh the parts or actions change them; None for in all. Otherwise they are not fetched,
    and the facts hold none."""
    counter: str | None = None
    """Names the yearly counter of the official numbers; None where records carry none."""
    draws: Mapping[str, Series] = field(default_factory=dict)
    """Further official numbers, by the action that gives one to a record there is."""
    number: str | None = "number"
    """The column of the official number; None where records carry none."""
    foreseen: Callable[[Viewer], Sequence[tuple[Question, Values]]] = lambda viewer: ()
    """What gathering the facts for this actor will most likely ask, locking: it is asked along with the records."""
    neighbours: tuple["Desk[Any]", ...] = ()
    """Where the actions of other workflows are carried out that these lead to."""
    due: Mapping[str, Callable[[datetime], ColumnElement[bool]]] = field(default_factory=dict)
    """Which records wait for an action that the clock takes, by its name: a condition on the shelf's rows."""

    names_line: NamedLine | None = None
    """Where its records stand in a stream, if they do."""
    has_lines: ColumnElement[bool] | None = None
    """Which rows the register tells of; None for all. The others were written with another subject's line."""

    def needs_parts(self, action: Action) -> bool:
        """Whether the parts have to be known to carry out an action."""
        return (
            self.parts_matter_in is None
            or action.creates is not None
            or not self.parts_matter_in.isdisjoint(action.start)
        )

    def neighbour(self, subject: str) -> "Desk[Any]":
        """The desk of a subject to which these actions lead; it may be this one."""
        if subject == self.workflow.subject:
            return self
        return next(each for each in self.neighbours if each.workflow.subject == subject)


class _Unfetched:
    """Stands where facts are that nobody weighs; whoever does so all the same fails, and decides nothing."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"{name} of facts that were not fetched")

    def __contains__(self, key: object) -> NoReturn:
        raise AssertionError(f"{key} among facts that were not fetched")

    def __getitem__(self, key: object) -> NoReturn:
        raise AssertionError(f"{key} of facts that were not fetched")

    def __bool__(self) -> NoReturn:
        raise AssertionError("whether there are facts that were not fetched")

    def __eq__(self, other: object) -> NoReturn:
        raise AssertionError("a comparison with facts that were not fetched")

    __hash__ = None  # type: ignore[assignment]  # as of everything that cannot be compared


UNFETCHED: Any = _Unfetched()


async def no_facts(gathering: Gathering, asks: Sequence[Ask[Any]]) -> list[None]:
    return [None] * len(asks)
