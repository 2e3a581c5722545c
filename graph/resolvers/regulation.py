"""Which question answers which field of a regulation."""

import strawberry

from domain.regulation import Regulation
from graph.context import Info
from graph.publish import reading
from graph.resolvers.attachment import files


@reading("title_zh", "title_en")
def title(root: strawberry.Parent[Regulation], info: Info) -> str:
    """标题. Its title in the viewer's language; in Chinese where there is no other."""
    return root.title(info.context.language)


@reading("body_zh", "body_en")
def body(root: strawberry.Parent[Regulation], info: Info) -> str:
    """正文. Its text in the viewer's language; in Chinese where there is no other."""
    return root.body(info.context.language)


attachments = files("附件. Its files, which everybody who sees the regulation may download; at most 50.")
