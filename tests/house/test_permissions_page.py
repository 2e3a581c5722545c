"""`docs/permissions.md` is the permissions, printed: what an officer reads is what the program does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.permission import table
from graph.permission.asker import ASKERS
from graph.permission.by_hand import BY_HAND, OVER_HTTP
from graph.permission.page import page
from graph.permission.table import Cell, permissions, prove_addresses
from graph.resolvers.node import SHELVES
from graph.schema.schema import SCHEMA
from storage.sight import Sight

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"


def test_the_page_of_permissions_says_what_the_program_does() -> None:
    printed = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    assert printed == page(), "docs/permissions.md differs from the program: run `make permissions` and read its diff"


def test_every_operation_has_a_permission_and_every_kind_of_answer_occurs() -> None:
    schema = SCHEMA._schema
    assert schema.mutation_type is not None
    assert schema.subscription_type is not None
    roots = {*schema.query_type.fields, *schema.mutation_type.fields, *schema.subscription_type.fields}  # type: ignore[union-attr]
    assert roots <= {each.operation for each in permissions()}
    cells = {each.cell(asker) for each in permissions() for asker in ASKERS}
    assert cells == set(Cell)


def test_every_shelf_says_in_both_languages_who_sees_its_records() -> None:
    printed = page()
    for shelf in SHELVES.values():
        assert isinstance(shelf.visible, Sight)
        assert f"| `{shelf.record.__name__}` | {shelf.visible.words.zh}<br>{shelf.visible.words.en} |" in printed


@pytest.fixture
def unprinted() -> Iterator[None]:
    """Permissions are found once for a process: here they are found anew."""
    permissions.cache_clear()
    yield
    permissions.cache_clear()


@pytest.mark.usefixtures("unprinted")
def test_an_operation_without_a_permission_stops_the_product(monkeypatch: pytest.MonkeyPatch) -> None:
    without = {name: row for name, row in BY_HAND.items() if name != "captchaOpen"}
    monkeypatch.setattr(table, "BY_HAND", without)
    with pytest.raises(TypeError, match="captchaOpen has no permission"):
        permissions()


@pytest.mark.usefixtures("unprinted")
def test_a_permission_without_an_operation_stops_the_product(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "BY_HAND", {**BY_HAND, "captchaBuy": BY_HAND["captchaOpen"]})
    with pytest.raises(TypeError, match="captchaBuy"):
        permissions()


def test_an_address_without_a_permission_stops_the_product() -> None:
    with pytest.raises(TypeError, match="/backdoor"):
        prove_addresses([*OVER_HTTP, "/backdoor"])
