/* Uploads for clients that send none: a multipart request by hand, as the specification has it. */

import { print } from 'graphql';

import { API } from './steps.js';

/** Resolves to the data; the file stands at `variables.input.file`. */
export async function sendsFile(document, { input }, token) {
  const body = new FormData();
  const variables = { input: { ...input, file: null } };
  body.append('operations', JSON.stringify({ query: print(document), variables }));
  body.append('map', JSON.stringify({ 0: ['variables.input.file'] }));
  body.append('0', input.file, input.file.name);
  const headers = { authorization: `Bearer ${token}`, 'apollo-require-preflight': 'true' };
  const answer = await (await fetch(API, { method: 'POST', headers, body })).json();
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}
