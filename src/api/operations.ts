import { bankAccountOperations } from './bank-accounts.ts';
import { customerBatchOperations } from './customers-batch.ts';
import { customerOperations } from './customers.ts';
import type { Operation } from './operation.ts';
import { quotaOperations } from './quota.ts';
import { tenantOperations } from './tenant.ts';

/** Every operation that the API serves. */
export const operations: readonly Operation[] = [
  ...tenantOperations,
  ...customerOperations,
  ...customerBatchOperations,
  ...bankAccountOperations,
  ...quotaOperations,
];
