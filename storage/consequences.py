"""What follows from a decided action, worked out before anything is written: rows, parts that differ, and notices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import uuid_utils.compat

from domain.notice import Channel, Notice
from domain.personal import salt_of, without_numbers
from domain.record import Part, changed, plain
from domain.register_line import ON_BEHALF_OF
from domain.workflow import Action, Case, Decided, on_behalf_of
from storage.desk import Desk, PartsOf
from storage.register import Last, line, readable
from storage.sealed import written
from storage.shelf import kept


@dataclass(frozen=True)
class PartsAfter:
    """The parts of one kind after an action, and how they differ from before."""

    kind: PartsOf
    now: list[Part]
    added: list[Part]
    altered: list[Part]
    gone: list[UUID]

    @property
    def differs(self) -> bool:
        return bool(self.added or self.altered or self.gone)

    def shown(self) -> dict[str, Any]:
        """What the register shows of the difference."""
        return {
            "set": [readable(part) for part in self.added + self.altered],
            "removed": [plain(part_id) for part_id in self.gone],
        }


def row_of(part: Part, names: Iterable[str] | None = None) -> dict[str, Any]:
    """A record as a row of its table, or these columns of it."""
    names = kept(type(part)) if names is None else names
    return written(type(part), part.id, {name: getattr(part, name) for name in names})


def parts_after(desk: Desk[Any], decided: Decided[Any], facts: Any) -> Sequence[PartsAfter]:
    """The parts of every kind after an action, in the order in which the desk names them; nothing where it leaves them
    and their digest alone: they need not even have been fetched."""
    effect = decided.effect
    are_salted_anew = salt_of(decided.before) != salt_of(decided.after)
    if not (effect.adds or effect.removes or effect.replaces or are_salted_anew):
        return []
    found = []
    for kind in desk.parts:
        record_type = kind.shelf.record
        former = {part.id: part for part in kind.held(facts)}
        after = dict(former)
        if record_type in effect.replaces:
            after = {part.id: part for part in effect.replaces[record_type]}
        after |= {part.id: part for part in effect.adds if isinstance(part, record_type)}
        for part in effect.removes:
            if isinstance(part, record_type):
                del after[part.id]
        found.append(
            PartsAfter(
                kind=kind,
                now=list(after.values()),
                added=[part for part in after.values() if part.id not in former],
                altered=[
                    part for part in after.values() if (was := former.get(part.id, part)) is not part and part != was
                ],
                gone=[part_id for part_id in former if part_id not in after],
            )
        )
    return found


def line_of(
    desk: Desk[Any],
    action: Action,
    decided: Decided[Any],
    case: Case[Any, Any, Any],
    parts: Sequence[PartsAfter],
    last: Last,
) -> dict[str, Any]:
    """The register's line of a decided action; the one place where it is put together."""
    shown: dict[str, Any] = {each.kind.name: each.shown() for each in parts if each.differs}
    delegator_id = on_behalf_of(action, case.actor, decided.before)
    if delegator_id is not None:
        shown[ON_BEHALF_OF] = plain(delegator_id)
    return line(
        subject=desk.workflow.subject,
        action=action.name,
        decided=decided,
        changes=readable(decided.after, decided.effect.changes.keys()) | shown,
        parts={each.kind.name: each.now for each in parts} if parts else None,
        actor=case.actor,
        at=case.now,
        last=last,
    )


def notices_of(desk: Desk[Any], action: Action, decided: Decided[Any], case: Case[Any, Any, Any]) -> list[Notice]:
    """The notices that an action sends, in the wording of its table."""
    told: list[Notice] = []
    # Told of the record as it will be: one that is being made was not there before.
    case = changed(case, record=decided.after)
    for telling in action.tells:
        organisations = telling.to(case)
        if not organisations:
            continue
        title, body = telling.title_and_body(case)
        told += [
            Notice(
                id=uuid_utils.compat.uuid7(),
                type=telling.type,
                # What customs typed as a reason stands in it.
                title_zh=without_numbers(title.zh),
                title_en=without_numbers(title.en),
                body_zh=without_numbers(body.zh),
                body_en=without_numbers(body.en),
                published_at=case.now,
                by_email=Channel.EMAIL in telling.channels,
                by_sms=Channel.SMS in telling.channels,
                organisation_id=organisation_id,
                subject_type=desk.workflow.subject,
                subject_id=decided.after.id,
            )
            for organisation_id in organisations
        ]
    return told
