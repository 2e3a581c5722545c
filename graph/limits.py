"""How much one request may ask for, and the pass over a parsed document that refuses more, before validation.
Each fragment is measured once and added where it is spread, so a chain that doubles costs no more than its length."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    ListValueNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
)

from graph.errors import ErrorCode, PublicError
from graph.overlap import Comparisons

INTROSPECTION_FIELDS: Final = frozenset({"__schema", "__type"})
CONTAINERS: Final = (list, dict)
SIGN_IN_PREFIXES: Final = ("sessionOpen", "sessionConfirm", "accountActivate", "accountChangePassword")
"""How the mutations begin that compare what proves who somebody is: by aliases one request could try many passwords."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit of a request, with its unit in the name. Counts are of fields after fragments are written out."""

    document_bytes_max: int = 20_000
    document_tokens_max: int = 2_000
    document_comments_max: int = 200
    document_operations_max: int = 20
    depth_max: int = 12
    introspection_depth_max: int = 16
    selection_nesting_max: int = 60
    """Selection sets inside one definition, inline fragments included, which add no depth."""
    aliases_max: int = 30
    fields_max: int = 400
    comparisons_max: int = 600
    """Pairs of fields and fragments that validation holds against each other (`graph/overlap.py`)."""
    directives_max: int = 25
    root_mutations_max: int = 5
    sign_ins_max: int = 1
    input_depth_max: int = 20
    input_values_max: int = 50_000
    """Values in all variables together, lists and objects included."""
    literal_fields_max: int = 60
    """Fields of one object that is written in the document, and arguments of one field or directive."""
    literal_items_max: int = 500
    """Items of one list that is written in the document: as many as a draft has lines."""
    validation_errors_max: int = 10
    variable_errors_max: int = 20
    json_values_max: int = 80_000
    """How many values JSON may hold, by its commas and brackets, those within texts included: as many as there may be
    in variables, beside a document that is full of commas."""
    url_bytes_max: int = 16_000
    url_fields_max: int = 50
    """Parameters in an address, those that nobody reads included."""
    header_bytes_max: int = 32_000
    """All headers of a request together, names and values."""
    head_bytes_max: int = 60_000
    """A request's head on the wire. What is longer than address and headers may be, but not as long, is refused with
    more words."""
    head_seconds_max: float = 10
    """How long a connection may take to bring the whole head of its first request, or of the next one."""
    unread_seconds_max: float = 60
    """After how long without progress a client that does not read its answer is cut off."""
    unread_progress_bytes_min: int = 16_000
    """Less than that in this time is none."""
    body_bytes_max: int = 1_000_000
    body_seconds_max: float = 30
    brackets_max: int = 20_000
    """How many objects and lists JSON may open, those within texts included: each has to be made, and looked at when
    what is no longer needed is collected. The longest draft there can be has 500."""
    cost_max: int = 1_000
    """What an operation may cost in points; so much for what is expected of it, and again for what it has found."""
    query_seconds_max: float = 20
    """How long a query may run, or one event of a subscription; then its statements are stopped."""
    mutation_seconds_max: float = 120
    """How long a mutation may run: imports of whole code tables are among them."""
    compressed_bytes_min: int = 1_400
    """Shorter answers fit one packet as they are."""
    documents_automatic_max: int = 1_000
    """How many documents are remembered that clients have sent by their hash (automatic persisted queries)."""
    documents_automatic_characters_max: int = 2_000_000
    frame_bytes_max: int = 1_000_000
    message_frames_max: int = 100
    """Into how many frames one message may be cut."""
    frames_at_once_max: int = 500
    """How many frames a socket may bring at once, control frames included, and how many in a second after that."""
    frames_per_second_max: int = 50
    socket_operations_max: int = 100
    socket_init_seconds_max: float = 5
    socket_send_seconds_max: float = 30
    """How long a client may refuse to read before its socket is cut."""
    stream_silence_seconds_max: float = 12
    """After how long without an event a stream shows that it is still there."""
    leaving_seconds_max: float = 5
    """How long an operation may take to come to an end after its client has left."""
    spread_max: float = 0.2
    """By how much of it at most a time is shortened, for each client by another part, after which one is shown out who
    brings or takes nothing: a thousand who came at once would all be shown out at once, while others wait."""

    def spread(self, seconds: float) -> float:
        """A time of this limit for one client."""
        return seconds * random.uniform(max(0.0, 1 - self.spread_max), 1)


@dataclass(slots=True)
class _Measure:
    """What a definition amounts to; `depth` leaves introspection aside, which has a limit of its own."""

    fields: int = 0
    root_fields: int = 0
    sign_ins: int = 0
    aliases: int = 0
    directives: int = 0
    depth: int = 0
    introspection_depth: int = 0
    spreads: list[tuple[str, int, bool, FragmentSpreadNode]] = field(default_factory=list)

    def reach(self, depth: int, within_introspection: bool) -> None:
        if within_introspection:
            self.introspection_depth = max(self.introspection_depth, depth)
        else:
            self.depth = max(self.depth, depth)

    def add(self, fragment: _Measure, depth: int, within_introspection: bool) -> None:
        self.fields += fragment.fields
        self.root_fields += fragment.root_fields if depth == 0 else 0
        self.sign_ins += fragment.sign_ins if depth == 0 else 0
        self.aliases += fragment.aliases
        self.directives += fragment.directives
        self.reach(depth + fragment.depth, within_introspection)
        if fragment.introspection_depth:
            self.reach(depth + fragment.introspection_depth, within_introspection=True)


def refusal(document: DocumentNode, limits: Limits) -> PublicError | None:
    """Why this document is not looked at any further, or None. Linear in the length of the document."""
    try:
        _measure_all(document, limits)
    except PublicError as refused:
        return refused
    return None


def value_refusal(values: Mapping[str, object], limits: Limits) -> PublicError | None:
    """Why these variables (plain JSON, or files put into it) are not looked at any further, or None."""
    level: list[object] = list(values.values())
    left = limits.input_values_max - len(level)
    for _ in range(limits.input_depth_max + 1):
        # Most of what is long is of one kind, which need not be looked for value by value.
        kinds = set(map(type, level))
        texts: list[Any] = level if kinds == {str} else [value for value in level if type(value) is str]
        if not is_clean_text("".join(texts)):
            return _unclean_text()
        within: list[Any] = (
            [] if kinds.isdisjoint(CONTAINERS) else [value for value in level if type(value) in CONTAINERS]
        )
        left -= sum(map(len, within))
        if left < 0:
            return _too_many_values()
        level = [inner for value in within for inner in _inside(value)]
        if not level:
            return None
    return PublicError(ErrorCode.INPUT_TOO_DEEP)


def is_clean_text(text: str) -> bool:
    """Neither NUL, which PostgreSQL cannot hold, nor lone surrogates, which UTF-8 cannot."""
    if "\x00" in text:
        return False
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def _measure_all(document: DocumentNode, limits: Limits) -> None:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) > limits.document_operations_max:
        raise PublicError(ErrorCode.DOCUMENT_TOO_LARGE)
    fragments: dict[str, _Measure] = {}
    nodes = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    own = {name: _own_measure(node, limits) for name, node in nodes.items()}
    for name in _leaves_first(own):
        fragments[name] = _written_out(own[name], fragments)
    for operation in operations:
        _check(operation, _written_out(_own_measure(operation, limits), fragments), limits)
    for name, node in nodes.items():
        # A fragment that nothing spreads is validated all the same.
        _check(node, fragments[name], limits)
    _compare(operations, nodes, list(fragments), limits)


def _compare(
    operations: Iterable[OperationDefinitionNode],
    nodes: Mapping[str, FragmentDefinitionNode],
    leaves_first: Sequence[str],
    limits: Limits,
) -> None:
    comparisons = Comparisons(nodes)
    for operation in operations:
        comparisons.add(operation.selection_set, limits.comparisons_max)
    for name in reversed(leaves_first):
        if name not in comparisons.met:
            comparisons.add(nodes[name].selection_set, limits.comparisons_max)
    if comparisons.count > limits.comparisons_max:
        raise PublicError(
            ErrorCode.TOO_MANY_FIELDS,
            zh="同一字段或片段在同一处重复过多。",
            en="The same fields, or too many fragments, are selected in one place again and again.",
        )


def _check(node: OperationDefinitionNode | FragmentDefinitionNode, measure: _Measure, limits: Limits) -> None:
    is_mutation = isinstance(node, OperationDefinitionNode) and node.operation is OperationType.MUTATION
    exceeded = [
        (measure.fields > limits.fields_max, ErrorCode.TOO_MANY_FIELDS),
        (measure.depth > limits.depth_max, ErrorCode.QUERY_TOO_DEEP),
        (measure.introspection_depth > limits.introspection_depth_max, ErrorCode.QUERY_TOO_DEEP),
        (measure.aliases > limits.aliases_max, ErrorCode.TOO_MANY_ALIASES),
        (measure.directives > limits.directives_max, ErrorCode.TOO_MANY_DIRECTIVES),
        (is_mutation and measure.root_fields > limits.root_mutations_max, ErrorCode.TOO_MANY_MUTATIONS),
        (is_mutation and measure.sign_ins > limits.sign_ins_max, ErrorCode.TOO_MANY_SIGN_INS),
    ]
    for is_exceeded, code in exceeded:
        if is_exceeded:
            raise PublicError(code, at=GraphQLError("", nodes=[node]))


def _written_out(own: _Measure, fragments: Mapping[str, _Measure]) -> _Measure:
    for name, depth, within_introspection, _ in own.spreads:
        # Validation reports unknown fragments better than a limit could.
        if name in fragments:
            own.add(fragments[name], depth, within_introspection)
    return own


def _leaves_first(own: Mapping[str, _Measure]) -> Iterator[str]:
    """Fragments after those they spread; a stack of our own, for a chain may be longer than Python's."""
    done: set[str] = set()
    for start in own:
        path: dict[str, Iterator[tuple[str, FragmentSpreadNode]]] = {}
        pending: list[str] = [] if start in done else [start]
        while pending:
            name = pending[-1]
            if name not in path:
                path[name] = iter([(spread[0], spread[3]) for spread in own[name].spreads if spread[0] in own])
            following = next((step for step in path[name] if step[0] not in done), None)
            if following is None:
                done.add(name)
                del path[name]
                pending.pop()
                yield name
            elif following[0] in path:
                raise _cycle(*following)
            else:
                pending.append(following[0])


def _cycle(name: str, spread: FragmentSpreadNode) -> PublicError:
    message = f"Cannot spread fragment '{name}' within itself."
    return PublicError.of(ErrorCode.GRAPHQL_VALIDATION_FAILED, GraphQLError(message, nodes=[spread]))


def _own_measure(definition: OperationDefinitionNode | FragmentDefinitionNode, limits: Limits) -> _Measure:
    measure = _Measure()
    _count_directives(measure, definition.directives, limits)
    if isinstance(definition, OperationDefinitionNode):
        for variable in definition.variable_definitions or ():
            _count_directives(measure, variable.directives, limits)
            if variable.default_value is not None:
                _check_literal(variable.default_value, limits)
    within = isinstance(definition, FragmentDefinitionNode) and definition.type_condition.name.value.startswith("__")
    level: list[tuple[SelectionSetNode, int, bool]] = [(definition.selection_set, 0, within)]
    for _ in range(limits.selection_nesting_max):
        level = [inner for outer in level for inner in _count_selections(measure, *outer, limits)]
        if not level:
            return measure
    raise PublicError(ErrorCode.QUERY_TOO_DEEP, at=GraphQLError("", nodes=[definition]))


def _count_selections(
    measure: _Measure, selection_set: SelectionSetNode, depth: int, within_introspection: bool, limits: Limits
) -> Iterator[tuple[SelectionSetNode, int, bool]]:
    for selection in selection_set.selections:
        _count_directives(measure, selection.directives, limits)
        if isinstance(selection, FieldNode):
            within = within_introspection or selection.name.value in INTROSPECTION_FIELDS
            measure.fields += 1
            measure.root_fields += depth == 0
            measure.sign_ins += depth == 0 and selection.name.value.startswith(SIGN_IN_PREFIXES)
            measure.aliases += selection.alias is not None
            measure.reach(depth + 1, within)
            _check_arguments(selection.arguments, limits)
            if selection.selection_set:
                yield selection.selection_set, depth + 1, within
        elif isinstance(selection, InlineFragmentNode):
            yield selection.selection_set, depth, within_introspection
        elif isinstance(selection, FragmentSpreadNode):
            measure.spreads.append((selection.name.value, depth, within_introspection, selection))


def _count_directives(measure: _Measure, directives: Iterable[DirectiveNode] | None, limits: Limits) -> None:
    for directive in directives or ():
        measure.directives += 1
        _check_arguments(directive.arguments, limits)


def _check_arguments(arguments: Sequence[ArgumentNode] | None, limits: Limits) -> None:
    if arguments and len(arguments) > limits.literal_fields_max:
        raise _too_many_fields(arguments[0])
    for argument in arguments or ():
        _check_literal(argument.value, limits)


def _check_literal(value: ValueNode, limits: Limits) -> None:
    level: list[ValueNode] = [value]
    for _ in range(limits.input_depth_max + 1):
        for literal in level:
            if isinstance(literal, StringValueNode) and not is_clean_text(literal.value):
                raise _unclean_text(literal)
            if isinstance(literal, ObjectValueNode) and len(literal.fields) > limits.literal_fields_max:
                raise _too_many_fields(literal)
            if isinstance(literal, ListValueNode) and len(literal.values) > limits.literal_items_max:
                raise too_many_items(literal)
        level = [inner for literal in level for inner in _inside_literal(literal)]
        if not level:
            return
    raise PublicError(ErrorCode.INPUT_TOO_DEEP, at=GraphQLError("", nodes=[value]))


def _inside_literal(value: ValueNode) -> Iterable[ValueNode]:
    if isinstance(value, ListValueNode):
        return value.values
    if isinstance(value, ObjectValueNode):
        return [inner.value for inner in value.fields]
    return ()


def _inside(value: Any) -> Iterable[object]:
    return value if type(value) is list else value.values()


def too_many_items(node: Node | None = None) -> PublicError:
    """What is said of a list that is written in a document, where its place is known with that."""
    return PublicError(
        ErrorCode.DOCUMENT_TOO_LARGE,
        zh="文档中一个列表的元素过多，请用变量传递。",
        en="A list in the document has too many items; send it in a variable.",
        at=GraphQLError("", nodes=[node]) if node else None,
    )


def _too_many_fields(node: Node) -> PublicError:
    return PublicError(
        ErrorCode.DOCUMENT_TOO_LARGE,
        zh="文档中一个输入对象的字段过多，或一个字段的参数过多。",
        en="An input object in the document has too many fields, or a field too many arguments.",
        at=GraphQLError("", nodes=[node]),
    )


def _too_many_values() -> PublicError:
    return PublicError(
        ErrorCode.BAD_USER_INPUT,
        zh="变量中的值过多。",
        en="The variables hold too many values.",
    )


def _unclean_text(node: Node | None = None) -> PublicError:
    return PublicError(
        ErrorCode.BAD_USER_INPUT,
        zh="文本中不得含有空字符（NUL）或不成对的代理字符。",
        en="Text must not contain NUL or lone surrogates.",
        at=GraphQLError("", nodes=[node]) if node else None,
    )
