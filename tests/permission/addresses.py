"""Every address, as a seat asks at it."""

import csv
import io
import re
from typing import Any

from graph.permission.table import Cell, Permission
from tests.office import Office
from tests.permission.outcome import REFUSED, Outcome, fits, of_count, of_pair, of_value
from tests.permission.people import Seat, prefix_of, secret_of
from tests.permission.world import World, id_of, kind_of

UNKNOWN_CLIENT = "invalid_client"


async def at_address(office: Office, world: World, seat: Seat, each: Permission) -> Outcome:
    """What is answered there."""
    path = each.operation
    if path.startswith("/exports/"):
        return await _export(office, world, seat, each)
    if path == "/files/{id}":
        return await _file(office, world, seat)
    if path == "/graphql":
        answer = await office.client.post(path, json={"query": "{ version }"}, headers=seat.headers)
    elif path == "/oauth/token":
        answer = await office.client.post(path, data=_client(seat), headers={} if seat.scope else seat.headers)
    elif "{digest}" in path:
        page = await office.client.get("/graphql", headers={"accept": "text/html"})
        found = re.search(r"/explorer/static/[^\"']+", page.text)
        assert found is not None
        answer = await office.client.get(found[0], headers=seat.headers)
    else:
        answer = await office.client.get(path, headers=seat.headers)
    return of_value(True) if answer.is_success else _refused(answer)


async def _export(office: Office, world: World, seat: Seat, each: Permission) -> Outcome:
    answer = await office.client.get(f"{each.operation}.csv", headers=seat.headers)
    if not answer.is_success:
        return _refused(answer)
    kind = "goods_line" if each.operation == "/exports/goods-lines" else kind_of(each)
    total, hidden = len(world.listed(kind)), bool(world.unseen(seat, kind))
    return of_count(rows_in(answer.text), total, some_are_hidden=hidden)


def rows_in(text: str) -> int:
    """How many rows an export has below its headings."""
    return len(list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))) - 1


async def _file(office: Office, world: World, seat: Seat) -> Outcome:
    """A file that is seen and one that is not, which to strangers is not there until they have signed in."""
    seen, unseen = world.seen(seat, "attachment"), world.unseen(seat, "attachment")
    answers = [
        await office.client.get(f"/files/{id_of(some[0])}", headers=seat.headers) for some in (seen or unseen, unseen)
    ]
    codes = [None if each.is_success else each.json()["errors"][0]["extensions"]["code"] for each in answers]
    if seen:
        not_there = Cell.UNAUTHENTICATED if seat.is_nobody else Cell.NOT_FOUND
        given = [code is None for code in codes]
        assert given == [True, True] or codes[1] == not_there.name, (seat, codes)
        return of_pair(*given, other_is_hidden=True)
    return fits(*(REFUSED[each] for each in codes if each), said=str(codes))


def _client(seat: Seat) -> dict[str, str]:
    form = {"grant_type": "client_credentials"}
    if seat.scope is None:
        return form
    return form | {"client_id": prefix_of(seat.scope), "client_secret": secret_of(seat.scope)}


def _refused(answer: Any) -> Outcome:
    content = answer.json()
    if content.get("error") == UNKNOWN_CLIENT:
        return fits(Cell.UNAUTHENTICATED, said=UNKNOWN_CLIENT)
    code = content["errors"][0]["extensions"]["code"] if "errors" in content else str(content)
    known = {**REFUSED, "INTROSPECTION_NOT_ALLOWED": Cell.FORBIDDEN}
    return fits(known[code], said=code) if code in known else fits(said=f"{answer.status_code} {code}")
