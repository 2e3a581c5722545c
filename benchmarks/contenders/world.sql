-- What stands beside the demo world: as many records as an office of some years has, the same in every run.
-- Numbers come in by replacement: INSTITUTIONS, RULES, COMMISSIONS, NOTICES, WAITING.

-- Every row refers to one that is there; that need not be looked up a million times.
set local session_replication_role = replica;

create function pg_temp.made(kind integer, n bigint) returns uuid language sql immutable as $$
    -- Ascending as time goes on, like the product's own (UUID 7).
    select (lpad(to_hex(n), 12, '0') || '7' || lpad(to_hex(kind), 3, '0') || '8'
            || substr(md5(kind || ':' || n), 1, 15))::uuid
$$;
create function pg_temp.at(n bigint) returns timestamptz language sql immutable as $$
    select timestamptz '2026-06-30 08:00:00.5+00' - make_interval(secs => (COMMISSIONS - n) * 600)
$$;

insert into organisation (id, version, kind, name_zh, name_en)
select pg_temp.made(1, n), 1, 'INSTITUTION', '第' || n || '检验有限公司', 'Inspection Office ' || n || ' Ltd.'
from generate_series(1, INSTITUTIONS) n;

insert into organisation (id, version, kind, name_zh, name_en)
select pg_temp.made(2, n), 1, 'ENTERPRISE', '第' || n || '机械进出口公司', 'Machinery Trading ' || n || ' Co., Ltd.'
from generate_series(1, 500) n;

insert into institution (id, version, filing_number, name_zh, name_en, registered_place, country, status, filed_at,
                         contact_name, contact_phone, contact_email, organisation_id)
select pg_temp.made(3, n), 1, 'JJD1990' || lpad(n::text, 5, '0'), '第' || n || '检验有限公司',
       'Inspection Office ' || n || ' Ltd.', 'Harbour Street ' || n, (array['JP', 'DE', 'US', 'KR', 'GB'])[1 + n % 5],
       case when n % 100 = 0 then 'REVOKED' when n % 40 = 0 then 'RECTIFICATION' else 'NORMAL' end,
       timestamptz '2020-01-01 00:00+00' + make_interval(hours => n), 'Contact ' || n, '+81 3 5555 0100',
       'office' || n || '@inspection.example', pg_temp.made(1, n)
from generate_series(1, INSTITUTIONS) n;

-- Two versions of every HS code, the first ended.
insert into rule (id, version, hs_code, name_zh, name_en, inspection_required, inspection_exempt, import_prohibited,
                  measure, legal_basis, valid_from, valid_to, status)
select pg_temp.made(4, n), 1, '9' || lpad(((n + 1) / 2)::text, 9, '0'), '旧设备' || (n + 1) / 2,
       'Used equipment ' || (n + 1) / 2, n % 3 = 0, n % 3 = 1, n % 3 = 2, '装运前检验', '示例，非官方清单',
       case when n % 2 = 1 then date '2015-01-01' else date '2022-01-01' end,
       case when n % 2 = 1 then date '2021-12-31' end, case when n % 2 = 1 then 'ENDED' else 'OPEN' end
from generate_series(1, RULES) n;

create temporary table enterprise_of as
select n, case when n % 20 = 0 then (select organisation_id from account where username = 'enterprise')
               else pg_temp.made(2, 1 + (n::bigint * 7919) % 500) end as enterprise_id,
       case when n > COMMISSIONS - WAITING or n % 20 = 1
            then (select i.id from account a join institution i using (organisation_id)
                  where a.username = 'institution')
            else pg_temp.made(3, 1 + (n::bigint * 104729) % INSTITUTIONS) end as institution_id,
       case when n > COMMISSIONS - WAITING then 'PENDING'
            else (array['COMPLETED', 'COMPLETED', 'COMPLETED', 'COMPLETED', 'COMPLETED', 'COMPLETED', 'IN_PROGRESS',
                        'IN_PROGRESS', 'SUPPLEMENT_REQUIRED', 'DRAFT'])[1 + (n / 20) % 10] end as status
from generate_series(1, COMMISSIONS) n;

insert into commission (id, version, number, status, enterprise_name, contact_phone, contact_mobile, contact_email,
    contact_address, consignee_name, product_use, goods_location, domestic_destination, destination_port,
    destination_customs, entry_customs, remarks, institution_id, submitted_to_id, enterprise_id, total_quantity,
    total_amount, units_mixed, return_reason, commissioned_at, submitted_at, accepted_at, completed_at)
select pg_temp.made(5, n), 1, '1990' || lpad(n::text, 14, '0'), e.status, o.name_zh, '021-58300001', '13800000101',
    'import@machinery.example', '上海市浦东新区世纪大道100号', o.name_zh, 'SALE', 'Yokohama, Japan', '310000', 'CNYSN',
    '2248', '2248', '备注' || n, e.institution_id, case when e.status <> 'DRAFT' then e.institution_id end,
    e.enterprise_id, 10, 96000 + n, false, case when e.status = 'SUPPLEMENT_REQUIRED' then '请补充照片' end,
    pg_temp.at(n), case when e.status <> 'DRAFT' then pg_temp.at(n) + interval '1 hour' end,
    case when e.status in ('IN_PROGRESS', 'COMPLETED') then pg_temp.at(n) + interval '1 day' end,
    case when e.status = 'COMPLETED' then pg_temp.at(n) + interval '9 days' end
from enterprise_of e join organisation o on o.id = e.enterprise_id order by n;

insert into goods_line (id, product_name, model, hs_code, manufactured_on, quantity, unit, amount, brand, running_hours,
    line_number, inspection_required, inspection_exempt, import_prohibited, rule_id, commission_id)
select pg_temp.made(6, n * 4 + place), '前铲装载机' || place, 'WA380-' || place, r.hs_code,
    date '2012-01-01' + (n % 3000)::integer, place, '001', 24000 + place, 'Komatsu', (n % 9000)::integer, place, r.inspection_required,
    r.inspection_exempt, r.import_prohibited, r.id, pg_temp.made(5, n)
from generate_series(1, COMMISSIONS) n, generate_series(1, 4) place,
    lateral (select * from rule where id = pg_temp.made(4, 2 * (1 + (n * 4 + place) % (RULES / 2)))) r
order by n, place;

insert into certificate (id, number, issued_on, valid_until, signatory, conclusion, status, commission_id,
                         institution_id)
select pg_temp.made(7, n), 'PSI-' || n, (pg_temp.at(n) + interval '9 days')::date,
    (pg_temp.at(n) + interval '189 days')::date, '佐藤健', '合格',
    -- Nothing is left for the product's clock to do while it is measured.
    case when (pg_temp.at(n) + interval '189 days')::date < current_date then 'EXPIRED' else 'VALID' end,
    pg_temp.made(5, n), e.institution_id
from enterprise_of e where e.status = 'COMPLETED' order by n;

insert into attachment (id, name, size_bytes, media_type, kind, sha256, uploaded_at, file_id, organisation_id,
                        subject_type, subject_id)
select pg_temp.made(8, n), 'report-' || n || '.pdf', 52000, 'application/pdf', 'INSPECTION_REPORT',
    md5('a' || n) || md5('b' || n), pg_temp.at(n) + interval '8 days', pg_temp.made(9, n), i.organisation_id,
    'commission', pg_temp.made(5, n)
from enterprise_of e join institution i on i.id = e.institution_id where e.status = 'COMPLETED' order by n;

-- The last line of each; the lines before it are not asked for here.
insert into register (id, transaction_id, subject_type, subject_id, version, action, status_after, organisation_id, at,
                      format, changes, changes_digest, parts_digest, record_digest, previous_hash, hash)
overriding system value
select 1000000000 + n, 1, 'commission', pg_temp.made(5, n), 1, 'save_draft', e.status, e.enterprise_id, pg_temp.at(n),
    2, '{}', md5('c' || n) || md5('d' || n), md5('i' || n) || md5('j' || n), md5('e' || n) || md5('f' || n), repeat('0', 64),
    md5('g' || n) || md5('h' || n)
from enterprise_of e order by n;

insert into notice (id, version, type, title_zh, title_en, body_zh, body_en, published_at, is_pinned, organisation_id,
    subject_type, subject_id, line_id, transaction_id, by_email, by_sms, audience, status, edition)
select pg_temp.made(10, k), 1, case when k % 400 = 0 then 'SYSTEM' else 'COMMISSION' end,
    '您的业务委托（' || k || '）已被接受', 'Commission ' || k || ' was accepted', '正文' || k, 'Body ' || k,
    pg_temp.at(k * COMMISSIONS / NOTICES) + make_interval(secs => k % 2), k % 4000 = 0,
    case when k % 400 <> 0 then e.enterprise_id end, case when k % 400 <> 0 then 'commission' end,
    case when k % 400 <> 0 then pg_temp.made(5, e.n) end, 1000000000 + e.n, 1, false, false,
    case when k % 400 = 0 then (array['EVERYBODY', 'ENTERPRISE', 'INSTITUTION'])[1 + (k / 400) % 3] end, 'PUBLISHED', 1
from generate_series(1::bigint, NOTICES) k join enterprise_of e on e.n = 1 + (k - 1) * COMMISSIONS / NOTICES order by k;

-- The enterprise has read all but what came of late, and of that some.
insert into notice_all_read (user_id, transaction_id, line_id, notice_id, read_at)
select a.id, n.transaction_id, n.line_id, n.id, timestamptz '2026-06-01 00:00+00'
from account a, lateral (select * from notice where organisation_id = a.organisation_id and transaction_id = 1
                         order by transaction_id desc, line_id desc, id desc offset 40 limit 1) n
where a.username = 'enterprise';

insert into notice_read (user_id, notice_id, edition, read_at)
select a.id, n.id, 1, timestamptz '2026-06-30 00:00+00'
from account a, lateral (select * from notice where organisation_id = a.organisation_id and transaction_id = 1
                         order by published_at desc, id desc limit 20) n
where a.username = 'enterprise' and substr(n.id::text, 35, 1) < '8';
