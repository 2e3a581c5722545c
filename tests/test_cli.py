"""What an operator types to set an installation up: organisations, then accounts, then people sign in."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from graph.cli.main import app
from storage.migrate import migrate


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    url = f"sqlite+aiosqlite:///{tmp_path}/preship.db"
    migrate(url)
    monkeypatch.setenv("PRESHIP_DATABASE_URL", url)
    monkeypatch.setenv("PRESHIP_UPLOADS_URL", f"file:{tmp_path}/files")
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, arguments)


NEWCOMER = ("organisation", "add", "ENTERPRISE", "苏州示例进口有限公司", "Suzhou Example Import Co., Ltd.")
OPERATOR = ("user", "add", "lin", "--organisation", "苏州示例进口有限公司", "--password", "correct horse battery")


def test_an_organisation_and_its_first_account_are_added(run: Any) -> None:
    assert run(*NEWCOMER, "--email", "import@example.com").exit_code == 0
    assert run(*OPERATOR).exit_code == 0
    assert run("register", "verify").exit_code == 0


def test_help_comes_without_importing_the_product() -> None:
    asked = "import sys; from graph.cli.main import app; app(['--help'], standalone_mode=False); print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert "organisation" in shown
    imported = set(shown.splitlines()[-1].split())
    assert "typer" in imported
    assert not imported & {"sqlalchemy", "strawberry", "storage", "domain"}


def test_a_name_that_is_taken_is_refused(run: Any) -> None:
    assert run(*NEWCOMER).exit_code == 0
    again = run(*NEWCOMER)
    assert again.exit_code == 1
    assert "taken" in again.output
    assert run(*OPERATOR).exit_code == 0
    assert run(*OPERATOR).exit_code == 1


def test_what_is_badly_written_is_named(run: Any) -> None:
    wrong = run(*NEWCOMER, "--uscc", "123", "--email", "nobody")
    assert wrong.exit_code == 2
    assert "uscc" in wrong.output
    assert "contact_email" in wrong.output
    assert run("organisation", "add", "SHIP", "船", "Ship").exit_code == 2


def test_a_password_is_reset_with_a_code_that_is_printed_once(run: Any) -> None:
    assert run(*NEWCOMER).exit_code == 0
    assert run(*OPERATOR).exit_code == 0
    reset = run("user", "reset", "lin")
    assert reset.exit_code == 0
    assert re.fullmatch(r"(\w{4}-){3}\w{4}\n", reset.output)
    assert run("user", "reset", "nobody").exit_code == 1
    assert run("register", "verify").exit_code == 0


def test_an_account_is_not_added_with_a_password_or_name_that_is_not_allowed(run: Any) -> None:
    assert run(*NEWCOMER).exit_code == 0
    for wrong, word in (("password1", "common"), ("short", "characters"), ("lin is my name", "user name")):
        refused = run(*OPERATOR[:-1], wrong)
        assert refused.exit_code == 1
        assert word in refused.output
    assert run("user", "add", "林", *OPERATOR[3:]).exit_code == 1
    assert run(*OPERATOR, "--role", "REVIEWER").exit_code == 1


def test_nobody_is_added_to_an_organisation_that_there_is_not(run: Any) -> None:
    nowhere = run("user", "add", "lin", "--organisation", "无此单位", "--password", "correct horse battery")
    assert nowhere.exit_code == 1
