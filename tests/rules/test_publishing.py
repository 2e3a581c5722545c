"""What customs publishes, decided: regulations, notices, codes and the next version of a rule."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain import code as codes
from domain import notice_workflow as notices
from domain import regulation as regulations
from domain import rule as rules
from domain.notice import NoticeAudience
from domain.record import Form
from domain.refusal import RefusalCode
from domain.workflow import Case, Workflow, decide
from tests.rules import desk, scene_code, scene_notice, scene_regulation
from tests.rules.desk import done, refused

OFFICER = desk.CUSTOMS


def decides(workflow: Workflow, action: str, record: Any, form: Form, facts: Any) -> Any:
    """What becomes of an action of an officer of customs."""
    case = Case(record=record, facts=facts, actor=OFFICER, form=form, now=desk.NOW, new_id=uuid4)
    return decide(workflow, workflow[action], case, record=record)


def on_regulation(action: str, form: Form) -> Any:
    record = None if action == "publish" else scene_regulation.regulation()
    return decides(regulations.WORKFLOW, action, record, form, regulations.RegulationFacts())


def on_notice(action: str, form: Form, **changed: Any) -> Any:
    return decides(notices.WORKFLOW, action, scene_notice.notice(**changed), form, notices.NoticeFacts())


def on_code(action: str, form: Form, record: Any = None, *others: codes.CodeItem) -> Any:
    here = (record,) if record is not None else ()
    return decides(codes.WORKFLOW, action, record, form, scene_code.table(*here, *others))


def test_a_regulation_is_issued_today_at_the_latest() -> None:
    done(on_regulation("publish", scene_regulation.written(published_on=desk.TODAY)))
    tomorrow = desk.TODAY + timedelta(days=1)
    for action in ("publish", "amend"):
        assert refused(on_regulation(action, scene_regulation.written(published_on=tomorrow))) == [
            (RefusalCode.DATE_IN_FUTURE, ("published_on",))
        ]


def test_an_amendment_keeps_what_is_absent_and_clears_what_may_be_empty() -> None:
    after = done(on_regulation("amend", regulations.RegulationForm.of(title_en=None, title_zh="改"))).after
    assert (after.title_zh, after.title_en, after.body_zh) == ("改", None, "摘要")
    cleared = on_regulation("amend", regulations.RegulationForm.of(title_zh="", body_zh=None))
    assert refused(cleared)[:2] == [(RefusalCode.REQUIRED, ("title_zh",)), (RefusalCode.REQUIRED, ("body_zh",))]
    same = on_regulation("amend", regulations.RegulationForm.of(body_zh="摘要"))
    assert refused(same) == [(RefusalCode.NOTHING_CHANGED, None)]
    assert refused(on_regulation("amend", regulations.RegulationForm())) == [(RefusalCode.NOTHING_CHANGED, None)]


def test_each_change_of_what_a_notice_says_is_a_new_edition_and_pinning_is_none() -> None:
    amended = done(on_notice("amend", notices.NoticeForm.of(body_zh="改期"))).after
    assert (amended.edition, amended.amended_at, amended.published_at) == (2, desk.NOW, desk.NOW)
    pinned = done(on_notice("pin", Form())).after
    assert (pinned.edition, pinned.amended_at, pinned.is_pinned) == (1, None, True)
    made = decides(notices.WORKFLOW, "publish", None, scene_notice.written(), notices.NoticeFacts())
    assert (done(made).after.edition, done(made).after.audience) == (1, NoticeAudience.INSTITUTION)


@pytest.mark.parametrize("action", ["amend", "pin", "withdraw", "attach"])
def test_what_a_workflow_sent_cannot_be_changed(action: str) -> None:
    forms: dict[str, Form] = {"amend": notices.NoticeForm.of(body_zh="改期"), "attach": desk.A_FILE}
    sent = on_notice(action, forms.get(action, Form()), audience=None, organisation_id=uuid4(), version=0, edition=0)
    assert refused(sent) == [(RefusalCode.NOT_CHANGEABLE, None)]


def test_a_new_code_comes_last_unless_it_says_where() -> None:
    assert done(on_code("add", scene_code.written(), None, scene_code.item("007"))).after.position == 8
    assert done(on_code("add", scene_code.written())).after.position == 0
    assert done(on_code("add", scene_code.written(position=3), None, scene_code.item("007"))).after.position == 3


def test_a_code_stands_once_in_its_table() -> None:
    twice = on_code("add", scene_code.written(code="007"), None, scene_code.item("007"))
    assert refused(twice) == [(RefusalCode.DUPLICATE, ("code",))]


def test_no_code_belongs_to_itself_however_far_around() -> None:
    top, middle, low = (
        scene_code.item("001"),
        scene_code.item("002", parent="001"),
        scene_code.item("003", parent="002"),
    )
    for parent in ("001", "002", "003"):
        around = on_code("amend", codes.CodeAmendForm.of(parent=parent), top, middle, low)
        assert refused(around) == [(RefusalCode.UNKNOWN_CODE, ("parent",))]
    assert done(on_code("amend", codes.CodeAmendForm.of(parent="001"), low, top, middle)).after.parent == "001"
    assert done(on_code("amend", codes.CodeAmendForm.of(parent=None), low, top, middle)).after.parent is None


def test_a_code_ends_no_earlier_than_it_begins() -> None:
    item = scene_code.item("001", valid_from=date(2026, 5, 1))
    early = on_code("end", codes.CodeEndForm.of(valid_to=date(2026, 4, 30)), item)
    assert refused(early) == [(RefusalCode.DATES_OUT_OF_ORDER, ("valid_to",))]
    ended = done(on_code("end", codes.CodeEndForm.of(valid_to=date(2026, 5, 1)), item)).after
    late = on_code("amend", codes.CodeAmendForm.of(valid_from=date(2026, 5, 2)), ended)
    assert refused(late) == [(RefusalCode.DATES_OUT_OF_ORDER, ("valid_from",))]
    assert done(on_code("resume", Form(), ended)).after.valid_to is None


def test_the_entries_of_an_enumeration_cannot_be_changed() -> None:
    member = scene_code.item("001", table_name="ROLE", version=0)
    for action, form in (
        ("amend", codes.CodeAmendForm.of(label_zh="新")),
        ("end", codes.CodeEndForm.of(valid_to=desk.TODAY)),
    ):
        assert refused(on_code(action, form, member)) == [(RefusalCode.NOT_CHANGEABLE, None)]


def test_a_flag_that_is_set_takes_the_place_of_the_others() -> None:
    former = desk.RULES[desk.LOADER]
    form = rules.RuleReplaceForm.of(import_prohibited=True, valid_from=date(2027, 1, 1))
    following = rules.next_version(former, form)
    assert (following.inspection_required, following.import_prohibited) == (False, True)
    assert (following.hs_code, following.measure, following.valid_from) == (
        desk.LOADER,
        former.measure,
        date(2027, 1, 1),
    )


def test_the_version_before_ends_on_the_eve_of_the_next() -> None:
    former = desk.RULES[desk.LOADER]
    form = rules.RuleReplaceForm.of(measure="免检", valid_from=date(2027, 1, 1))
    after = done(decides(rules.WORKFLOW, "replace", former, form, rules.RuleFacts())).after
    assert (after.valid_to, after.status, after.measure) == (date(2026, 12, 31), rules.RuleStatus.ENDED, former.measure)


def test_two_versions_differ_in_what_they_say_and_not_in_when() -> None:
    former = desk.RULES[desk.LOADER]
    later = replace(former, id=uuid4(), measure="免检", inspection_required=False, valid_from=date(2027, 1, 1))
    assert [(each.field, each.before, each.after) for each in rules.differences(former, later)] == [
        ("inspection_required", "true", "false"),
        ("measure", "装运前检验", "免检"),
    ]
