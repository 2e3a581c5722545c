"""Which version of the product answers."""

from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of

UNPACKED = "0+unpacked"
"""What a checkout that was never installed calls itself."""


def version() -> str:
    """系统版本. Version of the product that answers, as in its CHANGELOG."""
    return _installed()


@cache
def _installed() -> str:
    # It is looked for in files, which takes longer than all else of an answer.
    try:
        return version_of("preship")
    except PackageNotFoundError:
        return UNPACKED
