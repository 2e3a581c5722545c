"""Writes operations of the real schema at random: what a client could send, and some of what none should.

The surprise: it draws from whatever chooses for it, Hypothesis or a plain generator of random numbers.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

T = TypeVar("T")
DEPTH_MAX = 5
APART = {"last": {"first"}, "offset": {"last", "after", "before"}}
ODD_TEXTS = ("", " ", "%", "_", "\\", "海", "nobody", "'", "a" * 2001)
DAYS = ("2026-01-01", "2025-06-30", "2024-02-29", "0001-01-01", "9999-12-31", "2027-01-01")
INSTANTS = ("2026-01-01T00:00:00Z", "2025-06-30T23:59:59.999999+08:00")


class Chooses(Protocol):
    """Whoever decides."""

    def of(self, options: Sequence[T]) -> T: ...

    def number(self, least: int, most: int) -> int: ...


class ByChance:
    """Decides by random numbers."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def of(self, options: Sequence[T]) -> T:
        return self._random.choice(options)

    def number(self, least: int, most: int) -> int:
        return self._random.randint(least, most)


@dataclass
class Known:
    """What there is to be found: ids, cursors by list, and texts that records hold."""

    ids: list[str] = field(default_factory=list)
    cursors: dict[str, list[str]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    numbers: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """One request."""

    text: str
    variables: Mapping[str, Any]


class Writer:
    """Writes one operation."""

    def __init__(self, schema: GraphQLSchema, known: Known, choose: Chooses) -> None:
        self._schema, self._known, self._choose = schema, known, choose
        self._definitions: list[str] = []
        self._given: dict[str, Any] = {}
        self._fragments: list[str] = []
        self._aliases = 0

    def operation(self, roots: Sequence[str]) -> Operation:
        """A query of some of these root fields."""
        query = self._schema.query_type
        assert query is not None
        some = [self._choose.of(roots) for _ in range(self._choose.of((1, 1, 1, 2, 3)))]
        body = " ".join(self._field(query, name, 0, alias=True) for name in some)
        if self._chance(10):
            body += " __typename"
        heading = f"query Q({', '.join(self._definitions)})" if self._definitions else "query Q"
        return Operation(" ".join([f"{heading} {{ {body} }}", *self._fragments]), dict(self._given))

    def _chance(self, percent: int) -> bool:
        return self._choose.number(1, 100) <= percent

    # ── Selections ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _field(self, parent: GraphQLObjectType | GraphQLInterfaceType, name: str, depth: int, *, alias: bool) -> str:
        known: GraphQLField = parent.fields[name]
        arguments = self._arguments(known, name)
        written = name
        if alias or arguments or self._chance(10):
            self._aliases += 1
            written = f"a{self._aliases}: {name}" if self._aliases <= 25 else name
        written += arguments + self._directive()
        type_ = get_named_type(known.type)
        return written if is_leaf_type(type_) else f"{written} {self._selection(type_, depth + 1)}"

    def _selection(self, type_: Any, depth: int) -> str:
        if isinstance(type_, GraphQLInterfaceType):
            return f"{{ {self._of_an_interface(type_, depth)} }}"
        names = [name for name, each in type_.fields.items() if depth < DEPTH_MAX or _is_leaf(each)]
        some = [self._choose.of(names) for _ in range(self._choose.number(1, 6))] if names else []
        parts = ["__typename"] if not some or self._chance(10) else []
        # The same field twice is merged, unless it has arguments.
        parts += [
            self._wrapped(type_, self._field(type_, name, depth, alias=bool(type_.fields[name].args))) for name in some
        ]
        return f"{{ {' '.join(parts)} }}"

    def _of_an_interface(self, type_: GraphQLInterfaceType, depth: int) -> str:
        parts = ["id"] if self._chance(70) else ["__typename"]
        possible = self._schema.get_possible_types(type_)
        for _ in range(self._choose.number(1, 3)):
            each: Any = self._choose.of(possible)
            names = [name for name, of in each.fields.items() if depth < DEPTH_MAX or _is_leaf(of)]
            some = [self._field(each, self._choose.of(names), depth, alias=True) for _ in range(2)]
            parts.append(f"... on {each.name} {{ {' '.join(some)} }}")
        return " ".join(parts)

    def _wrapped(self, type_: GraphQLObjectType, written: str) -> str:
        """A field by itself, or within a fragment."""
        match self._choose.number(1, 20):
            case 1:
                return f"... {{ {written} }}"
            case 2:
                return f"... on {type_.name}{self._directive()} {{ {written} }}"
            case 3:
                name = f"F{len(self._fragments)}"
                self._fragments.append(f"fragment {name} on {type_.name} {{ {written} }}")
                return f"...{name}{self._directive()}"
            case 4 if any(each.name == "Node" for each in type_.interfaces):
                return f"... on Node {{ id }} {written}"
        return written

    def _directive(self) -> str:
        if not self._chance(8):
            return ""
        name = self._choose.of(("skip", "include"))
        if self._chance(50):
            return f" @{name}(if: {self._choose.of(('true', 'false'))})"
        return f" @{name}(if: {self._variable(GraphQLNonNull(self._schema.type_map['Boolean']), self._chance(50))})"

    # ── Arguments ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _arguments(self, known: GraphQLField, field_name: str) -> str:
        given: list[str] = []
        taken: set[str] = set()
        for name, argument in known.args.items():
            if not is_required_argument(argument) and not self._chance(35):
                continue
            # What does not go together is seldom tried: it is refused, whatever else is asked.
            if taken & APART.get(name, frozenset()) and self._chance(95):
                continue
            taken.add(name)
            given.append(f"{name}: {self._argument(argument.type, name, field_name)}")
        return f"({', '.join(given)})" if given else ""

    def _argument(self, type_: Any, name: str, field_name: str) -> str:
        value = self._value(type_, name, field_name)
        if self._chance(60):
            return self._variable(type_, value)
        return self._literal(type_, value)

    def _variable(self, type_: Any, value: Any) -> str:
        """A variable of this type: with a default or none, given, null, or absent."""
        name = f"v{len(self._definitions)}"
        is_nullable = not isinstance(type_, GraphQLNonNull)
        default = f" = {self._literal(type_, value)}" if self._chance(15) and value is not None else ""
        self._definitions.append(f"${name}: {type_}{default}")
        if (default or is_nullable) and self._chance(20):
            return f"${name}"
        self._given[name] = None if is_nullable and self._chance(8) else value
        return f"${name}"

    def _value(self, type_: Any, name: str, field_name: str) -> Any:
        if isinstance(type_, GraphQLNonNull):
            return self._present(type_.of_type, name, field_name)
        return None if self._chance(4) else self._present(type_, name, field_name)

    def _present(self, type_: Any, name: str, field_name: str) -> Any:
        if isinstance(type_, GraphQLList):
            return [self._value(type_.of_type, name, field_name) for _ in range(self._choose.number(0, 3))]
        if isinstance(type_, GraphQLInputObjectType):
            return self._object(type_, field_name)
        if isinstance(type_, GraphQLEnumType):
            return self._choose.of(list(type_.values))
        return self._scalar(type_.name, name, field_name)

    def _object(self, type_: GraphQLInputObjectType, field_name: str) -> dict[str, Any]:
        names = list(type_.fields)
        if _is_one_of(type_):
            name = self._choose.of(names)
            return {name: self._value(GraphQLNonNull(type_.fields[name].type), name, field_name)}
        found = {}
        for name in names:
            known = type_.fields[name]
            if isinstance(known.type, GraphQLNonNull) or self._chance(20):
                found[name] = self._value(known.type, name, field_name)
        return found

    def _scalar(self, type_name: str, name: str, field_name: str) -> Any:
        match type_name:
            case "Boolean":
                return self._chance(50)
            case "Int" if name in ("first", "last"):
                return (
                    self._choose.of((0, 1, 2, 3, 5, 7, 20, 50, 100)) if self._chance(97) else self._choose.of((-1, 101))
                )
            case "Int" if name == "offset":
                return self._choose.of((0, 0, 1, 4, 30)) if self._chance(97) else 20_000
            case "Int":
                return self._choose.of((1, 2024, 2025, 2026, -5))
            case "ID":
                return self._choose.of((*self._known.ids, "nonsense", "commission_" + "0" * 32, "_"))
            case "Date":
                return self._choose.of(DAYS)
            case "DateTime":
                return self._choose.of(INSTANTS)
            case "Decimal":
                return self._choose.of(("0", "12.50", "-3"))
        if name in ("after", "before"):
            cursors = self._known.cursors.get(field_name)
            if cursors and self._chance(95):
                return self._choose.of(cursors)
            return self._choose.of(("", "bm9uc2Vuc2U", *(some[0] for some in self._known.cursors.values())))
        known: Sequence[str] = self._known.numbers.get(name) or self._known.texts or ODD_TEXTS
        text = self._choose.of(known) if self._chance(75) else self._choose.of(ODD_TEXTS)
        return text[: self._choose.of((2, 4, 100))] if self._chance(30) else text

    def _literal(self, type_: Any, value: Any) -> str:
        if isinstance(type_, GraphQLNonNull):
            return self._literal(type_.of_type, value)
        if value is None:
            return "null"
        if isinstance(type_, GraphQLList):
            return f"[{', '.join(self._literal(type_.of_type, each) for each in value)}]"
        if isinstance(type_, GraphQLInputObjectType):
            return f"{{{', '.join(self._pair(type_, name, each) for name, each in value.items())}}}"
        return str(value) if isinstance(type_, GraphQLEnumType) else json.dumps(value, ensure_ascii=False)

    def _pair(self, type_: GraphQLInputObjectType, name: str, value: Any) -> str:
        inner = type_.fields[name].type
        if _is_one_of(type_) and self._chance(50):
            return f"{name}: {self._variable(GraphQLNonNull(inner), value)}"
        if self._chance(20):
            return f"{name}: {self._variable(inner, value)}"
        return f"{name}: {self._literal(inner, value)}"


def _is_one_of(type_: GraphQLInputObjectType) -> bool:
    # Strawberry says so in its own way, which is no attribute of graphql-core's.
    return bool(type_.extensions["strawberry-definition"].is_one_of)


def _is_leaf(known: GraphQLField) -> bool:
    return is_leaf_type(get_named_type(known.type))
