/* The library graphql-ws by itself: everything over one socket, queries and mutations too. */

import assert from 'node:assert/strict';

import { print } from 'graphql';
import WebSocket from 'ws';

import { iterated } from './events.js';
import { sendsFile } from './multipart.js';
import { socketOf } from './socket.js';
import { step, walked } from './steps.js';
import { documents, readsOn, walk } from './walk.js';

async function open(token) {
  const { client, isListening, isClosed } = socketOf(token, { lazy: false });
  const asks = async (document, variables) => {
    const { data } = await first(client, { query: print(document), variables });
    return data;
  };
  return {
    asks,
    uploads: (document, variables) => sendsFile(document, variables, token),
    pages: (document, variables) => readsOn({ asks }, document, variables),
    follows: (document, variables) =>
      iterated(({ next, error, complete }) =>
        client.subscribe({ query: print(document), variables }, { next: ({ data }) => next(data), error, complete }),
      ),
    isListening: () => isListening,
    isShownOut: isClosed,
    leaves: () => client.dispose(),
  };
}

/** The one answer to a query or mutation. */
function first(client, request) {
  return new Promise((resolve, reject) => {
    let answer;
    client.subscribe(request, {
      next: (value) => (answer = value),
      error: (reason) => reject(Array.isArray(reason) ? coded(reason) : reason),
      complete: () => (answer.errors ? reject(coded(answer.errors)) : resolve(answer)),
    });
  });
}

function coded(errors) {
  return Object.assign(new Error(JSON.stringify(errors)), { codes: errors.map(({ extensions }) => extensions.code) });
}

/** How the server ends a connection whose client says something wrong; `options` are those of `createClient`. */
async function end(token, options) {
  const { client, isClosed } = socketOf(token, options);
  client.subscribe({ query: print(documents.Notices) }, { next() {}, error() {}, complete() {} });
  return isClosed;
}

/** Says everything of one type twice. */
function stuttering(type) {
  return class extends WebSocket {
    send(frame) {
      super.send(frame);
      if (JSON.parse(frame).type === type) super.send(frame);
    }
  };
}

const token = await walk('graphql-ws', open, { wayOut: '4403 Signed out' });
for (const [mistake, code, options] of [
  ['a token that nobody has', 4403, { connectionParams: { authorization: 'Bearer nobody' } }],
  ['a token that is no text', 4400, { connectionParams: { authorization: 1 } }],
  ['two greetings', 4429, { webSocketImpl: stuttering('connection_init') }],
  ['one id for two subscriptions', 4409, { webSocketImpl: stuttering('subscribe') }],
]) {
  await step(`is told of ${mistake}`, async () => assert.match(await end(token, options), RegExp(`^${code} `)));
}
walked();
