"""What the papers show is true of the product: examples fit the schema, tables name what there is, links lead on.

The README's walk is not only read but done: its shell commands run, in order, against a server of their own.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import typer
from graphql import GraphQLError, OperationDefinitionNode, build_schema, is_scalar_type, parse, validate
from graphql.execution.values import VariableValues, get_variable_values

from graph.cli.main import app
from graph.schema.scalars import SCALAR_MAP
from graph.settings import Settings
from tests.house.test_house import files
from tests.process import run, served

ROOT = Path(__file__).parents[2]
SCHEMA = build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"))
WALK_SECONDS_MAX = 90


def papers() -> list[Path]:
    return sorted(
        file for file in files() if file.suffix == ".md" and file.parts[0] in {"README.md", "docs", "CHANGELOG.md"}
    )


def blocks(file: Path, language: str) -> list[str]:
    text = (ROOT / file).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def examples() -> Iterator[tuple[str, str]]:
    """Every GraphQL document that the papers show: blocks of their own, and those inside the shell's JSON."""
    for file in papers():
        for number, block in enumerate(blocks(file, "graphql"), start=1):
            yield f"{file} graphql {number}", block
        for block in blocks(file, "sh"):
            for number, document in enumerate(within_shell(block), start=1):
                yield f"{file} sh {number} {document[:40]}", document


def within_shell(block: str) -> Iterator[str]:
    """The `query` of JSON bodies, and documents that stand in quotes of their own."""
    filled_in = re.sub(r"'\"\$.*?\"'", "x", block)
    for body in re.findall(r"'(\{\"query\".*?\})'", filled_in, re.DOTALL):
        if (query := json.loads(body)["query"]) != "x":
            yield query
    for document in re.findall(r"(?<=['\"])(?:query|mutation|subscription)\([^'\"]*(?=['\"]$)", block, re.MULTILINE):
        yield document.replace("%s", "commissionSubmit")


EXAMPLES = dict(examples())


def test_there_are_examples_to_check() -> None:
    assert any(" sh " in name for name in EXAMPLES)
    assert any(" graphql " in name for name in EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_fits_the_schema(name: str) -> None:
    assert validate(SCHEMA, parse(EXAMPLES[name])) == []


def examples_with_variables() -> Iterator[tuple[str, str, str]]:
    for file in papers():
        text = (ROOT / file).read_text(encoding="utf-8")
        pattern = r"^```graphql\n((?:(?!```).)*)^```\n+Variables:\n+```json\n(.*?)^```"
        for number, (document, variables) in enumerate(re.findall(pattern, text, re.MULTILINE | re.DOTALL), start=1):
            yield f"{file} {number}", document, variables


WITH_VARIABLES = {name: (document, variables) for name, document, variables in examples_with_variables()}


@pytest.mark.parametrize("name", WITH_VARIABLES)
def test_the_variables_of_an_example_fit_it(name: str) -> None:
    document, variables = WITH_VARIABLES[name]
    (operation,) = parse(document).definitions
    assert isinstance(operation, OperationDefinitionNode)
    given = json.loads(variables)
    declared = operation.variable_definitions or ()
    assert isinstance(get_variable_values(SCHEMA, declared, given), VariableValues)
    assert given.keys() <= {each.variable.name.value for each in declared}


@pytest.mark.parametrize("file", [file for file in papers() if blocks(file, "json")], ids=str)
def test_an_example_of_json_can_be_read(file: Path) -> None:
    for block in blocks(file, "json"):
        json.loads(block)


def test_the_page_of_settings_names_each_with_its_default() -> None:
    said = [(name, default) for name, default, _ in settings_in("docs/settings.md")]
    there_are = [(name.upper(), _shown(field.default)) for name, field in Settings.model_fields.items()]
    assert sorted(said) == sorted(there_are)


def test_what_the_readme_says_of_a_setting_the_page_says_too() -> None:
    said = settings_in("README.md")
    assert said
    assert set(said) <= set(settings_in("docs/settings.md"))


def settings_in(page: str) -> list[tuple[str, str, str]]:
    """Name, default and words of every row."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"^\| \*\*`PRESHIP_(\w+)`\*\* \| (.*?) \| (.*?) \|$", text, flags=re.MULTILINE)


def _shown(default: object) -> str:
    if default == "":
        return "empty"
    return f"`{default if isinstance(default, str) else json.dumps(default)}`"


def test_the_table_of_commands_names_each() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    said = re.findall(r"^\| `preship ([a-z ]+?)(?= [A-Z\[-]|`)", text, flags=re.MULTILINE)
    assert sorted(said) == sorted(_commands(typer.main.get_command(app)))


def _commands(command: object, path: str = "") -> Iterator[str]:
    within = getattr(command, "commands", None)
    if within is None:
        yield path
        return
    for name, each in within.items():
        yield from _commands(each, f"{path} {name}".strip())


@pytest.mark.parametrize("file", papers(), ids=str)
def test_a_link_within_the_project_leads_somewhere(file: Path) -> None:
    text = re.sub(r"^```.*?^```", "", (ROOT / file).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    lost = [target for target in targets if not _exists(file, target)]
    assert lost == []


def _exists(file: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    page = ROOT / file.parent / path if path else ROOT / file
    return page.exists() and (not anchor or anchor in _anchors(page))


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.timeout(180)  # on a busy machine starting the server alone takes long
@pytest.mark.skipif(shutil.which("curl") is None, reason="the walk is written for curl")
def test_the_walk_of_the_readme_ends_with_a_certificate(tmp_path: Path) -> None:
    walk = "\n".join(blocks(Path("README.md"), "sh")[1:])
    # As `make run` serves the demo.
    settings = {"captcha": "off"}
    run("migrate", folder=tmp_path, **settings)
    run("demo", "--commissions", "0", folder=tmp_path, **settings)
    with served(tmp_path, **settings) as address:
        commands = walk.replace("127.0.0.1:8000", address).replace(".venv/bin/python", sys.executable)
        walked = subprocess.run(
            ["sh", "-eu", "-c", commands],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=WALK_SECONDS_MAX,
            check=False,
        )
    assert walked.returncode == 0, walked.stderr
    assert re.findall(r'"userErrors":\[\{.*', walked.stdout) == []
    # Not at the start of a line: the watcher may speak between an answer and the end of its line.
    pushed = re.findall(r'pushed: .*?"action":"(\w+)"', walked.stdout)
    done = ["commissionSubmit", "commissionAccept", "attachmentUpload", "commissionComplete"]
    # On a busy machine the watcher may come late, which costs it the beginning and nothing else.
    assert pushed
    assert pushed == done[-len(pushed) :], walked.stdout
    assert '"status":"COMPLETED","certificate":{"number":"PSI-' in walked.stdout


def test_the_page_of_scalars_has_a_chapter_and_the_specification_of_each() -> None:
    text = (ROOT / "docs" / "api" / "scalars.md").read_text(encoding="utf-8")
    chapters = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL))
    scalars = {name: type_ for name, type_ in SCHEMA.type_map.items() if is_scalar_type(type_)}
    assert {word for chapter in chapters for word in chapter.split(", ")} == set(scalars)
    for name, scalar in scalars.items():
        if scalar.specified_by_url is not None:
            assert scalar.specified_by_url in chapters[name]


@pytest.mark.parametrize(
    ("scalar", "parse_value"), [(Decimal, "Decimal"), (date, "Date"), (datetime, "DateTime")], ids=str
)
def test_the_examples_of_scalars_are_what_they_are_called(scalar: object, parse_value: str) -> None:
    text = (ROOT / "docs" / "api" / "scalars.md").read_text(encoding="utf-8")
    chapter = text[text.index(f"## {parse_value}\n") :].split("\n## ")[0].replace("\n", " ")
    good, bad = (re.findall(r"`([^`]*)`", part) for part in chapter[chapter.index("Good: ") :].split("Bad: "))
    read = SCALAR_MAP[scalar].parse_value
    assert read is not None
    for example in good:
        read(json.loads(example))
    for example in bad:
        with pytest.raises(GraphQLError):
            read(json.loads(example))
