"""With which institution a commission lay when something was done to it: who follows it hears of its own time alone.

The surprise: no line of the register says so, for `submitted_to_id` is hidden. It follows from what lines do say: which
institution was chosen, and the actions that hand the commission over or take it back.
"""

from dataclasses import dataclass
from uuid import UUID

import orjson

from domain.party import OrganisationKind, Viewer

HANDED_OVER = frozenset({"submit", "move"})
TAKEN_BACK = "withdraw"
CHOSEN = "institution_id"


@dataclass(frozen=True)
class Custody:
    """Which institution is chosen, and with which one the commission lies; nothing of either for a new draft."""

    chosen_id: UUID | None = None
    held_by_id: UUID | None = None

    def after(self, action: str, changes: str | None) -> "Custody":
        """The custody after a line of the register, from its action and what it changed (JSON)."""
        chosen_id = self._chosen(changes)
        if action in HANDED_OVER:
            return Custody(chosen_id, chosen_id)
        return Custody(chosen_id, None if action == TAKEN_BACK else self.held_by_id)

    def is_open_to(self, viewer: Viewer) -> bool:
        """Whether a viewer to whom the commission is open now saw it then as well. (decision 0009)"""
        match viewer.kind:
            case OrganisationKind.ENTERPRISE:
                return True
            case OrganisationKind.INSTITUTION:
                return self.held_by_id is not None and self.held_by_id == viewer.institution_id
            case OrganisationKind.CUSTOMS:
                return self.held_by_id is not None
        return False

    def _chosen(self, changes: str | None) -> UUID | None:
        if changes is None or CHOSEN not in changes:
            return self.chosen_id
        found = orjson.loads(changes)
        if CHOSEN not in found:
            return self.chosen_id
        return None if found[CHOSEN] is None else UUID(hex=found[CHOSEN])
