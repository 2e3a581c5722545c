/* What the servers on Node share: the pool, who asks, and the statements, each prepared once a connection.

Rows come with the names of the public fields, so that no resolver has to look at each of them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';

export const PORT = Number(process.argv[process.argv.indexOf('--port') + 1]);
export const typeDefs = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8');

// As text: a Date made and written again costs more than the rest of a row.
pg.types.setTypeParser(1184, (text) => `${text.slice(0, 10)}T${text.slice(11, -3)}Z`);
pg.types.setTypeParser(1082, (text) => text);

export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.POOL ?? 8),
  min: Number(process.env.POOL ?? 8),
  idleTimeoutMillis: 0,
  options: '-c timezone=UTC -c jit=off',
});

const names = new Map();

export function ask(client, text, values) {
  let name = names.get(text);
  if (name === undefined) names.set(text, (name = `s${names.size}`));
  return client.query({ name, text, values });
}

export const rows = async (text, values) => (await ask(pool, text, values)).rows;

const VIEWER = `
select o.kind, a.id as "userId", a.organisation_id as "organisationId", i.id as "institutionId", a.role, a.language,
       array(select b.role from delegation d join account b on b.id = d.delegator_id and b.status = 'ACTIVE'
             where d.substitute_id = a.id and d.status = 'ACTIVE'
               and (now() at time zone 'Asia/Shanghai')::date between d.starts_on and d.ends_on)::text[] as delegated
from session_token t
join session s on s.id = t.session_id and s.status = 'OPEN' and s.expires_at > now()
join account a on a.id = s.user_id and a.status = 'ACTIVE'
join organisation o on o.id = a.organisation_id
left join institution i on i.organisation_id = o.id
where t.token_hash = $1 and t.token_expires_at > now() and t.idle_until > now()`;

export async function viewerOf(authorization) {
  if (!authorization) return null;
  const [viewer] = await rows(VIEWER, [createHash('sha256').update(authorization.slice(7)).digest('hex')]);
  if (!viewer) throw Object.assign(new Error('Sign in.'), { statusCode: 401 });
  return viewer;
}

export function signedIn(viewer) {
  if (!viewer) throw new Error('Sign in.');
  return viewer;
}

export const publicId = (type, uuid) => `${type}_${uuid.replaceAll('-', '')}`;
export const nameOf = (viewer) => (viewer?.language === 'en' ? 'name_en' : 'name_zh');

/* The product's row conditions; `at` is the number of the parameter that `concerned` fills. */
export function commissionsSeen(viewer, at) {
  switch (viewer.kind) {
    case 'ENTERPRISE':
      return [`c.enterprise_id = $${at}`, [viewer.organisationId]];
    case 'INSTITUTION':
      return [`c.submitted_to_id = $${at}`, [viewer.institutionId]];
    default:
      return ['c.submitted_to_id is not null', []];
  }
}

export function institutionsSeen(viewer, at) {
  switch (viewer?.kind) {
    case 'CUSTOMS':
      return ['true', []];
    case 'INSTITUTION':
      return [`(i.status <> 'REVOKED' or i.id = $${at})`, [viewer.institutionId]];
    case 'ENTERPRISE':
      return [
        `(i.status <> 'REVOKED' or exists (select from commission c where c.institution_id = i.id
           and c.enterprise_id = $${at}))`,
        [viewer.organisationId],
      ];
    default:
      return [`i.status <> 'REVOKED'`, []];
  }
}
