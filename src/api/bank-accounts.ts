import { z } from 'zod';
import { type BankAccount, findBankAccount, listBankAccounts, saveBankAccount } from '../store/bank-accounts.ts';
import { bankAccountFields, bankAccountInput, bankAccountJson, bankAccountReply } from './bank-account-form.ts';
import { statusOf } from './customers.ts';
import { etag, ifMatchHeader, requireMatch } from './etag.ts';
import { decodeCursor, encodeCursor, listQuery, page, pageReply } from './lists.ts';
import { operation, type Reply } from './operation.ts';
import { Problem } from './problems.ts';
import { refParams } from './schemas.ts';

const tag = 'Bank accounts';

const putBankAccount = operation({
  method: 'put',
  path: '/v1/bank-accounts/{ref}',
  id: 'putBankAccount',
  tag,
  summary: 'Makes or replaces a bank account that customers may pay to',
  scope: 'data:write',
  params: refParams,
  body: bankAccountInput,
  requestHeaders: ifMatchHeader,
  replyHeaders: ['ETag'],
  replies: {
    200: { description: 'Replaced, or as it was', schema: bankAccountReply },
    201: { description: 'Made', schema: bankAccountReply },
  },
  problems: ['not-found', 'precondition-failed'],
  handle: async ({ parts, caller, params, body, header }) => {
    const saved = await parts.database.tenantTransaction(caller.tenant, (client) =>
      saveBankAccount(client, {
        tenant: caller.tenant,
        now: parts.clock.now(),
        refOrId: params.ref,
        change: (current) => {
          requireMatch(header('if-match'), current?.version);
          return bankAccountFields(body);
        },
      }),
    );
    if (!saved) throw noBankAccount();
    return reply(saved.row, statusOf(saved));
  },
});

const getBankAccount = operation({
  method: 'get',
  path: '/v1/bank-accounts/{ref}',
  id: 'getBankAccount',
  tag,
  summary: 'One bank account, by its ref or its id',
  scope: 'data:read',
  params: refParams,
  replyHeaders: ['ETag'],
  replies: { 200: { description: 'The bank account', schema: bankAccountReply } },
  problems: ['not-found'],
  handle: async ({ parts, caller, params }) => {
    const account = await parts.database.tenantTransaction(caller.tenant, (client) =>
      findBankAccount(client, caller.tenant, params.ref),
    );
    if (!account) throw noBankAccount();
    return reply(account, 200);
  },
});

const getBankAccounts = operation({
  method: 'get',
  path: '/v1/bank-accounts',
  id: 'listBankAccounts',
  tag,
  summary: 'Bank accounts, page by page',
  scope: 'data:read',
  query: listQuery(['ref'], {}),
  replies: { 200: { description: 'A page', schema: pageReply(bankAccountReply) } },
  problems: [],
  handle: async ({ parts, caller, query: { limit, sort, cursor } }) => {
    const after = decodeCursor(cursor, sort, z.tuple([z.string()]))?.[0];
    const rows = await parts.database.tenantTransaction(caller.tenant, (client) =>
      listBankAccounts(client, caller.tenant, { after, limit }),
    );
    const place = (row: BankAccount): string => encodeCursor(sort, [row.ref]);
    return { status: 200, json: page(rows, limit, { item: bankAccountJson, cursor: place }) };
  },
});

export const bankAccountOperations = [putBankAccount, getBankAccount, getBankAccounts];

function noBankAccount(): Problem {
  return new Problem('not-found', 'There is no such bank account.');
}

function reply(account: BankAccount, status: 200 | 201): Reply {
  return { status, headers: { ETag: etag(account.version) }, json: bankAccountJson(account) };
}
