/* Apollo Client: its normalised cache puts pages together, uploads go by apollo-upload-client, documents by their hash,
 * first by POST and then by GET, and subscriptions over graphql-ws. */

import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';

import { ApolloClient, ApolloLink, CombinedGraphQLErrors, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import UploadHttpLink from 'apollo-upload-client/UploadHttpLink.mjs';
import { getOperationAST } from 'graphql';
import { filter, firstValueFrom } from 'rxjs';

import { iterated } from './events.js';
import { socketOf } from './socket.js';
import { API, step, walked } from './steps.js';
import { documents, walk } from './walk.js';

function apollo(token, { hashes, fetch } = {}) {
  const socket = socketOf(token);
  const headers = { 'Apollo-Require-Preflight': 'true', ...(token && { authorization: `Bearer ${token}` }) };
  const http = new UploadHttpLink({ uri: API, headers, fetch });
  const link = ApolloLink.split(
    ({ query }) => getOperationAST(query).operation === 'subscription',
    new GraphQLWsLink(socket.client),
    hashes ? new PersistedQueryLink({ sha256, ...hashes }).concat(http) : http,
  );
  const fields = { commissions: relayStylePagination(['filter', 'orderBy']) };
  const cache = new InMemoryCache({ typePolicies: { Query: { fields } } });
  return { client: new ApolloClient({ link, cache }), socket };
}

async function open(token) {
  const { client, socket } = apollo(token);
  const asks = async (document, variables) => {
    const mutates = getOperationAST(document).operation === 'mutation';
    const asked = mutates
      ? client.mutate({ mutation: document, variables })
      : client.query({ query: document, variables, fetchPolicy: 'network-only' });
    const { data } = await asked.catch((reason) => Promise.reject(coded(reason)));
    return data;
  };
  return {
    asks,
    uploads: asks,
    pages: (document, variables) => pages(client, document, variables),
    follows: (document, variables) =>
      iterated(({ next, ...observer }) => {
        const observable = client.subscribe({ query: document, variables });
        const subscription = observable.subscribe({
          next: ({ data, error }) => (error ? observer.error(error) : next(data)),
          ...observer,
        });
        return () => subscription.unsubscribe();
      }),
    isListening: () => socket.isListening,
    isShownOut: socket.isClosed,
    leaves: async () => {
      client.stop();
      await socket.client.dispose();
    },
  };
}

/** By `fetchMore`; the cache joins what it brings. */
async function pages(client, query, variables) {
  const watched = client.watchQuery({ query, variables });
  const following = watched.subscribe({});
  let { data } = await firstValueFrom(watched.pipe(filter(({ loading }) => !loading)));
  while (data.commissions.pageInfo.hasNextPage) {
    ({ data } = await watched.fetchMore({ variables: { after: data.commissions.pageInfo.endCursor } }));
  }
  following.unsubscribe();
  return client.readQuery({ query, variables }).commissions.edges;
}

function coded(reason) {
  assert.ok(CombinedGraphQLErrors.is(reason), reason);
  return Object.assign(reason, { codes: reason.errors.map(({ extensions }) => extensions.code) });
}

function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}

/** How one query goes over the wire from two clients, one after the other, that know nothing yet: by which method,
 * whether with its text, and with which status it was answered. */
async function sent(hashes) {
  const query = gql`query Fresh_${randomUUID().replaceAll('-', '')} { rule(hsCode: "8429510000") { id nameZh } }`;
  const requests = [];
  const noted = async (url, options) => {
    const asked = options.body ? JSON.parse(options.body) : Object.fromEntries(new URL(url).searchParams);
    const answer = await fetch(url, options);
    requests.push([options.method, 'query' in asked, answer.status]);
    return answer;
  };
  for (let turn = 0; turn < 2; turn++) {
    const { client, socket } = apollo(undefined, { hashes, fetch: noted });
    const { data } = await client.query({ query });
    assert.equal(data.rule.nameZh, '前铲装载机');
    await socket.client.dispose();
  }
  return requests;
}

await walk('Apollo', open, { wayOut: '4403 Signed out' });
for (const useGETForHashedQueries of [false, true]) {
  const method = useGETForHashedQueries ? 'GET' : 'POST';
  await step(`sends a text once, and then its hash by ${method}`, async () => {
    assert.deepEqual(await sent({ useGETForHashedQueries }), [
      [method, false, 404],
      ['POST', true, 200],
      [method, false, 200],
    ]);
  });
}
walked();
