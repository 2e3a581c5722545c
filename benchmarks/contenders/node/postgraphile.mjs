/* The contender PostGraphile 5: the product's tables as it finds them, the row conditions put into its plans.

One schema for each side that asks: conditions are then part of the plan, and no setting or policy costs a round trip. */
import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';
import { TYPES } from 'postgraphile/@dataplan/pg';
import { makePgService } from 'postgraphile/adaptors/pg';
import { connection, constant, context, lambda } from 'postgraphile/grafast';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { extendSchema } from 'postgraphile/utils';
import { PORT, pool, viewerOf } from './office.mjs';
import { unreadCount } from './reads.mjs';

const AUDIENCES = { ENTERPRISE: 'ENTERPRISE', INSTITUTION: 'INSTITUTION', CUSTOMS: 'CUSTOMS' };

const typeDefs = /* GraphQL */ `
  type Viewer {
    unreadCount: Int!
  }
  extend type Query {
    seenCommissions: CommissionConnection
    seenCommission(number: String!): Commission
    seenNotices: NoticeConnection
    viewer: Viewer
    registry(name: String!): InstitutionConnection
    ruleOn(hsCode: String!, on: Date!): Rule
  }
  extend type Commission {
    attachments: [Attachment!]!
    certificate: Certificate
  }
  extend type Certificate {
    statusToday: String!
  }
  extend type Notice {
    readAt: Datetime
  }
`;

const seenBy = (kind) =>
  extendSchema((build) => {
    const { sql } = build;
    const { attachment, certificate, commission, institution, notice, rule } = build.pgResources;
    const viewer = (name) => context().get('viewer').get(name);
    const bound = ($select, $value, codec) => $select.placeholder($value, codec);

    function concerned($c) {
      if (kind === 'ENTERPRISE') {
        $c.where(sql`${$c}.enterprise_id = ${bound($c, viewer('organisationId'), TYPES.uuid)}`);
      } else if (kind === 'INSTITUTION') {
        $c.where(sql`${$c}.submitted_to_id = ${bound($c, viewer('institutionId'), TYPES.uuid)}`);
      } else if (kind === 'CUSTOMS') {
        $c.where(sql`${$c}.submitted_to_id is not null`);
      } else {
        $c.where(sql`false`);
      }
      return $c;
    }

    function page($select, ...columns) {
      for (const column of [...columns, 'id']) $select.orderBy({ attribute: column, direction: 'DESC' });
      $select.setOrderIsUnique();
      // `first` is PostGraphile's own argument of connections, which it applies itself.
      return connection($select);
    }

    const one = ($select) => ($select.setFirst(constant(1)), $select.single());

    // Who reads, as the list of notices knows it: planned first, and planning is never interrupted.
    let reader;

    const Query = {
      seenCommissions: () => page(concerned(commission.find()), 'commissioned_at'),
      seenCommission(_, fieldArgs) {
        const $c = concerned(commission.find());
        $c.where(sql`${$c}.number = ${bound($c, fieldArgs.getRaw('number'), TYPES.text)}`);
        return one($c);
      },
      seenNotices() {
        const $n = notice.find();
        const organisation = bound($n, viewer('organisationId'), TYPES.uuid);
        reader = bound($n, viewer('userId'), TYPES.uuid);
        const side = sql.literal(AUDIENCES[kind] ?? '');
        $n.where(sql`(${$n}.organisation_id = ${organisation}
          or (${$n}.audience in ('EVERYBODY', ${side}) and ${$n}.status = 'PUBLISHED'))`);
        return page($n, 'is_pinned', 'published_at');
      },
      viewer: () => context().get('viewer'),
      registry(_, fieldArgs) {
        const $i = institution.find();
        if (kind !== 'CUSTOMS') $i.where(sql`${$i}.status <> 'REVOKED'`);
        const $pattern = lambda(
          fieldArgs.getRaw('name'), (name) => `%${name.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`, true,
        );
        const pattern = bound($i, $pattern, TYPES.text);
        $i.where(sql`(lower(${$i}.name_zh) like ${pattern} or lower(${$i}.name_en) like ${pattern})`);
        return page($i, 'filed_at');
      },
      ruleOn(_, fieldArgs) {
        const $r = rule.find();
        const on = bound($r, fieldArgs.getRaw('on'), TYPES.date);
        $r.where(sql`${$r}.hs_code = ${bound($r, fieldArgs.getRaw('hsCode'), TYPES.text)}`);
        $r.where(sql`${$r}.valid_from <= ${on} and (${$r}.valid_to is null or ${$r}.valid_to >= ${on})`);
        return one($r);
      },
    };

    const Commission = {
      attachments($commission) {
        const $f = attachment.find({ subject_id: $commission.get('id') });
        $f.where(sql`${$f}.subject_type = 'commission'`);
        for (const column of ['uploaded_at', 'id']) $f.orderBy({ attribute: column, direction: 'ASC' });
        return $f;
      },
      certificate: ($commission) => one(certificate.find({ commission_id: $commission.get('id') })),
    };

    const Certificate = {
      statusToday: ($certificate) =>
        $certificate.select(
          sql`case when ${$certificate}.status = 'VALID'
                    and ${$certificate}.valid_until < (now() at time zone 'Asia/Shanghai')::date
                   then 'EXPIRED' else ${$certificate}.status end`,
          TYPES.text,
        ),
    };

    const Notice = {
      readAt($notice) {
        return $notice.select(
          sql`coalesce(
            (select r.read_at from notice_read r
             where r.user_id = ${reader} and r.notice_id = ${$notice}.id and r.edition = ${$notice}.edition),
            (select a.read_at from notice_all_read a
             where a.user_id = ${reader} and (${$notice}.transaction_id, ${$notice}.line_id, ${$notice}.id)
                   <= (a.transaction_id, a.line_id, a.notice_id)))`,
          TYPES.timestamptz,
        );
      },
    };

    return {
      typeDefs,
      objects: {
        Query: { plans: Query },
        Viewer: { plans: { unreadCount: ($viewer) => lambda($viewer, (each) => unreadCount(each)) } },
        Commission: { plans: Commission },
        Certificate: { plans: Certificate },
        Notice: { plans: Notice },
      },
    };
  });

const handlers = {};
for (const kind of ['ENTERPRISE', 'INSTITUTION', 'CUSTOMS', 'ANYBODY']) {
  const instance = postgraphile({
    extends: [PostGraphileAmberPreset],
    plugins: [seenBy(kind)],
    pgServices: [makePgService({ pool, schemas: ['public'] })],
    schema: { defaultBehavior: '+list' },
    grafast: { context: (about) => ({ viewer: about.node.req.viewer }), explain: false },
    grafserv: { graphqlPath: '/graphql', watch: false, graphiql: false },
  });
  handlers[kind] = instance.createServ(grafserv).createHandler();
  await instance.getSchema();
}

await pool.query('select 1');
createServer((request, response) => {
  if (request.url === '/readyz') return response.end('ok');
  viewerOf(request.headers.authorization).then(
    (viewer) => {
      request.viewer = viewer;
      handlers[viewer?.kind ?? 'ANYBODY'](request, response);
    },
    () => response.writeHead(401).end(),
  );
}).listen(PORT, '127.0.0.1');
