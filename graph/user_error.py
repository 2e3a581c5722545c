"""What stands in the way of a mutation, as clients see it. A refusal is data; only failures are errors."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from strawberry.utils.str_converters import to_camel_case

from domain.language import Language
from domain.personal import without_numbers
from domain.record import says
from domain.refusal import Refusal, RefusalCode
from graph.publish import publish


@dataclass(frozen=True, kw_only=True)
class UserError:
    """One reason why a mutation was refused. All that stand in the way are given at once."""

    code: Annotated[RefusalCode, says("代码", "The reason, for programs.")]
    message: Annotated[
        str, says("说明", "A sentence for people, in the viewer's language, that says what would be right.")
    ]
    field: Annotated[
        tuple[str, ...] | None,
        says("字段", 'Path within the input: ["goodsLines", "2", "hsCode"]; null where no one field is the cause.'),
    ] = None
    retry_after_seconds: Annotated[
        int | None,
        says("重试等待秒数", "After how many seconds asking again may help; null where waiting does not help."),
    ] = None


publish(UserError, node=False)


def user_errors(refusals: Iterable[Refusal], language: Language) -> list[UserError]:
    """Refusals in the viewer's language, their fields as clients know them."""
    return [
        UserError(
            code=each.code,
            message=without_numbers(each.words.in_(language)),
            field=None if each.field is None else tuple(_public(step) for step in each.field),
            retry_after_seconds=each.retry_after_seconds,
        )
        for each in refusals
    ]


def _public(step: str | int) -> str:
    return str(step) if isinstance(step, int) else to_camel_case(step)
