"""The explorer's examples as one walk: what one role leaves behind is what the next one finds."""

from tests.explorer.asking import visiting

REPORT = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def test_the_examples_lead_a_commission_from_the_draft_to_the_certificate(product: str) -> None:
    with (
        visiting(product, "enterprise") as enterprise,
        visiting(product, "institution") as institution,
        visiting(product, "customs") as customs,
    ):
        drafted = enterprise.runs("EnterpriseSavesDraft")["commission"]
        [chosen] = enterprise.runs("EnterpriseChoosesInstitution")["nodes"]
        enterprise.runs("EnterpriseNamesInstitution", id=drafted["id"], institutionId=chosen["id"])
        enterprise.runs("EnterpriseSubmits")
        [pending] = institution.runs("InstitutionPending")["nodes"]
        institution.runs("InstitutionAccepts", id=pending["id"])
        uploaded = institution.uploads(REPORT)
        institution.runs("InstitutionCompletes")
        [own] = enterprise.runs("EnterpriseCommissions")["nodes"]
        [submitted] = customs.runs("CustomsCommissions")["nodes"]
        watched = customs.runs("CustomsCommission", number=submitted["number"])
    assert drafted["id"] == pending["id"] == own["id"] == watched["id"]
    assert own["status"] == watched["status"] == "COMPLETED"
    assert watched["certificate"]["number"] == institution.variables["certificateNumber"]
    assert [file["name"] for file in watched["attachments"]] == [uploaded["attachment"]["name"]] == ["report.pdf"]
    assert all(line["rule"]["measure"] for line in watched["goodsLines"])
