"""Which question answers which field of the rules, and their import from a file."""

from datetime import date
from typing import Annotated

import strawberry

from domain.rule import Rule, RuleDifference
from domain.rule import differences as differences_between
from graph.actions import Payload, not_done
from graph.context import Info
from graph.imports import content_of, refused
from graph.relation import related
from graph.schema.scalars import Upload
from graph.seen import asking_once
from storage.rule import DESK, RULES, VERSIONS, versions_of
from storage.rule import rule as rule_seen
from storage.rule_import import import_rules
from storage.sheet import RejectedRow


@asking_once
async def rule(
    info: Info,
    hs_code: Annotated[str, strawberry.argument(description="HS编码. Ten digits.")],
    on: Annotated[
        date | None, strawberry.argument(description="日期. As of this day; absent for today in China.")
    ] = None,
) -> Rule | None:
    """某日适用的规则. What applied to one HS code on a day; null where no rule named it."""
    info.context.needs(RULES.scope)
    return await info.context.one(rule_seen(info.context.viewer, hs_code, on or info.context.today))


history = related(
    VERSIONS,
    "hs_code",
    name="history",
    words="历次版本. Every version that there ever was for this HS code, the oldest first, those to come included.",
)


async def differences(root: strawberry.Parent[Rule], info: Info) -> list[RuleDifference]:
    """与上一版本的差异. What this version says otherwise than the one before it; empty for the first."""
    versions = await info.context.loading.load(versions_of, root.hs_code) or []
    before = [each for each in versions if (each.valid_from, each.id) < (root.valid_from, root.id)]
    return differences_between(before[-1], root) if before else []


@strawberry.input(description="导入规则. A CSV file of rules.")
class RulesImportInput:
    """Sent as a GraphQL multipart request."""

    file: Upload = strawberry.field(
        description="文件. CSV in UTF-8 or GB18030, headings in the first line, at most 2 MiB."
    )
    partial: bool = strawberry.field(
        description="部分导入. Import the good rows even where others are rejected.", default=False
    )


async def rules_import(info: Info, input: RulesImportInput) -> Payload:
    """导入规则. Announce what is new in a file and supersede what differs; what says the same changes nothing. Unless
    `partial`, one rejected row means that nothing is written. By customs. 手册 1.2 (manual)."""
    context = info.context
    refusals = refused(context, DESK, "announce", input.file)
    if refusals:
        return not_done(context, *refusals)
    file = await content_of(context, input.file)
    report = await import_rules(context.house.door, file, actor=context.viewer, partial=input.partial)
    context.forget()
    return Payload(None, [], {"report": report})


def message(root: strawberry.Parent[RejectedRow], info: Info) -> str:
    """原因. What would be right, in the viewer's language."""
    return root.words.in_(info.context.language)
