"""Every clause of the specifications that the transport keeps has a test, or a reason why we do otherwise."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.transport.clauses import Clause
from tests.transport.stream_clauses import ALL

TESTS = Path(__file__).parents[1]
LEVELS = {"MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "RECOMMENDED", "MAY"}
CLAUSES = [pytest.param(clause, id=f"{name}: {clause.says}") for name, table in ALL.items() for clause in table]


@cache
def functions(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("clause", CLAUSES)
def test_a_clause_has_tests_that_there_are_or_a_reason(clause: Clause) -> None:
    assert clause.level in LEVELS
    assert bool(clause.tests) != bool(clause.otherwise)
    for test in clause.tests:
        file, _, function = test.partition("::")
        assert function in functions(file), test


def test_what_must_be_is_never_done_otherwise() -> None:
    assert [clause for table in ALL.values() for clause in table if clause.otherwise and "MUST" in clause.level] == []
