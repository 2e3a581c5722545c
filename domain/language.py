"""The two languages in which everything is said. Chinese is the manual's own and the default."""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """A language that answers can be worded in."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True)
class Words:
    """One thing said in both languages; both are required, so the type checker finds whatever lacks a translation."""

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        return self.zh if language is Language.ZH else self.en

    def with_(self, **values: object) -> "Words":
        """The same sentence with its `{blanks}` filled."""
        return Words(zh=self.zh.format(**values), en=self.en.format(**values))
