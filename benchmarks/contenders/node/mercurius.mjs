/* The contender Mercurius: Fastify, its JIT from the first request on, its loaders. */
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { commissionAccept } from './accept.mjs';
import { PORT, pool, typeDefs, viewerOf } from './office.mjs';
import * as reads from './reads.mjs';

const app = Fastify({ logger: false });
const viewer = (context) => context.viewer;
const parents = (queries) => queries.map((each) => each.obj);

app.register(mercurius, {
  schema: typeDefs,
  jit: 1,
  graphiql: false,
  context: async (request) => ({ viewer: await viewerOf(request.headers.authorization) }),
  resolvers: {
    Query: {
      commissions: (_, args, context, info) => reads.commissions(viewer(context), args, info),
      commission: (_, args, context, info) => reads.commission(viewer(context), args, info),
      notices: (_, args, context) => reads.notices(viewer(context), args),
      viewer: (_, args, context) => context.viewer && {},
      institutions: (_, args, context, info) => reads.institutions(viewer(context), args, info),
      rule: (_, args, context, info) => reads.rule(viewer(context), args, info),
    },
    Viewer: { unreadCount: (_, args, context) => reads.unreadCount(viewer(context)) },
    Mutation: { commissionAccept: (_, args, context) => commissionAccept(viewer(context), args) },
  },
  loaders: {
    Commission: {
      // Without their cache, which would write every parent out as JSON for a key.
      institution: {
        loader: (queries, context) => reads.institutionsOf(viewer(context), parents(queries), queries[0].info),
        opts: { cache: false },
      },
      goodsLines: {
        loader: (queries) => reads.goodsLinesOf(parents(queries), queries[0].info),
        opts: { cache: false },
      },
      attachments: {
        loader: (queries) => reads.attachmentsOf(parents(queries), queries[0].info),
        opts: { cache: false },
      },
      certificate: {
        loader: (queries) => reads.certificatesOf(parents(queries), queries[0].info),
        opts: { cache: false },
      },
    },
  },
});
app.get('/readyz', async () => 'ok');
await pool.query('select 1');
await app.listen({ host: '127.0.0.1', port: PORT });
