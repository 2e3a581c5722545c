"""Every way that leads to a record, and what a seat finds along it: `node`, `nodes`, lists, single records, files, and
the fields of other records, for which the schema is walked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, get_named_type
from strawberry.utils.str_converters import to_camel_case, to_snake_case

from domain.api_key.scope import ApiKeyScope
from domain.record import fields_of
from graph.ids import parts_of
from graph.listing import LISTS, ONES
from graph.permission.kept_back import KEPT_BACK
from graph.publish import type_name
from graph.resolvers.node import SHELVES
from graph.schema.schema import SCHEMA
from storage.shelf import PAGE_MAX
from tests.office import Office
from tests.permission.asking import Ask, Told, asked
from tests.permission.people import Seat
from tests.permission.world import World, id_of

ALIASES_AT_ONCE = 30
TYPES: Mapping[str, str] = {kind: shelf.record.__name__ for kind, shelf in SHELVES.items()}
"""The schema's name of every type of record."""

BESIDE = ("Viewer", "Todo", "RegistryChange")
"""What is no record and has fields that are."""

ENDINGS = ("Connection", "Edge", "Payload", "Event")
"""What is no record either: lists, what mutations answer and what sockets follow."""


# ── The fields of other records ────────────────────────────────────────────────────────────────────────────────────


@cache
def relations() -> Mapping[str, Sequence[str]]:
    """By the type that has them, the fields that are records."""
    found: dict[str, list[str]] = {}
    for kind in SCHEMA._schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            found[kind.name] = [name for name, each in kind.fields.items() if _is_a_record(each)]
    roots = {"Query", "Mutation", "Subscription"}
    return {name: fields for name, fields in found.items() if fields and name not in roots}


def _is_a_record(each: GraphQLField) -> bool:
    target = get_named_type(each.type)
    node = SCHEMA._schema.type_map["Node"]
    return target is node or (isinstance(target, GraphQLObjectType) and node in target.interfaces)


@cache
def kept_back(kind: str) -> Sequence[str]:
    """The fields of a type of record that some who see it do not see, or not in full; those that are records apart."""
    shelf, own = SHELVES[kind], relations().get(TYPES[kind], ())
    names = {
        *KEPT_BACK.get(kind, ()),
        *(shelf.veil.fields if shelf.veil is not None else ()),
        *(name for name, each in fields_of(shelf.record).items() if each.mask is not None),
    }
    published = SCHEMA._schema.type_map[TYPES[kind]]
    assert isinstance(published, GraphQLObjectType)
    missing = {each for each in names if to_camel_case(each) not in published.fields}
    assert not missing, f"{kind} does not show {missing} at all"
    return sorted(each for each in names if to_camel_case(each) not in own)


@cache
def _everything() -> str:
    """The selection of any record: its id, what it leads to, and what may be kept back of it."""
    fragments = ["{ id"]
    for kind, name in TYPES.items():
        within = [f"{each} {{ id }}" for each in relations().get(name, ())]
        within += [f"{ALIASES[each]}: {each}" if each in ALIASES else to_camel_case(each) for each in kept_back(kind)]
        if within:
            fragments.append(f"... on {name} {{ {' '.join(within)} }}")
    return " ".join([*fragments, "}"])


ALIASES = {"changes": "lineChanges"}
"""What a line of the register changed is text, and filings too have a field of that name."""


@dataclass(frozen=True)
class Found:
    """One record as somebody found it: what it leads to by field, and what is shown of what may be kept back."""

    leads_to: Mapping[str, frozenset[str] | None]
    shown: Mapping[str, Any]


OF_MANY_ALIKE: Mapping[str, int] = {"register_line": 5, "notice": 3, "delivery": 3}
"""Of what there is so much, one in so many is asked for by its id."""


def looked_up(world: World, kind: str) -> Sequence[Any]:
    """The records that are asked for by their ids."""
    return world.records[kind][:: OF_MANY_ALIKE.get(kind, 1)]


async def all_found(office: Office, world: World, seat: Seat) -> dict[str, Found]:
    """What `nodes` finds of all records that may be asked for, by their ids."""
    ids = [id_of(each) for kind in SHELVES if may_ask_for(seat, kind) for each in looked_up(world, kind)]
    found: dict[str, Found] = {}
    for start in range(0, len(ids), PAGE_MAX):
        some = ids[start : start + PAGE_MAX]
        (told,) = await asked(office, seat, "query", [Ask("nodes", {"ids": some}, _everything())])
        assert not told.codes, (seat, told.codes)
        for wanted, each in zip(some, told.value, strict=True):
            if each is not None:
                assert each["id"] == wanted
                found[wanted] = _read(each)
    return found


def _read(node: Mapping[str, Any]) -> Found:
    kind, _ = parts_of(node["id"])
    return Found(
        {name: ids_in(node[name]) for name in relations().get(TYPES[kind], ())},
        {name: node[ALIASES.get(name, to_camel_case(name))] for name in kept_back(kind)},
    )


def ids_in(value: Any) -> frozenset[str] | None:
    """The ids of one record or of many; None for nothing."""
    if value is None:
        return None
    return frozenset(each["id"] for each in ([value] if isinstance(value, Mapping) else value) if each is not None)


def may_ask_for(seat: Seat, kind: str) -> bool:
    """Whether a record of this type may be asked for by its id: not with a key that lacks the scope which it has."""
    scope: ApiKeyScope | None = SHELVES[kind].scope
    return seat.scope is None or scope is None or scope is seat.scope


# ── Roots ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def some_of(world: World, seat: Seat, kind: str) -> list[Any]:
    """A record that is seen and one that is not, as far as there are such; always two, so that everybody asks with the
    same words."""
    some = [*world.seen(seat, kind)[:1], *world.unseen(seat, kind)[:1]]
    return (some * 2)[:2]


async def found_singly(office: Office, world: World, seat: Seat) -> Iterator[tuple[str, Any, Told]]:
    """What `node` and the fields of single records answer for some records of every type: the way, the record, the
    answer."""
    wanted: list[tuple[str, Any, dict[str, Any]]] = [
        ("node", each, {"id": id_of(each)}) for kind in SHELVES for each in some_of(world, seat, kind)
    ]
    for name, one in ONES.items():
        if seat.member is None and not one.is_public:
            continue
        kind = type_name(one.shelf.record)
        wanted += [(to_camel_case(name), each, {"by": {"id": id_of(each)}}) for each in some_of(world, seat, kind)]
    answers = []
    for start in range(0, len(wanted), ALIASES_AT_ONCE):
        some = wanted[start : start + ALIASES_AT_ONCE]
        answers += await asked(office, seat, "query", [Ask(way, given, "{ id }") for way, _, given in some])
    return ((way, record, told) for (way, record, _), told in zip(wanted, answers, strict=True))


LISTS_AT_ONCE = 8


async def all_listed(office: Office, seat: Seat) -> dict[str, tuple[set[str], int] | None]:
    """By list its ids, page by page, and how many it says that it has; None where it may not be asked for. Whoever has
    not signed in asks for what is public."""
    found = dict[str, tuple[set[str], int] | None]()
    names = [name for name, each in LISTS.items() if each.is_public or seat.member is not None]
    at_once = LISTS_AT_ONCE if seat.member is not None else 1
    for start in range(0, len(names), at_once):
        some = names[start : start + at_once]
        for name, told in zip(some, await asked(office, seat, "query", [_page(name) for name in some]), strict=True):
            found[name] = None if told.codes else await _rest(office, seat, name, told.value)
    return found


def _page(name: str, after: str | None = None) -> Ask:
    selection = "{ totalCount nodes { id } edges { node { id } } pageInfo { hasNextPage endCursor } }"
    return Ask(to_camel_case(name), {"first": PAGE_MAX, "after": after}, selection)


async def _rest(office: Office, seat: Seat, name: str, page: Any) -> tuple[set[str], int]:
    ids: set[str] = set()
    while True:
        assert [each["node"] for each in page["edges"]] == page["nodes"]
        ids |= {each["id"] for each in page["nodes"]}
        if not page["pageInfo"]["hasNextPage"]:
            return ids, page["totalCount"]
        (told,) = await asked(office, seat, "query", [_page(name, page["pageInfo"]["endCursor"])])
        page = told.value


async def counted(office: Office, seat: Seat) -> dict[str, int]:
    """By list how many the statistics count."""
    fields = SCHEMA._schema.type_map["Statistics"]
    assert isinstance(fields, GraphQLObjectType)
    selection = " ".join(f"{name}(by: []) {{ total {{ count }} }}" for name in fields.fields)
    (told,) = await asked(office, seat, "query", [Ask("statistics", {}, f"{{ {selection} }}")])
    assert not told.codes
    return {to_snake_case(name): each["total"]["count"] for name, each in told.value.items()}


async def found_beside(office: Office, seat: Seat) -> dict[str, frozenset[str]]:
    """The ids of the records that are found where there is no record around them, by the field that leads there."""
    found: dict[str, frozenset[str]] = {}
    if seat.member is not None:
        own = relations()["Viewer"]
        selection = f"{{ {' '.join(f'{name} {{ id }}' for name in own)} todos {{ nodes {{ subject {{ id }} }} }} }}"
        (told,) = await asked(office, seat, "query", [Ask("viewer", {}, selection)])
        found = {f"Viewer.{name}": ids_in(told.value[name]) or frozenset() for name in own}
        found["Todo.subject"] = ids_in([each["subject"] for each in told.value["todos"]["nodes"]]) or frozenset()
    (told,) = await asked(office, seat, "query", [Ask("registryChanges", {}, "{ changes { institution { id } } }")])
    if not told.codes:
        institutions = [each["institution"] for each in told.value["changes"]]
        found["RegistryChange.institution"] = ids_in(institutions) or frozenset()
    return found
