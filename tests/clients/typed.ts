/* What a front end in TypeScript may rely on, and what its compiler keeps it from. Checked, and never run. */

import { Client, fetchExchange } from '@urql/core';

import { CommissionsDocument, NoticesDocument, SaveDocument } from './types';
import type { CommissionFilter, GoodsLineInput, SummaryFragment } from './types';

const client = new Client({ url: '/graphql', exchanges: [fetchExchange] });

export async function saved(goodsLines: GoodsLineInput[]): Promise<string[]> {
  const { data } = await client.mutation(SaveDocument, { input: { goodsLines, remarks: null } });
  if (!data) return [];
  // The record as it is now, and the reasons where it was not done; amounts are text.
  const { commission, userErrors } = data.commissionSaveDraft ?? { userErrors: [] };
  const amounts: (string | null | undefined)[] = commission?.goodsLines.map(({ amount }) => amount) ?? [];
  const fields: string[] = userErrors.flatMap(({ field }) => field ?? []);
  return [...amounts.filter((amount) => amount != null), ...fields];
}

export async function page(filter: CommissionFilter, after?: string): Promise<SummaryFragment[]> {
  const { data } = await client.query(CommissionsDocument, { first: 20, filter, after: after ?? null });
  return data?.commissions.edges.map(({ node }) => node) ?? [];
}

client.subscription(NoticesDocument, {}).subscribe(({ data }) => {
  const cursor: string | undefined = data?.noticeReceived.cursor;
  return cursor;
});

// @ts-expect-error: an amount is no number, which would round it
await saved([{ amount: 96000.1 }]);
// @ts-expect-error: there is no such status
await page({ status: ['FORGOTTEN'] });
// @ts-expect-error: a page has a length
await client.query(CommissionsDocument, {});
// @ts-expect-error: what follows from the lines is not sent
await client.mutation(SaveDocument, { input: { totalAmount: '1.00' } });
