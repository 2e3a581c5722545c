"""Records become types: what `domain/` has written down once (names, types, words) is printed here as GraphQL.

The definition is put on the record's own class, so a resolver is annotated with the record that it returns.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import MISSING as _MISSING
from inspect import isasyncgenfunction
from typing import Any, Final, TypeVar
from uuid import UUID

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema_directives import OneOf
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver
from strawberry.utils.str_converters import to_camel_case, to_snake_case

from domain.marks import ANY_RECORD
from domain.personal import Masked
from domain.record import Field, Form, Record, fields_of
from domain.term import Term
from graph.context import Info
from graph.ids import parts_of, public_id, record_id

DEFINITION = "__strawberry_definition__"
READS: Final = "reads"
"""Under which name a resolver carries the fields that it reads."""

F = TypeVar("F", bound=Callable[..., Any])


@strawberry.interface(description="任何有标识的记录。 Anything that can be fetched again by its id.")
class Node:
    """What `node` finds."""

    id: strawberry.ID = strawberry.field(description="标识. Opaque; send it back as it came.")


class Attribute(StrawberryField):
    """A field whose value is read off the record; ids are given their type's name on the way out."""

    def __init__(self, name: str, annotation: Any, words: str, id_of: str | None = None) -> None:
        super().__init__(
            python_name=name,
            type_annotation=StrawberryAnnotation(annotation),
            description=words,
        )
        self.id_of = id_of

    def get_result(self, source: Any, info: Any, args: Any, kwargs: Any) -> Any:
        value = getattr(source, self.python_name)
        if self.id_of is None or value is None:
            return value
        return public_id(self.id_of, value)


def words_of(thing: Callable[..., Any]) -> str:
    """The docstring of a resolver or record as its description, without the layout of the source. Raises TypeError."""
    if not thing.__doc__:
        raise TypeError(f"{thing.__qualname__} has no words")
    return " ".join(thing.__doc__.split())


def field(resolver: Callable[..., Any], *, name: str | None = None) -> StrawberryField:
    """A field that a function resolves, with its name and docstring; an asynchronous generator is followed."""
    made = StrawberryField(
        python_name=name or resolver.__name__.rstrip("_"),
        description=words_of(resolver),
        is_subscription=isasyncgenfunction(resolver),
    )
    made(StrawberryResolver(resolver))
    return made


def reading(*names: str) -> Callable[[F], F]:
    """Says of a resolver that it reads no more of its record than these fields, so that no more need be fetched."""

    def named(resolver: F) -> F:
        vars(resolver)[READS] = names
        return resolver

    return named


def type_name(record: type[Any]) -> str:
    """`GoodsLine` is known to clients as `goods_line_…`."""
    return to_snake_case(record.__name__)


def term(kind: type[Term]) -> type[Term]:
    """Publishes a closed set, once; every value's description opens with the manual's word."""
    if DEFINITION not in vars(kind):
        values = [EnumValue(t.name, t.value, description=f"{t.words.zh}. {t.words.en}") for t in kind]
        description = words_of(kind)
        setattr(kind, DEFINITION, StrawberryEnumDefinition(kind, kind.__name__, values, description))
    return kind


Whose = Callable[[Any, Info], Awaitable[Any]]
"""Finds the record that a part is of, as far as the viewer sees it."""


def publish(record: type[Any], *more: StrawberryField, node: bool = True, whose: Whose | None = None) -> None:
    """Publishes a record: its fields that have words, then what the public is given beside them.

    Raises TypeError where two fields have one name, an id does not say whose it is, or a part has a masked field and
    `whose` is not there to say who reads it in full.
    """
    said = [each for each in fields_of(record).values() if each.says is not None]
    own_first = sorted(said, key=lambda each: {"id": 0, "version": 1}.get(each.name, 2))
    fields = [_attribute(record, each, whose) for each in own_first]
    names = [each.python_name for each in (*fields, *more)]
    if len(set(names)) != len(names):
        raise TypeError(f"{record.__name__} has two fields of one name: {names}")
    definition = StrawberryObjectDefinition(
        name=record.__name__,
        is_input=False,
        is_interface=False,
        origin=record,
        description=words_of(record),
        interfaces=[Node.__strawberry_definition__] if node else [],  # type: ignore[attr-defined]
        extend=False,
        directives=None,
        is_type_of=lambda value, _: isinstance(value, record),
        resolve_type=None,
        fields=[*fields, *more],
    )
    setattr(record, DEFINITION, definition)


def _attribute(record: type[Any], each: Field, whose: Whose | None) -> StrawberryField:
    assert each.says is not None
    if each.mask is not None:
        if whose is None and not issubclass(record, Record):
            raise TypeError(f"{record.__name__}.{each.name}: whose task needs it in full?")
        return _masked(each, each.mask, whose)
    id_of = type_name(record) if each.name == "id" else each.id_of
    if each.type is UUID and id_of is None:
        raise TypeError(f"{record.__name__}.{each.name}: whose id is it?")
    annotation: Any = strawberry.ID if id_of else _annotation(each, output=True)
    return Attribute(each.name, annotation | None if each.nullable else annotation, str(each.says), id_of)


def _masked(each: Field, mask: Masked, whose: Whose | None) -> StrawberryField:
    """The one way out for a masked field, wherever its record stands: in a list, by its id, in another, in an event."""
    assert each.type is str
    made = StrawberryField(python_name=each.name, description=str(each.says))

    def shown_to(info: Info, root: Any, record: Any) -> Any:
        value = getattr(root, each.name)
        return value if mask.in_full(info.context.viewer, record) else _shown(root)

    def _shown(root: Any) -> Any:
        value = getattr(root, each.name)
        return None if value is None else mask.shown(root, value)

    def resolve_own(root: Any, info: Info) -> Any:
        return shown_to(info, root, root)

    async def resolve_part(root: Any, info: Info) -> Any:
        assert whose is not None
        shown = _shown(root)
        return shown if shown == getattr(root, each.name) else shown_to(info, root, await whose(root, info))

    resolve: Callable[..., Any] = resolve_own if whose is None else resolve_part
    resolve.__annotations__["return"] = str | None if each.nullable else str
    made(StrawberryResolver(resolve))
    return made


def _annotation(each: Field, *, output: bool) -> Any:
    if each.item is not None:
        inner = term(each.item) if issubclass(each.item, Term) else each.item if output else form_input(each.item)
        return list[inner]  # type: ignore[valid-type]
    if isinstance(each.type, type) and issubclass(each.type, Term):
        return term(each.type)
    return each.type


def optional(name: str, annotation: Any, words: str) -> StrawberryField:
    """An input field that may be left out."""
    return StrawberryField(
        python_name=name,
        type_annotation=StrawberryAnnotation(annotation | None),
        description=words,
        default=strawberry.UNSET,
    )


def inputs_of(form: type[Form]) -> list[StrawberryField]:
    """The fields of a form as input fields: nullable ones may be absent, which is not the same as null."""
    return [_input_field(each) for each in fields_of(form).values() if each.says is not None]


def _input_field(each: Field) -> StrawberryField:
    annotation: Any = strawberry.ID if each.type is UUID else _annotation(each, output=False)
    may_be_absent = each.nullable or each.item is not None or each.default is not None
    words = str(each.says)
    return StrawberryField(
        python_name=each.name,
        type_annotation=StrawberryAnnotation(annotation | None if may_be_absent else annotation),
        description=words + (" 提交时必填 (required at submission)." if each.is_required else ""),
        default=strawberry.UNSET if may_be_absent else _MISSING,
    )


def filled(form: type[Form], values: Mapping[str, Any], **known: Any) -> Any:
    """The form that a client sent. Fields that are absent keep their default and are not `given`."""
    given: dict[str, Any] = dict(known)
    for each in fields_of(form).values():
        public = to_camel_case(each.name)
        if each.says is None or public not in values:
            continue
        given[each.name] = _value(each, values[public])
    return form.of(**given)


def _value(each: Field, value: Any) -> Any:
    if value is None:
        return None if each.item is None or each.nullable else ()
    if each.item is not None:
        nested = not issubclass(each.item, Term)
        return tuple(filled(each.item, item) if nested else item for item in value)
    if each.type is UUID:
        assert each.id_of is not None
        return parts_of(value)[1] if each.id_of == ANY_RECORD else record_id(each.id_of, value)
    return value


def form_input(form: type[Any]) -> type[Any]:
    """Publishes a form that stands within another, or by itself as a filter, as an input type."""
    if DEFINITION not in vars(form):
        name = form.__name__.removesuffix("Draft").removesuffix("Form")
        name = name if name.endswith("Filter") else name + "Input"
        _define_input(form, name, words_of(form), inputs_of(form), lambda cls, values, _: filled(form, values))
    return form


def input_type(
    name: str,
    description: str,
    fields: Iterable[StrawberryField],
    from_input: Callable[..., Any],
    *,
    one_of: bool = False,
) -> type[Any]:
    """An input type of this name whose values `from_input` builds; of `one_of`, exactly one field is given."""
    made = type(name, (), {})
    _define_input(made, name, description, fields, from_input, one_of=one_of)
    return made


def _define_input(
    origin: type[Any],
    name: str,
    description: str,
    fields: Iterable[StrawberryField],
    from_input: Callable[..., Any],
    *,
    one_of: bool = False,
) -> None:
    definition = StrawberryObjectDefinition(
        name=name,
        is_input=True,
        is_interface=False,
        origin=origin,
        description=description,
        interfaces=[],
        extend=False,
        directives=(OneOf(),) if one_of else (),
        is_type_of=None,
        resolve_type=None,
        fields=list(fields),
        from_input=from_input,
    )
    setattr(origin, DEFINITION, definition)


def output_type(name: str, description: str, fields: Iterable[StrawberryField]) -> type[Any]:
    """A type without a record behind it: payloads and roots."""
    made = type(name, (), {})
    definition = StrawberryObjectDefinition(
        name=name,
        is_input=False,
        is_interface=False,
        origin=made,
        description=description,
        interfaces=[],
        extend=False,
        directives=None,
        is_type_of=None,
        resolve_type=None,
        fields=list(fields),
    )
    setattr(made, DEFINITION, definition)
    return made
