"""What waits for the viewer, in a list and in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import strawberry

from domain.party import Viewer
from domain.todo import Todo, TodoCount
from domain.workflows import WORKFLOWS
from graph.context import Info
from graph.publish import Node
from graph.resolvers.node import found
from graph.schema.paging import First, Offset, Paging
from storage.desks import DESKS
from storage.todo import count_todos
from storage.todo import todos as todos_waiting


@dataclass(frozen=True)
class TodoList:
    """The to-dos of one viewer."""

    viewer: Viewer


def todos(root: strawberry.Parent[Viewer]) -> TodoList:
    """待办事项. Everything that waits for the viewer to act, by role and organisation. 手册 第三篇 (manual)."""
    return TodoList(root)


async def counts(root: strawberry.Parent[TodoList], info: Info) -> list[TodoCount]:
    """待办数量. How many wait, by kind of record and status; none where nothing waits."""
    return list(await _counted(info, root.viewer))


async def total_count(root: strawberry.Parent[TodoList], info: Info) -> int:
    """待办总数. How many wait in all."""
    return sum(each.count for each in await _counted(info, root.viewer))


async def nodes(
    root: strawberry.Parent[TodoList], info: Info, first: First = None, offset: Offset = None
) -> list[Todo]:
    """待办列表. What waits: what is due first comes first, then what has waited longest."""
    window = Paging(first, None, None, None, offset).window()
    async with info.context.house.database.reading() as connection:
        return list(
            await todos_waiting(
                connection, DESKS.values(), root.viewer, info.context.today, window.first, window.offset
            )
        )


async def _counted(info: Info, viewer: Viewer) -> Sequence[TodoCount]:
    context = info.context

    async def ask(connection: Any, viewers: Sequence[Viewer]) -> dict[Viewer, Sequence[TodoCount]]:
        return {each: await count_todos(connection, DESKS.values(), each, context.today) for each in viewers}

    return await context.loading.load(ask, viewer, name="todo_counts") or ()


async def subject(root: strawberry.Parent[Todo], info: Info) -> Node | None:
    """相关记录. The record that waits."""
    return await found(info.context, root.subject_type, root.subject_id)


def label(root: Any, info: Info) -> str:
    """名称. Kind of record and status as a person reads them, in the viewer's language."""
    workflow = next(each for each in WORKFLOWS if each.subject == root.subject_type)
    assert workflow.statuses is not None
    language = info.context.language
    return f"{workflow.words.in_(language)} · {workflow.statuses[root.status].label(language)}"
