"""All workflows. Whatever is made from the tables (mutations, the page, the tests' grid) starts from this list."""

from domain import code, institution, notice_workflow, regulation, rule, session
from domain.commission import workflow as commission
from domain.workflow import Workflow

WORKFLOWS: tuple[Workflow, ...] = (
    institution.WORKFLOW,
    commission.WORKFLOW,
    rule.WORKFLOW,
    regulation.WORKFLOW,
    notice_workflow.WORKFLOW,
    code.WORKFLOW,
    session.WORKFLOW,
)
