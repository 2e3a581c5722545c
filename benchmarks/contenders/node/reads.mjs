/* The questions as resolvers ask them: one statement for each root field, one for each relation of a page. */
import { ATTACHMENT, CERTIFICATE, COMMISSION, GOODS_LINE, INSTITUTION, RULE, fieldsOf, select } from './columns.mjs';
import { commissionsSeen, institutionsSeen, nameOf, publicId, rows, signedIn } from './office.mjs';

const FIRST_MAX = 200;
const written = new WeakMap();

/* The statement of a field, written once for each document and side that asks. */
function statement(info, side, write) {
  const node = info.fieldNodes[0];
  let some = written.get(node);
  if (some === undefined) written.set(node, (some = new Map()));
  let text = some.get(side);
  if (text === undefined) some.set(side, (text = write()));
  return text;
}

function size(first) {
  const wanted = first ?? 20;
  if (wanted < 0 || wanted > FIRST_MAX) throw new Error(`At most ${FIRST_MAX}.`);
  return wanted;
}

function page(found, first, type, ...order) {
  const hasNextPage = found.length > first;
  if (hasNextPage) found.length = first;
  const cursor = (row) =>
    row && Buffer.from(JSON.stringify([...order.map((name) => row[name]), row.uuid])).toString('base64url');
  for (const row of found) row.id = publicId(type, row.uuid);
  return {
    nodes: found,
    pageInfo: {
      hasNextPage, hasPreviousPage: false, startCursor: cursor(found[0]), endCursor: cursor(found[found.length - 1]),
    },
  };
}

const COMMISSION_NEEDS = { uuid: 'c.id', institutionId: 'c.institution_id', commissionedAt: 'c.commissioned_at' };

const without = (names, ...taken) => [...names].filter((name) => !taken.includes(name));

export async function commissions(viewer, args, info) {
  const first = size(args.first);
  const [seen, concerned] = commissionsSeen(signedIn(viewer), 1);
  // The page size is written out: PostgreSQL plans badly for one that it does not know.
  const text = statement(info, `${viewer.kind} ${first} ${args.offset ?? 0}`, () => `
    select ${select(COMMISSION, 'c', without(fieldsOf(info, 'nodes'), 'id'), COMMISSION_NEEDS)} from commission c
    where ${seen} order by c.commissioned_at desc, c.id desc limit ${first + 1} offset ${Number(args.offset ?? 0)}`);
  return page(await rows(text, concerned), first, 'commission', 'commissionedAt');
}

export async function commission(viewer, args, info) {
  const [seen, concerned] = commissionsSeen(signedIn(viewer), 2);
  const text = statement(info, viewer.kind, () => `
    select ${select(COMMISSION, 'c', without(fieldsOf(info), 'id'), COMMISSION_NEEDS)} from commission c
    where c.number = $1 and ${seen}`);
  const [row] = await rows(text, [args.by.number, ...concerned]);
  if (row) row.id = publicId('commission', row.uuid);
  return row ?? null;
}

const AUDIENCES = {
  ENTERPRISE: `('EVERYBODY', 'ENTERPRISE')`,
  INSTITUTION: `('EVERYBODY', 'INSTITUTION')`,
  CUSTOMS: `('EVERYBODY', 'CUSTOMS')`,
};

const forOurSide = (kind) => `n.audience in ${AUDIENCES[kind]} and n.status = 'PUBLISHED'`;

export async function notices(viewer, args) {
  const first = size(args.first);
  const { kind, language, organisationId, userId } = signedIn(viewer);
  const title = language === 'en' ? 'coalesce(n.title_en, n.title_zh)' : 'n.title_zh';
  const columns = `n.id, n.type, ${title} as title, n.is_pinned, n.published_at, n.edition, n.transaction_id, n.line_id`;
  const order = 'is_pinned desc, published_at desc, id desc';
  const shown = kind === 'CUSTOMS' ? 'n.audience is not null' : forOurSide(kind);
  const limit = `order by ${order} limit ${first + 1}`;
  const found = await rows(
    `select n.id as uuid, n.type, n.title, n.is_pinned as "isPinned", n.published_at as "publishedAt",
            coalesce(r.read_at, a.read_at) as "readAt"
     from (select * from ((select ${columns} from notice n where n.organisation_id = $1 ${limit}) union all
                          (select ${columns} from notice n where ${shown} ${limit})) n ${limit}) n
     left join notice_read r on r.user_id = $2 and r.notice_id = n.id and r.edition = n.edition
     left join notice_all_read a on a.user_id = $2
        and (n.transaction_id, n.line_id, n.id) <= (a.transaction_id, a.line_id, a.notice_id)
     order by n.is_pinned desc, n.published_at desc, n.id desc`,
    [organisationId, userId],
  );
  return page(found, first, 'notice', 'isPinned', 'publishedAt');
}

export async function unreadCount(viewer) {
  const { kind, organisationId, userId } = signedIn(viewer);
  const news = `(n.transaction_id, n.line_id, n.id)
      > (coalesce((select transaction_id from notice_all_read where user_id = $2), 0),
         coalesce((select line_id from notice_all_read where user_id = $2), 0),
         coalesce((select notice_id from notice_all_read where user_id = $2), '00000000-0000-0000-0000-000000000000'))
      and not exists (select from notice_read r
                      where r.user_id = $2 and r.notice_id = n.id and r.edition = n.edition)`;
  const [row] = await rows(
    `select ((select count(*) from notice n where n.organisation_id = $1 and ${news})
           + (select count(*) from notice n where ${forOurSide(kind)} and ${news}))::integer as count`,
    [organisationId, userId],
  );
  return row.count;
}

export async function institutions(viewer, args, info) {
  const first = size(args.first);
  const pattern = `%${(args.filter?.name ?? '').toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  const needed = { uuid: 'i.id', filedAt: 'i.filed_at' };
  const text = statement(info, `${viewer?.kind} ${first}`, () => `
    select ${select(INSTITUTION, 'i', without(fieldsOf(info, 'nodes'), 'id'), needed)} from institution i
    where ${viewer?.kind === 'CUSTOMS' ? 'true' : `i.status <> 'REVOKED'`}
      and (lower(i.name_zh) like $1 or lower(i.name_en) like $1)
    order by i.filed_at desc, i.id desc limit ${first + 1}`);
  return page(await rows(text, [pattern]), first, 'institution', 'filedAt');
}

export async function rule(viewer, args, info) {
  const text = statement(info, '', () => `
    select ${select(RULE, 'r', without(fieldsOf(info), 'id'), { uuid: 'r.id' })} from rule r
    where r.hs_code = $1 and r.valid_from <= $2 and (r.valid_to is null or r.valid_to >= $2) limit 1`);
  const [row] = await rows(text, [args.hsCode, args.on]);
  if (row) row.id = publicId('rule', row.uuid);
  return row ?? null;
}

/* Relations of a page: `parents` are commissions whose conditions have been asked already. */

export async function institutionsOf(viewer, parents, info) {
  const [seen, concerned] = institutionsSeen(viewer, 2);
  const text = statement(info, `${viewer.kind} ${viewer.language}`, () => {
    const needed = { uuid: 'i.id', name: `i.${nameOf(viewer)}` };
    return `select ${select(INSTITUTION, 'i', without(fieldsOf(info), 'id', 'name'), needed)} from institution i
            where i.id = any($1) and ${seen}`;
  });
  const wanted = [...new Set(parents.map((each) => each.institutionId).filter(Boolean))];
  const known = new Map();
  for (const row of await rows(text, [wanted, ...concerned])) {
    row.id = publicId('institution', row.uuid);
    known.set(row.uuid, row);
  }
  return parents.map((each) => known.get(each.institutionId) ?? null);
}

async function partsOf(parents, info, type, parent, table, alias, from, more = {}) {
  const text = statement(info, '', () => {
    const needed = { uuid: `${alias}.id`, parent: `${alias}.${parent}`, ...more };
    return `select ${select(table, alias, without(fieldsOf(info), 'id'), needed)} ${from}`;
  });
  const byParent = new Map(parents.map((each) => [each.uuid, []]));
  for (const row of await rows(text, [parents.map((each) => each.uuid)])) {
    row.id = publicId(type, row.uuid);
    byParent.get(row.parent).push(row);
  }
  return parents.map((each) => byParent.get(each.uuid));
}

export const goodsLinesOf = (parents, info) =>
  partsOf(parents, info, 'goods_line', 'commission_id', GOODS_LINE, 'l',
    'from goods_line l where l.commission_id = any($1) order by l.commission_id, l.line_number, l.id');

export const attachmentsOf = (parents, info) =>
  partsOf(parents, info, 'attachment', 'subject_id', ATTACHMENT, 'f',
    `from attachment f where f.subject_id = any($1) and f.subject_type = 'commission' order by f.uploaded_at, f.id`);

export async function certificatesOf(parents, info) {
  const status = `case when t.status = 'VALID' and t.valid_until < (now() at time zone 'Asia/Shanghai')::date
                       then 'EXPIRED' else t.status end`;
  const found = await partsOf(parents, info, 'certificate', 'commission_id', CERTIFICATE, 't',
    'from certificate t where t.commission_id = any($1)', { status });
  return found.map((some) => some[0] ?? null);
}
