"""How many attempts are let through 登录限速: counters that drain with time, so nobody is ever locked out for good.

A counter is one instant, at which it will be empty. What counts moves it on by a step; between the steps time drains
it. So a limit of `20/10m` lets 20 through at once and one in every 30 seconds after that (a leaky bucket).
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.refusal import Refusal, RefusalCode, refusal

RATE_PATTERN = r"^[1-9]\d{0,5}/[1-9]\d{0,3}[smhd]$"
"""`20/10m`: how many, and within which time; s, m, h and d are seconds, minutes, hours and days."""

BUSY_SECONDS = 5
"""After how long somebody who came when everything was full may hope for a place."""

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True)
class Limit:
    """At most `most` in `within_ms` milliseconds. Counted are at most `counted_max`, so every counter is soon empty."""

    name: str
    most: int
    within_ms: int
    counted_max: int

    @property
    def step_ms(self) -> int:
        """What one that counts adds to the time until the counter is empty."""
        return max(1, self.within_ms // self.most)

    def level(self, empty_at: int, now: int) -> int:
        """How many still count."""
        return math.ceil(max(0, empty_at - now) / self.step_ms)

    def wait_ms(self, empty_at: int, now: int) -> int:
        """How long until the next one is let through; 0 for at once."""
        return max(0, empty_at - now - (self.most - 1) * self.step_ms)

    def counted(self, empty_at: int, now: int) -> int:
        """When the counter will be empty, once one more has counted."""
        return min(max(empty_at, now) + self.step_ms, now + self.counted_max * self.step_ms)

    def drain_ms(self, many: int) -> float:
        """How long as many take to drain: for what is counted by the hundred and not one by one. Not a whole number:
        a thousand a second would be counted as one each, however little they are."""
        return many * self.within_ms / self.most


def limit(name: str, rate: str, *, counted_times: int = 1) -> Limit:
    """The limit that a setting describes, as `20/10m`; beyond `counted_times` as many, more are not counted.

    Raises ValueError.
    """
    if not re.fullmatch(RATE_PATTERN, rate):
        raise ValueError(f"a rate is written like 20/10m, not {rate!r}")
    most, within = rate.split("/")
    return Limit(name, int(most), int(within[:-1]) * _SECONDS[within[-1]] * 1000, int(most) * counted_times)


def milliseconds(instant: datetime) -> int:
    """An instant as counters know it."""
    return int(instant.timestamp() * 1000)


def too_many_attempts(waits_ms: Iterable[int]) -> Refusal | None:
    """Why the next attempt has to wait, and for how long; None where none of the waits is more than nothing."""
    seconds = math.ceil(max(waits_ms, default=0) / 1000)
    if not seconds:
        return None
    return refusal(
        RefusalCode.TOO_MANY_ATTEMPTS,
        zh=f"尝试次数过多，请在{seconds}秒后重试。",
        en=f"Too many attempts; try again in {seconds} seconds.",
        retry_after_seconds=seconds,
    )


def too_busy() -> Refusal:
    return refusal(
        RefusalCode.TOO_BUSY,
        zh=f"当前登录人数过多，请在{BUSY_SECONDS}秒后重试。",
        en=f"Too many people are signing in right now; try again in {BUSY_SECONDS} seconds.",
        retry_after_seconds=BUSY_SECONDS,
    )
