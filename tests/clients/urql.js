/* urql as it comes, which asks by GET where it can, with graphcache and documents by their hash; subscriptions over
 * graphql-ws, or with the argument `stream` as server-sent events. */

import assert from 'node:assert/strict';

import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { persistedExchange } from '@urql/exchange-persisted';
import { getOperationAST } from 'graphql';

import { iterated } from './events.js';
import { socketOf } from './socket.js';
import { API, step, walked } from './steps.js';
import { documents, walk } from './walk.js';

const isStreaming = process.argv.includes('stream');
/** The statuses of what was asked by GET and hash alone. */
const hashed = [];

function urql(token, headers, fetch) {
  const socket = socketOf(token);
  const forwarded = subscriptionExchange({
    forwardSubscription: (request) => ({
      subscribe: (observer) => ({ unsubscribe: socket.client.subscribe(request, observer) }),
    }),
  });
  const cache = cacheExchange({ resolvers: { Query: { commissions: relayPagination() } } });
  const client = new Client({
    url: API,
    exchanges: [cache, persistedExchange(), fetchExchange, forwarded],
    fetchSubscriptions: isStreaming,
    fetchOptions: { headers },
    fetch,
  });
  return { client, socket };
}

async function open(token) {
  const headers = token && { authorization: `Bearer ${token}` };
  let isListening, letIn, shownOut;
  const noted = async (url, options) => {
    const answer = await fetch(url, options);
    if (options.method === 'GET' && !new URL(url).searchParams.has('query')) hashed.push(answer.status);
    if (answer.headers.get('content-type').startsWith('text/event-stream')) letIn();
    return answer;
  };
  const { client, socket } = urql(token, headers, noted);
  // Whoever sends files says that no form on another site does.
  const fetchOptions = { headers: { ...headers, 'apollo-require-preflight': 'true' } };
  const isStreamEnded = new Promise((resolve) => (shownOut = resolve));
  const asks = async (document, variables, context) => {
    const mutates = getOperationAST(document).operation === 'mutation';
    const { data, error } = await (mutates
      ? client.mutation(document, variables, context)
      : client.query(document, variables, { requestPolicy: 'network-only' }));
    if (error) throw Object.assign(error, { codes: codes(error) });
    return data;
  };
  return {
    asks,
    uploads: (document, variables) => asks(document, variables, { fetchOptions }),
    pages: (document, variables) => pages(client, document, variables),
    follows: (document, variables) => {
      isListening = isStreaming ? new Promise((resolve) => (letIn = resolve)) : socket.isListening;
      return iterated(({ next, error }) => {
        const { unsubscribe } = client.subscription(document, variables).subscribe((result) => {
          if (!result.error) return next(result.data);
          shownOut(codes(result.error).join());
          return error(result.error);
        });
        return unsubscribe;
      });
    },
    isListening: () => isListening,
    isShownOut: isStreaming ? isStreamEnded : socket.isClosed,
    leaves: () => socket.client.dispose(),
  };
}

/** Each page is asked for; the cache joins them in the first one's query. */
async function pages(client, document, variables) {
  let page;
  do {
    const { data, error } = await client.query(document, { ...variables, after: page?.endCursor });
    assert.equal(error, undefined);
    page = data.commissions.pageInfo;
  } while (page.hasNextPage);
  return client.readQuery(document, variables).data.commissions.edges;
}

function codes({ graphQLErrors }) {
  return graphQLErrors.map(({ extensions }) => extensions.code);
}

await walk(isStreaming ? 'urql, streaming' : 'urql', open, {
  wayOut: isStreaming ? 'UNAUTHENTICATED' : '4403 Signed out',
});
await step('asks by hash, and by text where the hash is new', () => assert.ok(hashed.includes(200), hashed.join()));
walked();
