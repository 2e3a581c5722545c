"""Operations that are let through and are no list: the schema, writing, and variables as large as they may be."""

from collections.abc import Iterator
from typing import Any, Final

from benchmarks.dearest import LIMITS, points_of
from domain.commission.record import GOODS_LINES_MAX

FULL_LINE: Final = {
    "productName": "前铲装载机", "model": "WA380-6", "hsCode": "8429510000", "manufacturedOn": "2014-05-20",
    "quantity": "2", "unit": "001", "amount": "96000.00",
    "brand": "KOMATSU", "engineNumber": "S6D107", "chassisNumber": "A36001",
}  # fmt: skip
WRONG_LINE: Final = {
    "hsCode": "zz", "quantity": "-1", "amount": "-1", "unit": "zz", "manufacturedOn": "2099-01-01",
}  # fmt: skip

SAVED: Final = """m{0}: commissionSaveDraft(input: $i{0}) {{ commission {{ id
  goodsLines {{ lineNumber productName unitLabel rule {{ id }} }}
  availableActions {{ action refusals {{ code message }} }} }} userErrors {{ code message }} }}"""
TOLD: Final = "m{0}: commissionSaveDraft(input: $i{0}) {{ userErrors {{ code message field }} }}"

TYPES: Final = "types { name description fields { name description type { name kind ofType { name } } } }"
PAGE: Final = "a{0}: commissions(first: 1, filter: $f) {{ nodes {{ id }} }}"
COUNTED: Final = "a{0}: commissions(first: 1, filter: $f) {{ totalCount }}"


def others(points_max: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """What each is called, and its request, for an enterprise."""
    times = points_max // points_of(f"{{ __schema {{ {TYPES} }} }}")
    pages = " ".join(f"t{number}: {TYPES}" for number in range(times))
    yield f"introspection of {times} times all types", {"query": f"{{ __schema {{ {pages} }} }}"}
    most = LIMITS.root_mutations_max
    for count, what, line, answer in (
        (most - 2, "full", FULL_LINE, SAVED),
        (most, "bare", {}, SAVED),
        (most, "wrong", WRONG_LINE, TOLD),
    ):
        yield f"{count} drafts of {GOODS_LINES_MAX} {what} lines", _drafts(count, [line] * GOODS_LINES_MAX, answer)
    yield f"{most} drafts of 3 700 lines that no draft holds", _drafts(most, [{}] * 3_700, TOLD)
    statuses = ["DRAFT", "PENDING"] * 20_000
    for what, page in (("looked for", PAGE), ("counted", COUNTED)):
        yield f"40 000 statuses {what} 30 times", _pages(page, {"status": statuses})
        yield f"a name of 300 000 signs {what} 30 times", _pages(page, {"consigneeName": "中" * 300_000})
        yield f"a name of 900 000 wildcards {what} 30 times", _pages(page, {"consigneeName": "%_" * 450_000})


def _drafts(count: int, lines: list[dict[str, str]], answer: str) -> dict[str, Any]:
    variables = " ".join(f"$i{number}: CommissionSaveDraftInput!" for number in range(count))
    saved = " ".join(answer.format(number) for number in range(count))
    given = {f"i{number}": {"goodsLines": lines} for number in range(count)}
    return {"query": f"mutation({variables}) {{ {saved} }}", "variables": given}


def _pages(page: str, wanted: dict[str, Any]) -> dict[str, Any]:
    pages = " ".join(page.format(number) for number in range(LIMITS.aliases_max))
    return {"query": f"query($f: CommissionFilter) {{ {pages} }}", "variables": {"f": wanted}}
