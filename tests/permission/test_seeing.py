"""Whichever way leads to a record, it is given to those who see it and to nobody else."""

from collections.abc import Mapping

import pytest

from graph.ids import parts_of
from graph.listing import ONES
from graph.resolvers.node import SHELVES
from tests.permission.conftest import Premises
from tests.permission.people import SEATS, Seat
from tests.permission.shown import is_kept_back, is_shown_in_full
from tests.permission.ways import (
    BESIDE,
    ENDINGS,
    TYPES,
    Found,
    all_found,
    all_listed,
    counted,
    found_beside,
    found_singly,
    kept_back,
    looked_up,
    may_ask_for,
    relations,
)
from tests.permission.world import World, id_of, in_list

pytestmark = pytest.mark.asyncio(loop_scope="package")

Sightings = Mapping[Seat, Mapping[str, Found]]


async def test_by_ids_and_within_other_records_everybody_finds_what_is_theirs_to_see(premises: Premises) -> None:
    world = premises.world
    found = {seat: await all_found(premises.office, world, seat) for seat in SEATS}
    wrong = [*_of_nodes(world, found), *_of_relations(world, found), *_of_what_is_kept_back(world, found)]
    assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong)


def _of_nodes(world: World, found: Sightings) -> list[str]:
    wrong = []
    for seat, nodes in found.items():
        for kind in (each for each in SHELVES if may_ask_for(seat, each)):
            wanted = {id_of(each) for each in looked_up(world, kind)}
            differ = (wanted & nodes.keys()) ^ (wanted & {id_of(each) for each in world.seen(seat, kind)})
            wrong += [f"{seat} {'finds' if each in nodes else 'does not find'} {each}" for each in sorted(differ)]
    return wrong


def _of_relations(world: World, found: Sightings) -> list[str]:
    """What a field leads to is what anybody finds by it, as far as it is seen: nothing more and nothing less."""
    whole: dict[tuple[str, str], set[str]] = {}
    for nodes in found.values():
        for parent, each in nodes.items():
            for name, ids in each.leads_to.items():
                whole.setdefault((parent, name), set()).update(ids or ())
    wrong = []
    for seat, nodes in found.items():
        seen = {id_of(each) for kind in SHELVES for each in world.seen(seat, kind)}
        for parent, each in nodes.items():
            for name, ids in each.leads_to.items():
                hidden = is_kept_back(world, seat, parent, name)
                expected = set() if hidden else whole[parent, name] & seen
                if (ids or set()) != expected:
                    wrong.append(f"{seat}, {parent}.{name}: {sorted(ids or ())} and not {sorted(expected)}")
    shown = {(TYPES[parts_of(parent)[0]], name) for (parent, name), ids in whole.items() if ids}
    all_ = {(kind, name) for kind, names in relations().items() if kind in TYPES.values() for name in names}
    return [*wrong, *(f"nothing in this world shows {kind}.{name}" for kind, name in sorted(all_ - shown))]


def _of_what_is_kept_back(world: World, found: Sightings) -> list[str]:
    wrong, both = [], set()
    for seat, nodes in found.items():
        for record_id, each in nodes.items():
            kind = parts_of(record_id)[0]
            record = world.by_id(record_id)
            for name, value in each.shown.items():
                raw = getattr(record, RAW.get((kind, name), name))
                if raw is None or raw == "":
                    continue
                expected = is_shown_in_full(world, seat, record_id, name)
                given = value is not None and "*" not in str(value)
                both.add((kind, name, expected))
                if given is not expected:
                    wrong.append(f"{seat}, {record_id}.{name}: {value!r} of {raw!r}")
    for kind in SHELVES:
        for name in kept_back(kind):
            missing = {True, False} - {shown for one, field, shown in both if (one, field) == (kind, name)}
            wrong += [f"nobody {'sees' if each else 'lacks'} {kind}.{name}" for each in missing]
    return wrong


RAW = {("delivery", "reason"): "last_error"}
"""What a field is of that the record has under another name."""


async def test_one_by_one_everybody_finds_what_is_theirs_to_see(on_one_engine: Premises) -> None:
    world, wrong, count = on_one_engine.world, [], 0
    for seat in SEATS:
        for way, record, told in await found_singly(on_one_engine.office, world, seat):
            kind = parts_of(id_of(record))[0]
            may_ask, seen = may_ask_for(seat, kind), world.sees(seat, kind, record)
            given = (told.value or {}).get("id")
            count += 1
            if given != (id_of(record) if seen and may_ask else None) or bool(told.codes) is may_ask:
                wrong.append(f"{seat}, {way} of {id_of(record)}: {given}, {told.codes}")
    users, public = sum(each.member is not None for each in SEATS), sum(each.is_public for each in ONES.values())
    assert count == 2 * (len(SEATS) * (len(SHELVES) + public) + users * (len(ONES) - public))
    assert not wrong, f"{len(wrong)} of {count}:\n" + "\n".join(wrong)


async def test_every_list_has_what_is_seen_of_it(premises: Premises) -> None:
    world, wrong = premises.world, []
    for seat in SEATS:
        for name, given in (await all_listed(premises.office, seat)).items():
            expected = {id_of(each) for each in in_list(world, seat, name)}
            if given is not None and given != (expected, len(expected)):
                wrong.append(f"{seat}, {name}: {given[1]}, {sorted(given[0] ^ expected)}")
    assert not wrong, "\n".join(wrong)


async def test_statistics_count_what_is_seen(premises: Premises) -> None:
    world = premises.world
    for seat in (each for each in SEATS if each.member is not None):
        found = await counted(premises.office, seat)
        assert found == {name: len(in_list(world, seat, name)) for name in found}, seat


async def test_what_is_no_record_leads_to_what_is_seen(premises: Premises) -> None:
    beside = {kind for kind in relations() if kind not in TYPES.values() and not kind.endswith(ENDINGS)}
    assert beside == {*BESIDE}
    world, leads = premises.world, set[str]()
    for seat in SEATS:
        for field, ids in (await found_beside(premises.office, seat)).items():
            leads |= {field} if ids else set()
            unseen = {each for each in ids if not world.sees(seat, parts_of(each)[0], world.by_id(each))}
            assert not unseen, (seat, field, unseen)
    fields = {f"{kind}.{name}" for kind in BESIDE for name in relations()[kind]}
    assert leads == fields - {"Viewer.delegatedBy"}, "nobody here does a colleague's work today"
