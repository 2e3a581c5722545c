"""Read this first: whatever changes state is an action in a table; here stands what a table is and how it decides.

"May I?" (`availableActions`) and "do it" (`decide`) ask the same conditions, so the reasons cannot differ.
The manual's 业务规则 are a record (`domain/rule.py`); what stands in a workflow's table is called an action.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import chain, islice
from typing import Any, Generic, TypeVar
from uuid import UUID

from domain.language import Words
from domain.notice import Telling
from domain.party import Party, Viewer
from domain.record import Form, Part, Record, badly_written, camel, changed, fields_of, left_empty, overfull, to_scale
from domain.refusal import Refusal, RefusalCode, Refusals, refusal
from domain.term import Term

R = TypeVar("R", bound=Record)
C = TypeVar("C", bound="Case[Any, Any, Any]")
Facts = TypeVar("Facts")
F = TypeVar("F", bound=Form)

REFUSALS_MAX = 200
"""So many reasons are told at once, the first ones: five hundred lines that lack everything would have thousands."""


@dataclass(frozen=True, kw_only=True)
class Case(Generic[R, Facts, F]):
    """What lies on the desk when an action is weighed: the record (blank while being made), facts, actor and form.

    `new_id` makes the id of anything new; `fresh_number` is the official number that a new record will carry, or that
    the action gives to one there is.
    """

    record: R
    facts: Facts
    actor: Viewer
    form: F
    now: datetime
    new_id: Callable[[], UUID]
    fresh_number: str = ""


@dataclass(frozen=True)
class Condition:
    """A true statement that must hold; `unmet` gives the refusals while it does not."""

    name: str
    words: Words
    unmet: Callable[[Any], Refusals]


def condition(*, zh: str, en: str) -> Callable[[Callable[[C], Refusals]], Condition]:
    """Makes a generator of refusals a named condition; `zh` and `en` state what holds when it yields nothing."""

    def named(unmet: Callable[[C], Refusals]) -> Condition:
        return Condition(unmet.__name__, Words(zh=zh, en=en), unmet)

    return named


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What an action changes: fields of the record itself, rows added or removed, lists replaced."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    adds: tuple[Part, ...] = ()
    removes: tuple[Part, ...] = ()
    replaces: Mapping[type[Part], tuple[Part, ...]] = field(default_factory=dict)


def no_more(case: Case[Any, Any, Any]) -> Effect:
    """Only the status changes."""
    return Effect()


@dataclass(frozen=True, kw_only=True)
class Wish:
    """An action wished of another workflow: the record that it is about (None to make one), and its form."""

    form: Form
    subject_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class LeadsTo:
    """What follows in the same transaction: an action of another workflow, taken by the product itself.

    `wishes` gives it for as many records as the case asks for, from the case and the record after. Should one be
    refused, nothing at all is done and the refusals are the answer.
    """

    subject: str
    action: str
    wishes: Callable[[Any, Any], Iterable[Wish]]
    words: Words


@dataclass(frozen=True, kw_only=True)
class Action:
    """One stanza of the table, in the order of a sentence: what, from where, to where, by whom, provided what, then."""

    name: str
    words: Words
    manual: str
    start: tuple[Term, ...] = ()
    """The statuses from which it may be taken."""
    creates: Term | None = None
    """The status of the record that it makes; such an action may be taken without a record."""
    to: Term | None = None
    """The status after; None leaves it as it is."""
    by: tuple[Party, ...]
    provided: tuple[Condition, ...] = ()
    form: type[Form] = Form
    accepts: tuple[Condition, ...] = ()
    then: Callable[[Any], Effect] = no_more
    tells: tuple[Telling, ...] = ()
    leads_to: tuple[LeadsTo, ...] = ()
    published_as: str | None = None
    """The mutation's name where it is not the subject's noun and the action's verb."""
    goes_together: bool = False
    """Whether one user's wishes for several records may be weighed as of one moment: nothing that the rules look at is
    changed by the same action on another record."""

    @property
    def is_the_products_own(self) -> bool:
        """Whether people take no part in it: it follows from another action, or from the time."""
        return all(party.is_the_product for party in self.by)

    def takes_place_in(self, status: Term | None) -> bool:
        return status in self.start if status is not None else self.creates is not None


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """The table of one subject. `subject` is its noun in every layer: `commission`."""

    subject: str
    words: Words
    manual: str
    record: type[Record]
    statuses: type[Term] | None
    actions: tuple[Action, ...]
    blank: Callable[[Case[Any, Any, Any], Term | None], Record] | None = None
    """Makes the record that a creating action starts from."""
    awaits: Mapping[Term, Party] = field(default_factory=dict, hash=False)
    """Whose turn it is in which status: what stands there is a to-do 待办事项 of that party."""
    due_in: tuple[Term, ...] = ()
    """In which of these statuses the record's `due_on` binds whoever has the turn."""

    @cached_property
    def _by_name(self) -> Mapping[str, Action]:
        return {action.name: action for action in self.actions}

    def __getitem__(self, name: str) -> Action:
        return self._by_name[name]

    def ends_with(self, status: Term) -> bool:
        """Whether nobody can do anything any more in this status; what follows from the time alone does not count."""
        return not any(status in action.start for action in self.actions if not action.is_the_products_own)

    def mutation(self, action: Action) -> str:
        """The public name of an action: subject first, `commissionSubmit`."""
        return action.published_as or camel(f"{self.subject}_{action.name}")


@dataclass(frozen=True, kw_only=True)
class Decided(Generic[R]):
    """What will be written: the record after, its status before and after, every effect, and who is told."""

    before: R | None
    after: R
    effect: Effect
    status_before: Term | None
    status_after: Term | None


Decision = Decided[Any] | tuple[Refusal, ...]


def status_of(record: Record | None) -> Term | None:
    return getattr(record, "status", None)


def out_of_place(action: Action, record: Record | None, actor: Viewer) -> Refusal | None:
    """Who and when come before all else: whoever may not act at all hears no details."""
    if record is None and action.creates is None:
        return refusal(RefusalCode.NOT_FOUND, zh="没有这一记录。", en="There is no such record.")
    parties = [party for party in action.by if party.includes(actor, record)]
    if not parties:
        if any(party.sides_with(actor) and party.relation(actor, record) for party in action.by if actor.role):
            roles = actor.roles
            return refusal(
                RefusalCode.NOT_YOUR_ROLE,
                zh=f"您的角色是“{'”和“'.join(role.words.zh for role in roles)}”，不能办理“{action.words.zh}”。",
                en=f"Your role is {' and '.join(role.name for role in roles)}, which does not include this.",
            )
        return refusal(
            RefusalCode.NOT_YOUR_ROLE,
            zh=f"“{action.words.zh}”只能由{'或'.join(party.words.zh for party in action.by)}办理。",
            en=f"Only {' or '.join(party.words.en for party in action.by)} may do this.",
        )
    status = status_of(record)
    if record is None or status is None:
        return None
    possible = [s for s in action.start if any(not party.only_in or s in party.only_in for party in parties)]
    if status in possible:
        return None
    if not possible:
        return refusal(
            RefusalCode.WRONG_STATUS,
            zh=f"“{action.words.zh}”只用于新建，不能用于已有的记录。",
            en="This makes a new record; it cannot be done to one that exists already.",
        )
    statuses = "”或“".join(each.words.zh for each in possible)
    return refusal(
        RefusalCode.WRONG_STATUS,
        zh=f"当前状态为“{status.words.zh}”，只有“{statuses}”状态可以{action.words.zh}。",
        en=f"The status is {status.name}; this is possible from {' or '.join(each.name for each in possible)}.",
    )


def on_behalf_of(action: Action, actor: Viewer, record: Record | None) -> UUID | None:
    """By whose power an action is taken: a colleague's who has delegated it, or None where the actor's own suffices."""
    if not actor.powers or _may_take(action, actor.by_own_power(), record):
        return None
    return next(
        (power.delegator_id for power in actor.powers if _may_take(action, actor.by_power_of(power), record)), None
    )


def _may_take(action: Action, actor: Viewer, record: Record | None) -> bool:
    status = status_of(record)
    return any(
        party.includes(actor, record) and (status is None or not party.only_in or status in party.only_in)
        for party in action.by
    )


def unmet(action: Action, case: Case[Any, Any, Any], *, record: Record | None) -> tuple[Refusal, ...]:
    """Everything about the record that stands in the way of the action, whatever the form will say."""
    misplaced = out_of_place(action, record, case.actor)
    if misplaced is not None:
        return (misplaced,)
    return _told(_all_of(action.provided, case))


def first_look(
    action: Action, form: Form, actor: Viewer, *, record: Record | None, expected_version: int | None = None
) -> tuple[Refusal, ...]:
    """What can be refused before any facts are fetched: who, when, which version, and lists that are too long."""
    misplaced = out_of_place(action, record, actor)
    if misplaced is not None:
        return (misplaced,)
    if expected_version is not None and record is None:
        return (
            refusal(
                RefusalCode.STALE_VERSION,
                zh="新建的记录还没有版本，请不要填写版本号。",
                en="A record that is being made has no version yet; leave the expected version out.",
                field="expected_version",
            ),
        )
    if expected_version is not None and record is not None and expected_version != record.version:
        return (
            refusal(
                RefusalCode.STALE_VERSION,
                zh=f"记录已被更改：您依据的是第{expected_version}版，现为第{record.version}版。请刷新后重试。",
                en=f"The record has changed since version {expected_version}: it is now {record.version}. Look again.",
                field="expected_version",
            ),
        )
    return tuple(overfull(form))


def decide(
    workflow: Workflow,
    action: Action,
    case: Case[Any, Any, Any],
    *,
    record: Record | None,
    expected_version: int | None = None,
) -> Decision:
    """The whole of an action, thought through and not yet written: refusals, or what is to be written."""
    refused = first_look(action, case.form, case.actor, record=record, expected_version=expected_version)
    return refused or weigh(workflow, action, case, record=record)


def weigh(workflow: Workflow, action: Action, case: Case[Any, Any, Any], *, record: Record | None) -> Decision:
    """What remains of an action at which a first look found nothing: refusals, or what is to be written."""
    if record is None:
        assert workflow.blank is not None
        case = replace(case, record=workflow.blank(case, action.creates))
    refusals = _told(
        chain(
            badly_written(case.form, given=case.form.given),
            _all_of(action.accepts, case),
            _all_of(action.provided, case),
        )
    )
    if refusals:
        return refusals
    return _done(action, case, record)


def _told(refusals: Refusals) -> tuple[Refusal, ...]:
    """As many as are told; what comes after them is not even weighed."""
    return tuple(islice(refusals, REFUSALS_MAX))


def _all_of(conditions: Iterable[Condition], case: Case[Any, Any, Any]) -> Iterator[Refusal]:
    for each in conditions:
        yield from each.unmet(case)


def _done(action: Action, case: Case[Any, Any, Any], before: Record | None) -> Decided[Any]:
    effect = action.then(case)
    changes = dict(effect.changes)
    if action.to is not None:
        changes["status"] = action.to
    changes = {name: value for name, value in changes.items() if before is None or getattr(before, name) != value}
    assert changes.keys() <= fields_of(type(case.record)).keys(), f"{action.name} changes what the record has not"
    after = to_scale(changed(case.record, **changes, version=case.record.version + 1))
    effect = Effect(
        changes={name: getattr(after, name) for name in changes},
        adds=tuple(map(to_scale, effect.adds)),
        removes=effect.removes,
        replaces={kind: tuple(map(to_scale, parts)) for kind, parts in effect.replaces.items()},
    )
    return Decided(
        before=before,
        after=after,
        effect=effect,
        status_before=status_of(before),
        status_after=status_of(after),
    )


def unmet_by_record(action: Action, record: Record, facts: object, actor: Viewer, now: datetime) -> tuple[Refusal, ...]:
    """`unmet` before anything is filled in: what `availableActions` shows."""
    case: Case[Any, Any, Any] = Case(
        record=record, facts=facts, actor=actor, form=Form(), now=now, new_id=_nothing_is_made
    )
    return unmet(action, case, record=record)


def _nothing_is_made() -> UUID:
    raise AssertionError("weighing an action makes nothing")


@condition(zh="必填项均已填写", en="every required field is filled")
def form_is_filled(case: Case[Any, Any, Any]) -> Refusals:
    yield from left_empty(case.form)


@condition(zh="必填项未被清空", en="no required field is cleared")
def nothing_required_is_cleared(case: Case[Any, Any, Any]) -> Refusals:
    """For forms that change what is there: absent fields keep, but what must be filled stays filled."""
    for each in left_empty(case.form):
        if each.field is not None and each.field[0] in case.form.given:
            yield each


@condition(zh="至少有一项与现有内容不同", en="at least one field differs from what is on file")
def something_changes(case: Case[Any, Any, Any]) -> Refusals:
    if all(getattr(case.record, name) == value for name, value in case.form.sent().items()):
        yield refusal(
            RefusalCode.NOTHING_CHANGED,
            zh="与现有内容相同，无需修改。",
            en="That is what it says already; change at least one field.",
        )
