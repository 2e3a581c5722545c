/* The socket under those clients that leave it to the library graphql-ws. */

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

import { SOCKET } from './steps.js';

const NORMAL_CLOSURE = 1000;

/** `isShownOut` resolves to the code and reason with which the server closed it, `isListening` when it was let in. */
export function socketOf(token, options = {}) {
  let listening, shownOut;
  const isListening = new Promise((resolve) => (listening = resolve));
  const isShownOut = new Promise((resolve) => (shownOut = resolve));
  const client = createClient({
    url: SOCKET,
    webSocketImpl: WebSocket,
    connectionParams: token && { authorization: `Bearer ${token}` },
    retryAttempts: 0,
    on: {
      connected: listening,
      closed: ({ code, reason }) => code === NORMAL_CLOSURE || shownOut(`${code} ${reason}`),
    },
    ...options,
  });
  return { client, isListening, isShownOut };
}
