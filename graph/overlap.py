"""How much validation has to compare: fields that are answered as one are held against each other pair by pair, and so
are fragments that are spread beside each other. 200 times one field in 5 KB took a third of a second.

The documents that come here are within the limits of `graph/limits.py`, so that they are short when written out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

LEAVES_PER_COMPARISON: Final = 10
"""So many pairs of fields without a selection take as long as one pair with, or one pair of fragments."""


class Comparisons:
    """Counts those of one document, over all that is asked of it."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self.count = 0.0
        self.met: set[str] = set()
        """Fragments that were come by."""

    def add(self, selections: SelectionSetNode, most: int) -> None:
        """Those of one operation or fragment; counting ends beyond `most`."""
        answered_as_one = [[selections]]
        while answered_as_one and self.count <= most:
            fields = self._gathered(answered_as_one.pop())
            for nodes in fields.values():
                below = [node.selection_set for node in nodes if node.selection_set]
                self.count += _pairs(len(nodes)) / (1 if below else LEAVES_PER_COMPARISON)
                if below:
                    answered_as_one.append(below)

    def _gathered(self, sets: list[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        fields: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()
        for selections in sets:
            for selection in selections.selections:
                if isinstance(selection, FieldNode):
                    name = selection.alias or selection.name
                    fields.setdefault(name.value, []).append(selection)
                elif isinstance(selection, InlineFragmentNode):
                    sets.append(selection.selection_set)
                elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in spread:
                    spread.add(selection.name.value)
                    if (fragment := self._fragments.get(selection.name.value)) is not None:
                        sets.append(fragment.selection_set)
        self.count += _pairs(len(spread))
        self.met |= spread
        return fields


def _pairs(count: int) -> float:
    return count * (count - 1) / 2
