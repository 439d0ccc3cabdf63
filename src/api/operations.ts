import type { Operation } from './operation.ts';
import { tenantOperations } from './tenant.ts';

/** Every operation that the API serves. */
export const operations: readonly Operation[] = [...tenantOperations];
