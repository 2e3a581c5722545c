"""All workflows. Whatever is made from the tables (mutations, the page, the tests' grid) starts from this list."""

from domain import (
    card,
    code,
    delegation,
    institution,
    notice_workflow,
    pairing,
    passkey,
    regulation,
    rule,
    session,
    sign_in_attempt,
    totp,
)
from domain.account import workflow as account
from domain.annual_report import workflow as annual_report
from domain.api_key import workflow as api_key
from domain.check import workflow as check
from domain.commission import workflow as commission
from domain.disposition import workflow as disposition
from domain.filing import workflow as filing
from domain.filing_change import workflow as filing_change
from domain.quality_issue import workflow as quality_issue
from domain.workflow import Workflow

WORKFLOWS: tuple[Workflow, ...] = (
    institution.WORKFLOW,
    filing.WORKFLOW,
    filing_change.WORKFLOW,
    commission.WORKFLOW,
    disposition.WORKFLOW,
    quality_issue.WORKFLOW,
    check.WORKFLOW,
    rule.WORKFLOW,
    regulation.WORKFLOW,
    notice_workflow.WORKFLOW,
    code.WORKFLOW,
    session.WORKFLOW,
    pairing.WORKFLOW,
    account.WORKFLOW,
    delegation.WORKFLOW,
    card.WORKFLOW,
    passkey.WORKFLOW,
    totp.WORKFLOW,
    annual_report.WORKFLOW,
    sign_in_attempt.WORKFLOW,
    api_key.WORKFLOW,
)
