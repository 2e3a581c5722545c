/* The socket under those clients that leave it to the library graphql-ws. */

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

import { SOCKET } from './steps.js';

/** `isListening` resolves when the socket was let in, `isClosed` to the code and reason with which it was closed. */
export function socketOf(token, options = {}) {
  let letIn, closed;
  const isListening = new Promise((resolve) => (letIn = resolve));
  const isClosed = new Promise((resolve) => (closed = resolve));
  const client = createClient({
    url: SOCKET,
    webSocketImpl: WebSocket,
    connectionParams: token && { authorization: `Bearer ${token}` },
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => undefined,
    on: { connected: letIn, closed: ({ code, reason }) => closed(`${code} ${reason}`) },
    ...options,
  });
  return { client, isListening, isClosed };
}
