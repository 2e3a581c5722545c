"""Whatever people do to a commission, in whatever order and however they fill the forms: the table holds."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.attachment import Attachment, DetachForm
from domain.certificate import Certificate
from domain.commission.record import (
    Commission,
    CommissionDraft,
    CommissionFacts,
    CommissionStatus,
    CompleteForm,
    GoodsLine,
    GoodsLineDraft,
    MoveForm,
    ReturnForm,
)
from domain.commission.workflow import WORKFLOW
from domain.institution import InstitutionStatus
from domain.party import ANONYMOUS, THE_PRODUCT, Role, Viewer
from domain.record import Form, fields_of, plain
from domain.workflow import Action, Decided, decide, unmet
from tests.rules import desk

ALL_SIDES = [desk.ENTERPRISE, desk.INSTITUTION, desk.OTHER_INSTITUTION]
PEOPLE = [
    *ALL_SIDES,
    desk.OTHER_ENTERPRISE,
    desk.CUSTOMS,
    desk.with_role(desk.ENTERPRISE, Role.VIEWER),
    ANONYMOUS,
    THE_PRODUCT,
]
FORWARD = [action for action in WORKFLOW.actions if action.name not in {"cancel", "withdraw"}]
MOSTLY = st.sampled_from([True] * 6 + [False])

texts = st.none() | st.text(max_size=20) | st.sampled_from(["021-58300001", "a@b.com", "13800138000", "货" * 301])
numbers = st.none() | st.decimals() | st.sampled_from([Decimal("0.1"), Decimal(3), Decimal("-0"), Decimal("1E+30")])
days = st.none() | st.dates(date(2026, 11, 1), date(2026, 12, 31))
hs_codes = st.none() | st.sampled_from([*desk.RULES, "9999999999", "84295"])
units = st.none() | st.sampled_from(["001", "035", "999", ""])


@dataclass(frozen=True)
class World:
    """The commission and all that lies beside it."""

    record: Commission | None = None
    facts: CommissionFacts = field(default_factory=CommissionFacts)


def scribbled(kind: type[Form], values: dict[str, st.SearchStrategy[Any]], draw: Any) -> Any:
    """A form of which some fields are filled, rightly or wrongly."""
    names = draw(st.sets(st.sampled_from(sorted(values))))
    return kind.of(**{name: draw(values[name]) for name in names})


def a_draft(world: World, draw: Any) -> Any:
    """A draft as somebody might type it: mostly well, with a line or two, now and then nonsense."""
    if draw(MOSTLY):
        ids = [line.id for line in world.facts.lines[: draw(st.integers(0, 2))]]
        lines = (
            *(desk.filled_line(id=line_id) for line_id in ids),
            desk.filled_line(hs_code=draw(st.sampled_from([desk.EXCAVATOR, desk.DRYER]))),
        )
        return desk.filled_draft(*lines)
    known = [*(line.id for line in world.facts.lines), uuid4(), None]
    of_a_line: dict[str, st.SearchStrategy[Any]] = {
        "id": st.sampled_from(known), "product_name": texts, "hs_code": hs_codes, "manufactured_on": days,
        "quantity": numbers, "amount": numbers, "unit": units, "running_hours": st.none() | st.integers(),
    }  # fmt: skip
    lines = tuple(scribbled(GoodsLineDraft, of_a_line, draw) for _ in range(draw(st.integers(0, 3))))
    names = [name for name in fields_of(CommissionDraft) if name not in {"goods_lines", "institution_id"}]
    of_the_draft: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(names, texts)
    return scribbled(CommissionDraft, of_the_draft | {"goods_lines": st.just(lines)}, draw)


def a_form(action: str, actor: Any, world: World, draw: Any) -> Form:
    """What somebody fills in for this action."""
    if action == "save_draft":
        made: Form = a_draft(world, draw)
        return made
    if draw(MOSTLY):
        return desk.form_for(action, actor, world.facts)
    forms: dict[str, Form] = {
        "return": ReturnForm.of(reason=draw(texts)),
        "complete": CompleteForm.of(certificate_number=draw(texts), valid_until=draw(days)),
        "move": MoveForm.of(institution_id=draw(st.none() | st.uuids())),
        "attach": replace(desk.A_FILE, size_bytes=draw(st.integers(0, 3)), media_type=draw(texts)),
        "detach": DetachForm(attachment_id=draw(st.sampled_from([a.id for a in world.facts.attachments] or [uuid4()]))),
    }
    return forms.get(action, Form())


def what_is_known(action: Action, world: World, draw: Any) -> CommissionFacts:
    """The facts at this moment: institutions come and go under dispositions, rules are made and ended."""
    ours, other, rules, taken = InstitutionStatus.NORMAL, InstitutionStatus.NORMAL, desk.RULES, False
    if action.name == "move":
        ours = InstitutionStatus.REVOKED
    if not draw(MOSTLY):
        ours, other = draw(st.sampled_from(InstitutionStatus)), draw(st.sampled_from(InstitutionStatus))
        rules, taken = draw(st.sampled_from([desk.RULES, {}])), draw(st.booleans())
    return replace(
        world.facts,
        institution=desk.institution(desk.INSTITUTION, ours),
        commissioned=desk.institution(desk.INSTITUTION, ours),
        named=desk.institution(desk.OTHER_INSTITUTION, other),
        rules=rules,
        known_codes=desk.CODES,
        certificate_is_taken=taken,
    )


def who_does_what(world: World, draw: Any) -> tuple[Action, Viewer]:
    """Mostly something that the present status allows, by the side whose turn it is; else anything by anybody."""
    if not draw(MOSTLY):
        return draw(st.sampled_from(WORKFLOW.actions)), draw(st.sampled_from(PEOPLE))
    status = world.record.status if world.record is not None else None
    turns = [
        (action, actor)
        for action in FORWARD
        for actor in ALL_SIDES
        if action.takes_place_in(status) and any(party.includes(actor, world.record) for party in action.by)
    ]
    return draw(st.sampled_from(turns or [(WORKFLOW["submit"], desk.ENTERPRISE)]))  # type: ignore[no-any-return]


def afterwards(world: World, decided: Decided[Any]) -> World:
    """What lies there once the decision is written."""
    effect = decided.effect
    lines: Any = effect.replaces.get(GoodsLine, world.facts.lines)
    files = [each for each in world.facts.attachments if each not in effect.removes]
    added = [each for each in effect.adds if isinstance(each, Attachment)]
    issued = [each for each in effect.adds if isinstance(each, Certificate)]
    return World(
        decided.after,
        replace(
            world.facts,
            lines=lines,
            attachments=(*files, *added),
            certificates=(*world.facts.certificates, *issued),
        ),
    )


def holds(world: World) -> None:
    """What is true of a commission at any time."""
    record, lines = world.record, world.facts.lines
    assert record is not None
    assert isinstance(record.status, CommissionStatus)
    assert [line.line_number for line in lines] == list(range(1, len(lines) + 1))
    assert len({line.id for line in lines}) == len(lines)
    assert record.total_quantity == sum(line.quantity or 0 for line in lines)
    assert record.total_amount == sum(line.amount or 0 for line in lines)
    assert len(world.facts.certificates) == (record.status is CommissionStatus.COMPLETED)
    if record.status in {CommissionStatus.PENDING, CommissionStatus.IN_PROGRESS, CommissionStatus.COMPLETED}:
        assert record.submitted_to_id is not None
        assert lines
        assert not any(line.import_prohibited for line in lines)
    if record.status is CommissionStatus.SUPPLEMENT_REQUIRED:
        assert record.return_reason
    plain(record)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_no_sequence_of_actions_breaks_a_commission(data: st.DataObject) -> None:
    draw, world, taken = data.draw, World(), 0
    for step in range(draw(st.integers(4, 20))):
        now = desk.NOW + timedelta(hours=step)
        action, actor = who_does_what(world, draw)
        facts = what_is_known(action, world, draw)
        case = desk.on_desk(world.record, actor, a_form(action.name, actor, world, draw), facts, now)

        shown = unmet(action, case, record=world.record)
        decided = decide(WORKFLOW, action, case, record=world.record)

        if isinstance(decided, Decided):
            assert shown == ()
            assert decided.status_before is (world.record.status if world.record is not None else None)
            world, taken = afterwards(world, decided), taken + 1
        else:
            assert decided
            assert all(each.words.zh and each.words.en for each in decided)
        if world.record is not None:
            assert world.record.version == taken
            holds(world)
