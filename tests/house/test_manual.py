"""The manual's checklist: each feature is carried by a test that bears its number."""

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]
ON_SCREENS = {29, 30, 38, 39, 40}
"""Matters of screens alone."""
NUMBERS = set(range(1, 103)) - {55, 64}
"""The checklist has neither 55 nor 64."""
NOT_YET: set[int] = set()
"""Features that the product does not have yet."""


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


def test_every_feature_is_carried_by_a_test() -> None:
    assert NUMBERS - ON_SCREENS - NOT_YET - carried().keys() == set()


def test_no_test_bears_a_number_that_the_checklist_has_not() -> None:
    assert carried().keys() <= NUMBERS - ON_SCREENS


def test_what_is_not_there_yet_is_carried_by_no_test() -> None:
    assert carried().keys() & NOT_YET == set()
