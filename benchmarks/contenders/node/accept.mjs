/* The transition with the product's guards, locks, register line, notice and bell. */
import { createHash, randomBytes } from 'node:crypto';
import { ask, pool, signedIn } from './office.mjs';

const TO_ACCEPT = `
select c.version, c.status, c.number, c.submitted_to_id, c.enterprise_id, coalesce(l.hash, repeat('0', 64)) as hash,
       l.parts_digest, row_to_json(c)::text as record
from commission c left join register l on l.subject_id = c.id and l.version = c.version
where c.id = $1 and c.submitted_to_id = $2 for update of c`;

const STANDING = 'select status, name_zh, name_en from institution where id = $1 for share';

const ACCEPTED = `
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
select version from moved`;

const WORKING = new Set(['OPERATOR', 'ADMIN']);
const digest = (content) => createHash('sha256').update(content).digest('hex');

function uuid7() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString('hex');
}

const refused = (code) => ({ commission: null, userErrors: [{ code, message: code, field: ['id'] }] });

async function decided(client, viewer, id, uuid) {
  const [row] = (await ask(client, TO_ACCEPT, [uuid, viewer.institutionId])).rows;
  if (!row) return refused('NOT_FOUND');
  if (![viewer.role, ...viewer.delegated].some((role) => WORKING.has(role))) return refused('NOT_YOUR_ROLE');
  if (row.status !== 'PENDING') return refused('WRONG_STATUS');
  const [standing] = (await ask(client, STANDING, [row.submitted_to_id])).rows;
  if (!standing || standing.status === 'REVOKED') return refused('INSTITUTION_NOT_REGISTERED');
  if (standing.status !== 'NORMAL') return refused('INSTITUTION_UNDER_DISPOSITION');
  const now = new Date().toISOString();
  const changes = JSON.stringify({ accepted_at: now });
  const record = digest([row.record, row.parts_digest, now].join(''));
  const line = [
    'commission', uuid, row.version + 1, 'accept', viewer.userId, now, digest(changes), row.parts_digest, record,
    row.hash,
  ];
  await ask(client, ACCEPTED, [
    uuid, row.version, now, viewer.userId, viewer.organisationId, changes, digest(changes), record, row.hash,
    digest(JSON.stringify(line)), uuid7(),
    `您的业务委托（委托号：${row.number}）已被接受`, `Your commission (${row.number}) was accepted`,
    `${standing.name_zh}已接受您的业务委托（委托号：${row.number}），状态：受理中。`,
    `${standing.name_en} has accepted your commission ${row.number}; the inspection is in progress.`,
    row.enterprise_id, row.parts_digest,
  ]);
  return { commission: { id, version: row.version + 1, status: 'IN_PROGRESS', acceptedAt: now }, userErrors: [] };
}

export async function commissionAccept(viewer, { input: { id } }) {
  if (signedIn(viewer).kind !== 'INSTITUTION') return refused('NOT_YOUR_ROLE');
  const client = await pool.connect();
  try {
    await client.query('begin');
    const answer = await decided(client, viewer, id, id.slice(id.lastIndexOf('_') + 1));
    await client.query(answer.commission ? 'commit' : 'rollback');
    if (answer.commission) await ask(client, `select pg_notify($1, '')`, ['preship_bell']);
    client.release();
    return answer;
  } catch (failure) {
    client.release(true);
    throw failure;
  }
}
