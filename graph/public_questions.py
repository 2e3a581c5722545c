"""Questions that every stranger is answered alike, and the kinds of records that their answers tell of."""

from collections.abc import Hashable
from typing import Final

from strawberry.utils.str_converters import to_camel_case

from graph.context import House
from graph.listing import LISTS, ONES

KINDS: Final = ("institution", "disposition", "rule", "regulation", "code")
"""Nouns of the register: what is not theirs no stranger sees."""


def fields() -> frozenset[str]:
    """Root fields, by name."""
    names = [*(each for each, listed in LISTS.items() if listed.is_public)]
    names += [each for each, one in ONES.items() if one.is_public]
    return frozenset({*map(to_camel_case, names), "rule", "codeTable", "codeTables"})


def state_of(house: House) -> Hashable | None:
    """Changes with each line of the register that such an answer could tell of, and with the day in China, on which
    rules come into force and dispositions end; None while it is not known."""
    found = house.stream.state_of(KINDS)
    return None if found is None else (found, house.today)
