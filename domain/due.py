"""Days by which something is due: such a day may be today and never yesterday, as days go in China."""

from datetime import date, datetime, timedelta
from typing import Any

from domain.marks import today_in_china
from domain.refusal import RefusalCode, Refusals, refusal
from domain.workflow import Case, condition

MENDING_LASTS = timedelta(days=15)
"""What customs sends back to be mended is due no sooner than this, unless customs names a day."""


def due_anew(named: date | None, former: date, now: datetime) -> date:
    """The last day of what is sent back: the one named, else the former one where it leaves time enough."""
    return named or max(former, today_in_china(now) + MENDING_LASTS)


@condition(zh="期限不早于今天", en="the last day does not lie before today")
def last_day_is_not_past(case: Case[Any, Any, Any]) -> Refusals:
    """For every form in which customs sets a day, `due_on`."""
    yield from not_before_today(case.form.due_on, case.now, "due_on")


def not_before_today(day: date | None, now: datetime, field: str) -> Refusals:
    """A refusal where the day that somebody sets has gone by already."""
    today = today_in_china(now)
    if day is not None and day < today:
        yield refusal(
            RefusalCode.DATE_IN_PAST,
            zh=f"期限不得早于今天（{today}）。",
            en=f"The last day must not lie before today ({today}).",
            field=field,
        )
