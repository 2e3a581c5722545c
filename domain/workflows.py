"""All workflows. Whatever is made from the tables (mutations, the page, the tests' grid) starts from this list."""

from domain import institution, rule, session
from domain.check import workflow as check
from domain.commission import workflow as commission
from domain.quality_issue import workflow as quality_issue
from domain.workflow import Workflow

WORKFLOWS: tuple[Workflow, ...] = (
    institution.WORKFLOW,
    commission.WORKFLOW,
    quality_issue.WORKFLOW,
    check.WORKFLOW,
    rule.WORKFLOW,
    session.WORKFLOW,
)
