"""Who may call what: one vocabulary for every root field, mutation and address, with a reason that an officer can read.

Nearly all of it is derived: a mutation's permission from its action's parties, a list's from its shelf. What a resolver
decides by itself stands in `by_hand.py`. The product does not start with an operation that has none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import Any

from strawberry.utils.str_converters import to_camel_case

from domain.language import Words
from domain.party import OrganisationKind, Viewer, anyone_in_person, anyone_of
from domain.term import Term
from domain.workflow import Action
from graph.export.exported import exported, names
from graph.listing import LISTS, ONES, Listed
from graph.permission.asker import Asker
from graph.permission.by_hand import AS_THE_ACTION, BY_HAND, OVER_HTTP, ByHand, Rule
from graph.schema.schema import SCHEMA
from storage.desk import Desk
from storage.desks import DESKS
from storage.shelf import Seen, Shelf
from storage.sight import Extent


class Cell(Term):
    """What a kind of viewer is answered."""

    YES = "可", "It does it, or gives all that there is."
    OWN = "限", "Only what the reason names: its own records, or those that it sees."
    NOTHING = "空", "It answers, but there is never anything for this viewer: an empty list, or null."
    UNAUTHENTICATED = "须登录", "Error `UNAUTHENTICATED`."
    FORBIDDEN = "不开放", "Error `FORBIDDEN`."
    NOT_FOUND = "不存在", "Refusal or error `NOT_FOUND`: this viewer sees no such record at all."
    NOT_YOUR_ROLE = "无权办理", "Refusal `NOT_YOUR_ROLE`."


@dataclass(frozen=True)
class Permission:
    """Who may call one operation. `of` is the kind of record where one operation serves several."""

    operation: str
    rule: Rule
    reason: Words
    cell: Callable[[Asker], Cell]
    chapter: str
    of: str = ""
    action: Action | None = None
    shelf: Shelf[Any] | None = None


@cache
def permissions() -> tuple[Permission, ...]:
    """Every permission, in the order of the schema and then of the addresses. Raises TypeError where an operation has
    none, or a permission no operation."""
    of_addresses = tuple(_of_addresses())
    found = (*_of_the_schema(), *of_addresses)
    known = {*_roots(), *(each.operation for each in of_addresses)}
    named = {*BY_HAND, *AS_THE_ACTION}
    if strangers := named - known:
        raise TypeError(f"permissions of what is not there: {sorted(strangers)}")
    return found


def prove_addresses(paths: Iterable[str]) -> None:
    """Raises TypeError where an address that is served has no permission, or one that has is not served."""
    served = set(paths)
    if served != OVER_HTTP.keys():
        raise TypeError(f"addresses and their permissions differ: {sorted(served ^ OVER_HTTP.keys())}")


# ── Where permissions come from ────────────────────────────────────────────────────────────────────────────────────


def _roots() -> list[str]:
    schema = SCHEMA._schema
    types = (schema.query_type, schema.mutation_type, schema.subscription_type)
    return [name for each in types if each is not None for name in each.fields]


def _of_the_schema() -> Iterator[Permission]:
    lists = {to_camel_case(name): listed for name, listed in LISTS.items()}
    ones = {to_camel_case(name): one for name, one in ONES.items()}
    actions = _actions()
    for name in _roots():
        ways: list[Permission] = []
        if name in BY_HAND:
            ways.append(_by_hand(name, BY_HAND[name], _chapter(name)))
        elif name in lists:
            listed = lists[name]
            ways.append(_reading(name, listed.shelf, listed.is_public, partial(_asked, listed)))
        elif name in ones:
            ways.append(_reading(name, ones[name].shelf, ones[name].is_public, ones[name].shelf.seen_by))
        else:
            ways += [_acting(name, desk, action) for desk, action in actions.get(AS_THE_ACTION.get(name, name), ())]
        if not ways:
            raise TypeError(f"{name} has no permission: say in graph/permission/by_hand.py who may call it, and why")
        yield from ways


def _actions() -> Mapping[str, Sequence[tuple[Desk[Any], Action]]]:
    found: dict[str, list[tuple[Desk[Any], Action]]] = {}
    for desk in DESKS.values():
        for action in desk.workflow.actions:
            if not action.is_the_products_own:
                found.setdefault(desk.workflow.mutation(action), []).append((desk, action))
    return found


def _of_addresses() -> Iterator[Permission]:
    of_lists = {each.operation: each for each in _of_the_schema()}
    for path, by_hand in OVER_HTTP.items():
        if path != "/exports/{file}":
            yield _by_hand(path, by_hand, HTTP)
            continue
        for name in names():
            export = exported(name)
            assert export is not None
            listed = of_lists[to_camel_case(export.listed.name)]
            words = Words(zh=f"同列表 `{listed.operation}`", en=f"as the list `{listed.operation}`")
            yield Permission(f"/exports/{name}", listed.rule, words, listed.cell, HTTP, shelf=listed.shelf)


HTTP = "http"


def _chapter(operation: str) -> str:
    """The subject that an operation opens with; empty for what is about none."""
    subjects = sorted((to_camel_case(subject) for subject in DESKS), key=len, reverse=True)
    return next((each for each in subjects if operation.startswith(each)), "")


# ── Rules ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _reading(name: str, shelf: Shelf[Any], is_public: bool, question: Callable[[Viewer], Seen[Any]]) -> Permission:
    """A question about a shelf, for whoever is signed in or, where it is public, for everybody and keys with scope."""
    seen_by = shelf.visible.words

    def cell(asker: Asker) -> Cell:
        if asker.viewer.key is not None and shelf.scope not in asker.viewer.key.scopes:
            return Cell.FORBIDDEN
        if asker.is_nobody and not is_public:
            return Cell.UNAUTHENTICATED
        never = question(asker.viewer).extent is Extent.NOTHING
        return Cell.NOTHING if never else _extent(shelf, asker.viewer)

    if is_public and shelf.scope is not None:
        scope = shelf.scope
        words = Words(zh=f"{seen_by.zh}；密钥须有范围 {scope.name}", en=f"{seen_by.en}; keys need {scope.name}")
        rule = Rule.PUBLIC
    else:
        words, rule = seen_by, Rule.WHO_SEES_IT
    return Permission(name, rule, words, cell, _subject_of(name, shelf), shelf=shelf)


def _acting(name: str, desk: Desk[Any], action: Action) -> Permission:
    """A mutation, for the parties of its action."""
    parties = [party for party in action.by if not party.is_the_product]

    def cell(asker: Asker) -> Cell:
        viewer = asker.viewer
        if viewer.key is not None:
            return Cell.FORBIDDEN
        if asker.is_nobody:
            return Cell.UNAUTHENTICATED
        own = [party for party in parties if party.sides_with(viewer) and viewer.has_role_in(party.roles)]
        if own:
            return Cell.YES if any(party.relation in (anyone_of, anyone_in_person) for party in own) else Cell.OWN
        is_seen = _extent(desk.shelf, viewer) is not Cell.NOTHING
        return Cell.NOT_YOUR_ROLE if is_seen or action.creates is not None else Cell.NOT_FOUND

    words = Words(
        zh=f"由{'或'.join(party.words.zh for party in parties)}办理",
        en=f"by {' or '.join(party.words.en for party in parties)}",
    )
    subject = desk.workflow.subject
    of = subject if name in _OF_SEVERAL else ""
    return Permission(name, Rule.PARTY, words, cell, to_camel_case(subject), of, action, desk.shelf)


_OF_SEVERAL = frozenset({"attachmentUpload", "attachmentsUpload", "attachmentRemove"})
"""Mutations that are an action of each kind of record that has files."""


def _by_hand(name: str, by_hand: ByHand, chapter: str) -> Permission:
    def cell(asker: Asker) -> Cell:
        answer = _admitted(by_hand, asker)
        if answer is Cell.YES and by_hand.shelf is not None:
            return _extent(by_hand.shelf, asker.viewer)
        return answer

    return Permission(name, by_hand.rule, by_hand.reason, cell, chapter, shelf=by_hand.shelf)


def _admitted(by_hand: ByHand, asker: Asker) -> Cell:
    """Whether a rule lets this kind of viewer ask at all."""
    key = asker.viewer.key
    has_scope = key is None or by_hand.scope in key.scopes
    match by_hand.rule:
        case Rule.ANYBODY:
            return Cell.YES
        case Rule.EACH_RECORD:
            return Cell.OWN
        case Rule.PUBLIC:
            return Cell.YES if has_scope else Cell.FORBIDDEN
        case Rule.PROOF:
            return Cell.YES if key is None else Cell.FORBIDDEN
        case Rule.KNOWN:
            return Cell.FORBIDDEN if asker.is_nobody else Cell.YES
        case Rule.KEY:
            return Cell.YES if key is not None else Cell.UNAUTHENTICATED
        case Rule.ONESELF:
            return Cell.YES if asker.viewer.user_id is not None else Cell.NOTHING
    if key is None and asker.is_nobody:
        return Cell.UNAUTHENTICATED
    if by_hand.rule is Rule.CUSTOMS_OR_SCOPE:
        may = has_scope if key is not None else asker.viewer.kind is OrganisationKind.CUSTOMS
        return Cell.YES if may else Cell.FORBIDDEN
    assert by_hand.rule in (Rule.SIGNED_IN, Rule.WHO_SEES_IT), by_hand.rule
    return Cell.YES if key is None else Cell.FORBIDDEN


_EXTENTS = {Extent.ALL: Cell.YES, Extent.SOME: Cell.OWN, Extent.NOTHING: Cell.NOTHING}


def _extent(shelf: Shelf[Any], viewer: Viewer) -> Cell:
    return _EXTENTS[shelf.seen_by(viewer).extent]


def _asked(listed: Listed, viewer: Viewer) -> Seen[Any]:
    """What the list gives this kind of viewer who filters nothing; the day does not matter."""
    today = (date.min,) if listed.is_dated else ()
    return listed.question(viewer, listed.filter_type(), *today)


def _subject_of(name: str, shelf: Shelf[Any]) -> str:
    own = (to_camel_case(subject) for subject, desk in DESKS.items() if desk.shelf is shelf)
    return next(own, _chapter(name))
