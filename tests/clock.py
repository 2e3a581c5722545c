"""A clock that a test moves."""

from datetime import UTC, datetime, timedelta

OPENING = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
"""Ten in the morning in China."""


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = OPENING

    def __call__(self) -> datetime:
        return self.now

    def moves(self, **by: float) -> None:
        self.now += timedelta(**by)
