"""`docs/security.md` names each point of the standard once, and nothing that there is not."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType

from graph.schema.schema import SCHEMA
from graph.settings import Settings
from tests.house.test_house import files

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")

LAST_OF_SECTION = {
    "V2.1": 12, "V2.2": 3, "V2.3": 3, "V2.4": 5, "V2.5": 7, "V2.6": 3, "V2.7": 6, "V2.8": 7, "V2.9": 3, "V2.10": 4,
    "V3.1": 1, "V3.2": 4, "V3.3": 4, "V3.4": 5, "V3.5": 3, "V3.7": 1,
    "V4.1": 5, "V4.2": 2, "V4.3": 3,
}  # fmt: skip
"""OWASP ASVS 4.0.3, levels 1 and 2: up to which number each section of these chapters goes. What level 3 alone has
comes last in its section, or is a section of its own."""

DELETED = {"V4.1.4"}
NUMBERS = [
    number
    for section, last in LAST_OF_SECTION.items()
    for each in range(1, last + 1)
    if (number := f"{section}.{each}") not in DELETED
]
VERDICTS = ("met", "not applicable", "not met")
ROOMS = ("graph", "domain", "storage", "identity", "uploads", "delivery", "tests", "docs", "examples")
NAMED = sorted(set(re.findall(rf"`((?:{'|'.join(ROOMS)})/[\w./-]+\.\w+(?:::\w+)?)`", PAGE)))
SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{60,}"
    r"|psk_[a-z2-7]{8}_[A-Za-z0-9_-]{43}|pat_[A-Za-z0-9_-]{43}|\bAKIA[0-9A-Z]{16}\b|\bgh[ps]_[A-Za-z0-9]{36}\b"
)


def rows() -> list[list[str]]:
    """The cells of each row about a point of the standard."""
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in PAGE.splitlines()
        if re.match(r"\| V\d", line)
    ]


@cache
def names_in(path: str) -> frozenset[str]:
    """The functions, classes and constants of a module, and the functions of its classes."""
    found: set[str] = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Assign(targets=targets):
                found |= {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
    return frozenset(found)


def test_each_point_of_the_standard_stands_on_the_page_once() -> None:
    assert len(NUMBERS) == 80
    assert [row[0] for row in rows()] == NUMBERS


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_point_has_a_verdict_and_what_bears_it_out(row: list[str]) -> None:
    _, says, verdict, where, tests = row
    assert says
    assert verdict in VERDICTS
    is_tested = bool(re.search(r"`tests/[\w/]+\.py::test_\w+`", tests))
    reason = re.sub(r"`tests/[^`]+`|<br>", "", tests).strip()
    if verdict == "not applicable":
        assert where == "—"
        assert reason
    else:
        assert where.startswith("`")
        assert is_tested
        assert reason or verdict == "met"


def test_the_page_counts_its_verdicts_rightly() -> None:
    counted = Counter(row[2] for row in rows())
    assert " · ".join(f"{counted[verdict]} {verdict}" for verdict in VERDICTS) in PAGE


@pytest.mark.parametrize("named", NAMED)
def test_what_the_page_names_exists(named: str) -> None:
    path, _, name = named.partition("::")
    assert (ROOT / path).is_file()
    if name:
        assert name in names_in(path)
        assert not path.startswith("tests/") or name.startswith("test_")


@pytest.mark.parametrize(("section", "least"), [("登录攻击", 16), ("协议攻击", 40)])
def test_every_attack_is_tried_by_tests(section: str, least: int) -> None:
    attacks = PAGE.partition(f"\n## {section}")[2].partition("\n## ")[0]
    tried = [line for line in attacks.splitlines() if line.startswith("| ")][2:]
    assert len(tried) >= least
    for line in tried:
        assert re.search(r"`tests/[\w/]+\.py::test_\w+`", line), line


# ── What the page says of the project as a whole ───────────────────────────────────────────────────────────────────


def test_nobody_is_asked_for_a_hint_or_a_secret_question() -> None:
    kinds = (GraphQLObjectType, GraphQLInputObjectType)
    of_accounts = [each for name, each in SCHEMA._schema.type_map.items() if re.match("Account|Session|Viewer", name)]
    fields = {name.lower() for each in of_accounts if isinstance(each, kinds) for name in each.fields}
    assert {"password", "onetimecode", "username"} <= fields
    assert not [name for name in fields if re.search("hint|question|answer|birth|mother", name)]


def test_no_setting_brings_a_credential_along() -> None:
    shipped = Settings.model_construct()
    assert (shipped.personal_keys, shipped.secret_key, shipped.smtp_url, shipped.sms_url) == ("",) * 4
    urls = (shipped.database_url, shipped.uploads_url, shipped.bell_url)
    assert not [url for url in urls if "@" in url]


def test_no_file_of_the_project_holds_a_secret() -> None:
    assert SECRETS.search("-----BEGIN PRIVATE KEY-----\n" + "A" * 64)
    assert SECRETS.search("psk_abcdefgh_" + "A" * 43)
    found = [file for file in files() if SECRETS.search((ROOT / file).read_text(encoding="utf-8", errors="ignore"))]
    assert found == []
