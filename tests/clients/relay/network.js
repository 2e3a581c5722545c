/* What Relay leaves to the application: how a request is sent. */

import relay from 'relay-runtime';

import { socketOf } from '../socket.js';
import { API } from '../steps.js';

const { Environment, Network, Observable, RecordSource, Store } = relay;

/** A store that knows nothing yet, and the socket under its subscriptions. */
export function environmentOf(token) {
  const socket = socketOf(token);
  const authorization = token && { authorization: `Bearer ${token}` };
  const asks = async ({ text, name }, variables, _, files) => {
    const request = { query: text, operationName: name, variables };
    const { headers, body } = files ? withFiles(request, files) : withoutFiles(request);
    const answer = await fetch(API, { method: 'POST', headers: { ...authorization, ...headers }, body });
    return answer.json();
  };
  const follows = ({ text, name }, variables) =>
    Observable.create((sink) => socket.client.subscribe({ query: text, operationName: name, variables }, sink));
  const network = Network.create(asks, follows);
  return { environment: new Environment({ network, store: new Store(new RecordSource()) }), socket };
}

function withoutFiles(request) {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) };
}

/** `files` by their paths in the request. */
function withFiles(request, files) {
  const body = new FormData();
  body.append('operations', JSON.stringify(request));
  body.append('map', JSON.stringify(Object.fromEntries(Object.keys(files).map((path) => [path, [path]]))));
  for (const [path, file] of Object.entries(files)) body.append(path, file, file.name);
  return { headers: { 'apollo-require-preflight': 'true' }, body };
}
