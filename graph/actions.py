"""Actions become mutations: for every action of a desk's table a field, an input and, once a subject, a payload.

Nothing about a single action is written here; a new stanza in the table is a new mutation in the schema.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import InputContext
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import capitalize_first, to_snake_case

from domain.record import Record, changed, says
from domain.refusal import Refusal
from domain.workflow import REFUSALS_MAX, Action, Workflow, unmet_by_record
from graph.context import Context, Info
from graph.ids import record_id
from graph.publish import Attribute, field, filled, input_type, inputs_of, optional, output_type, publish, type_name
from graph.seen import proving
from graph.user_error import UserError, user_errors
from storage.desk import Desk
from storage.idempotency import KEY_LENGTH_MAX
from storage.perform import Request


@dataclass(frozen=True, kw_only=True)
class AvailableAction:
    """Whether the viewer may take an action on this record now, and if not, the very reasons the action would give."""

    action: Annotated[str, says("操作", "Name of the mutation.")]
    allowed: Annotated[
        bool, says("可否办理", "Whether nothing stands in the way, apart from what is still to be filled in.")
    ]
    refusals: Annotated[
        tuple[UserError, ...],
        says("原因", f"Everything that stands in the way, at most {REFUSALS_MAX}; empty when allowed."),
    ]


publish(AvailableAction, node=False)


@dataclass(frozen=True)
class Payload:
    """What a mutation answers: the subject as it is now, and what was refused."""

    record: Any
    user_errors: list[UserError]
    more: Mapping[str, Any] | None = None


def not_done(context: Context, *refusals: Refusal) -> Payload:
    """The answer where nothing was done and there is no record to show: why, in the viewer's language."""
    return Payload(None, user_errors(refusals, context.language))


class FromPayload(StrawberryField):
    """A field of a payload: its subject where `is_record`, else what `more` holds under the field's name."""

    def __init__(self, name: str, annotation: Any, words: str, *, is_record: bool = False) -> None:
        super().__init__(python_name=name, type_annotation=StrawberryAnnotation(annotation), description=words)
        self.is_record = is_record

    def get_result(self, source: Payload, info: Any, args: Any, kwargs: Any) -> Any:
        return source.record if self.is_record else (source.more or {}).get(self.python_name)


_USER_ERRORS = (
    f"未办理的原因. Why nothing was done, all at once, at most {REFUSALS_MAX} reasons; empty when it was done."
)


def user_errors_field() -> StrawberryField:
    return Attribute("user_errors", list[UserError], _USER_ERRORS)


def payload_type(name: str, words: str, *fields: StrawberryField) -> type[Any]:
    """A payload: its own fields, then `userErrors`."""
    return output_type(name, words, (*fields, user_errors_field()))


@dataclass(frozen=True)
class Way:
    """How one action is taken where the door alone does not do: what it does with the wish, and what it answers."""

    take: Callable[[Context, Request], Awaitable[Payload]]
    payload: type[Any] | None = None
    """The subject's own payload when absent."""


def mutations(
    desk: Desk[Any], ways: Mapping[str, Way] | None = None, *, but: Collection[str] = ()
) -> list[StrawberryField]:
    """The mutations of a desk's table, in the table's order; those with a name of their own, and `but` these actions,
    are written by hand.

    What follows by itself, from another action or from the time, is nobody's to call. `ways` says of actions, by their
    names, that more is to be done than what the door does.
    """
    return [
        _mutation(desk, action, (ways or {}).get(action.name))
        for action in desk.workflow.actions
        if action.published_as is None and not action.is_the_products_own and action.name not in but
    ]


@cache
def payload_of(workflow: Workflow) -> type[Any]:
    """The one payload of all actions on a subject."""
    record = workflow.record
    subject = FromPayload(
        workflow.subject,
        record | None,
        "The record as it is now, done or not; null where the viewer may not see it.",
        is_record=True,
    )
    kind = type_name(record).replace("_", " ")
    words = f"What every action on {'an' if kind[0] in 'aeiou' else 'a'} {kind} answers."
    return payload_type(f"{record.__name__}Payload", words, subject)


def _mutation(desk: Desk[Any], action: Action, way: Way | None) -> StrawberryField:
    workflow = desk.workflow
    name = workflow.mutation(action)
    payload = (way and way.payload) or payload_of(workflow)
    input_ = input_of(desk, action)

    async def carry_out(info: Info, input: Any) -> Any:
        context = info.context
        context.signed_in()
        if way is not None:
            return await way.take(context, input)
        wish = changed(input, proof=context.proof)
        outcome = await context.house.door.perform(desk, action.name, wish, context.viewer)
        context.forget()
        return Payload(outcome.record, user_errors(outcome.refusals, context.language))

    carry_out.__annotations__ |= {"input": input_, "return": payload | None}
    carry_out.__doc__ = described(action)
    return field(carry_out if way is not None else proving(carry_out), name=to_snake_case(name))


def described(action: Action) -> str:
    """What a mutation's description says: what it does, who may, and where the manual has it."""
    # What the product does by itself it does not do here.
    by = " or ".join(party.words.en for party in action.by if not party.is_the_product)
    return f"{action.words.zh}. {action.words.en} By {by}. 手册 {action.manual} (manual)."


def input_of(desk: Desk[Any], action: Action) -> type[Any]:
    """The input of an action, which comes to a `Request`."""
    workflow = desk.workflow
    name = workflow.mutation(action)
    subject = type_name(workflow.record)
    fields = [*inputs_of(action.form), *RELIED_ON]
    if not action.creates or action.start:
        fields.insert(0, _subject_field(is_optional=action.creates is not None))

    def from_input(cls: type[Any], values: Mapping[str, Any], context: InputContext) -> Request:
        return request_of(filled(action.form, values), values, subject)

    return input_type(f"{capitalize_first(name)}Input", f"{action.words.zh}. {action.words.en}", fields, from_input)


def _subject_field(*, is_optional: bool) -> StrawberryField:
    if is_optional:
        return optional("id", strawberry.ID, "The record. Absent for a new one.")
    return StrawberryField(
        python_name="id", type_annotation=StrawberryAnnotation(strawberry.ID), description="The record."
    )


IDEMPOTENCY_WORDS = (
    f"Repeated with the same key, the request is done once and answered alike; 1 to {KEY_LENGTH_MAX} characters."
)

RELIED_ON = (
    optional(
        "expected_version",
        int,
        "The version that the client saw; refused when the record has another or is new.",
    ),
    optional("idempotency_key", str, IDEMPOTENCY_WORDS),
)
"""What every input may name beside its form, so that a wish is not granted twice or to another record than was seen."""


def request_of(form: Any, values: Mapping[str, Any], subject: str) -> Request:
    """The wish behind an input: its form, the record it names, what the client relies on."""
    named = values.get("id")
    return Request(
        form=form,
        subject_id=None if named is None else record_id(subject, named),
        expected_version=values.get("expectedVersion"),
        idempotency_key=values.get("idempotencyKey"),
    )


async def available_actions_of(desk: Desk[Any], record: Record, context: Context) -> list[AvailableAction]:
    """Every action of the record's table with the refusals that it would give this viewer now."""
    facts = await context.facts(desk, record)
    now = context.house.door.clock()
    found = []
    for action in desk.workflow.actions:
        if not action.start or action.is_the_products_own:
            continue
        refusals = unmet_by_record(action, record, facts, context.viewer, now)
        found.append(
            AvailableAction(
                action=desk.workflow.mutation(action),
                allowed=not refusals,
                refusals=tuple(user_errors(refusals, context.language)),
            )
        )
    return found
