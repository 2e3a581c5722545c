"""Every table of the product. A module that is not named here would be missing from migrations; a test says so."""

from storage import (
    attachment,
    code,
    commission,
    idempotency,
    institution,
    notice,
    notice_read,
    numbers,
    organisation,
    register,
    regulation,
    rule,
    session,
)
from storage.columns import METADATA

MODULES = (
    attachment,
    code,
    commission,
    idempotency,
    institution,
    notice,
    notice_read,
    numbers,
    organisation,
    register,
    regulation,
    rule,
    session,
)

__all__ = ["METADATA", "MODULES"]
