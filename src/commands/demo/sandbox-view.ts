import { z } from 'zod';
import type { ApiClient } from './api-client.ts';

const email = z.object({
  to: z.array(z.string()),
  subject: z.string(),
  attachments: z.array(z.object({ name: z.string(), bytes: z.number() })),
});
const sms = z.object({ to: z.string(), text: z.string(), segments: z.number() });

export type SandboxView = { inbox: z.output<typeof email>[]; sms: z.output<typeof sms>[] };

/** What arrived in the sandbox, as `/sandbox` shows it to programs. */
export async function lookIntoSandbox(api: ApiClient): Promise<SandboxView> {
  const inbox = await api.get('/sandbox/inbox', z.array(email));
  return { inbox, sms: await api.get('/sandbox/sms', z.array(sms)) };
}
