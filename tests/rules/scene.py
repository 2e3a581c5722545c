"""Who stands before every table, which party each belongs to, and how a workflow's cases are laid out for the grid.

Each workflow is laid out in `scene_<noun>.py`: a `SCENE`, and where it has parties of its own, `PARTIES`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.party import ANONYMOUS, THE_PRODUCT, Role, Viewer
from domain.record import Record
from domain.term import Term
from domain.workflow import Action, Case, Workflow
from tests.rules import desk

PEOPLE: Mapping[str, Viewer] = {
    "operator of the enterprise": desk.ENTERPRISE,
    "administrator of the enterprise": desk.with_role(desk.ENTERPRISE, Role.ADMIN),
    "viewer of the enterprise": desk.with_role(desk.ENTERPRISE, Role.VIEWER),
    "operator of another enterprise": desk.OTHER_ENTERPRISE,
    "operator of the institution": desk.INSTITUTION,
    "administrator of the institution": desk.with_role(desk.INSTITUTION, Role.ADMIN),
    "viewer of the institution": desk.with_role(desk.INSTITUTION, Role.VIEWER),
    "operator of another institution": desk.OTHER_INSTITUTION,
    "operator of customs": desk.CUSTOMS,
    "administrator of customs": desk.with_role(desk.CUSTOMS, Role.ADMIN),
    "reviewer of customs": desk.with_role(desk.CUSTOMS, Role.REVIEWER),
    "nobody in particular": ANONYMOUS,
    "the product itself": THE_PRODUCT,
}
SIGNED_IN = PEOPLE.keys() - {"nobody in particular", "the product itself"}
OF_THE_ENTERPRISE = {"operator of the enterprise", "administrator of the enterprise"}
OF_THE_INSTITUTION = {"operator of the institution", "administrator of the institution"}
ADMINISTRATORS = {name for name in SIGNED_IN if name.startswith("administrator")}
OF_CUSTOMS = {"operator of customs", "administrator of customs"}
REVIEWING = {"reviewer of customs", "administrator of customs"}
PARTIES: Mapping[str, tuple[set[str], set[str]]] = {
    "the_enterprise": (OF_THE_ENTERPRISE, OF_THE_ENTERPRISE | {"operator of another enterprise"}),
    "the_administrator": ({"administrator of the enterprise"}, ADMINISTRATORS),
    "the_institution": (OF_THE_INSTITUTION, set()),
    "the_institution_concerned": (OF_THE_INSTITUTION, set()),
    "the_office": ({"the product itself"}, {"the product itself"}),
    "the_clock": ({"the product itself"}, {"the product itself"}),
    "customs_officer": (OF_CUSTOMS, OF_CUSTOMS),
    "customs_reviewer": (REVIEWING, REVIEWING),
    "somebody": (set(SIGNED_IN), set(SIGNED_IN)),
    "the_user": ({"operator of the enterprise"}, set(SIGNED_IN)),
}
"""Who belongs to each party: with the record at hand, and where there is none yet."""


@dataclass(frozen=True)
class Scene:
    """How a workflow's cases are laid out so that nothing but person and status stands in the way."""

    workflow: Workflow
    record: Callable[[Term], Record]
    case: Callable[[Action, Any, Viewer], Case[Any, Any, Any]]
    spoilt: Any
    """Facts under which as much as possible is wrong."""
