import { once } from 'node:events';
import type { CheckMessage } from './check-apart.ts';
import { checkTemplate, type TemplateDraft } from './check-template.ts';

// The other end of check-apart: one template, then it waits to be ended.
process.once('disconnect', () => process.exit());
// A terminal or a supervisor may tell all processes to end: this one still has an answer to give.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
const [draft]: TemplateDraft[] = await once(process, 'message');
if (draft) process.send?.(await outcomeOf(draft));

async function outcomeOf(asked: TemplateDraft): Promise<CheckMessage> {
  try {
    return { checked: await checkTemplate(asked) };
  } catch (error) {
    return { bug: error instanceof Error ? error : new Error(String(error)) };
  }
}
