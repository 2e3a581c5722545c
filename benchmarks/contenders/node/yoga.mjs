/* The contender GraphQL Yoga with JIT: a DataLoader for each relation and request. */
import { createServer } from 'node:http';
import { useGraphQlJit } from '@envelop/graphql-jit';
import DataLoader from 'dataloader';
import { createSchema, createYoga } from 'graphql-yoga';
import { commissionAccept } from './accept.mjs';
import { PORT, pool, typeDefs, viewerOf } from './office.mjs';
import * as reads from './reads.mjs';

function loaded(name, load) {
  return (parent, args, context, info) => {
    context[name] ??= new DataLoader((parents) => load(parents, context.viewer, info), { cache: false });
    return context[name].load(parent);
  };
}

const schema = createSchema({
  typeDefs,
  resolvers: {
    Query: {
      commissions: (_, args, context, info) => reads.commissions(context.viewer, args, info),
      commission: (_, args, context, info) => reads.commission(context.viewer, args, info),
      notices: (_, args, context) => reads.notices(context.viewer, args),
      viewer: (_, args, context) => context.viewer && {},
      institutions: (_, args, context, info) => reads.institutions(context.viewer, args, info),
      rule: (_, args, context, info) => reads.rule(context.viewer, args, info),
    },
    Viewer: { unreadCount: (_, args, context) => reads.unreadCount(context.viewer) },
    Mutation: { commissionAccept: (_, args, context) => commissionAccept(context.viewer, args) },
    Commission: {
      institution: loaded('institutions', (parents, viewer, info) => reads.institutionsOf(viewer, parents, info)),
      goodsLines: loaded('lines', (parents, viewer, info) => reads.goodsLinesOf(parents, info)),
      attachments: loaded('attachments', (parents, viewer, info) => reads.attachmentsOf(parents, info)),
      certificate: loaded('certificates', (parents, viewer, info) => reads.certificatesOf(parents, info)),
    },
  },
});

const yoga = createYoga({
  schema,
  logging: false,
  graphiql: false,
  landingPage: false,
  healthCheckEndpoint: '/readyz',
  plugins: [useGraphQlJit()],
  context: async ({ request }) => ({ viewer: await viewerOf(request.headers.get('authorization')) }),
});
await pool.query('select 1');
createServer(yoga).listen(PORT, '127.0.0.1');
