"""What holds for the house as a whole: who may import whom, what a file looks like, what it stands on.

Looked at are the files that the repository holds or would take in, less those that were built elsewhere.
"""

import ast
import json
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LINES_MAX = 400
SOURCE_ENDINGS = {".py", ".js", ".css", ".html", ".mako", ".sql", ".sh", ""}
DATA_FOLDERS = {"migrations", "data", "seed", "demo"}
NOT_ROOMS = {"tests", "benchmarks", "examples", "docs"}

MACHINE_PATH = re.compile(r"(?<![\w.$}~/-])/(?:work|root|home|tmp|opt|mnt|private|Users)/\w")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|yarnpkg\.com|deb\.debian\.org|unpkg\.com|jsdelivr\.net"
)


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project, relative to its root; vendored ones are somebody else's and left out."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard",
         "--", ":(exclude,attr:linguist-vendored)"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return tuple(Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


def texts() -> list[tuple[Path, str]]:
    """The files that are text, with it."""
    found = []
    for file in files():
        content = (ROOT / file).read_bytes()
        if b"\0" not in content:
            found.append((file, content.decode(errors="replace")))
    return found


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def lint_imports(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    return subprocess.run([sys.executable, "-c", command], cwd=folder, capture_output=True, text=True, check=False)


def bare_names(requirements: list[str]) -> set[str]:
    """`uvicorn[standard]~=0.54` is `uvicorn`; names as registries compare them."""
    return {re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower().replace("_", "-") for requirement in requirements}


def all_requirements() -> list[str]:
    extras = project()["project"]["optional-dependencies"].values()
    return [*project()["project"]["dependencies"], *(requirement for extra in extras for requirement in extra)]


def test_imports_go_from_the_public_face_down_to_the_domain() -> None:
    linted = lint_imports(ROOT)
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize(
    ("module", "imported", "allowed"),
    [
        ("domain/commission.py", "storage", False),
        ("domain/commission.py", "sqlalchemy", False),
        ("storage/commission.py", "uploads", False),
        ("storage/commission.py", "graph", False),
        ("uploads/vault.py", "graph", False),
        ("uploads/vault.py", "storage", True),
        ("identity/password.py", "graph", False),
        ("graph/resolvers/commission.py", "sqlalchemy", False),
        ("graph/plan/shape.py", "sqlalchemy", True),
        ("graph/plan/__init__.py", "sqlalchemy", True),
    ],
)
def test_an_import_in_the_wrong_direction_is_found(tmp_path: Path, module: str, imported: str, allowed: bool) -> None:
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    for room in [*project()["tool"]["importlinter"]["root_packages"], "graph/plan", "graph/resolvers"]:
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").touch()
    (tmp_path / module).write_text(f"import {imported}\n")

    linted = lint_imports(tmp_path)

    assert (linted.returncode == 0) is allowed, linted.stdout + linted.stderr


def test_every_room_is_linted_typed_and_packed() -> None:
    rooms = {file.parts[0] for file in files() if file.name == "__init__.py" and len(file.parts) == 2} - NOT_ROOMS
    tools = project()["tool"]
    assert rooms == set(tools["importlinter"]["root_packages"])
    assert rooms <= set(tools["mypy"]["files"])
    assert rooms <= {pattern.rstrip("*") for pattern in tools["setuptools"]["packages"]["find"]["include"]}


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(file)
        for file, text in texts()
        if file.suffix == ".py" and not ast.get_docstring(ast.parse(text, str(file)))
    ]
    assert silent == []


def test_a_file_fits_a_sitting() -> None:
    long = {
        str(file): lines
        for file, text in texts()
        if file.suffix in SOURCE_ENDINGS
        and file.name != "LICENSE"
        and not DATA_FOLDERS & set(file.parts[:-1])
        and (lines := text.count("\n")) > LINES_MAX
    }
    assert long == {}


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY], ids=["path of a machine", "address of a registry"])
def test_no_file_knows_the_machine_it_was_written_on(pattern: re.Pattern[str]) -> None:
    knowing = [
        f"{file}:{number}: {line.strip()[:120]}"
        for file, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
    assert knowing == []


@pytest.mark.parametrize(
    ("line", "pattern"),
    [("open('" + "/ho" + "me/somebody/notes')", MACHINE_PATH), ("https://" + "pypi" + ".org/simple", REGISTRY)],
)
def test_a_path_or_address_would_be_found(line: str, pattern: re.Pattern[str]) -> None:
    assert pattern.search(line)
    assert not pattern.search("GET /files/01 and ./work/x and https://example.org/home/x")


def test_the_readme_names_exactly_what_the_project_stands_on() -> None:
    rows = re.findall(r"^\| `([@\w./-]+)` \| (.*?) \| (.*?) \|$", (ROOT / "README.md").read_text(), flags=re.MULTILINE)
    named = [name for name, _, _ in rows]
    packages = json.loads((ROOT / "tests" / "clients" / "package.json").read_text())["devDependencies"]
    assert sorted(named) == sorted([*bare_names(all_requirements()), *packages])
    assert all(purpose.strip() and licence.strip() for _, purpose, licence in rows)


def test_no_lock_file_knows_where_its_packages_came_from() -> None:
    locks = [file for file in files() if file.name == "package-lock.json"]
    assert locks
    for lock in locks:
        packages = json.loads((ROOT / lock).read_text())["packages"]
        assert [name for name, package in packages.items() if name and not package.get("integrity")] == []
        assert [name for name, package in packages.items() if "resolved" in package or "link" in package] == []


def test_every_library_is_pinned_and_no_pin_names_a_place() -> None:
    pins = (ROOT / "constraints.txt").read_text().split("\n")[:-1]
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.]+( ; [\w\s.<>='\"]+)?", pin)] == []
    assert bare_names(all_requirements()) <= bare_names(pins)
