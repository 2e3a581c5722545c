/* How an operation leaves the editor: queries and mutations by POST, subscriptions by graphql-transport-ws at the same
 * address. The surprise: each subscription has a socket of its own, so it always carries the account of that moment. */
import { getOperationAST, parse } from 'graphql';
import { createClient } from 'graphql-ws';

const SCHEMA_CLOSED = { errors: [{ message: '登录后可见模式 Sign in to see the schema' }] };

/** `introspection` is the server's own setting; what it would refuse is not asked, for a refusal looks like a fault. */
export function fetcherAt(endpoint, session, introspection) {
  return (asked, { headers = {} } = {}) => {
    const { operation, isSubscription } = understood(asked);
    const sent = { ...(session.authorization && { authorization: session.authorization }), ...lowerCased(headers) };
    const isOpen = introspection === 'everybody' || (introspection === 'signed-in' && sent.authorization);
    if (operation.operationName === 'IntrospectionQuery' && !isOpen) return Promise.resolve(SCHEMA_CLOSED);
    return isSubscription ? subscribe(endpoint, operation, sent) : post(endpoint, operation, sent, session);
  };
}

/** What GraphiQL knows of a document (its name, its parsed form) lags behind the editor by a tenth of a second. */
function understood(operation) {
  try {
    const document = parse(operation.query);
    const named = getOperationAST(document, operation.operationName);
    if (named) return { operation, isSubscription: named.operation === 'subscription' };
    const isSubscription = getOperationAST(document)?.operation === 'subscription';
    return { operation: { ...operation, operationName: undefined }, isSubscription };
  } catch {
    // What cannot be parsed is for the server to word.
    return { operation, isSubscription: false };
  }
}

async function post(endpoint, operation, headers, session) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json;q=0.9',
      ...headers,
    },
    body: JSON.stringify(operation),
  });
  // Only the token of the bar is dropped: one typed into the headers editor is the visitor's own business.
  if (response.status === 401 && headers.authorization === session.authorization) session.forget();
  return answered(response);
}

/** Reads the answer as JSON; what stands between the page and the API may answer in other words. */
export async function answered(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`HTTP ${response.status}: ${text.slice(0, 200)}`);
  }
}

function subscribe(endpoint, operation, { authorization }) {
  const url = new URL(endpoint, window.location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  const client = createClient({
    url: url.href,
    connectionParams: authorization ? { authorization } : {},
    // A silent second try would show values without saying that some were missed in between.
    retryAttempts: 0,
  });
  const values = client.iterate(operation);
  // Not an async generator: its return() would wait for the next value before the socket is let go.
  return {
    next: () => values.next().catch((reason) => Promise.reject(worded(reason))),
    return: () => values.return(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function worded(reason) {
  if (!(reason instanceof CloseEvent)) return reason;
  return new Error(`连接已关闭 The connection was closed: ${reason.code} ${reason.reason}`.trim());
}

function lowerCased(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
