"""Every address, as a seat asks at it."""

import csv
import io
import re
from typing import Any

from graph.permission.table import Cell, Permission
from tests.office import Office
from tests.permission.outcome import REFUSED, Outcome, fits, of_count, of_value
from tests.permission.people import Seat, prefix_of, secret_of
from tests.permission.world import World, id_of, in_list, kind_of

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
    """As many rows as the list has, and where people call the records by a number, the same ones."""
    answer = await office.client.get(f"{each.operation}.csv", headers=seat.headers)
    if not answer.is_success:
        return _refused(answer)
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))[1:]
    name = each.operation.removeprefix("/exports/").replace("-", "_")
    if name == "goods_lines":
        return of_count(len(rows), len(world.seen(seat, "goods_line")), len(world.records["goods_line"]))
    expected = in_list(world, seat, name)
    numbers = {one.number for one in expected if hasattr(one, "number")}
    if numbers and numbers != {row[0].strip("\t'=\"") for row in rows}:
        return fits(said=f"others than {sorted(numbers)}")
    return of_count(len(rows), len(expected), len(world.listed(kind_of(each))))


async def _file(office: Office, world: World, seat: Seat) -> Outcome:
    """Of every kind of record a file that is seen and one that is not; to strangers that one is not there until they
    have signed in."""
    files = [*_one_of_each(world.seen(seat, "attachment")), *_one_of_each(world.unseen(seat, "attachment"))]
    answers = [await office.client.get(f"/files/{id_of(each)}", headers=seat.headers) for each in files]
    codes = [None if each.is_success else each.json()["errors"][0]["extensions"]["code"] for each in answers]
    refused = {each for each in codes if each is not None}
    if refused in ({Cell.FORBIDDEN.name}, {Cell.UNAUTHENTICATED.name}) and None not in codes:
        return fits(*(REFUSED[each] for each in refused), said=str(codes))
    not_there = Cell.UNAUTHENTICATED.name if seat.is_nobody else Cell.NOT_FOUND.name
    expected = [None if world.sees(seat, "attachment", each) else not_there for each in files]
    wrong = [f"{id_of(each)}: {code}" for each, code, due in zip(files, codes, expected, strict=True) if code != due]
    return fits(said="; ".join(wrong)) if wrong else fits(Cell.OWN)


def _one_of_each(files: list[Any]) -> list[Any]:
    return list({each.subject_type: each for each in files}.values())


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
