"""Every subscription, as a seat follows it over a socket, from the very beginning so that something comes at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from graph.permission.table import Cell, Permission
from storage.notice import Position
from storage.registry_change import Place
from tests.office import Office
from tests.permission.asking import Ask, document
from tests.permission.outcome import ALLOWED, REFUSED, Outcome, fits, of_pair
from tests.permission.people import Seat
from tests.permission.world import World, id_of
from tests.transport.serving import Talk, talking


async def followed(
    office: Office, world: World, seat: Seat, some: Sequence[Permission], secret: str
) -> dict[str, Outcome]:
    """What comes of each, by name, all on one socket."""
    asks: dict[str, Ask] = {}
    hidden = world.unseen(seat, "commission")
    for each in some:
        name = each.operation
        if name == "commissionChanged":
            for which, record in (("own", world.own(seat, "commission")), ("other", hidden[0])):
                asks[f"{name} {which}"] = Ask(name, {"id": id_of(record), "after": "v0"}, "{ cursor }")
        elif name == "pairingChanged":
            asks[name] = Ask(name, {"secret": secret}, "{ status }")
        else:
            after = {"noticeReceived": Position().cursor, "registryChanged": Place().cursor}[name]()
            asks[name] = Ask(name, {"after": after}, "{ cursor }")
    async with talking(await office.address(), max_queue=None) as talk:  # more may come than is listened to
        await talk.hello(**seat.headers)
        heard = await _first_of_each(talk, asks)
    outcomes = {name: _outcome([message]) for name, message in heard.items()}
    pair = [heard["commissionChanged own"], heard["commissionChanged other"]]
    return outcomes | {"commissionChanged": _outcome(pair)}


async def _first_of_each(talk: Talk, asks: Mapping[str, Ask]) -> dict[str, Any]:
    """The first message of each subscription."""
    for name, each in asks.items():
        query, variables = document("subscription", [each])
        await talk.asks(name, query, variables=variables)
    heard: dict[str, Any] = {}
    while len(heard) < len(asks):
        message = await talk.hears()
        heard.setdefault(message["id"], message)
    return heard


def _outcome(messages: Sequence[Any]) -> Outcome:
    """Of one subscription; of two, the second of which is on a record that is not to be seen."""
    codes = [each["payload"][0]["extensions"]["code"] for each in messages if each["type"] == "error"]
    if len(messages) == 1 or len(codes) == len(messages):
        return fits(*(REFUSED[each] for each in codes) if codes else ALLOWED, said=", ".join(codes))
    given = [each["type"] == "next" for each in messages]
    assert given[1] or codes == [Cell.NOT_FOUND.name]
    return of_pair(*given, other_is_hidden=True)
