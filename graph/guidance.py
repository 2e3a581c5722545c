"""What a screen needs to guide its user: which actions a record allows, which fields it has, what a form asks for.

All of it is data of the tables and records themselves, so no client keeps a second list of what is required.
"""

from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from domain.language import Language
from domain.record import Field, fields_of, says
from domain.workflow import Action, out_of_place
from domain.workflows import WORKFLOWS
from graph.actions import AvailableAction, available_actions_of
from graph.context import Info
from graph.publish import field, publish, type_name
from storage.desk import Desk


@dataclass(frozen=True, kw_only=True)
class FieldInfo:
    """One field of a record or form, as a screen shows it."""

    name: Annotated[str, says("字段", "Its name in inputs and answers.")]
    label: Annotated[str, says("名称", "What a person reads beside it, in the viewer's language.")]
    hint: Annotated[str, says("说明", "What may be filled in, in the viewer's language; empty where all is said.")]
    required: Annotated[bool, says("必填", "Whether it must be filled on submission; a draft may lack it.")]
    editable: Annotated[bool, says("可编辑", "Whether the viewer may change it in the record's present status.")]
    code_table: Annotated[str | None, says("参数表", "The code table to choose from, if it is a code.")] = None
    length_max: Annotated[int | None, says("最大长度", "The most characters that it holds, if it is text.")] = None
    decimal_places_max: Annotated[int | None, says("小数位数", "The most decimal places, if it is a decimal.")] = None
    rows: tuple[Any, ...] = ()


def rows_of(root: strawberry.Parent[FieldInfo]) -> list[FieldInfo]:
    """明细字段. The fields of each row, where it is a list of rows; else none."""
    return list(root.rows)


publish(FieldInfo, field(rows_of, name="fields"), node=False)


@dataclass(frozen=True, kw_only=True)
class ActionForm:
    """What an action asks for."""

    action: Annotated[str, says("操作", "Name of the mutation.")]
    label: Annotated[str, says("名称", "What a button says, in the viewer's language.")]
    fields: Annotated[tuple[FieldInfo, ...], says("字段", "Everything that may be filled in, in order.")]


publish(ActionForm, node=False)


def action_form(
    info: Info,
    action: Annotated[str, strawberry.argument(description="操作. Name of a mutation, as commissionSaveDraft.")],
) -> ActionForm | None:
    """表单字段. What a mutation asks for, whoever may take it; null where there is none of this name."""
    found = _ACTIONS.get(action)
    if found is None:
        return None
    language = info.context.language
    return ActionForm(
        action=action,
        label=found.words.zh if language is Language.ZH else found.words.en,
        fields=tuple(_shown(each, language, editable=True) for each in _published(found.form).values()),
    )


def guidance(desk: Desk[Any]) -> tuple[StrawberryField, ...]:
    """What every record of a desk tells about itself: `availableActions` and `fields`."""
    return _available_actions(desk), _fields(desk)


def _available_actions(desk: Desk[Any]) -> StrawberryField:
    async def resolve(root: Any, info: Info) -> list[AvailableAction]:
        return await available_actions_of(desk, root, info.context)

    subject = type_name(desk.workflow.record).replace("_", " ")
    resolve.__doc__ = f"可办理的操作. Every action on this {subject}, allowed or with all that stands in the way."
    return field(resolve, name="available_actions")


def _fields(desk: Desk[Any]) -> StrawberryField:
    saving = [action for action in desk.workflow.actions if action.start and action.to is None]
    lists = {name: each for action in saving for name, each in _published(action.form).items() if each.item is not None}
    known = {**_published(desk.workflow.record), **lists}

    def resolve(root: Any, info: Info) -> list[FieldInfo]:
        viewer, language = info.context.viewer, info.context.language
        editable = {
            name for action in saving if out_of_place(action, root, viewer) is None for name in _published(action.form)
        }
        return [_shown(each, language, editable=name in editable) for name, each in known.items()]

    resolve.__doc__ = "字段. Every field with its label, and whether it is required and may be edited now."
    return field(resolve, name="fields")


_ACTIONS: Mapping[str, Action] = {
    workflow.mutation(action): action
    for workflow in WORKFLOWS
    for action in workflow.actions
    if action.published_as is None and not action.is_the_products_own
}


def _published(record: type[Any]) -> Mapping[str, Field]:
    return {name: each for name, each in fields_of(record).items() if each.says is not None and name != "id"}


def _shown(each: Field, language: Language, *, editable: bool) -> FieldInfo:
    assert each.says is not None
    rows = _published(each.item) if each.item is not None and is_dataclass(each.item) else {}
    chinese = language is Language.ZH
    return FieldInfo(
        name=to_camel_case(each.name),
        label=each.says.zh if chinese else each.name.removesuffix("_id").replace("_", " ").capitalize(),
        hint=_hint(each) if chinese else each.says.en,
        required=each.is_required,
        editable=editable,
        code_table=each.code_table,
        length_max=_length_max(each),
        decimal_places_max=next((mark.places for mark in each.formats if mark.places is not None), None),
        rows=tuple(_shown(row, language, editable=editable) for row in rows.values()),
    )


def _length_max(each: Field) -> int | None:
    return next((mark.text_max for mark in each.formats if mark.text_max is not None), None)


def _hint(each: Field) -> str:
    """The Chinese hint is made from the marks, since the words beside the term are English."""
    said = []
    if each.code_table is not None:
        said.append("请从下拉列表中选择")
    elif (length := _length_max(each)) is not None:
        said.append(f"最多{length}个字符")
    said += [f"最多{mark.places}位小数" for mark in each.formats if mark.places is not None]
    return "，".join(said)
