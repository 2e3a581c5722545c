"""Closed sets of words: statuses, roles, kinds. Each carries the manual's Chinese word, so it can label itself.

Only what the software itself must know is a `Term`; whatever customs may extend is a code table (`domain/code.py`).
"""

from enum import Enum
from typing import Self

from domain.language import Language, Words


class Term(Enum):
    """A member is written `NAME = "中文", "What it means."`; what it is known by is its name, never its value."""

    words: Words

    __hash__ = object.__hash__  # members are themselves alone, and keys of nearly everything

    def __new__(cls, zh: str, en: str) -> Self:
        term = object.__new__(cls)
        term._value_ = len(cls.__members__)
        term.words = Words(zh=zh, en=en)
        return term

    @property
    def code(self) -> str:
        """The name that clients, the register and the database know it by."""
        return self._name_

    def label(self, language: Language) -> str:
        """The word for a person: the manual's Chinese, or the English name in lower case."""
        return self.words.zh if language is Language.ZH else self.name.replace("_", " ").capitalize()

    def __str__(self) -> str:
        return self._name_
