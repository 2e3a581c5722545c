"""The manual's checklist: each feature that is built is carried by a test that bears its number."""

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]
BUILT = {
    *(1, 2, 5, 7, 8, 9),
    *(14, 15, 16, 17),
    *(34, 35, 36),
    *(41, 42, 43, 44),
    *(46, 47, 48, 49),
    *(63, 65, 66, 67, 68, 69),
    *range(81, 95),
    100,
}
"""Overall, entry, institution, enterprise and customs; the checklist has no 64."""


def carried() -> dict[int, list[str]]:
    """The tests that bear each number."""
    found: dict[int, list[str]] = {}
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.manual":
                    (number,) = (ast.literal_eval(argument) for argument in mark.args)
                    found.setdefault(number, []).append(f"{path.name}::{node.name}")
    return found


def test_every_feature_that_is_built_is_carried_by_a_test() -> None:
    assert BUILT - carried().keys() == set()


def test_no_test_bears_a_number_that_the_checklist_has_not() -> None:
    assert carried().keys() <= set(range(1, 103)) - {29, 30, 38, 39, 40, 55, 64}
