"""What an operation costs, reckoned from its page sizes before it runs. A point is at most a millisecond of work.

An operation is priced once into a form, in which only what comes with the request is open, page sizes above all; the
surprise: where nothing is, the form is a number, so that a request pays for one look-up.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from graph.meter import Meter
from graph.weights import BROUGHT, SCANS, Scan, item_of, length_of, paged_by, weight_of
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


@dataclass(slots=True)
class Extent:
    """How large the installation is: 1 at the size for which scans are priced, and beyond."""

    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Scanning:
    """Whether a field goes through all that is there, which its argument decides, and how much that is."""

    extent: Extent
    given: ValueNode | None
    names: frozenset[str]

    def of(self, values: Mapping[str, Any]) -> float:
        is_scanning = not self.names or _names_one(self.given, self.names, values)
        return self.extent.share if is_scanning else 0.0


Open = Size | Scanning


@dataclass(frozen=True, slots=True)
class Form:
    """A sum of points, and of forms that each count as often as a page is long, or as there is much to go through."""

    points: float = 0.0
    open: tuple[tuple[Open, Form], ...] = ()
    fixed: float = 0.0
    """Those of the points that are no part of a page or list."""

    def __add__(self, other: Form) -> Form:
        return Form(self.points + other.points, self.open + other.open, self.fixed + other.fixed)

    def times(self, size: Open | int) -> Form:
        if isinstance(size, Size | Scanning):
            return Form(0.0, ((size, self),))
        return Form(self.points * size, tuple((of, inner.times(size)) for of, inner in self.open))

    def of(self, values: Mapping[str, Any]) -> float:
        """The points with these variables."""
        points = self.points
        for size, inner in self.open:
            points += size.of(values) * inner.of(values)
        return points


NOTHING: Final = Form()


def _once(points: float) -> Form:
    return Form(points, fixed=points)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a field costs, whatever is selected of it and with which arguments; it is remembered."""

    own: Form
    type_: Any
    is_leaf: bool
    length: int | None
    """How long a bounded list is expected to be."""
    item: Form
    is_page: bool
    """Whether it takes a page size."""
    is_paged: bool
    """Whether it is as long as the page that its parent is."""
    scan: Scan | None


@dataclass(frozen=True, slots=True)
class Priced:
    """An operation's form, and what one item of each of its lists costs without the lists below, by the identity of
    the list's node. The operation is kept beside them: while it lives, no other node has its identity."""

    operation: OperationDefinitionNode
    form: Form
    items: Mapping[int, float]


class Prices:
    """The forms of the operations asked lately. Safe on one event loop."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self.extent = Extent()
        self._priced: OrderedDict[int, Priced] = OrderedDict()
        self._weighed: dict[tuple[str, str], Weighed] = {}

    def of(self, document: DocumentNode, operation: OperationDefinitionNode, values: Mapping[str, Any]) -> int:
        """The points that a valid operation within the limits is expected to cost; at least one."""
        return _expected(self._of(document, operation).form, values, _brought(operation, values))

    def meter(
        self, document: DocumentNode, operation: OperationDefinitionNode, values: Mapping[str, Any], most: int
    ) -> Meter:
        """What counts the operation while it runs."""
        priced = self._of(document, operation)
        is_mutation = operation.operation is OperationType.MUTATION
        brought = _brought(operation, values)
        expected = _expected(priced.form, values, brought)
        return Meter(priced.form.fixed + brought, priced.items, most, expected=expected, is_mutation=is_mutation)

    def _of(self, document: DocumentNode, operation: OperationDefinitionNode) -> Priced:
        kept = self._priced.get(id(operation))
        if kept is None:
            kept = self._priced[id(operation)] = _Pricing(self, document, operation).priced()
            if len(self._priced) > FORMS_KEPT_MAX:
                self._priced.popitem(last=False)
        return kept

    def weighed(self, parent: Any, name: str) -> Weighed | None:
        """A field of a type; None where there is none."""
        weighed = self._weighed.get((parent.name, name))
        if weighed is None and (field := self.schema.get_field(parent, name)) is not None:
            weighed = self._weighed[parent.name, name] = _weighed(parent, name, field)
        return weighed


def _expected(form: Form, values: Mapping[str, Any], brought: float) -> int:
    return max(1, math.ceil(form.of(values) + brought))


def _weighed(parent: Any, name: str, field: GraphQLField) -> Weighed:
    type_ = get_named_type(field.type)
    return Weighed(
        own=_once(weight_of(parent.name, name, field)),
        type_=type_,
        is_leaf=not is_composite_type(type_),
        length=PAGE_MAX if "ids" in field.args else length_of(parent.name, name),
        item=_once(item_of(type_.name)),
        is_page="first" in field.args,
        is_paged=paged_by(parent, name),
        scan=SCANS.get(f"{parent.name}.{name}"),
    )


class _Pricing:
    def __init__(self, prices: Prices, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self._prices, self._schema, self._operation = prices, prices.schema, operation
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._priced: dict[str, tuple[Form, Form]] = {}
        self._items: dict[int, float] = {}
        self._defaults = {each.variable.name.value: each.default_value for each in operation.variable_definitions or ()}

    def priced(self) -> Priced:
        root = self._schema.get_root_type(self._operation.operation)
        once, each = self._selected(self._operation.selection_set, root)
        return Priced(self._operation, once + each, self._items)

    def _selected(self, selections: SelectionSetNode, parent: Any) -> tuple[Form, Form]:
        """What a selection costs once, and what it costs for each record of the page that its parent is."""
        once, each = NOTHING, NOTHING
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                weighed = self._prices.weighed(parent, selection.name.value)
                if weighed is None:
                    continue
                priced = self._field(selection, weighed)
                if weighed.is_paged:
                    self._items[id(selection)] = priced.fixed
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

    def _field(self, node: FieldNode, weighed: Weighed) -> Form:
        own = weighed.own
        if weighed.scan is not None:
            own += self._scanned(node, weighed.scan)
        if node.selection_set is None or weighed.is_leaf:
            return own
        once, each = self._selected(node.selection_set, weighed.type_)
        if weighed.length is not None:
            item = once + each + weighed.item
            self._items[id(node)] = item.fixed
            return own + item.times(weighed.length)
        once += weighed.item
        return own + once + each.times(self._page(node) if weighed.is_page else 1)

    def _scanned(self, node: FieldNode, scan: Scan) -> Form:
        given = next((each.value for each in node.arguments or () if each.name.value == scan.argument), None)
        return Form(scan.points).times(Scanning(self._prices.extent, given, scan.names))

    def _page(self, node: FieldNode) -> Size | int:
        given = [argument.value for argument in node.arguments or () if argument.name.value in ("first", "last")]
        names = tuple(each.name.value for each in given if isinstance(each, VariableNode))
        fixed = [size for each in given if (size := _written(each)) is not None]
        fixed += [size for name in names if (size := _written(self._defaults.get(name))) is not None]
        otherwise = max(fixed, default=PAGE_DEFAULT)
        return Size(names, otherwise) if names else otherwise


def _brought(operation: OperationDefinitionNode, values: Mapping[str, Any]) -> float:
    """What a mutation has to write, such as the lines of a draft."""
    if operation.operation is not OperationType.MUTATION:
        return 0.0
    count, inside = 0, list(values.values())
    while inside:
        value = inside.pop()
        count += 1
        if isinstance(value, dict):
            inside += value.values()
        elif isinstance(value, list):
            inside += value
    return count * BROUGHT


def _written(value: ValueNode | None) -> int | None:
    if isinstance(value, IntValueNode):
        return _within_page(int(value.value))
    return PAGE_MAX if isinstance(value, ListValueNode) else None


def _names_one(given: ValueNode | None, names: frozenset[str], values: Mapping[str, Any]) -> bool:
    """Whether an argument names one of these: as a field that is not null, as an item, or by itself."""
    match given:
        case None:
            return False
        case VariableNode():
            return _holds_one(values.get(given.name.value), names)
        case ObjectValueNode():
            return any(
                each.name.value in names
                and not isinstance(each.value, NullValueNode)
                and not (isinstance(each.value, VariableNode) and values.get(each.value.name.value) is None)
                for each in given.fields
            )
        case ListValueNode():
            return any(_names_one(each, names, values) for each in given.values)
        case EnumValueNode():
            return given.value in names
    return False


def _holds_one(value: object, names: frozenset[str]) -> bool:
    if isinstance(value, dict):
        return any(value.get(name) is not None for name in names)
    return any(each in names for each in (value if isinstance(value, list) else [value]) if isinstance(each, str))


def _within_page(size: object) -> int:
    return min(max(size, 0), PAGE_MAX) if isinstance(size, int) else PAGE_MAX
