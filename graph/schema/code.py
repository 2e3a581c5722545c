"""Code tables in public."""

from domain.code import CodeItem
from graph.actions import FromPayload, mutations, payload_type
from graph.guidance import guidance
from graph.publish import Attribute, field, publish
from graph.resolvers import code as resolve
from graph.resolvers.code import CodeTable
from graph.schema.rule import IGNORED, REJECTED, ROWS, UNCHANGED
from storage.code import DESK
from storage.code_import import CodeReport

publish(CodeItem, field(resolve.label), *guidance(DESK), node=False)

publish(
    CodeTable,
    Attribute("name", str, "表名. Its name, as `codeTable` takes it."),
    field(resolve.table_label, name="label"),
    field(resolve.is_kept_by_customs),
    field(resolve.items),
    node=False,
)

publish(
    CodeReport,
    ROWS,
    Attribute("added", int, "新增. How many codes were added."),
    Attribute("amended", int, "修改. How many codes were changed."),
    Attribute("ended", int, "截止. How many codes were given another last day, or none any more."),
    UNCHANGED,
    REJECTED,
    IGNORED,
    node=False,
)

CODES_IMPORT_PAYLOAD = payload_type(
    "CodesImportPayload",
    "What importing codes answers.",
    FromPayload("report", CodeReport | None, "导入结果. What came of the file; null when it was not read."),
)
resolve.codes_import.__annotations__["return"] = CODES_IMPORT_PAYLOAD | None

QUERIES = (field(resolve.code_table), field(resolve.code_tables))
MUTATIONS = (*mutations(DESK), field(resolve.codes_import))
