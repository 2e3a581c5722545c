"""Days by which something is due: such a day may be today and never yesterday, as days go in China."""

from datetime import date, datetime

from domain.marks import today_in_china
from domain.refusal import RefusalCode, Refusals, refusal


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
