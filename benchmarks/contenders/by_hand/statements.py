"""The statements: each answers one question whole, as JSON that goes out as it is.

Row conditions are the product's, written for each side that asks, so that the planner sees no condition that is always
true. Instants end in `+00:00` where the product says `Z`.
"""

from typing import Final

from domain.party import OrganisationKind

VIEWER: Final = """
select o.kind, a.id as user_id, a.organisation_id, i.id as institution_id, a.role, a.language,
       array(select b.role from delegation d join account b on b.id = d.delegator_id and b.status = 'ACTIVE'
             where d.substitute_id = a.id and d.status = 'ACTIVE'
               and (now() at time zone 'Asia/Shanghai')::date between d.starts_on and d.ends_on) as delegated
from session_token t
join session s on s.id = t.session_id and s.status = 'OPEN' and s.expires_at > now()
join account a on a.id = s.user_id and a.status = 'ACTIVE'
join organisation o on o.id = a.organisation_id
left join institution i on i.organisation_id = o.id
where t.token_hash = $1 and t.token_expires_at > now() and t.idle_until > now()
"""

_COMMISSIONS_SEEN = {
    OrganisationKind.ENTERPRISE: "c.enterprise_id = $1",
    OrganisationKind.INSTITUTION: "c.submitted_to_id = $1",
    OrganisationKind.CUSTOMS: "c.submitted_to_id is not null and $1::uuid is null",
}
_INSTITUTION_SEEN = {
    # One's own commission names it, which is what the condition asks.
    OrganisationKind.ENTERPRISE: "true",
    OrganisationKind.INSTITUTION: "(i.status <> 'REVOKED' or i.id = $1)",
    OrganisationKind.CUSTOMS: "true",
}


def _id(type_name: str, column: str) -> str:
    return f"'{type_name}_' || replace({column}::text, '-', '')"


def _cursor(*columns: str) -> str:
    packed = " || ',' || ".join(f"{column}::text" for column in columns)
    return f"translate(encode(convert_to({packed}, 'UTF8'), 'base64'), E'=\\n', '')"


def _name(language: str) -> str:
    return "i.name_en" if language == "en" else "i.name_zh"


def commission_list(kind: OrganisationKind, language: str, first: int) -> str:
    """$1: the organisation or institution that asks, null for customs."""
    return f"""
    with page as materialized (
        select c.id, c.number, c.status, c.enterprise_name, c.total_amount, c.commissioned_at, c.institution_id,
               row_number() over (order by c.commissioned_at desc, c.id desc) as place
        from commission c where {_COMMISSIONS_SEEN[kind]}
        order by c.commissioned_at desc, c.id desc limit {first + 1})
    select json_build_object('data', json_build_object('commissions', json_build_object(
        'nodes', coalesce((select json_agg(row_to_json(n)) from (
            select {_id("commission", "c.id")} as id, c.number, c.status, c.enterprise_name as "enterpriseName",
                   c.total_amount::text as "totalAmount", c.commissioned_at as "commissionedAt",
                   (select coalesce(json_agg(row_to_json(l)), '[]') from (
                        select l.line_number as "lineNumber", l.product_name as "productName", l.hs_code as "hsCode",
                               l.quantity::text as quantity, l.unit, l.amount::text as amount
                        from goods_line l where l.commission_id = c.id order by l.line_number, l.id) l) as "goodsLines",
                   (select row_to_json(n) from (
                        select {_id("institution", "i.id")} as id, {_name(language)} as name,
                               i.filing_number as "filingNumber"
                        from institution i
                        where i.id = c.institution_id and {_INSTITUTION_SEEN[kind]}) n) as institution
            from page c where c.place <= {first} order by c.place) n), '[]'),
        'pageInfo', json_build_object('hasNextPage', (select count(*) > {first} from page),
            'endCursor', (select {_cursor("commissioned_at", "id")} from page where place <= {first}
                          order by place desc limit 1)))))::text"""


def commission(kind: OrganisationKind, language: str) -> str:
    """$1 as above, $2: the number."""
    return f"""
    select json_build_object('data', json_build_object('commission', (select row_to_json(n) from (
        select {_id("commission", "c.id")} as id, c.version, c.number, c.status, c.enterprise_name as "enterpriseName",
               c.contact_phone as "contactPhone", c.contact_mobile as "contactMobile",
               c.contact_email as "contactEmail", c.contact_address as "contactAddress",
               c.consignee_name as "consigneeName", c.product_use as "productUse", c.goods_location as "goodsLocation",
               c.domestic_destination as "domesticDestination", c.destination_port as "destinationPort",
               c.destination_customs as "destinationCustoms", c.entry_customs as "entryCustoms", c.remarks,
               c.total_quantity::text as "totalQuantity", c.total_amount::text as "totalAmount",
               c.units_mixed as "unitsMixed", c.return_reason as "returnReason", c.commissioned_at as "commissionedAt",
               c.submitted_at as "submittedAt", c.accepted_at as "acceptedAt", c.completed_at as "completedAt",
               (select row_to_json(n) from (
                    select {_id("institution", "i.id")} as id, {_name(language)} as name,
                           i.filing_number as "filingNumber", i.status, i.country,
                           i.registered_place as "registeredPlace", i.contact_name as "contactName",
                           i.contact_phone as "contactPhone", i.contact_email as "contactEmail"
                    from institution i where i.id = c.institution_id and {_INSTITUTION_SEEN[kind]}) n) as institution,
               (select coalesce(json_agg(row_to_json(l)), '[]') from (
                    select {_id("goods_line", "l.id")} as id, l.line_number as "lineNumber",
                           l.product_name as "productName", l.model, l.hs_code as "hsCode",
                           l.manufactured_on as "manufacturedOn", l.quantity::text as quantity, l.unit,
                           l.amount::text as amount, l.brand, l.engine_number as "engineNumber",
                           l.chassis_number as "chassisNumber", l.running_hours as "runningHours",
                           l.inspection_required as "inspectionRequired", l.inspection_exempt as "inspectionExempt",
                           l.import_prohibited as "importProhibited"
                    from goods_line l where l.commission_id = c.id order by l.line_number, l.id) l) as "goodsLines",
               (select coalesce(json_agg(row_to_json(f)), '[]') from (
                    select {_id("attachment", "f.id")} as id, f.name, f.size_bytes as "sizeBytes",
                           f.media_type as "mediaType", f.kind, f.sha256, f.uploaded_at as "uploadedAt"
                    from attachment f where f.subject_id = c.id and f.subject_type = 'commission'
                    order by f.uploaded_at, f.id) f) as attachments,
               (select row_to_json(n) from (
                    select {_id("certificate", "t.id")} as id, t.number, t.issued_on as "issuedOn",
                           t.valid_until as "validUntil", t.signatory, t.conclusion,
                           case when t.status = 'VALID'
                                 and t.valid_until < (now() at time zone 'Asia/Shanghai')::date
                                then 'EXPIRED' else t.status end as status
                    from certificate t where t.commission_id = c.id) n) as certificate
        from commission c where c.number = $2 and {_COMMISSIONS_SEEN[kind]}) n)))::text"""


AUDIENCES: Final = {
    OrganisationKind.ENTERPRISE: "('EVERYBODY', 'ENTERPRISE')",
    OrganisationKind.INSTITUTION: "('EVERYBODY', 'INSTITUTION')",
    OrganisationKind.CUSTOMS: "('EVERYBODY', 'CUSTOMS')",
}


def notices(kind: OrganisationKind, language: str) -> str:
    """$1: the organisation, $2: the user. Each of the two kinds of notice is read along its own index."""
    to_us = "n.organisation_id = $1"
    for_our_side = f"n.audience in {AUDIENCES[kind]} and n.status = 'PUBLISHED'"
    shown = "n.audience is not null" if kind is OrganisationKind.CUSTOMS else for_our_side
    title = "coalesce(n.title_en, n.title_zh)" if language == "en" else "n.title_zh"
    columns = f"n.id, n.type, {title} as title, n.is_pinned, n.published_at, n.edition, n.transaction_id, n.line_id"
    order = "is_pinned desc, published_at desc, id desc"
    unread = """(all_read.user_id is null or (n.transaction_id, n.line_id, n.id)
            > (all_read.transaction_id, all_read.line_id, all_read.notice_id))
        and not exists (select from notice_read r
                        where r.user_id = $2 and r.notice_id = n.id and r.edition = n.edition)"""
    return f"""
    with all_read as materialized (select * from notice_all_read where user_id = $2),
    page as materialized (
        select *, row_number() over (order by {order}) as place from (
            (select {columns} from notice n where {to_us} order by {order} limit 21) union all
            (select {columns} from notice n where {shown} order by {order} limit 21)) n order by {order} limit 21)
    select json_build_object('data', json_build_object(
        'notices', json_build_object(
            'nodes', coalesce((select json_agg(row_to_json(n)) from (
                select {_id("notice", "n.id")} as id, n.type, n.title, n.is_pinned as "isPinned",
                       n.published_at as "publishedAt", coalesce(r.read_at, all_read.read_at) as "readAt"
                from page n
                left join notice_read r on r.user_id = $2 and r.notice_id = n.id and r.edition = n.edition
                left join all_read on (n.transaction_id, n.line_id, n.id)
                                   <= (all_read.transaction_id, all_read.line_id, all_read.notice_id)
                where n.place <= 20 order by n.place) n), '[]'),
            'pageInfo', json_build_object('hasNextPage', (select count(*) > 20 from page),
                'endCursor', (select {_cursor("is_pinned", "published_at", "id")} from page where place <= 20
                              order by place desc limit 1))),
        'viewer', json_build_object('unreadCount',
            (select count(*) from notice n where {to_us} and (n.transaction_id, n.line_id, n.id)
                > (coalesce((select transaction_id from all_read), 0), coalesce((select line_id from all_read), 0),
                   coalesce((select notice_id from all_read), '00000000-0000-0000-0000-000000000000'))
             and not exists (select from notice_read r
                             where r.user_id = $2 and r.notice_id = n.id and r.edition = n.edition))
            + (select count(*) from notice n left join all_read on true where {for_our_side} and {unread}))))::text"""


REGISTRY: Final = f"""
    with page as materialized (
        select i.*, row_number() over (order by i.filed_at desc, i.id desc) as place from institution i
        where i.status <> 'REVOKED' and (lower(i.name_zh) like $1 or lower(i.name_en) like $1)
        order by i.filed_at desc, i.id desc limit 21)
    select json_build_object('data', json_build_object('institutions', json_build_object(
        'nodes', coalesce((select json_agg(row_to_json(n)) from (
            select {_id("institution", "i.id")} as id, i.filing_number as "filingNumber", i.name_zh as "nameZh",
                   i.name_en as "nameEn", i.registered_place as "registeredPlace", i.country, i.status,
                   i.disposition_ends_on as "dispositionEndsOn", i.filed_at as "filedAt"
            from page i where i.place <= 20 order by i.place) n), '[]'),
        'pageInfo', json_build_object('hasNextPage', (select count(*) > 20 from page),
            'endCursor', (select {_cursor("filed_at", "id")} from page where place <= 20
                          order by place desc limit 1)))))::text"""

RULE: Final = f"""
    select json_build_object('data', json_build_object('rule', (select row_to_json(n) from (
        select {_id("rule", "r.id")} as id, r.hs_code as "hsCode", r.name_zh as "nameZh", r.name_en as "nameEn",
               r.inspection_required as "inspectionRequired", r.inspection_exempt as "inspectionExempt",
               r.import_prohibited as "importProhibited", r.measure, r.legal_basis as "legalBasis",
               r.valid_from as "validFrom", r.valid_to as "validTo"
        from rule r where r.hs_code = $1 and r.valid_from <= $2 and (r.valid_to is null or r.valid_to >= $2)
        limit 1) n)))::text"""

TO_ACCEPT: Final = """
    select c.version, c.status, c.number, c.submitted_to_id, c.enterprise_id, c.enterprise_name,
           coalesce(l.hash, repeat('0', 64)) as hash, l.parts_digest, row_to_json(c)::text as record
    from commission c left join register l on l.subject_id = c.id and l.version = c.version
    where c.id = $1 and c.submitted_to_id = $2 for update of c"""

STANDING: Final = "select status, name_zh, name_en from institution where id = $1 for share"

ACCEPTED: Final = """
    with moved as (
        update commission set status = 'IN_PROGRESS', accepted_at = $3, version = version + 1
        where id = $1 and version = $2 returning id, version),
    line as (
        insert into register (subject_type, subject_id, version, action, status_before, status_after, user_id,
                              organisation_id, at, format, changes, changes_digest, record_digest, previous_hash, hash,
                              parts_digest)
        select 'commission', id, version, 'accept', 'PENDING', 'IN_PROGRESS', $4, $5, $3, 2, $6, $7, $8, $9, $10, $17
        from moved returning id),
    told as (
        insert into notice (id, version, type, title_zh, title_en, body_zh, body_en, published_at, is_pinned,
                            organisation_id, subject_type, subject_id, line_id, by_email, by_sms, status, edition)
        select $11, 1, 'COMMISSION', $12, $13, $14, $15, $3, false, $16, 'commission', $1, line.id, false, false,
               'PUBLISHED', 1 from line)
    select version from moved"""
