"""Code tables in public."""

from domain.code import CodeItem
from graph.publish import Attribute, field, publish
from graph.resolvers import code as resolve
from graph.resolvers.code import CodeTable

publish(CodeItem, field(resolve.label), node=False)

publish(CodeTable, Attribute("name", str, "表名. Its name."), field(resolve.items), node=False)

QUERIES = (field(resolve.code_table),)
