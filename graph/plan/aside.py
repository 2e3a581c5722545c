"""Why a plan steps aside: then graphql-core runs the operation, and every error has its words, path and place."""

from enum import StrEnum


class Reason(StrEnum):
    """What is counted; none of it is told to clients."""

    INTROSPECTION = "introspection"
    """The operation asks of the schema itself."""
    SECOND_FACTOR = "second_factor"
    """The viewer lacks a second factor, so each root field is asked whether it is open."""
    VARIABLES = "variables"
    """A variable is not of the plain kind that its type names, or is none at all."""
    FAILED = "failed"
    """A resolver or a statement failed, a cursor is no cursor, or a null stands where none may be."""
    GUARDS = "guards"
    """There are as many plans of this shape as are kept, and none serves."""
    COST = "cost"
    """What a mutation has done holds more than an operation may cost: graphql-core leaves the dearest lists out."""


class StepAside(Exception):
    """The plan does not answer this request."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
