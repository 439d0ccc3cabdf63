import { adminLimitOperations } from './admin-limits.ts';
import { adminQueueOperations } from './admin-queues.ts';
import { adminTenantOperations } from './admin-tenants.ts';
import { bankAccountOperations } from './bank-accounts.ts';
import { customerBatchOperations } from './customers-batch.ts';
import { customerOperations } from './customers.ts';
import { dkimOperations } from './dkim.ts';
import { documentOperations } from './documents.ts';
import { dueDateBatchOperations } from './due-dates-batch.ts';
import { dueDateListOperations } from './due-dates-list.ts';
import { dueDateOperations } from './due-dates.ts';
import { historyOperations } from './history.ts';
import { holdOperations } from './holds.ts';
import { invoiceOperations } from './invoices.ts';
import type { Operation } from './operation.ts';
import { pauseOperations } from './pauses.ts';
import { paymentBatchOperations } from './payments-batch.ts';
import { paymentOperations } from './payments.ts';
import { previewOperations } from './preview.ts';
import { quotaOperations } from './quota.ts';
import { reminderDecisionOperations } from './reminder-decisions.ts';
import { reminderListOperations } from './reminder-list.ts';
import { reminderMessageOperations } from './reminder-message.ts';
import { reminderBatchOperations } from './reminders-batch.ts';
import { reminderBulkOperations } from './reminders-bulk.ts';
import { reminderOperations } from './reminders.ts';
import { suppressionOperations } from './suppressions.ts';
import { templatePreviewOperations } from './templates-preview.ts';
import { templateOperations } from './templates.ts';
import { tenantOperations } from './tenant.ts';

/** Every operation that the API serves. */
export const operations: readonly Operation[] = [
  ...tenantOperations,
  ...dkimOperations,
  ...customerOperations,
  ...customerBatchOperations,
  ...bankAccountOperations,
  ...dueDateOperations,
  ...dueDateBatchOperations,
  ...dueDateListOperations,
  ...paymentOperations,
  ...paymentBatchOperations,
  ...holdOperations,
  ...historyOperations,
  ...invoiceOperations,
  ...documentOperations,
  ...previewOperations,
  ...reminderOperations,
  ...reminderBatchOperations,
  ...reminderListOperations,
  ...reminderMessageOperations,
  ...reminderDecisionOperations,
  ...reminderBulkOperations,
  ...templateOperations,
  ...templatePreviewOperations,
  ...suppressionOperations,
  ...pauseOperations,
  ...quotaOperations,
  ...adminTenantOperations,
  ...adminLimitOperations,
  ...adminQueueOperations,
];
