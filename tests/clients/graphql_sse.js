/* The library graphql-sse: everything as a stream of its own, queries and mutations too. */

import { print } from 'graphql';
import { createClient } from 'graphql-sse';

import { iterated } from './events.js';
import { sendsFile } from './multipart.js';
import { API, walked } from './steps.js';
import { readsOn, walk } from './walk.js';

async function open(token) {
  let isListening, letIn, shownOut;
  const isShownOut = new Promise((resolve) => (shownOut = resolve));
  const client = createClient({
    url: API,
    headers: token && { authorization: `Bearer ${token}` },
    retryAttempts: 0,
    on: { connected: () => letIn?.() },
  });
  const subscribe = (document, variables, observer) =>
    client.subscribe(
      { query: print(document), variables },
      {
        ...observer,
        next: ({ data, errors }) => (errors ? observer.error(coded(errors)) : observer.next(data)),
      },
    );
  const asks = (document, variables) =>
    new Promise((resolve, reject) => {
      subscribe(document, variables, { next: resolve, error: reject, complete: () => reject(new Error('no answer')) });
    });
  return {
    asks,
    uploads: (document, variables) => sendsFile(document, variables, token),
    pages: (document, variables) => readsOn({ asks }, document, variables),
    follows: (document, variables) => {
      isListening = new Promise((resolve) => (letIn = resolve));
      return iterated((observer) =>
        subscribe(document, variables, {
          ...observer,
          error: (reason) => {
            shownOut(reason.codes?.join());
            observer.error(reason);
          },
        }),
      );
    },
    isListening: () => isListening,
    isShownOut,
    leaves: () => client.dispose(),
  };
}

function coded(errors) {
  return Object.assign(new Error(JSON.stringify(errors)), { codes: errors.map(({ extensions }) => extensions.code) });
}

await walk('graphql-sse', open, { wayOut: 'UNAUTHENTICATED' });
walked();
