"""Every table of the product. A module that is not named here would be missing from migrations; a test says so."""

from storage import (
    annual_report,
    attachment,
    code,
    commission,
    delivery,
    idempotency,
    institution,
    notice,
    numbers,
    organisation,
    register,
    rule,
    session,
)
from storage.columns import METADATA

MODULES = (
    annual_report,
    attachment,
    code,
    commission,
    delivery,
    idempotency,
    institution,
    notice,
    numbers,
    organisation,
    register,
    rule,
    session,
)

__all__ = ["METADATA", "MODULES"]
