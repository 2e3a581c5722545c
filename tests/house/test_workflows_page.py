"""`docs/workflows.md` is the tables, printed: what an officer reads is what the program does."""

from pathlib import Path

from domain.workflow_page import page, rows
from domain.workflows import WORKFLOWS

PAGE = Path(__file__).parents[2] / "docs" / "workflows.md"


def test_the_page_of_workflows_says_what_the_tables_say() -> None:
    printed = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    assert printed == page(WORKFLOWS), (
        "docs/workflows.md differs from the tables: run `make workflows` and read its diff"
    )


def test_the_page_leaves_no_action_condition_or_notice_out() -> None:
    printed = page(WORKFLOWS)
    for workflow in WORKFLOWS:
        for action in workflow.actions:
            assert f"`{workflow.mutation(action)}`" in printed
            for condition in (*action.provided, *action.accepts):
                assert f"{condition.words.zh} / {condition.words.en}" in printed
            for telling in action.tells:
                assert telling.heading.zh.replace("{number}", "…") in printed


def test_every_way_from_status_to_status_is_a_line_of_the_page() -> None:
    for workflow in WORKFLOWS:
        printed = list(rows(workflow))
        for action in workflow.actions:
            own = [row for row in printed if row.action is action]
            assert {status for row in own for status in row.start} == set(action.start)
            assert any(row.creates for row in own) is (action.creates is not None)


def test_two_workflows_never_share_a_name() -> None:
    """Files are the exception: one mutation, written by hand, adds them to records of every kind."""
    actions = [(workflow, action) for workflow in WORKFLOWS for action in workflow.actions]
    own = [workflow.mutation(action) for workflow, action in actions if action.published_as is None]
    assert len(set(own)) == len(own)
    by_hand = [(workflow.subject, action.published_as) for workflow, action in actions if action.published_as]
    assert len(set(by_hand)) == len(by_hand)
    assert not {name for _, name in by_hand} & set(own)
