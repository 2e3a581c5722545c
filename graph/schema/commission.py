"""Commissions in public: the record, its parts, and what stands beside them."""

from domain.certificate import (
    Certificate,
    CertificateFacts,
    CertificateFilter,
    CertificateOrderField,
    CertificateStatus,
)
from domain.commission.record import Commission, CommissionFilter, CommissionOrderField, GoodsLine
from graph.actions import mutations
from graph.guidance import guidance
from graph.listing import PARTS, PartsListed, list_of, one_of
from graph.publish import field, publish, term
from graph.resolvers import certificate_facts as resolve_facts
from graph.resolvers import commission as resolve
from graph.schema.labels import labels_of
from storage.commission import (
    CERTIFICATE,
    CERTIFICATES,
    COMMISSION,
    COMMISSIONS,
    DESK,
    GOODS_LINE_ROWS,
    certificates,
    commissions,
)

publish(GoodsLine, *labels_of(GoodsLine), field(resolve.rule))
term(CertificateStatus)
publish(
    Certificate,
    field(resolve.certificate_status, name="status"),
    field(resolve.commission_of_certificate, name="commission"),
    field(resolve.institution_of_certificate, name="institution"),
)
publish(
    CertificateFacts,
    field(resolve_facts.status),
    field(resolve_facts.institution_name),
    field(resolve_facts.filing_number),
)
publish(
    Commission,
    *labels_of(Commission),
    field(resolve.institution),
    field(resolve.goods_lines),
    field(resolve.attachments),
    field(resolve.certificate),
    *guidance(DESK),
)

QUERIES = (
    list_of(
        COMMISSIONS,
        "commissions",
        "业务委托列表. The commissions that the viewer may see: an enterprise's own, those submitted to an "
        "institution; for customs all that were submitted. 手册 1.4, 2.3 (manual).",
        commissions,
        CommissionFilter,
        {
            CommissionOrderField.COMMISSIONED_AT: COMMISSION.c.commissioned_at,
            CommissionOrderField.NUMBER: COMMISSION.c.number,
            CommissionOrderField.TOTAL_AMOUNT: COMMISSION.c.total_amount,
        },
    ),
    list_of(
        CERTIFICATES,
        "certificates",
        "装运前检验证书查询. The certificates of the commissions that the viewer may see, latest first.",
        certificates,
        CertificateFilter,
        {
            CertificateOrderField.ISSUED_ON: CERTIFICATE.c.issued_on,
            CertificateOrderField.VALID_UNTIL: CERTIFICATE.c.valid_until,
        },
    ),
    field(resolve_facts.certificate_facts),
    one_of(
        COMMISSIONS,
        "commission",
        "业务委托详情. One commission; null where there is none that the viewer may see.",
        number="业务编号. Its official number, 18 digits.",
    ),
)
PARTS["goods_lines"] = PartsListed(GoodsLine, "commissions", GOODS_LINE_ROWS)
MUTATIONS = mutations(DESK)
SUBSCRIPTIONS = (field(resolve.commission_changed),)
