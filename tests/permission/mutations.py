"""Every mutation, as a seat calls it on a record: with the version that none has, so that whoever may is told so and
nothing is done. The rest of the form is left out wherever it can be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type, is_required_input_field

from graph.limits import SIGN_IN_PREFIXES, Limits
from graph.permission.table import Cell, Permission
from graph.schema.schema import SCHEMA
from tests.permission.asking import AN_EMPTY_FILE, Ask, Told
from tests.permission.outcome import Outcome, fits, of_codes
from tests.permission.people import Seat
from tests.permission.ways import relations
from tests.permission.world import World, id_of, kind_of

NO_VERSION = 999_999

FILLED: Mapping[str, Any] = {
    "algorithm": "ECDSA_SHA256", "certificateChain": ["eA=="], "challengeId": "passkey_challenge_0", "credential": "{}",
    "file": AN_EMPTY_FILE, "files": [AN_EMPTY_FILE], "name": "手机", "newPassword": "x", "number": "00",
    "oldPassword": "x", "oneTimeCode": "000000", "password": "x", "secondFactorToken": "x", "secret": "x",
    "signature": "eA==", "tableName": "UNIT", "username": "nobody.at.all", "year": 2025,
}  # fmt: skip
"""What inputs cannot do without, beside ids. Nobody has these secrets."""

TOO: Mapping[str, Mapping[str, Any]] = {"accountChangePassword": {"username": "nobody.at.all"}}
"""What is said too: whoever has not signed in is asked for a name."""

BY_ITSELF = frozenset({"sessionClose"})
"""What is called in a request of its own, for it signs out."""


@dataclass(frozen=True)
class Mutation:
    """One mutation as it is called for a permission."""

    permission: Permission
    ask: Ask

    def outcome(self, told: Told) -> Outcome:
        payload = dict(told.value or {})
        refused = [each["code"] for each in payload.pop("userErrors", ())]
        if Cell.NOT_FOUND.name in refused and any(payload.values()):
            return fits(said=f"not found, but shown: {payload}")
        return of_codes([*told.codes, *refused])

    def names(self, record: Any) -> bool:
        """Whether it says on which record: what makes one, or is about oneself alone, names none."""
        return id_of(record) in str(self.ask.arguments)

    @property
    def is_a_sign_in(self) -> bool:
        return self.ask.name.startswith(SIGN_IN_PREFIXES)

    @property
    def sends_a_file(self) -> bool:
        given = self.ask.arguments.get("input", {})
        return "file" in given or "files" in given


def mutation(world: World, seat: Seat, each: Permission, record: Any = None) -> Mutation:
    """How this seat calls it: on its own record where none is named."""
    root = SCHEMA._schema.mutation_type
    assert isinstance(root, GraphQLObjectType)
    argument = root.fields[each.operation].args.get("input")
    if argument is None:
        return Mutation(each, Ask(each.operation, {}, _selection(each.operation)))
    kind = get_named_type(argument.type)
    assert isinstance(kind, GraphQLInputObjectType)
    is_own = record is None
    if is_own and each.shelf is not None:
        record = own_record(world, seat, each)
    filled: dict[str, Any] = dict(TOO.get(each.operation, {}))
    for name, field in kind.fields.items():
        if name in ("id", "subjectId"):
            filled[name] = id_of(record)
        elif name == "ids":
            filled[name] = [id_of(record)]
        elif name == "filingId":
            filled[name] = id_of(world.own(seat, "filing"))
        elif name == "expectedVersion":
            filled[name] = NO_VERSION
        elif is_required_input_field(field):
            assert name in FILLED, f"say here what {each.operation} is given as {name}"
            filled[name] = FILLED[name]
    if is_own and makes_a_record(each):
        filled.pop("id", None)
    return Mutation(each, Ask(each.operation, {"input": filled}, _selection(each.operation)))


@cache
def _selection(operation: str) -> str:
    """Why nothing was done, and the records that the payload shows all the same."""
    root = SCHEMA._schema.mutation_type
    assert root is not None
    payload = get_named_type(root.fields[operation].type).name
    shown = [f"{each} {{ id }}" for each in relations().get(payload, ())]
    return f"{{ userErrors {{ code field }} {' '.join(shown)} }}"


def makes_a_record(each: Permission) -> bool:
    return each.action is not None and each.action.creates is not None


def own_record(world: World, seat: Seat, each: Permission) -> Any:
    """What this seat calls it on, of its own."""
    kind = kind_of(each)
    if each.operation != "attachmentRemove":
        return world.own(seat, kind)
    return max(attachments(world, seat, kind), key=lambda one: world.sees(seat, "attachment", one))


def attachments(world: World, seat: Seat, kind: str) -> list[Any]:
    """The files of records of this type, one's own first."""
    files = [each for each in world.records["attachment"] if each.subject_type == kind]
    return sorted(files, key=lambda each: -world.nearness(seat, each))


def together(some: Sequence[Mutation]) -> Iterator[list[Mutation]]:
    """As many at a time as one request may call."""
    limits = Limits()
    rest = [each for each in some if each.ask.name not in BY_ITSELF]
    yield from ([each] for each in some if each.ask.name in BY_ITSELF)
    for sends_a_file in (False, True):
        chunk: list[Mutation] = []
        for each in (one for one in rest if one.sends_a_file is sends_a_file):
            is_second = each.is_a_sign_in and any(one.is_a_sign_in for one in chunk)
            if len(chunk) == limits.root_mutations_max or is_second:
                yield chunk
                chunk = []
            chunk.append(each)
        if chunk:
            yield chunk
