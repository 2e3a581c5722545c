"""How many demo commissions with four lines each are loaded a minute, where the demo world is there already."""

import sys
import time

from benchmarks.ground import ground, load

COMMISSIONS = 10_000
A_MINUTE_MIN = 20_000


def main() -> int:
    """Prints one line an engine; fails below A_MINUTE_MIN."""
    slowest = float("inf")
    with ground() as here:
        for engine in here.engines:
            with here.empty(engine) as url:
                load(url, 0)
                began = time.perf_counter()
                load(url, COMMISSIONS)
                seconds = time.perf_counter() - began
            a_minute = COMMISSIONS / seconds * 60
            slowest = min(slowest, a_minute)
            print(
                f"demo_load {engine.name}: {a_minute:,.0f} commissions with four lines a minute "
                f"({COMMISSIONS:,} in {seconds:.1f} s; at least {A_MINUTE_MIN:,})"
            )
    return 0 if slowest >= A_MINUTE_MIN else 1


if __name__ == "__main__":
    sys.exit(main())
