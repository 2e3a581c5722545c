"""What an operation costs, reckoned from its page sizes before it runs. A point is about half a millisecond of work.

An operation is priced once into a form, in which only page sizes that come as variables are open; the surprise: where
none is, the form is a number, so that a request pays for one look-up.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from graph.weights import ITEM, length_of, paged_by, weight_of
from storage.shelf import PAGE_DEFAULT, PAGE_MAX

FORMS_KEPT_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Size:
    """A page size that comes with the request: the largest variable named, or `otherwise` where none is given."""

    variables: tuple[str, ...]
    otherwise: int

    def of(self, values: Mapping[str, Any]) -> int:
        given = [values.get(name) for name in self.variables]
        # What is no size is refused when it is used; until then the page is as large as a page can be.
        sizes = [_within_page(each) for each in given if each is not None]
        return max(sizes, default=self.otherwise)


@dataclass(frozen=True, slots=True)
class Form:
    """A sum of points, and of forms that each count as often as a page is long."""

    points: float = 0.0
    open: tuple[tuple[Size, Form], ...] = ()

    def __add__(self, other: Form) -> Form:
        return Form(self.points + other.points, self.open + other.open)

    def times(self, size: Size | int) -> Form:
        if isinstance(size, Size):
            return Form(0.0, ((size, self),))
        return Form(self.points * size, tuple((of, inner.times(size)) for of, inner in self.open))

    def of(self, values: Mapping[str, Any]) -> float:
        """The points with these variables."""
        return self.points + sum(size.of(values) * inner.of(values) for size, inner in self.open)


NOTHING: Final = Form()


class Prices:
    """The forms of the operations asked lately. Safe on one event loop."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._forms: OrderedDict[int, tuple[OperationDefinitionNode, Form]] = OrderedDict()

    def of(self, document: DocumentNode, operation: OperationDefinitionNode, values: Mapping[str, Any]) -> int:
        """The points that a valid operation within the limits costs; at least one."""
        kept = self._forms.get(id(operation))
        if kept is None:
            # The node is kept beside its form: while it lives, no other has its identity.
            kept = self._forms[id(operation)] = (operation, _Pricing(self._schema, document, operation).form())
            if len(self._forms) > FORMS_KEPT_MAX:
                self._forms.popitem(last=False)
        return max(1, math.ceil(kept[1].of(values)))


class _Pricing:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self._schema, self._operation = schema, operation
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._priced: dict[str, tuple[Form, Form]] = {}
        self._defaults = {each.variable.name.value: each.default_value for each in operation.variable_definitions or ()}

    def form(self) -> Form:
        root = self._schema.get_root_type(self._operation.operation)
        once, each = self._selected(self._operation.selection_set, root)
        return once + each

    def _selected(self, selections: SelectionSetNode, parent: Any) -> tuple[Form, Form]:
        """What a selection costs once, and what it costs for each record of the page that its parent is."""
        once, each = NOTHING, NOTHING
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                field = self._schema.get_field(parent, selection.name.value)
                if field is None:
                    continue
                priced = self._field(selection, parent.name, field)
                if paged_by(parent, selection.name.value):
                    each += priced
                else:
                    once += priced
                continue
            if isinstance(selection, FragmentSpreadNode):
                more = self._fragment(selection.name.value)
            else:
                assert isinstance(selection, InlineFragmentNode)
                condition = selection.type_condition
                within = parent if condition is None else self._schema.get_type(condition.name.value)
                more = self._selected(selection.selection_set, within)
            once, each = once + more[0], each + more[1]
        return once, each

    def _fragment(self, name: str) -> tuple[Form, Form]:
        if name not in self._priced:
            node = self._fragments[name]
            parent = self._schema.get_type(node.type_condition.name.value)
            self._priced[name] = self._selected(node.selection_set, parent)
        return self._priced[name]

    def _field(self, node: FieldNode, parent: str, field: GraphQLField) -> Form:
        own = Form(weight_of(parent, node.name.value, field))
        type_ = get_named_type(field.type)
        if node.selection_set is None or not is_composite_type(type_):
            return own
        once, each = self._selected(node.selection_set, type_)
        length = length_of(parent, node.name.value)
        if length is not None:
            return own + (once + each + Form(ITEM)).times(length)
        if "ids" in field.args:
            return own + (once + each + Form(ITEM)).times(PAGE_MAX)
        once += Form(ITEM)
        return own + once + (each.times(self._page(node)) if "first" in field.args else each)

    def _page(self, node: FieldNode) -> Size | int:
        given = [argument.value for argument in node.arguments or () if argument.name.value in ("first", "last")]
        names = tuple(each.name.value for each in given if isinstance(each, VariableNode))
        fixed = [size for each in given if (size := _written(each)) is not None]
        fixed += [size for name in names if (size := _written(self._defaults.get(name))) is not None]
        otherwise = max(fixed, default=PAGE_DEFAULT)
        return Size(names, otherwise) if names else otherwise


def _written(value: ValueNode | None) -> int | None:
    if isinstance(value, IntValueNode):
        return _within_page(int(value.value))
    return PAGE_MAX if isinstance(value, ListValueNode) else None


def _within_page(size: object) -> int:
    return min(max(size, 0), PAGE_MAX) if isinstance(size, int) else PAGE_MAX
