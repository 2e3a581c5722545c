"""What is asked: the texts and variables of the screens' questions, and who asks.

PostGraphile has names of its own, so it is asked in them, with aliases that make its answers look like the others'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.contenders.load import World
from benchmarks.lists import NESTED_LIST
from benchmarks.serving import CUSTOMS, ENTERPRISE, INSTITUTION

COMMISSION_LIST = NESTED_LIST

CUSTOMS_LIST = """query Page($first: Int!) { commissions(first: $first) {
  nodes { id number status enterpriseName totalAmount commissionedAt
    goodsLines { lineNumber productName hsCode quantity unit amount }
    institution { id name filingNumber } }
  pageInfo { hasNextPage endCursor } } }"""

COMMISSION = """query One($number: String!) { commission(by: {number: $number}) {
  id version number status enterpriseName contactPhone contactMobile contactEmail contactAddress consigneeName
  productUse goodsLocation domesticDestination destinationPort destinationCustoms entryCustoms remarks
  totalQuantity totalAmount unitsMixed returnReason commissionedAt submittedAt acceptedAt completedAt
  institution { id name filingNumber status country registeredPlace contactName contactPhone contactEmail }
  goodsLines { id lineNumber productName model hsCode manufacturedOn quantity unit amount brand engineNumber
    chassisNumber runningHours inspectionRequired inspectionExempt importProhibited }
  attachments { id name sizeBytes mediaType kind sha256 uploadedAt }
  certificate { id number issuedOn validUntil signatory conclusion status } } }"""

NOTICES = """{ notices(first: 20) {
  nodes { id type title isPinned publishedAt readAt }
  pageInfo { hasNextPage endCursor } }
  viewer { unreadCount } }"""

REGISTRY = """query Registry($name: String!) { institutions(first: 20, filter: {name: $name}) {
  nodes { id filingNumber nameZh nameEn registeredPlace country status dispositionEndsOn filedAt }
  pageInfo { hasNextPage endCursor } } }"""

RULE = """query Rule($hsCode: String!, $on: Date!) { rule(hsCode: $hsCode, on: $on) {
  id hsCode nameZh nameEn inspectionRequired inspectionExempt importProhibited measure legalBasis
  validFrom validTo } }"""

ACCEPT = """mutation Accept($id: ID!) { commissionAccept(input: {id: $id}) {
  commission { id version status acceptedAt } userErrors { code message field } } }"""

_POSTGRAPHILE_LIST = """commissions: seenCommissions(first: %s) {
  nodes { id: rowId number status enterpriseName totalAmount commissionedAt
    goodsLines: goodsLinesByCommissionIdList(orderBy: LINE_NUMBER_ASC) {
      lineNumber productName hsCode quantity unit amount }
    institution: institutionByInstitutionId { id: rowId name: nameZh filingNumber } }
  pageInfo { hasNextPage endCursor } }"""

POSTGRAPHILE = {
    COMMISSION_LIST: "query Page { " + _POSTGRAPHILE_LIST % "20" + " }",
    CUSTOMS_LIST: "query Page($first: Int!) { " + _POSTGRAPHILE_LIST % "$first" + " }",
    COMMISSION: """query One($number: String!) { commission: seenCommission(number: $number) {
  id: rowId version number status enterpriseName contactPhone contactMobile contactEmail contactAddress consigneeName
  productUse goodsLocation domesticDestination destinationPort destinationCustoms entryCustoms remarks
  totalQuantity totalAmount unitsMixed returnReason commissionedAt submittedAt acceptedAt completedAt
  institution: institutionByInstitutionId { id: rowId name: nameZh filingNumber status country registeredPlace
    contactName contactPhone contactEmail }
  goodsLines: goodsLinesByCommissionIdList(orderBy: LINE_NUMBER_ASC) { id: rowId lineNumber productName model hsCode
    manufacturedOn quantity unit amount brand engineNumber chassisNumber runningHours inspectionRequired
    inspectionExempt importProhibited }
  attachments: attachments { id: rowId name sizeBytes mediaType kind sha256 uploadedAt }
  certificate: certificate { id: rowId number issuedOn validUntil signatory conclusion status: statusToday } } }""",
    NOTICES: """{ notices: seenNotices(first: 20) {
  nodes { id: rowId type title: titleZh isPinned publishedAt readAt }
  pageInfo { hasNextPage endCursor } }
  viewer { unreadCount } }""",
    REGISTRY: """query Registry($name: String!) { institutions: registry(first: 20, name: $name) {
  nodes { id: rowId filingNumber nameZh nameEn registeredPlace country status dispositionEndsOn filedAt }
  pageInfo { hasNextPage endCursor } } }""",
    RULE: """query Rule($hsCode: String!, $on: Date!) { rule: ruleOn(hsCode: $hsCode, on: $on) {
  id: rowId hsCode nameZh nameEn inspectionRequired inspectionExempt importProhibited measure legalBasis
  validFrom validTo } }""",
}


@dataclass(frozen=True)
class Question:
    """One screen's question. `variables` are taken in turn, so that no answer is that of the request before."""

    name: str
    words: str
    text: str
    username: str | None
    variables: Sequence[Mapping[str, Any]] = ({},)
    weight: int = 1
    """How often it comes in the mixed load."""

    def for_postgraphile(self) -> str:
        return POSTGRAPHILE[self.text]


VARIANTS = 50


def questions(world: World) -> tuple[Question, ...]:
    """The six questions of the mixed load, about rows that are there."""
    scale = world.scale
    # Every twentieth is the enterprise's own.
    own = [20 * (1 + n * (scale.commissions // 20 - 1) // VARIANTS) for n in range(VARIANTS)]
    codes = [1 + n * (scale.rules // 2 - 1) // VARIANTS for n in range(VARIANTS)]
    names = [f"office {n}" for n in range(1, 10)]
    days = ("2020-05-01", "2026-05-01")
    return (
        Question("list", "commission list of 20, enterprise", COMMISSION_LIST, ENTERPRISE, weight=4),
        Question(
            "commission", "one commission with everything, enterprise", COMMISSION, ENTERPRISE,
            [{"number": f"1990{n:014}"} for n in own], weight=4,
        ),
        Question("notices", "notices of 20 and unread, enterprise", NOTICES, ENTERPRISE, weight=3),
        Question("registry", "registry search, anonymous", REGISTRY, None, [{"name": n} for n in names], weight=2),
        Question(
            "rule", "rule by HS code on a day, anonymous", RULE, None,
            [{"hsCode": f"9{n:09}", "on": days[at % 2]} for at, n in enumerate(codes)], weight=4,
        ),
        customs_list(50),
    )  # fmt: skip


def customs_list(first: int) -> Question:
    """The nested page of customs, of any length."""
    return Question("customs", f"commission list of {first}, customs", CUSTOMS_LIST, CUSTOMS, [{"first": first}])


def accepting(ids: Sequence[str]) -> Question:
    """The guarded transition, once for each of these commissions."""
    return Question("accept", "commissionAccept, institution", ACCEPT, INSTITUTION, [{"id": each} for each in ids])
