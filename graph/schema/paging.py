"""Lists: connections with `nodes` and `edges`, keyset cursors, and `offset` for the manual's numbered pages."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Generic, TypeVar, cast

import strawberry

from domain.record import Part
from graph.context import Context, Info
from graph.errors import ErrorCode, PublicError
from storage.shelf import OFFSET_MAX, PAGE_DEFAULT, PAGE_MAX, Order, Page, Seen, Window

T = TypeVar("T", bound=Part)
F = TypeVar("F", bound=Callable[..., Any])


def described(description: str) -> Callable[[F], F]:
    """`strawberry.field` for a method, typed: the method keeps its type."""

    def field(method: F) -> F:
        return cast("F", strawberry.field(method, description=description))

    return field


@strawberry.enum(description="排序方向. In which direction a list is sorted.")
class OrderDirection(Enum):
    """In which direction a list is sorted."""

    ASC = strawberry.enum_value("ASC", description="升序. Smallest or earliest first.")
    DESC = strawberry.enum_value("DESC", description="降序. Largest or latest first.")


@strawberry.type(description="分页信息. Where a page stands in its list.")
class PageInfo:
    """As the Relay cursor connections specification has it."""

    has_next_page: bool = strawberry.field(description="后面还有. Whether more follow.")
    has_previous_page: bool = strawberry.field(description="前面还有. Whether there are some before.")
    start_cursor: str | None = strawberry.field(description="首条游标. Cursor of the first node of this page.")
    end_cursor: str | None = strawberry.field(description="末条游标. Cursor of the last node of this page.")


@strawberry.type(description="列表中的一条. One node of a list, with the cursor that it stands at.")
class Edge(Generic[T]):
    """As the Relay cursor connections specification has it."""

    cursor: str = strawberry.field(description="游标. Give it as `after` or `before` to go on from here.")
    node: T = strawberry.field(description="记录. The record itself.")


@strawberry.type(description="列表的一页. One page of a list.")
class Connection(Generic[T]):
    """As the Relay cursor connections specification has it, with `nodes` and `totalCount` besides."""

    page: strawberry.Private[Page[Any]]
    seen: strawberry.Private[Seen[Any]]

    @described("本页记录. The records of this page, in the list's order.")
    def nodes(self) -> list[T]:
        return list(self.page.nodes)

    @described("本页记录及游标. The records of this page with their cursors.")
    def edges(self) -> list[Edge[T]]:
        return [Edge(cursor=self.page.cursor(node), node=node) for node in self.page.nodes]

    @described("分页信息. Where this page stands in the list.")
    def page_info(self) -> PageInfo:
        nodes = self.page.nodes
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.page.has_previous,
            start_cursor=self.page.cursor(nodes[0]) if nodes else None,
            end_cursor=self.page.cursor(nodes[-1]) if nodes else None,
        )

    @described("总记录数. How many records the whole list has; counted only when asked for.")
    async def total_count(self, info: Info) -> int:
        return await info.context.count(self.seen)


First = Annotated[
    int | None,
    strawberry.argument(description=f"每页条数. So many from the start: 0 to {PAGE_MAX}; {PAGE_DEFAULT} when absent."),
]
After = Annotated[str | None, strawberry.argument(description="Only what follows this cursor.")]
Last = Annotated[
    int | None, strawberry.argument(description=f"So many from the end: 0 to {PAGE_MAX}. Not with `first`.")
]
Before = Annotated[str | None, strawberry.argument(description="Only what precedes this cursor.")]
Offset = Annotated[
    int | None,
    strawberry.argument(
        description=f"跳过条数. Skip so many, for numbered pages: 0 to {OFFSET_MAX}. Not with cursors."
    ),
]


@dataclass(frozen=True)
class Paging:
    """The paging arguments of one list, as they came."""

    first: int | None
    after: str | None
    last: int | None
    before: str | None
    offset: int | None

    def window(self) -> Window:
        """The part of the list that is wanted. Raises BAD_USER_INPUT where the arguments do not go together."""
        for name, value, most in (
            ("first", self.first, PAGE_MAX),
            ("last", self.last, PAGE_MAX),
            ("offset", self.offset, OFFSET_MAX),
        ):
            if value is not None and not 0 <= value <= most:
                raise _refused(f"{name} 须在 0 与 {most} 之间。", f"{name} must lie between 0 and {most}.")
        if self.first is not None and self.last is not None:
            raise _refused("first 与 last 不能同时使用。", "Give first or last, not both.")
        if self.offset and (self.after or self.before or self.last is not None):
            raise _refused("offset 只能与 first 同用。", "offset goes with first alone, not with cursors.")
        return Window(
            first=PAGE_DEFAULT if self.first is None else self.first,
            last=self.last,
            after=self.after,
            before=self.before,
            offset=self.offset or 0,
        )


def _refused(zh: str, en: str) -> PublicError:
    return PublicError(ErrorCode.BAD_USER_INPUT, zh=zh, en=en)


async def connection_of(context: Context, seen: Seen[T], order: Order, paging: Paging) -> Connection[T]:
    """The page that was asked for, of what the viewer may see."""
    page = await context.page(seen, order, paging.window())
    return Connection(page=page, seen=seen)


def descending(direction: OrderDirection | None) -> bool:
    """Whether a list runs downwards, as it does where nobody asked for a direction."""
    return direction is not OrderDirection.ASC
