"""A person's data is erased from a change of a filing: the values before and after that were theirs."""

import json

from domain.filing.erasure import kept_by_law
from domain.filing.lists import LISTS
from domain.filing_change.record import ChangedField, FilingChange, FilingChangeCase, FilingChangeFacts
from domain.person import ERASED, EraseForm, texts_of
from domain.personal import salt
from domain.record import changed
from domain.refusal import Refusals
from domain.workflow import Case, Effect, condition


@condition(zh="本机构不在备案名录内", en="the institution is not in the registry")
def institution_is_not_in_the_registry(case: FilingChangeCase) -> Refusals:
    yield from kept_by_law(case.facts.institution)


def texts_of_change(fields: tuple[ChangedField, ...], number: str) -> frozenset[str]:
    """What belongs to the person of this number, of the contact before the change and of the one after it."""
    before = texts_of({each.name: each.before for each in fields}, number)
    return before | texts_of({each.name: each.after for each in fields}, number)


def held_by_change(part: ChangedField, texts: frozenset[str]) -> dict[str, str]:
    """The sides of a changed field that hold one of these texts; of a list, the whole side."""
    sides = {"before": part.before, "after": part.after}
    return {side: value for side, value in sides.items() if value is not None and _holds(part, value, texts)}


def _holds(part: ChangedField, value: str, texts: frozenset[str]) -> bool:
    if part.name in LISTS:
        return any(json.dumps(text, ensure_ascii=False) in value for text in texts)
    return value in texts


def as_erased(case: "Case[FilingChange, FilingChangeFacts, EraseForm]") -> Effect:
    """With a new salt, as for the filing itself."""
    fields = tuple(
        changed(each, **dict.fromkeys(held_by_change(each, case.form.texts), ERASED)) for each in case.facts.changes
    )
    mark = {"erasure_reason": case.form.reason, "salt": salt(case.new_id)}
    return Effect(changes=mark, replaces={ChangedField: fields})
