/* Relay: its compiler takes our schema, and its runtime the walk: the store puts pages together, and a row is asked for
 * again by its id. The last argument is an empty folder for what is compiled. */

import assert from 'node:assert/strict';

import relay from 'relay-runtime';

import { iterated } from './events.js';
import { artifact, compile } from './relay/compiler.js';
import { environmentOf } from './relay/network.js';
import { step, walked } from './steps.js';
import { walk } from './walk.js';

const { commitMutation, createOperationDescriptor, fetchQuery, getSelector, requestSubscription } = relay;
const { getPaginationMetadata, getPaginationVariables, getRefetchMetadata } = relay;

async function open(token) {
  const { environment, socket } = environmentOf(token);
  const asks = (document, variables, uploadables) => {
    const compiled = artifact(document);
    return compiled.params.operationKind === 'query'
      ? fetchQuery(environment, compiled, variables).toPromise().catch(coded)
      : does(environment, { mutation: compiled, variables, uploadables });
  };
  return {
    asks,
    uploads: (document, { input: { file, ...input } }) =>
      asks(document, { input: { ...input, file: null } }, { 'variables.input.file': file }),
    pages: (_, variables) => pages(environment, variables),
    follows: (document, variables) =>
      iterated(({ next, error, complete }) => {
        const config = { variables, onNext: next, onError: error, onCompleted: complete };
        return requestSubscription(environment, { subscription: artifact(document), ...config }).dispose;
      }),
    isListening: () => socket.isListening,
    isShownOut: socket.isClosed,
    leaves: () => socket.client.dispose(),
  };
}

function does(environment, config) {
  return new Promise((resolve, reject) => {
    const onCompleted = (data, errors) => (errors ? reject(errors) : resolve(data));
    commitMutation(environment, { ...config, onCompleted, onError: reject });
  });
}

/** As `usePaginationFragment` does it: the store joins to the connection what its further pages bring. */
async function pages(environment, { filter }) {
  const list = artifact('Screen_list');
  const { paginationMetadata, paginationRequest } = getPaginationMetadata(list, 'Screen_list');
  const shown = await shows(environment, { filter });
  for (;;) {
    const { edges, pageInfo } = environment.lookup(getSelector(list, shown())).data.commissions;
    if (!pageInfo.hasNextPage) return edges;
    const variables = getPaginationVariables('forward', 2, pageInfo.endCursor, { filter }, {}, paginationMetadata);
    await fetchQuery(environment, paginationRequest, variables).toPromise();
  }
}

/** The screen's first page; resolves to what gives its root as the store has it. */
async function shows(environment, variables) {
  const query = artifact('ScreenQuery');
  const operation = createOperationDescriptor(query, variables);
  environment.retain(operation);
  await fetchQuery(environment, query, variables).toPromise();
  return () => environment.lookup(operation.fragment).data;
}

/** As `useRefetchableFragment` does it: one row anew, by its id. */
async function readsRowAgain(token) {
  const { environment, socket } = environmentOf(token);
  const [list, row] = [artifact('Screen_list'), artifact('Screen_row')];
  const shown = await shows(environment, {});
  const [{ node }] = environment.lookup(getSelector(list, shown())).data.commissions.edges;
  const { refetchableRequest, identifierInfo } = getRefetchMetadata(row, 'Screen_row');
  const variables = { [identifierInfo.identifierQueryVariableName]: node[identifierInfo.identifierField] };
  const answer = await fetchQuery(environment, refetchableRequest, variables).toPromise();
  const { data } = environment.lookup(getSelector(row, answer.node));
  assert.match(data.number, /^\d+$/);
  assert.deepEqual(data, environment.lookup(getSelector(row, node)).data);
  await socket.client.dispose();
}

function coded(reason) {
  throw Object.assign(reason, { codes: reason.source?.errors?.map(({ extensions }) => extensions.code) });
}

await step('compiles', compile);
const token = await walk('Relay', open, { wayOut: '4403 Signed out' });
await step('reads a row again by its id', () => readsRowAgain(token));
walked();
