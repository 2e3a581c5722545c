"""What each field costs by itself, in points of at most a millisecond, and how long each bounded list is expected.

What is not named here weighs by its kind: read off its record, computed, or asked of the database. A list of objects
has no kind: the house tests want the expected length of each.
"""

from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLField, get_named_type, is_leaf_type, is_object_type

ATTRIBUTE: Final = 0.01
COMPUTED: Final = 0.04
ASKED: Final = 0.2
"""A loader's part for one record: most of it is waiting for its turn."""
ITEM: Final = 0.03
"""One more object, its row read and its fields begun."""
INTROSPECTED: Final = 0.36
"""What the schema says of itself counts by so much: most of it is absent, such as types within types."""
PAGE: Final = 10.0
"""One page of a list: a statement or two."""
ROOT: Final = 5.0
MUTATION: Final = 20.0
BROUGHT: Final = 0.03
"""One value in the variables of a mutation: read, weighed and written."""

WEIGHTS: Final[dict[str, float]] = {
    "Query.statistics": 1.0,
    "CommissionStatistics.rows": 10.0,
    "CommissionStatistics.total": 10.0,
    "RecordStatistics.rows": 10.0,
    "RecordStatistics.total": 10.0,
    "Mutation.rulesImport": 900.0,
    "Mutation.codesImport": 500.0,
    "Commission.availableActions": 5.0,
    "Commission.goodsLines": 4.0,
    "Filing.availableActions": 5.0,
    "Filing.equipment": 4.0,
    "RegisterVerdict.flaws": 1.0,
    "Query.registerVerify": 50.0,
}
"""Fields that cost more than their kind: the facts of a commission hold all its goods lines."""

ACTIONS: Final = 1.0
FIELDS: Final = 0.6
STATISTICS: Final = 1.0
TOTAL: Final = 20.0
"""Counting goes through all that the viewer may see."""


@dataclass(frozen=True)
class Scan:
    """What a field costs beside its weight in an installation of REFERENCE commissions, as it goes through all that is
    there; in a smaller one as much less. Where an argument is named, only where that names one of `names`."""

    points: float
    argument: str = ""
    names: frozenset[str] = frozenset()


REFERENCE: Final = 100_000
"""Commissions. In larger installations scans cost no more points than at this size, or none could be asked for."""

_NAMES: Final = {"enterpriseName", "consigneeName"}
_CODES: Final = {"entryCustoms", "domesticDestination", "productUse", "country", "hsChapter"}
_NOT_INDEXED: Final = frozenset(_NAMES | _CODES | {"commissionedFrom", "commissionedTo"})
SCANS: Final[dict[str, Scan]] = {
    "Query.commissions": Scan(400, "filter", _NOT_INDEXED),
    "Query.notices": Scan(400, "filter", frozenset({"title", "type"})),
    "NoticeConnection.totalCount": Scan(100),
    "CertificateConnection.totalCount": Scan(60),
    "Statistics.commissions": Scan(500, "by", frozenset({"HS_CHAPTER"})),
    "Statistics.notices": Scan(200),
    "CommissionStatistics.rows": Scan(250),
    "CommissionStatistics.total": Scan(250),
}
"""Measured on SQLite; PostgreSQL takes less."""

LENGTHS: Final[dict[str, int]] = {
    "__Schema.types": 400,
    "__Schema.directives": 8,
    "__Type.fields": 3,
    "__Type.interfaces": 1,
    "__Type.possibleTypes": 1,
    "__Type.enumValues": 1,
    "__Type.inputFields": 2,
    "__Field.args": 1,
    "__Directive.args": 1,
    "Query.codeTables": 45,
    "Query.certificateFacts": 2,
    "ActionForm.fields": 30,
    "FieldInfo.fields": 1,
    "Viewer.delegatedBy": 2,
    "Viewer.colleagues": 20,
    "Viewer.cards": 3,
    "Viewer.passkeys": 3,
    "TodoList.counts": 10,
    "AvailableAction.refusals": 2,
    "Institution.dispositions": 3,
    "InstitutionHint.refusals": 1,
    "Filing.signatories": 5,
    "Filing.departments": 10,
    "Filing.equipment": 20,
    "Filing.qualityCertificates": 3,
    "Filing.pastInspections": 10,
    "Filing.changes": 3,
    "FilingChange.changes": 5,
    "Disposition.submissions": 3,
    "Disposition.reviews": 3,
    "Recognition.reasons": 1,
    "Rule.history": 5,
    "Rule.differences": 5,
    "CodeTable.items": 50,
    "Commission.goodsLines": 20,
    "QualityIssue.replies": 3,
    "QualityIssue.questions": 3,
    "Check.submissions": 3,
    "Check.reviews": 3,
    "Notice.deliveries": 10,
    "AnnualReport.byCountry": 20,
    "CommissionStatistics.rows": 200,
    "CommissionFigures.keys": 2,
    "RecordStatistics.rows": 200,
    "RecordFigures.keys": 2,
    "RegisterVerdict.flaws": 1,
    "AttachmentsUploadPayload.attachments": 10,
    "AnnualReportStartPayload.annualReports": 100,
    "NoticeMarkReadPayload.notices": 100,
    "RuleReport.rejected": 10,
    "CodeReport.rejected": 10,
}
"""How many a bounded list holds on an ordinary day; the most that it may hold stands in its description."""

LENGTHS_BY_NAME: Final[dict[str, int]] = {"availableActions": 10, "fields": 30, "attachments": 3, "userErrors": 2}
"""The same for lists that many types have."""

PAGED: Final = {"TodoList": "nodes", "RegistryChanges": "changes"}
"""Lists that are as long as the page that was asked for, beside the nodes and edges of connections."""


def weight_of(parent: str, name: str, field: GraphQLField) -> float:
    """The points of one field, without what is selected below it."""
    if (named := WEIGHTS.get(f"{parent}.{name}")) is not None:
        return named
    if parent.startswith("__"):
        return ATTRIBUTE * INTROSPECTED
    if parent == "Mutation":
        return MUTATION
    if parent == "Statistics":
        return STATISTICS
    if name == "totalCount":
        return TOTAL
    if name == "availableActions":
        return ACTIONS
    if name == "fields" and parent != "FieldInfo":
        return FIELDS
    if "first" in field.args or "ids" in field.args:
        return PAGE
    resolver = getattr(field.extensions.get("strawberry-definition"), "base_resolver", None)
    if resolver is None:
        return ATTRIBUTE
    if parent == "Query" and not is_leaf_type(get_named_type(field.type)):
        return ROOT
    return ASKED if resolver.is_async else COMPUTED


def item_of(type_name: str) -> float:
    """The points of one object of this type, without its fields."""
    return ITEM * INTROSPECTED if type_name.startswith("__") else ITEM


def length_of(parent: str, name: str) -> int | None:
    """How many a bounded list is expected to hold; None where the field is no such list."""
    named = LENGTHS.get(f"{parent}.{name}")
    return LENGTHS_BY_NAME.get(name) if named is None and not parent.startswith("__") else named


def paged_by(parent: Any, name: str) -> bool:
    """Whether this field of its parent is as long as the page that the parent is."""
    if not is_object_type(parent):
        return False
    is_connection = parent.name.endswith("Connection") and name in ("nodes", "edges")
    return is_connection or PAGED.get(parent.name) == name
