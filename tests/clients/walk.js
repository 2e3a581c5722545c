/* The walk that every client takes: an enterprise goes from signing in to signing out, an institution listens.
 *
 * A client is what `open(token)` resolves to, signed in where a token is given:
 *   asks(document, variables)     resolves to the data; rejects with an error that has `codes`, the top-level codes
 *   uploads(document, variables)  the same, with a file among the variables
 *   pages(document, variables)    resolves to the edges of all pages, however the client puts pages together
 *   follows(document, variables)  an async iterator of the data of each event
 *   isListening()                 resolves when its connection stands, where it has one
 *   isShownOut                    resolves to how its connection was ended
 *   leaves()                      breaks its connection off
 * The documents are those of walk.graphql, parsed. */

import assert from 'node:assert/strict';
import { File } from 'node:buffer';
import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { parse, separateOperations } from 'graphql';

import { API, PASSWORD, step } from './steps.js';

// Clients know a file by this name, which Node 18 does not have everywhere yet.
globalThis.File ??= File;

const FILE = '%PDF-1.7\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n%%EOF\n';
const UNHEARD_MILLISECONDS = 500;
const SUBMITTED = '您有新的业务委托';
const WITHDRAWN = '已被企业撤回';

/** `Save` and so on, each with the fragments that it needs. */
export const documents = separateOperations(
  parse(await readFile(new URL('walk.graphql', import.meta.url), 'utf8'), { noLocation: true }),
);

const line = {
  productName: '旧轮式前铲装载机',
  model: 'WA470-6',
  hsCode: '8429510000',
  manufacturedOn: '2015-03-01',
  quantity: '2',
  unit: '001',
  amount: '96000.10',
};
const form = {
  contactPhone: '021-58300001',
  contactEmail: 'zhou.haitao@pujiang-heavy.example',
  contactAddress: '上海市浦东新区临港新片区环湖西二路888号',
  productUse: 'OWN_USE',
  goodsLocation: '日本横滨 Yokohama',
  domesticDestination: '310115',
  destinationPort: 'CNYSN',
  destinationCustoms: '2248',
  entryCustoms: '2248',
};

/** `wayOut` is how the client puts it that the server has ended its connection. Resolves to the enterprise's token. */
export async function walk(name, open, { wayOut }) {
  const anybody = await open();
  await step('asks what anybody may', () => looksUp(anybody));
  await step('hears by its code that it has to sign in first', () => isAnonymous(anybody));
  await step('hears that a password is wrong', () => isRefused(anybody));
  const tokens = await step('signs in', () => signedIn(anybody));
  await anybody.leaves();

  const [enterprise, institution] = await Promise.all(tokens.map(open));
  const { institutions } = await enterprise.asks(documents.Institutions, { filingNumber: 'JJD2019001' });
  const fields = { ...form, consigneeName: `${name} ${randomUUID()}`, institutionId: institutions.nodes[0].id };
  const draft = await step('saves a draft with its goods lines', () => savesDraft(enterprise, fields));
  await step('hears every reason at its field', () => isRefusedByField(enterprise, draft));
  await step('uploads a file', () => uploads(enterprise, draft, tokens[0]));
  const cursor = await step('submits, and the institution hears of it', () => isHeard(enterprise, institution, draft));
  const again = await open(tokens[1]);
  await step('goes on behind what it heard before the break', () => goesOn(enterprise, again, draft, cursor));
  await step('reads a list page by page', () => readsPages(enterprise, fields));
  await step(`signs out and is shown out: ${wayOut}`, () => signsOut(again, wayOut));
  await Promise.all([enterprise.leaves(), again.leaves()]);
  return tokens[0];
}

async function looksUp(anybody) {
  const { rule } = await anybody.asks(documents.Rule, { hsCode: '8429510000' });
  assert.equal(rule.nameZh, '前铲装载机');
  assert.equal(rule.inspectionRequired, true);
}

async function isAnonymous(anybody) {
  await assert.rejects(anybody.asks(documents.Commissions, { first: 1 }), ({ codes }) => {
    assert.deepEqual(codes, ['UNAUTHENTICATED']);
    return true;
  });
}

async function isRefused(anybody) {
  const input = { username: 'enterprise', password: 'wrong' };
  const { sessionOpen } = await anybody.asks(documents.SignIn, { input });
  assert.equal(sessionOpen.session, null);
  assert.deepEqual(codesOf(sessionOpen), ['SIGN_IN_FAILED']);
}

async function signedIn(anybody) {
  const tokens = [];
  for (const username of ['enterprise', 'institution']) {
    const payload = await does(anybody, documents.SignIn, { username, password: PASSWORD });
    assert.ok(Date.parse(payload.session.expiresAt) > Date.now());
    tokens.push(payload.session.token);
  }
  return tokens;
}

async function savesDraft(enterprise, fields) {
  const goodsLines = [line, { ...line, hsCode: '8427209000', quantity: '1', amount: '11500.00' }];
  const { commission } = await does(enterprise, documents.Save, { ...fields, remarks: '请尽快安排', goodsLines });
  assert.equal(commission.status, 'DRAFT');
  assert.deepEqual(
    commission.goodsLines.map(({ lineNumber, manufacturedOn, amount }) => [lineNumber, manufacturedOn, amount]),
    [
      [1, '2015-03-01', '96000.10'],
      [2, '2015-03-01', '11500.00'],
    ],
  );
  assert.equal(commission.totalAmount, '107500.10');
  // What is left out stays, what is null goes.
  const mended = await does(enterprise, documents.Save, { id: commission.id, remarks: null });
  assert.deepEqual([mended.commission.remarks, mended.commission.totalAmount], [null, '107500.10']);
  return mended.commission;
}

async function isRefusedByField(enterprise, draft) {
  const goodsLines = [line, { ...line, quantity: '0' }];
  const input = { id: draft.id, contactEmail: 'nobody', goodsLines };
  const { commissionSaveDraft } = await enterprise.asks(documents.Save, { input });
  assert.deepEqual(
    commissionSaveDraft.userErrors.map(({ code, field }) => [code, field]),
    [
      ['INVALID_FORMAT', ['contactEmail']],
      ['OUT_OF_RANGE', ['goodsLines', '1', 'quantity']],
    ],
  );
  assert.equal(commissionSaveDraft.commission.version, draft.version);
}

async function uploads(enterprise, draft, token) {
  const bytes = Buffer.from(FILE);
  const file = new File([bytes], '检验资料.pdf', { type: 'application/pdf' });
  const input = { subjectId: draft.id, kind: 'OTHER', file };
  const { attachmentUpload } = await enterprise.uploads(documents.Attach, { input });
  assert.deepEqual(attachmentUpload.userErrors, []);
  const { name, sizeBytes, sha256, url } = attachmentUpload.attachment;
  assert.deepEqual([name, Number(sizeBytes)], ['检验资料.pdf', bytes.length]);
  assert.equal(sha256, createHash('sha256').update(bytes).digest('hex'));
  const answer = await fetch(new URL(url, API), { headers: { authorization: `Bearer ${token}` } });
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes);
}

/** Nobody is told when the server has begun to listen, so the enterprise says it again until it is heard. */
async function isHeard(enterprise, institution, { id, number }) {
  const events = institution.follows(documents.Notices, {});
  let heard = events.next();
  await institution.isListening();
  for (let said = false; !said; ) {
    const { commission } = await does(enterprise, documents.Submit, { id });
    assert.equal(commission.status, 'PENDING');
    said = await soon(heard);
    if (!said) await does(enterprise, documents.Withdraw, { id });
  }
  for (heard = await heard; !isNews(heard.value, number, SUBMITTED); heard = await events.next());
  // In the middle of listening.
  events.next().catch(() => undefined);
  await institution.leaves();
  return heard.value.noticeReceived.cursor;
}

async function goesOn(enterprise, institution, { id, number }, after) {
  await does(enterprise, documents.Withdraw, { id });
  await does(enterprise, documents.Submit, { id });
  const events = institution.follows(documents.Notices, { after });
  for (const news of [WITHDRAWN, SUBMITTED]) {
    const { value } = await events.next();
    assert.ok(isNews(value, number, news), JSON.stringify(value));
  }
  await events.return();
}

async function readsPages(enterprise, fields) {
  const ids = [];
  for (const remarks of ['二', '三']) {
    const { commission } = await does(enterprise, documents.Save, { ...fields, remarks });
    ids.unshift(commission.id);
  }
  const filter = { consigneeName: fields.consigneeName };
  const found = (await enterprise.pages(documents.Commissions, { first: 2, filter })).map(({ node }) => node);
  assert.deepEqual(
    found.map(({ status }) => status),
    ['DRAFT', 'DRAFT', 'PENDING'],
  );
  assert.deepEqual(
    found.slice(0, 2).map(({ id }) => id),
    ids,
  );
}

async function signsOut(institution, wayOut) {
  const events = institution.follows(documents.Notices, {});
  const end = events.next().catch(() => undefined);
  await institution.isListening();
  await does(institution, documents.SignOut);
  assert.equal(await institution.isShownOut, wayOut);
  await end;
  await assert.rejects(institution.asks(documents.Commissions, { first: 1 }));
}

/** The payload of a mutation that nothing stood in the way of. */
export async function does(client, document, input) {
  const [payload] = Object.values(await client.asks(document, input && { input }));
  assert.deepEqual(payload.userErrors, []);
  return payload;
}

/** Every page, one after the other, by cursor: for clients that keep no pages. */
export async function readsOn(client, document, variables) {
  const edges = [];
  let page;
  do {
    const { commissions } = await client.asks(document, { ...variables, after: page?.endCursor });
    edges.push(...commissions.edges);
    page = commissions.pageInfo;
  } while (page.hasNextPage);
  return edges;
}

function isNews({ noticeReceived }, number, news) {
  const { type, title } = noticeReceived.notice;
  return type === 'COMMISSION' && title.includes(number) && title.includes(news);
}

function codesOf({ userErrors }) {
  return userErrors.map(({ code }) => code);
}

async function soon(promise) {
  let waiting;
  const late = new Promise((resolve) => (waiting = setTimeout(resolve, UNHEARD_MILLISECONDS)));
  const first = await Promise.race([promise, late]);
  clearTimeout(waiting);
  return first;
}
