"""Lists that are saved with their record: rows sent with an id change that row, rows without are new, the rest go."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from domain.record import Form, Part, changed, fields_of
from domain.refusal import RefusalCode, Refusals, refusal

P = TypeVar("P", bound=Part)


def as_sent(part: P, draft: Form) -> P:
    """The part with what the draft gives; what it leaves out stays."""
    return changed(part, **{name: value for name, value in draft.sent().items() if name != "id"})


def merged(former: Sequence[P], drafts: Iterable[Any], blank: Callable[[], P]) -> tuple[P, ...]:
    """The rows after a save, in the order in which they were sent and numbered from 1."""
    there = {part.id: part for part in former}
    rows = []
    for number, draft in enumerate(drafts, start=1):
        row = as_sent(there.get(draft.id) or blank(), draft)
        rows.append(changed(row, line_number=number) if "line_number" in fields_of(type(row)) else row)
    return tuple(rows)


def not_own(former: Iterable[Part], drafts: Sequence[Any], field: str) -> Refusals:
    """A refusal for every row that names one which the record has not, or names it twice."""
    own = {part.id for part in former}
    named = Counter(draft.id for draft in drafts if draft.id is not None)
    for index, draft in enumerate(drafts):
        if draft.id is None:
            continue
        if draft.id not in own:
            yield refusal(
                RefusalCode.UNKNOWN_REFERENCE,
                zh="本记录没有这一行。",
                en="This record has no such row.",
                field=(field, index, "id"),
            )
        elif named[draft.id] > 1:
            yield refusal(
                RefusalCode.DUPLICATE,
                zh="同一行出现多次。",
                en="The same row stands more than once.",
                field=(field, index, "id"),
            )
