import { z } from 'zod';
import { type BankAccount, findBankAccount, listBankAccounts, saveBankAccount } from '../store/bank-accounts.ts';
import { accountsRemindersInFlight } from '../store/hold-claims.ts';
import { bankAccountFields, bankAccountInput, bankAccountJson, bankAccountReply } from './bank-account-form.ts';
import { statusOf } from './customers.ts';
import { inFlightJson, inFlightReply } from './due-dates-reply.ts';
import { etag, ifMatchHeader, requireMatch } from './etag.ts';
import { decodeCursor, encodeCursor, listQuery, page, pageReply } from './lists.ts';
import { operation, type Reply } from './operation.ts';
import { Problem } from './problems.ts';
import { refParams } from './schemas.ts';

const tag = 'Bank accounts';
/** An account that was changed, with what had left already. */
const changedReply = bankAccountReply.extend({ inFlight: inFlightReply });

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
    200: { description: 'Replaced, or as it was', schema: changedReply },
    201: { description: 'Made', schema: changedReply },
  },
  problems: ['not-found', 'precondition-failed'],
  handle: async ({ parts, caller, params, body, header }) => {
    const { tenant } = caller;
    const saved = await parts.database.tenantTransaction(tenant, async (client) => {
      let wasDefault = false;
      const result = await saveBankAccount(client, {
        tenant,
        now: parts.clock.now(),
        refOrId: params.ref,
        change: (current) => {
          requireMatch(header('if-match'), current?.version);
          wasDefault = current?.isDefault === true;
          return bankAccountFields(body);
        },
      });
      if (!result) throw noBankAccount();
      const account = { id: result.row.id, isOrWasDefault: wasDefault || result.row.isDefault };
      const inFlight = result.outcome === 'same' ? [] : await accountsRemindersInFlight(client, tenant, account);
      return { ...result, inFlight };
    });
    return reply(saved.row, statusOf(saved), { inFlight: inFlightJson(saved.inFlight) });
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

function reply(account: BankAccount, status: 200 | 201, more: { inFlight?: string[] } = {}): Reply {
  return { status, headers: { ETag: etag(account.version) }, json: { ...bankAccountJson(account), ...more } };
}
