"""What all dispositions of an institution come to: what the registry shows, and whether it was recognised on a day."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.disposition.record import Disposition, DispositionCase, DispositionType
from domain.institution import InstitutionStatus, Standing
from domain.language import Words
from domain.marks import today_in_china
from domain.workflow import LeadsTo, Wish


def standing(dispositions: Iterable[Disposition]) -> tuple[InstitutionStatus, date | None]:
    """What the registry shows of an institution under these dispositions, the gravest first, and until when."""
    running = [each for each in dispositions if each.is_running]
    types = {each.type for each in running}
    if DispositionType.REVOCATION in types:
        return InstitutionStatus.REVOKED, None
    if DispositionType.NON_RECOGNITION in types:
        return InstitutionStatus.NON_RECOGNITION, max(each.ends_on for each in running if each.ends_on is not None)
    if DispositionType.RECTIFICATION in types:
        return InstitutionStatus.RECTIFICATION, None
    return InstitutionStatus.NORMAL, None


def _brings_about(status: InstitutionStatus) -> Callable[[DispositionCase, Disposition], Iterator[Wish]]:
    """The wish to show this status, where all dispositions together come to it and the registry shows otherwise."""

    def wishes(case: DispositionCase, after: Disposition) -> Iterator[Wish]:
        institution = case.facts.institution
        assert institution is not None, "a disposition is imposed on somebody"
        shown = institution.status, institution.disposition_ends_on
        due = standing((*case.facts.others, after))
        # Only a new filing brings a revoked institution back.
        if due[0] is status and due != shown and institution.status is not InstitutionStatus.REVOKED:
            yield Wish(form=Standing.of(disposition_ends_on=due[1]), subject_id=institution.id)

    return wishes


def _shows(action: str, status: InstitutionStatus) -> LeadsTo:
    words = Words(zh=f"名录显示“{status.words.zh}”", en=f"the registry shows {status.name}")
    wishes: Callable[[Any, Any], Iterator[Wish]] = _brings_about(status)
    return LeadsTo(subject="institution", action=action, wishes=wishes, words=words)


THE_REGISTRY = (
    _shows("strike_off", InstitutionStatus.REVOKED),
    _shows("suspend_recognition", InstitutionStatus.NON_RECOGNITION),
    _shows("await_rectification", InstitutionStatus.RECTIFICATION),
    _shows("restore", InstitutionStatus.NORMAL),
)
"""What every action that begins or ends a disposition leads to; at most one of them is wished."""


@dataclass(frozen=True, kw_only=True)
class Recognition:
    """Whether an institution stood in the registry with its results recognised on a day, and what spoke against it."""

    was_registered: bool
    against: tuple[Disposition, ...]

    @property
    def recognised(self) -> bool:
        """A rectification bars from new commissions, but casts no doubt on results."""
        grave = (DispositionType.NON_RECOGNITION, DispositionType.REVOCATION)
        return self.was_registered and not any(each.type in grave for each in self.against)

    @property
    def may_be_commissioned(self) -> bool:
        return self.was_registered and not self.against


def recognition(day: date, entered_at: Sequence[datetime], dispositions: Iterable[Disposition]) -> Recognition:
    """How it stood at the end of a day. `entered_at`: each time that it was entered in the registry."""
    was_registered = any(today_in_china(at) <= day for at in entered_at)
    against = tuple(each for each in dispositions if was_registered and _restricts(each, day))
    return Recognition(was_registered=was_registered, against=against)


def _restricts(disposition: Disposition, day: date) -> bool:
    if disposition.starts_on > day:
        return False
    if disposition.lifted_at is not None and today_in_china(disposition.lifted_at) <= day:
        return False
    return disposition.ends_on is None or day <= disposition.ends_on
