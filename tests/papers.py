"""What people fill in, send and get back: forms that could be submitted, documents of the API, and payloads."""

from dataclasses import dataclass
from typing import Any

from storage.demo.world import demo_id

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"

LINE = """
fragment line on GoodsLine {
  id lineNumber productName model hsCode manufacturedOn quantity unit amount brand engineNumber chassisNumber
  runningHours inspectionRequired inspectionExempt importProhibited
}
"""
COMMISSION = (
    LINE
    + """
fragment commission on Commission {
  id version number status enterpriseName contactPhone contactMobile contactEmail contactAddress consigneeName
  productUse goodsLocation domesticDestination destinationPort destinationCustoms entryCustoms remarks institutionId
  totalQuantity totalAmount unitsMixed returnReason commissionedAt submittedAt acceptedAt completedAt
  goodsLines { ...line }
  attachments { id name sizeBytes mediaType kind sha256 url }
  certificate { id number issuedOn validUntil signatory conclusion status }
}
"""
)
USER_ERRORS = "userErrors { code message field }"
UPLOAD = """
mutation Upload($input: AttachmentUploadInput!) {
  attachmentUpload(input: $input) {
    attachment { id name sizeBytes mediaType kind sha256 url uploadedAt } userErrors { code message field }
  }
}
"""
PREFLIGHT = {"apollo-require-preflight": "true"}


@dataclass(frozen=True)
class Payload:
    """What a mutation answered: the subject, and why nothing was done."""

    subject: Any
    user_errors: list[dict[str, Any]]

    def done(self) -> Any:
        """The subject, after nothing stood in the way."""
        assert not self.user_errors, self.user_errors
        return self.subject

    @property
    def refusals(self) -> list[tuple[str, str | None]]:
        """Code and path of every refusal, the path as `goodsLines.0.hsCode`."""
        return [(each["code"], each["field"] and ".".join(each["field"])) for each in self.user_errors]

    @property
    def codes(self) -> list[str]:
        return [each["code"] for each in self.user_errors]


def a_line(**changes: Any) -> dict[str, Any]:
    """A goods line with everything that a submission asks for."""
    return {
        "productName": "旧轮式前铲装载机",
        "model": "WA470-6",
        "hsCode": "8429510000",
        "manufacturedOn": "2015-03-01",
        "quantity": "2",
        "unit": "001",
        "amount": "96000.00",
    } | changes


def a_form(**changes: Any) -> dict[str, Any]:
    """A draft with everything that a submission asks for."""
    return {
        "contactPhone": "021-58300001",
        "contactMobile": "13800000101",
        "contactEmail": "zhou.haitao@pujiang-heavy.example",
        "contactAddress": "上海市浦东新区临港新片区环湖西二路888号",
        "consigneeName": "上海临港工程设备租赁有限公司",
        "productUse": "OWN_USE",
        "goodsLocation": "日本横滨 Yokohama",
        "domesticDestination": "310115",
        "destinationPort": "CNYSN",
        "destinationCustoms": "2248",
        "entryCustoms": "2248",
        "institutionId": institution_id("I01"),
        "goodsLines": [a_line()],
    } | changes


def institution_id(key: str) -> str:
    """The public id of an institution of the demo world."""
    return f"institution_{demo_id(f'{key}.institution').hex}"


def id_of(record: Any) -> str:
    named: str = record if isinstance(record, str) else record["id"]
    return named
