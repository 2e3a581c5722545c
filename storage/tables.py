"""Every table of the product. A module that is not named here would be missing from migrations; a test says so."""

from storage import (
    account,
    annual_report,
    attachment,
    check,
    code,
    commission,
    delegation,
    delivery,
    disposition,
    filing,
    filing_change,
    idempotency,
    institution,
    notice,
    notice_read,
    numbers,
    organisation,
    quality_issue,
    register,
    regulation,
    rule,
    session,
)
from storage.columns import METADATA

MODULES = (
    account,
    annual_report,
    attachment,
    check,
    code,
    commission,
    delegation,
    disposition,
    filing,
    filing_change,
    delivery,
    idempotency,
    institution,
    notice,
    notice_read,
    numbers,
    organisation,
    quality_issue,
    register,
    regulation,
    rule,
    session,
)

__all__ = ["METADATA", "MODULES"]
