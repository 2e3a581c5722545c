"""Every root query, as a seat asks it: of a list how much it has, of a single record one's own and another's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from strawberry.utils.str_converters import to_camel_case, to_snake_case

from domain.api_key.scope import ApiKeyScope
from graph.listing import LISTS, ONES
from graph.permission.table import Cell, Permission
from tests.permission.asking import Ask, Told
from tests.permission.outcome import REFUSED, Outcome, fits, of_count, of_pair, of_value
from tests.permission.papers import HS_CODE
from tests.permission.people import Seat
from tests.permission.world import World, id_of, in_list, kind_of

FOUND_BY_ID = {
    ApiKeyScope.REGISTRY: "institution",
    ApiKeyScope.RULES: "rule",
    ApiKeyScope.REGULATIONS: "regulation",
    ApiKeyScope.CERTIFICATES: "certificate_facts",
}
"""Of what type a key finds a record by its id. One with CHANGE_FEED finds none."""


@dataclass(frozen=True)
class Question:
    """What is asked for one permission, and how the answers are weighed."""

    permission: Permission
    asks: Sequence[Ask]
    weigh: Callable[[Sequence[Any]], Outcome]

    def outcome(self, told: Sequence[Told]) -> Outcome:
        codes = [code for each in told for code in each.codes]
        if codes:
            return fits(*(REFUSED[each] for each in codes if each in REFUSED), said=", ".join(codes))
        return self.weigh([each.value for each in told])


def question(world: World, seat: Seat, each: Permission, secret: str) -> Question:
    """How this seat asks it. `secret` is that of a browser that asks to be signed in."""
    name = each.operation
    if name in {to_camel_case(listed) for listed in LISTS}:
        return _list(world, seat, each)
    if name in {to_camel_case(one) for one in ONES}:
        kind = kind_of(each)
        own, other = world.own(seat, kind), next(iter(world.unseen(seat, kind)), None)
        return _pair(each, "by", {"id": id_of(own)}, other and {"id": id_of(other)})
    by_hand = {
        "version": (Ask(name),),
        "actionForm": (Ask(name, {"action": "commissionSubmit"}, "{ action }"),),
        "codeTable": (Ask(name, {"name": "UNIT"}, "{ items { code } }"),),
        "codeTables": (Ask(name, {}, "{ name }"),),
        "viewer": (Ask(name, {}, "{ account { id } }"),),
        "pairing": (Ask(name, {"secret": secret}, "{ status }"),),
        "rule": (Ask(name, {"hsCode": HS_CODE}, "{ id }"),),
        "statistics": (Ask(name, {}, "{ commissions(by: STATUS) { total { count } } }"),),
        "certificateFacts": tuple(Ask(name, {"number": number}, "{ id }") for number in ("PSI-I1", "PSI-I2")),
        "registryChanges": (Ask(name, {}, "{ cursor changes { institutionId } }"),),
    }
    if name in by_hand:
        return Question(each, by_hand[name], lambda values: of_value(all(values)))
    if name == "registerVerify":
        own = world.own(seat, "commission")
        other = next(one for one in world.strangers(seat, "commission") if one is not own)
        asks = [Ask(name, {"subjectId": id_of(record)}, "{ sound }") for record in (own, other)]
        return Question(each, asks, lambda values: of_pair(*values, other_is_hidden=True))
    assert name in ("node", "nodes"), f"say here how {name} is asked"
    return _by_id(world, seat, each)


def _list(world: World, seat: Seat, each: Permission) -> Question:
    expected, total = len(in_list(world, seat, to_snake_case(each.operation))), len(world.listed(kind_of(each)))
    ask = Ask(each.operation, {}, "{ totalCount }")
    return Question(each, [ask], lambda values: of_count(values[0]["totalCount"], expected, total))


def _pair(each: Permission, argument: str, own: Any, other: Any) -> Question:
    """Without another that is not seen, one's own is asked for twice."""
    asks = [Ask(each.operation, {argument: value}, "{ id }") for value in (own, other or own)]
    return Question(each, asks, lambda values: of_pair(*values, other_is_hidden=other is not None))


def _by_id(world: World, seat: Seat, each: Permission) -> Question:
    """`node` and `nodes`: an account is not for everybody to see."""
    kind = "rule" if seat.is_nobody else "account" if seat.scope is None else FOUND_BY_ID.get(seat.scope)
    other = id_of(world.unseen(seat, "account")[0])
    own = None if kind is None else id_of(world.own(seat, kind))
    if each.operation == "node":
        asks = [Ask("node", {"id": one}, "{ id }") for one in (own or other, other)]
    else:
        asks = [Ask("nodes", {"ids": [own or other, other]}, "{ id }")]

    def weigh(values: Sequence[Any]) -> Outcome:
        first, second = values if each.operation == "node" else values[0]
        given = (first and first["id"], second and second["id"])
        return fits(Cell.OWN if given == (own, None) else Cell.YES, said=str(given))

    return Question(each, asks, weigh)
